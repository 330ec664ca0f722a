namespace Actors.Policy.Users;

/// <summary>By how much the local time of a zone is ahead of UTC at an instant; null where the zone isn't known.</summary>
/// <remarks>
/// The policy knows no zones: whoever asks it brings their rules along. The same arguments give the same answer, whole milliseconds, less than a day.
/// </remarks>
/// <param name="timeZone">The zone's name in the IANA database.</param>
/// <param name="at">The instant.</param>
public delegate TimeSpan? OffsetAt(string timeZone, Instant at);

/// <summary>The hours in which a user wants no marketing: every day in [start, end) of the local time that the clocks of the zone show.</summary>
/// <remarks>
/// Over midnight where the end is before the start. On days on which clocks change it is what they show that counts: an hour that is skipped isn't there,
/// one that comes twice counts twice.
/// </remarks>
public sealed record QuietHours
{
    /// <summary>Minutes of a day.</summary>
    public const int DayMinutes = 1_440;

    /// <summary>Most characters of a zone's name.</summary>
    public const int TimeZoneMax = 64;

    private const long MinuteMilliseconds = 60_000;

    /// <summary>Creates them.</summary>
    /// <param name="start">Minutes after midnight, 0 to 1,439.</param>
    /// <param name="end">Minutes after midnight, 0 to 1,439; not <paramref name="start"/>.</param>
    /// <param name="timeZone">The zone's name in the IANA database, 1 to 64 characters.</param>
    /// <exception cref="ArgumentException">Not such ones.</exception>
    public QuietHours(int start, int end, string timeZone)
    {
        ArgumentNullException.ThrowIfNull(timeZone);
        if (start is < 0 or >= DayMinutes || end is < 0 or >= DayMinutes || start == end || timeZone.Length is 0 or > TimeZoneMax)
        {
            throw new ArgumentException("Quiet hours have a start and another end, each of 0 to 1,439 minutes, and a zone of 1 to 64 characters.");
        }

        (Start, End, TimeZone) = (start, end, timeZone);
    }

    /// <summary>When they begin: minutes after midnight, 0 to 1,439.</summary>
    public int Start { get; }

    /// <summary>When they end: minutes after midnight, 0 to 1,439; never <see cref="Start"/>.</summary>
    public int End { get; }

    /// <summary>The zone's name in the IANA database.</summary>
    public string TimeZone { get; }

    /// <summary>The first instant from <paramref name="now"/> on that is not within them: <paramref name="now"/> itself when it isn't.</summary>
    /// <remarks>It takes the zone to change its offset at most once between now and then.</remarks>
    internal Instant EndFrom(Instant now, OffsetAt offsetAt)
    {
        while (true)
        {
            var offset = Offset(now, offsetAt);
            var local = TimeOfDay(now, offset);
            if (!Hold(local))
            {
                return now;
            }

            var end = now + TimeSpan.FromMilliseconds(Modulo((End * MinuteMilliseconds) - local, Instant.Day));
            now = Offset(end, offsetAt) == offset ? end : ChangeOfOffset(now, end, offset, offsetAt);
        }
    }

    /// <summary>A zone that nobody knows any more shows UTC: the user's word holds as well as it can.</summary>
    private TimeSpan Offset(Instant at, OffsetAt offsetAt) => offsetAt(TimeZone, at) ?? TimeSpan.Zero;

    private bool Hold(long local)
    {
        var (start, end) = (Start * MinuteMilliseconds, End * MinuteMilliseconds);
        return start < end ? local >= start && local < end : local >= start || local < end;
    }

    /// <summary>The first instant in (before, after] at which the offset is another than <paramref name="offset"/>, which it is before but not after.</summary>
    private Instant ChangeOfOffset(Instant before, Instant after, TimeSpan offset, OffsetAt offsetAt)
    {
        var (low, high) = (before.Milliseconds, after.Milliseconds);
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (Offset(new Instant(middle), offsetAt) == offset)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return new Instant(high);
    }

    /// <summary>What the clocks show: milliseconds after midnight.</summary>
    private static long TimeOfDay(Instant at, TimeSpan offset) => Modulo((at + offset).Milliseconds, Instant.Day);

    private static long Modulo(long value, long by) => ((value % by) + by) % by;
}
