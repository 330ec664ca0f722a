using Actors.Policy;
using Actors.Policy.Analytics;

namespace Actors.Ledger;

/// <summary>Counts to be added, together with the place of the reader that they bring it to: both or nothing.</summary>
/// <param name="Reader">By this name the place is found, as with <see cref="ILedgerStore.ReadPositionAsync"/>.</param>
/// <param name="Expected">The place that the counts go on from: nothing is written if the reader isn't there. 0 where it never said.</param>
/// <param name="Next">The place that they bring it to.</param>
public sealed record AnalyticsBatch(string Reader, long Expected, long Next)
{
    /// <summary>What closes: nothing that happened before this is expected any more. Null where that is as it was; never moves back.</summary>
    public Instant? Closed { get; init; }

    /// <summary>What is added to each count, ascending by key, each key once.</summary>
    public IReadOnlyList<(CountKey Key, long Added)> Counts { get; init; } = [];

    /// <summary>What is added to each group, ascending by key, each key once.</summary>
    public IReadOnlyList<GroupChange> Groups { get; init; } = [];
}

/// <summary>A change of a group of people.</summary>
/// <param name="Key">Which.</param>
/// <param name="Added">How often more it was said.</param>
/// <param name="People">The marks of all its people, four bytes each; replaces what is stored.</param>
public sealed record GroupChange(GroupKey Key, long Added, ReadOnlyMemory<byte> People);

/// <summary>A stored group of people.</summary>
/// <param name="Key">Which.</param>
/// <param name="Count">How often it was said.</param>
/// <param name="People">The marks of its people, four bytes each.</param>
public sealed record StoredGroup(GroupKey Key, long Count, ReadOnlyMemory<byte> People);

/// <summary>Asks for the counts of a business.</summary>
/// <param name="Business">Its id.</param>
/// <param name="Templates">Of these templates; 0 for everything of the business.</param>
/// <param name="From">From this half hour on.</param>
/// <param name="To">Up to the one before this.</param>
/// <param name="ByDay">Whether the counts of a day's half hours are added up.</param>
public sealed record AnalyticsQuery(long Business, IReadOnlyList<long> Templates, HalfHour From, HalfHour To, bool ByDay);
