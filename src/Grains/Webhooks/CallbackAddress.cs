using System.Net;

namespace Actors.Grains.Webhooks;

/// <summary>The address of a webhook, as a business gives it.</summary>
internal static class CallbackAddress
{
    /// <summary>Most characters, as in the Cloud API.</summary>
    public const int LengthMax = 200;

    /// <summary>What is wrong with it; null where it may be called as far as can be seen before its name is looked up.</summary>
    public static string? WhatIsWrong(string text, WebhookSettings settings)
    {
        if (text.Length > LengthMax || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            return $"it must be an absolute address of at most {LengthMax} characters";
        }

        if (uri.Scheme != Uri.UriSchemeHttps && !(settings.AllowHttp && uri.Scheme == Uri.UriSchemeHttp))
        {
            return "it must begin with https://";
        }

        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            return "it must have neither a user nor a fragment";
        }

        if (!AddressGuard.Allows(uri.Port))
        {
            return "its port must be 443, 80 or above 1023";
        }

        return IPAddress.TryParse(uri.DnsSafeHost, out var address) && !AddressGuard.Allows(address, settings.AllowPrivate)
            ? "it must not lead to a private or special network"
            : null;
    }

    /// <summary>The address of the challenge.</summary>
    public static Uri WithChallenge(string callback, string challenge, string verifyToken)
    {
        var bare = callback.TrimEnd('?', '&');
        var joint = bare.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return new Uri($"{bare}{joint}hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={Uri.EscapeDataString(verifyToken)}");
    }
}
