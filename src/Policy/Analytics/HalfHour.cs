namespace Actors.Policy.Analytics;

/// <summary>A half hour of the clock, UTC: the shortest period that is counted by. The one that starts at t covers [t, t + 30 minutes).</summary>
/// <remarks>Days are days of UTC: 48 of them each, the first of which starts at midnight.</remarks>
/// <param name="Number">Half hours since 1970, 0 or more.</param>
public readonly record struct HalfHour(int Number) : IComparable<HalfHour>
{
    /// <summary>Half hours of a day.</summary>
    public const int PerDay = 48;

    private const long Milliseconds = 30 * 60_000;

    /// <summary>The one that an instant lies in.</summary>
    public static HalfHour Of(Instant at) => new(checked((int)(at.Milliseconds / Milliseconds)));

    /// <summary>Its first millisecond.</summary>
    public Instant Start => new(Number * Milliseconds);

    /// <summary>The first millisecond behind it.</summary>
    public Instant End => Next.Start;

    /// <summary>The one behind it.</summary>
    public HalfHour Next => new(Number + 1);

    /// <summary>The first of its day.</summary>
    public HalfHour Midnight => new(Number - (Number % PerDay));

    /// <summary>The first of the day behind its day.</summary>
    public HalfHour NextMidnight => new(Midnight.Number + PerDay);

    /// <summary>When it starts. Not its properties, as a record's text is made: there is always a next one.</summary>
    public override string ToString() => Start.ToString();

    /// <inheritdoc/>
    public int CompareTo(HalfHour other) => Number.CompareTo(other.Number);

    /// <summary>Whether <paramref name="a"/> is before <paramref name="b"/>.</summary>
    public static bool operator <(HalfHour a, HalfHour b) => a.Number < b.Number;

    /// <summary>Whether <paramref name="a"/> is after <paramref name="b"/>.</summary>
    public static bool operator >(HalfHour a, HalfHour b) => a.Number > b.Number;

    /// <summary>Whether <paramref name="a"/> is not after <paramref name="b"/>.</summary>
    public static bool operator <=(HalfHour a, HalfHour b) => a.Number <= b.Number;

    /// <summary>Whether <paramref name="a"/> is not before <paramref name="b"/>.</summary>
    public static bool operator >=(HalfHour a, HalfHour b) => a.Number >= b.Number;
}
