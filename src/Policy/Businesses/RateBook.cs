using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>How a number's throughput is divided among nodes, under one epoch of the business's fence. Immutable: a change makes a new one.</summary>
/// <remarks>
/// <para>
/// A node that holds a share of n makes at most n decisions in any second that ends now, by its own clock, and gives back only what is free of decisions of
/// the last second. So at every instant each node's decisions of the last second are at most its share, and the shares are at most the number's
/// throughput: then no second holds more than that, whatever the nodes' clocks say.
/// </para>
/// <para>What is lent is never less here than at the node: a message that is lost or late leaves it too high, and the node's next ask sets it right.</para>
/// </remarks>
public sealed record RateBook
{
    /// <summary>A book in which nothing is lent.</summary>
    public static RateBook Empty { get; } = new();

    /// <summary>Who holds what. A holder of nothing is kept for its <see cref="RatePiece.Ordinal"/>.</summary>
    public ImmutableDictionary<Guid, RatePiece> Pieces { get; init; } = ImmutableDictionary<Guid, RatePiece>.Empty;

    /// <summary>Decisions a second that are lent.</summary>
    public int Lent
    {
        get
        {
            var lent = 0;
            foreach (var (_, piece) in Pieces)
            {
                lent += piece.Size;
            }

            return lent;
        }
    }

    /// <summary>
    /// What a node says with its ask: it may hold less than is written here, never more. Null for an ask that is older than one that was heard: a node
    /// that asks again doesn't hear the answer any more.
    /// </summary>
    /// <param name="holder">The node.</param>
    /// <param name="ordinal">Counts its asks.</param>
    /// <param name="held">What it holds under the epoch of this book.</param>
    public RateBook? Told(Guid holder, long ordinal, int held)
    {
        var piece = Pieces.GetValueOrDefault(holder);
        return ordinal <= piece.Ordinal ? null : With(holder, new RatePiece(Math.Min(piece.Size, held), ordinal));
    }

    /// <summary>
    /// Lends what nobody holds. While what was lent under the epoch before may still count, that is nothing: but a node goes on with what it held, or
    /// with its part of that where the throughput has fallen.
    /// </summary>
    /// <param name="holder">The node.</param>
    /// <param name="level">The throughput.</param>
    /// <param name="isSettling">Whether a second hasn't passed since nothing can be decided under the epoch before.</param>
    /// <param name="before">What it held under the epoch that was lent under before this one, and the throughput then; null for nothing.</param>
    public (RateBook Book, int Granted) Offer(Guid holder, int level, bool isSettling, (int Held, int Level)? before)
    {
        if (!isSettling)
        {
            return Lend(holder, level);
        }

        var (held, levelBefore) = before ?? (0, level);
        var part = levelBefore > level ? (int)((long)held * level / levelBefore) : held;
        return Grant(holder, Math.Min(part, level - Lent));
    }

    /// <summary>Lends all that nobody holds.</summary>
    /// <param name="holder">The node.</param>
    /// <param name="most">So much may be lent together.</param>
    public (RateBook Book, int Granted) Lend(Guid holder, int most) => Grant(holder, most - Lent);

    /// <summary>Takes back what a node gives.</summary>
    public RateBook TakeBack(Guid holder, int count)
    {
        var piece = Pieces.GetValueOrDefault(holder);
        return With(holder, piece with { Size = Math.Max(0, piece.Size - count) });
    }

    /// <summary>
    /// What a node that is short of its share may keep at least when another one asks: an equal part for each that holds or asks, and 1 at least.
    /// </summary>
    public int Fair(Guid asking, int level) => Math.Max(1, level / (1 + Pieces.Count(p => p.Key != asking && p.Value.Size > 0)));

    private (RateBook Book, int Granted) Grant(Guid holder, int count)
    {
        if (count <= 0)
        {
            return (this, 0);
        }

        var piece = Pieces.GetValueOrDefault(holder);
        return (With(holder, piece with { Size = piece.Size + count }), count);
    }

    private RateBook With(Guid holder, RatePiece piece) => this with { Pieces = Pieces.SetItem(holder, piece) };
}

/// <summary>A node's share of a number's throughput.</summary>
/// <param name="Size">Decisions in any second.</param>
/// <param name="Ordinal">Its newest ask that was heard.</param>
public readonly record struct RatePiece(int Size, long Ordinal);
