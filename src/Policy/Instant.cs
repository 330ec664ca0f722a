using System.Globalization;

namespace Actors.Policy;

/// <summary>An instant of the ledger's time: whole milliseconds since 1970-01-01T00:00:00Z.</summary>
/// <remarks>
/// A period of length P that starts at t covers [t, t+P): at t+P it is over. All rules of this assembly read their periods so.
/// Never a node's wall clock: the caller takes it from the ledger's clock and passes it in.
/// </remarks>
/// <param name="Milliseconds">Unix milliseconds, 0 or more.</param>
public readonly record struct Instant(long Milliseconds) : IComparable<Instant>
{
    /// <summary>The length of a day in milliseconds.</summary>
    public const long Day = 86_400_000;

    /// <summary>The later of two instants.</summary>
    public static Instant Max(Instant a, Instant b) => a.Milliseconds >= b.Milliseconds ? a : b;

    /// <summary>The whole millisecond that contains <paramref name="time"/>.</summary>
    public static Instant From(DateTimeOffset time) => new(time.ToUnixTimeMilliseconds());

    /// <summary>The same instant as a UTC date and time.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>The first full hour at or after this instant: what a business may learn of a time that others' sends decide.</summary>
    public Instant CeilingToHour() => new((Milliseconds + 3_599_999) / 3_600_000 * 3_600_000);

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Milliseconds.CompareTo(other.Milliseconds);

    /// <summary>RFC 3339, UTC, with milliseconds.</summary>
    public override string ToString() => ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The instant <paramref name="length"/> later; parts of a millisecond are dropped.</summary>
    public static Instant operator +(Instant start, TimeSpan length) => new(start.Milliseconds + (long)length.TotalMilliseconds);

    /// <summary>The instant <paramref name="length"/> earlier; parts of a millisecond are dropped.</summary>
    public static Instant operator -(Instant end, TimeSpan length) => new(end.Milliseconds - (long)length.TotalMilliseconds);

    /// <summary>The length from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public static TimeSpan operator -(Instant end, Instant start) => TimeSpan.FromMilliseconds(end.Milliseconds - start.Milliseconds);

    /// <summary>Whether <paramref name="a"/> is before <paramref name="b"/>.</summary>
    public static bool operator <(Instant a, Instant b) => a.Milliseconds < b.Milliseconds;

    /// <summary>Whether <paramref name="a"/> is after <paramref name="b"/>.</summary>
    public static bool operator >(Instant a, Instant b) => a.Milliseconds > b.Milliseconds;

    /// <summary>Whether <paramref name="a"/> is not after <paramref name="b"/>.</summary>
    public static bool operator <=(Instant a, Instant b) => a.Milliseconds <= b.Milliseconds;

    /// <summary>Whether <paramref name="a"/> is not before <paramref name="b"/>.</summary>
    public static bool operator >=(Instant a, Instant b) => a.Milliseconds >= b.Milliseconds;
}
