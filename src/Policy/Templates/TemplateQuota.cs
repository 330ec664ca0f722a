using System.Collections.Immutable;

namespace Actors.Policy.Templates;

/// <summary>How many templates a business may have, and how often it may create and edit them.</summary>
/// <remarks>What was done at t counts in [t, t + period). Instants are ascending.</remarks>
public static class TemplateQuota
{
    /// <summary>An hour, for creations.</summary>
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>A day, for edits of an approved template.</summary>
    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>30 days, for edits of an approved template.</summary>
    public static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>Most templates of a business; each language counts.</summary>
    public static int Most(TemplateNumbers numbers, bool verified) => verified ? numbers.PerVerifiedBusiness : numbers.PerBusiness;

    /// <summary>When the business may create one more; null when it may now.</summary>
    /// <param name="created">When it created others.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">The ledger's time.</param>
    public static Instant? CreationFreeAt(ImmutableArray<Instant> created, TemplateNumbers numbers, Instant now) =>
        FreeAt(created, numbers.CreationsPerHour, Hour, now);

    /// <summary>When an approved template may be edited once more; null when it may now. Rejected and paused ones may be edited at any time.</summary>
    /// <param name="edits">When it was edited while it was approved.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">The ledger's time.</param>
    public static Instant? EditFreeAt(ImmutableArray<Instant> edits, TemplateNumbers numbers, Instant now)
    {
        var (day, month) = (FreeAt(edits, numbers.EditsPerDay, Day, now), FreeAt(edits, numbers.EditsPerMonth, Month, now));
        return day is { } first && month is { } second ? Instant.Max(first, second) : day ?? month;
    }

    /// <summary>With one more instant, without those that no longer count.</summary>
    public static ImmutableArray<Instant> With(ImmutableArray<Instant> past, Instant now, TimeSpan period) =>
        [.. past.Where(at => now < at + period), now];

    private static Instant? FreeAt(ImmutableArray<Instant> past, int most, TimeSpan period, Instant now) =>
        past.Length >= most && past[^most] + period is var free && now < free ? free : null;
}
