namespace Actors.Api.Graph;

/// <summary>Addresses on the web.</summary>
internal static class WebAddress
{
    /// <summary>Whether a text is a full http or https address.</summary>
    public static bool IsOne(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Host.Length > 0;
}
