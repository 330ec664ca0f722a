using System.Globalization;
using Actors.Policy;

namespace Actors.Api.V1;

/// <summary>Times under <c>/v1</c>: RFC 3339, UTC (<c>Z</c>), to the millisecond.</summary>
internal static class Rfc3339
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss'Z'",
        "yyyy-MM-dd'T'HH:mm:ss.f'Z'",
        "yyyy-MM-dd'T'HH:mm:ss.ff'Z'",
        "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
        "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
        "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'",
    ];

    /// <summary>Reads a time from 1970 on; parts of a millisecond are dropped.</summary>
    public static bool TryParse(string text, out Instant at)
    {
        at = default;
        const DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, styles, out var time) || time < DateTimeOffset.UnixEpoch)
        {
            return false;
        }

        at = Instant.From(time);
        return true;
    }
}
