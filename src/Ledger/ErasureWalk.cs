using Actors.Policy;

namespace Actors.Ledger;

/// <summary>
/// How far the walk is that takes those who were erased out of the log. Stored as places of readers, so that it goes on where it was broken off.
/// </summary>
/// <param name="Place">Up to here events are rewritten.</param>
/// <param name="End">The place that it aims at; 0 while there is no walk.</param>
/// <param name="Before">It is about those who were erased before this: whoever was erased since isn't in what it did already.</param>
internal readonly record struct ErasureWalk(long Place, long End, Instant Before)
{
    /// <summary>Names of the places, in the order in which they are stored.</summary>
    public static IReadOnlyList<string> Readers { get; } = ["erasure/place", "erasure/end", "erasure/before"];

    /// <summary>The places, in the order of <see cref="Readers"/>.</summary>
    public long[] Places => [Place, End, Before.Milliseconds];

    /// <summary>The walk of stored places; those that aren't stored are 0.</summary>
    public static ErasureWalk From(IReadOnlyDictionary<string, long> places) => new(
        places.GetValueOrDefault(Readers[0]), places.GetValueOrDefault(Readers[1]), new Instant(places.GetValueOrDefault(Readers[2])));
}
