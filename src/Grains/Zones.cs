using System.Buffers;
using Actors.Policy;

namespace Actors.Grains;

/// <summary>The rules of the time zones, from the IANA database of the machine. The policy asks for them; it knows none itself.</summary>
/// <remarks>
/// The framework reads more than zones: other files of the database's folder, and names in another case once the right one was read. Only names of
/// zones as the database writes them count here, so that every node answers alike.
/// </remarks>
internal static class Zones
{
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/");

    /// <summary>See <see cref="Policy.Users.OffsetAt"/>.</summary>
    public static TimeSpan? OffsetAt(string timeZone, Instant at) =>
        IsName(timeZone) && TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone) && zone.Id == timeZone
            ? zone.GetUtcOffset(at.ToDateTimeOffset())
            : null;

    /// <summary>Area and place, or UTC. What begins small is a folder or a file of another kind.</summary>
    private static bool IsName(string timeZone) =>
        timeZone == "UTC"
        || (timeZone.Contains('/') && timeZone[0] is >= 'A' and <= 'Z' && !timeZone.AsSpan().ContainsAnyExcept(Characters));
}
