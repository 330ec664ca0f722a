using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Businesses;

namespace Actors.Contracts;

/// <summary>A business's messaging limit: lends places for opening conversations to nodes and counts what was opened (G6). Key: the business's id.</summary>
[Alias("actors.limit")]
public interface ILimitGrain : IGrainWithIntegerKey
{
    /// <summary>Lends places, taking idle ones back from other nodes before it says that there are none.</summary>
    /// <param name="epoch">The epoch of the lease that the places shall be used under.</param>
    /// <param name="wanted">How many; 1 or more. What is lent may be less.</param>
    /// <param name="holder">Who holds them.</param>
    /// <exception cref="OutageException">It isn't known what could be lent.</exception>
    [Alias("lend")]
    Task<QuotaReply> LendAsync(long epoch, int wanted, IQuotaHolder holder);

    /// <summary>Counts conversations that were opened, in ledger order; each once, however often it is told.</summary>
    /// <param name="openings">Accepted sends of this business that opened one.</param>
    [Alias("fold")]
    Task FoldAsync(ImmutableArray<EventLine> openings);

    /// <summary>Takes room for opt-ins to be imported, as far as there is some today.</summary>
    /// <param name="wanted">How many; 1 or more.</param>
    /// <exception cref="OutageException">It isn't known how much room there is; nothing may have been taken.</exception>
    [Alias("import")]
    Task<ImportReply> ImportAsync(int wanted);

    /// <summary>What is used and left; null when there is no such business.</summary>
    [Alias("get")]
    Task<LimitView?> GetAsync();
}

/// <summary>Room for imports.</summary>
/// <param name="Taken">How many may be imported.</param>
/// <param name="RetryAt">When the next may; null where all may, or where waiting doesn't help.</param>
[GenerateSerializer, Immutable, Alias("actors.import-reply")]
public readonly record struct ImportReply([property: Id(0)] int Taken, [property: Id(1)] Instant? RetryAt);

/// <summary>Who holds places of messaging limits: one for each node that answers sends.</summary>
[Alias("actors.quota-holder")]
public interface IQuotaHolder : IGrainObserver
{
    /// <summary>Gives back the places of a business that no send has been given; from now on only sends that are known to need one take one along.</summary>
    [Alias("recall")]
    Task<QuotaRecall> RecallAsync(long business);
}

/// <summary>What a node says when its places are recalled.</summary>
/// <param name="Returns">What it gives back.</param>
/// <param name="UnderWay">Sends that have taken a place along and may bring it back.</param>
/// <param name="LastPiece">The newest piece that it got; 0 where it got none. One that was lent to it since is on its way.</param>
[GenerateSerializer, Immutable, Alias("actors.quota-recall")]
public readonly record struct QuotaRecall(
    [property: Id(0)] ImmutableArray<QuotaReturn> Returns, [property: Id(1)] int UnderWay, [property: Id(2)] long LastPiece);

/// <summary>Places given back.</summary>
/// <param name="Piece">Of which piece.</param>
/// <param name="Count">How many.</param>
[GenerateSerializer, Immutable, Alias("actors.quota-return")]
public readonly record struct QuotaReturn([property: Id(0)] long Piece, [property: Id(1)] int Count);

/// <summary>How asking for places ended. Sent as a number: never renumber.</summary>
public enum QuotaOutcome : byte
{
    /// <summary>Nobody decided. Only a bug produces it.</summary>
    Undecided = 0,

    /// <summary>Lent.</summary>
    Lent = 1,

    /// <summary>All places are used; see when the next comes free.</summary>
    UsedUp = 2,

    /// <summary>What was opened lately is still being counted, or places are under way that may come back: ask again in a moment.</summary>
    Counting = 3,

    /// <summary>The epoch has moved: get a new lease.</summary>
    Stale = 4,
}

/// <summary>The answer to asking for places.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Piece">The piece; 0 where nothing is lent.</param>
/// <param name="Count">How many places it has.</param>
/// <param name="RetryAt">When the next place comes free by time; null where that isn't known.</param>
[GenerateSerializer, Immutable, Alias("actors.quota-reply")]
public readonly record struct QuotaReply(
    [property: Id(0)] QuotaOutcome Outcome, [property: Id(1)] long Piece, [property: Id(2)] int Count, [property: Id(3)] Instant? RetryAt);

/// <summary>A messaging limit as it stands.</summary>
/// <param name="Limit">Users whom the business may open in any 24 hours; null where it is not limited.</param>
/// <param name="Used">How many it has opened in the last 24 hours.</param>
/// <param name="Reserved">Places that nodes hold and have not used.</param>
/// <param name="NextFreeAt">When the next place comes free by time; null when none is used.</param>
/// <param name="Throughput">How fast each of its numbers may send.</param>
[GenerateSerializer, Immutable, Alias("actors.limit-view")]
public sealed record LimitView(
    [property: Id(0)] long? Limit,
    [property: Id(1)] long Used,
    [property: Id(2)] long Reserved,
    [property: Id(3)] Instant? NextFreeAt,
    [property: Id(4)] ThroughputLevel Throughput = ThroughputLevel.Standard);
