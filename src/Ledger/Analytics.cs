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

/// <summary>
/// A run of a node is a reader, too: of its own refusals, whose batches it numbers. It ends with the process, or after a day, and then another one begins; so
/// the place of one that began long before is nobody's any more.
/// </summary>
public static class NodeRuns
{
    // A run's day, and longer than its last batch is tried again: the place must not go in between.
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(3);

    private const string Prefix = "refusals/";

    /// <summary>Its name as a reader. Those of earlier runs stand before those of later ones.</summary>
    /// <param name="run">Its id, of version 7: it starts with when it began.</param>
    public static string ReaderOf(Guid run) => $"{Prefix}{run:N}";

    /// <summary>Names of readers that can be forgotten: from the first on, up to the last before the second.</summary>
    internal static (string From, string To) EndedBy(Instant now) => (Prefix, $"{Prefix}{Math.Max(0, (now - KeptFor).Milliseconds):x12}");
}
