using System.Collections.Immutable;
using Actors.Policy.Users;

namespace Actors.Policy.Businesses;

/// <summary>How often users have reported a business, by their reason. Every report counts, also those that weigh nothing in its quality.</summary>
public sealed record ReportTally
{
    private const int DaysKept = 30;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Ascending by reason; reasons that were never given are missing.</summary>
    public ImmutableArray<ReportCount> Counts { get; init; } = [];

    /// <summary>Counts a report.</summary>
    public ReportTally Add(ComplaintReason reason, Instant at)
    {
        var count = Counts.FirstOrDefault(c => c.Reason == reason) ?? new ReportCount(reason, 0, at, new SlidingCounts());
        var next = count with { Total = count.Total + 1, NewestAt = Instant.Max(count.NewestAt, at), ByDay = count.ByDay.Add(at, Day, DaysKept, 1) };
        return this with { Counts = [.. Counts.Where(c => c.Reason != reason).Append(next).OrderBy(c => c.Reason)] };
    }

    /// <summary>Reports of the day that now lies in, by the ledger's time, and of the days before it.</summary>
    /// <param name="count">Of which reason.</param>
    /// <param name="days">How many days together; 1 to 30.</param>
    /// <param name="now">The ledger's time.</param>
    public static long Within(ReportCount count, int days, Instant now) => count.ByDay.Sum(now, Day, days * Day, new Instant(0));
}

/// <summary>Reports for one reason.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Total">All that were ever counted.</param>
/// <param name="NewestAt">When the newest came.</param>
/// <param name="ByDay">By the day of the ledger's time, for 30 days.</param>
public sealed record ReportCount(ComplaintReason Reason, long Total, Instant NewestAt, SlidingCounts ByDay);
