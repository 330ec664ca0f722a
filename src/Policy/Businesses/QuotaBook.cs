using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>How much of a business's messaging limit is spent and how much is lent to nodes (G6). Immutable: a change makes a new one.</summary>
/// <remarks>
/// A place is spent when a commit opens a conversation, and counts from there for 24 hours; a place that is lent counts as spent until it is given back or
/// folded, or until no commit can use it any more. So the sum never says too little, whatever became of a node.
/// </remarks>
public sealed record QuotaBook
{
    /// <summary>How long a place that was spent counts.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromHours(24);

    /// <summary>How exactly it is known when one was spent. A place comes free up to so much late, and <see cref="ClockSlack"/>, never early.</summary>
    public static readonly TimeSpan Exactness = TimeSpan.FromMinutes(5);

    /// <summary>
    /// So far may the clock of the node that stamped a conversation be behind the one of the node that counts it out: the one may be 250 ms behind the
    /// ledger's, and the other 250 ms ahead and have followed a commit that was ahead of it by 500 ms more.
    /// </summary>
    public static readonly TimeSpan ClockSlack = TimeSpan.FromSeconds(1);

    /// <summary>A book in which nothing is spent or lent.</summary>
    public static QuotaBook Empty { get; } = new();

    /// <summary>Opened conversations of the last 24 hours, ascending.</summary>
    public ImmutableArray<SpentQuota> Spent { get; init; } = [];

    /// <summary>What is lent to nodes, ascending by id.</summary>
    public ImmutableArray<QuotaPiece> Pieces { get; init; } = [];

    /// <summary>Id of the newest piece; ids count from 1 and are never used again.</summary>
    public long LastPiece { get; init; }

    /// <summary>Place in the ledger of the newest opening that was counted.</summary>
    public long Position { get; init; }

    /// <summary>The fence's epoch that pieces may be lent under: everything opened under earlier ones has been counted. 0 for none.</summary>
    public long Epoch { get; init; }

    /// <summary>Places that are neither spent nor lent at an instant; below 0 where the limit was lowered.</summary>
    public long Free(long limit, Instant now) => limit - Used(now) - Lent;

    /// <summary>Conversations opened in the 24 hours before an instant, by the exactness of <see cref="Exactness"/>.</summary>
    public long Used(Instant now)
    {
        var used = 0L;
        foreach (var spent in Spent)
        {
            used += spent.Until > now ? spent.Count : 0;
        }

        return used;
    }

    /// <summary>Places that nodes hold, or that are on their way.</summary>
    public long Lent => Pieces.Sum(piece => (long)piece.Left);

    /// <summary>When the next place comes free by time; null when none is spent.</summary>
    public Instant? NextFreeAt(Instant now)
    {
        foreach (var spent in Spent)
        {
            if (spent.Until > now)
            {
                return spent.Until;
            }
        }

        return null;
    }

    /// <summary>Lends places: at most so many as are wanted and free, none where no commit under <paramref name="epoch"/> may be lent to.</summary>
    /// <returns>The book and the piece; the same book and null where nothing can be lent.</returns>
    public (QuotaBook Book, QuotaPiece? Piece) Lend(long limit, int wanted, long epoch, Instant now)
    {
        var size = (int)Math.Min(wanted, Free(limit, now));
        if (size <= 0 || epoch != Epoch)
        {
            return (this, null);
        }

        var piece = new QuotaPiece(LastPiece + 1, size);
        return (this with { Pieces = Pieces.Add(piece), LastPiece = piece.Id }, piece);
    }

    /// <summary>Takes back places of a piece that no send has been given.</summary>
    public QuotaBook TakeBack(long piece, int count) => this with { Pieces = Less(piece, count) };

    /// <summary>Counts an opened conversation, once: one at or before <see cref="Position"/> has been counted.</summary>
    /// <param name="seq">Its place in the ledger.</param>
    /// <param name="at">When it was accepted.</param>
    /// <param name="piece">The piece that paid; 0 for none.</param>
    public QuotaBook Count(long seq, Instant at, long piece)
    {
        if (seq <= Position)
        {
            return this;
        }

        var until = UntilOf(at);
        var place = Spent.Length;
        while (place > 0 && Spent[place - 1].Until > until)
        {
            place--;
        }

        var spent = place > 0 && Spent[place - 1].Until == until
            ? Spent.SetItem(place - 1, Spent[place - 1] with { Count = Spent[place - 1].Count + 1 })
            : Spent.Insert(place, new SpentQuota(until, 1));
        return this with { Spent = spent, Pieces = piece == 0 ? Pieces : Less(piece, 1), Position = seq };
    }

    /// <summary>Without what no longer counts.</summary>
    public QuotaBook Forget(Instant now) => this with { Spent = Spent.RemoveAll(spent => spent.Until <= now) };

    /// <summary>
    /// Goes on under another epoch: the pieces lent under the one before can't be used by any commit any more, and everything that they paid for has been
    /// counted. The caller makes sure of both.
    /// </summary>
    public QuotaBook Settle(long epoch) => this with { Epoch = epoch, Pieces = [] };

    private ImmutableArray<QuotaPiece> Less(long id, int count)
    {
        for (var i = 0; i < Pieces.Length; i++)
        {
            if (Pieces[i].Id == id)
            {
                var left = Pieces[i].Left - count;
                return left > 0 ? Pieces.SetItem(i, new QuotaPiece(id, left)) : Pieces.RemoveAt(i);
            }
        }

        return Pieces;
    }

    /// <summary>The end of the period of whatever was spent in the same five minutes: never before its own, by whosever clock.</summary>
    internal static Instant UntilOf(Instant at)
    {
        var exactness = (long)Exactness.TotalMilliseconds;
        return new Instant(((at + ClockSlack).Milliseconds + exactness - 1) / exactness * exactness) + Period;
    }
}

/// <summary>Places that were spent at about the same time.</summary>
/// <param name="Until">They count before this instant and no longer at it.</param>
/// <param name="Count">How many.</param>
public readonly record struct SpentQuota(Instant Until, int Count);

/// <summary>Places that are lent to a node.</summary>
/// <param name="Id">Its id, carried by the sends that it pays for.</param>
/// <param name="Left">How many of it are neither counted nor given back; at least 1.</param>
public readonly record struct QuotaPiece(long Id, int Left);
