using Actors.Policy.Businesses;

namespace Actors.Contracts;

/// <summary>Lends shares of the throughput of a business's numbers to nodes, see <see cref="RateBook"/>. Key: the business's id.</summary>
[Alias("actors.throughput")]
public interface IThroughputGrain : IGrainWithIntegerKey
{
    /// <summary>Lends a share, or more of it; takes some from other nodes before it says that there is none.</summary>
    /// <param name="ask">What is asked.</param>
    /// <param name="holder">Who asks; always the same of one node.</param>
    /// <exception cref="OutageException">It isn't known what could be lent.</exception>
    [Alias("ask")]
    Task<RateReply> AskAsync(RateAsk ask, IRateHolder holder);

    /// <summary>A node holds nothing of a number any more, and what it decided is more than a second ago.</summary>
    /// <param name="number">The number; of the business that is told.</param>
    /// <param name="holder">The node.</param>
    /// <param name="ordinal">Counts with its asks: one that it made before, and that comes later, is too late.</param>
    [Alias("return")]
    Task ReturnAsync(long number, Guid holder, long ordinal);
}

/// <summary>Who holds shares of throughput: one for each node that answers sends.</summary>
[Alias("actors.rate-holder")]
public interface IRateHolder : IGrainObserver
{
    /// <summary>Gives back some of a share. What was decided within it during the last second is never given back.</summary>
    /// <returns>How much is given back; 0 where the share is under another epoch.</returns>
    [Alias("recall")]
    Task<int> RecallAsync(RateRecall recall);
}

/// <summary>A node's ask for a share of a number's throughput.</summary>
/// <param name="Epoch">The epoch of the lease that the share shall be used under.</param>
/// <param name="Number">The number; of the business that is asked.</param>
/// <param name="Holder">The node: another one each time that its process starts.</param>
/// <param name="Ordinal">Counts the node's asks for this number, from 1; one at a time.</param>
/// <param name="Held">What it holds under <paramref name="Epoch"/>, in decisions a second.</param>
/// <param name="Wanted">How much more it would like to have; what it gets may be more or less.</param>
/// <param name="Before">What it holds under an earlier epoch; null where it holds nothing or <paramref name="Epoch"/> isn't new to it.</param>
[GenerateSerializer, Immutable, Alias("actors.rate-ask")]
public sealed record RateAsk(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long Number,
    [property: Id(2)] Guid Holder,
    [property: Id(3)] long Ordinal,
    [property: Id(4)] int Held,
    [property: Id(5)] int Wanted,
    [property: Id(6)] RateBefore? Before);

/// <summary>A share under an earlier epoch.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Held">Decisions a second.</param>
/// <param name="Level">The throughput that it was a share of.</param>
[GenerateSerializer, Immutable, Alias("actors.rate-before")]
public sealed record RateBefore([property: Id(0)] long Epoch, [property: Id(1)] int Held, [property: Id(2)] int Level);

/// <summary>How asking for a share ended. Sent as a number: never renumber.</summary>
public enum RateOutcome : byte
{
    /// <summary>Nobody decided. Only a bug produces it.</summary>
    Undecided = 0,

    /// <summary>So much more is lent; it can be 0.</summary>
    Lent = 1,

    /// <summary>The epoch has moved: get a new lease.</summary>
    Stale = 2,

    /// <summary>What was decided under the epoch before may still count: ask again in a moment.</summary>
    Settling = 3,
}

/// <summary>The answer to asking for a share.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Granted">How much more is lent, in decisions a second.</param>
/// <param name="Level">The number's throughput, of which this is a share.</param>
[GenerateSerializer, Immutable, Alias("actors.rate-reply")]
public readonly record struct RateReply([property: Id(0)] RateOutcome Outcome, [property: Id(1)] int Granted, [property: Id(2)] int Level);

/// <summary>Asks a node for some of its share.</summary>
/// <param name="Epoch">The epoch that it was lent under.</param>
/// <param name="Number">Of which number.</param>
/// <param name="Fair">So much the node may keep where it is short itself.</param>
/// <param name="Wanted">So much another node would like to have.</param>
[GenerateSerializer, Immutable, Alias("actors.rate-recall")]
public sealed record RateRecall([property: Id(0)] long Epoch, [property: Id(1)] long Number, [property: Id(2)] int Fair, [property: Id(3)] int Wanted);
