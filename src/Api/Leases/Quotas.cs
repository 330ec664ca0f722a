using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Contracts;

namespace Actors.Api.Leases;

/// <summary>
/// The places of messaging limits that this process holds (G6). A send that may open a conversation takes one along; what it didn't need it puts back. Where
/// places are scarce a send asks its user first and takes one only when it needs it: so none is refused for a place that another one holds in vain. They are
/// good under the epoch that they were lent under and no other: the fence refuses the commit, so a place is never used after it was counted as lost.
/// </summary>
internal sealed class Quotas(IGrainFactory grains, DeadNodes deadNodes, TimeProvider time) : IQuotaHolder, IDisposable
{
    /// <summary>Places asked for at once; more where they are used up within a second.</summary>
    private const int WantedFirst = 50;

    private const int WantedMost = 2_000;
    private const int SweepAbove = 4_096;
    private static readonly TimeSpan CountingPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan CountingPatience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<long, Slot> _slots = new();
    private readonly Lock _observing = new();
    private IQuotaHolder? _reference;

    /// <summary>A place for a send that may not need it; null when none is at hand, or they are scarce.</summary>
    /// <param name="epoch">The epoch of the lease that the send is admitted under.</param>
    public QuotaPlace? TryTakeAlong(long business, long epoch) =>
        _slots.TryGetValue(business, out var slot) && !slot.IsScarce ? slot.TryTake(epoch) : null;

    /// <summary>A place for a send that needs it: one at hand, or one of those that are borrowed now.</summary>
    /// <exception cref="OutageException">It can't be known how many there are.</exception>
    public async ValueTask<(QuotaPlace? Place, QuotaReply Reply)> BorrowAsync(long business, long epoch)
    {
        var slot = _slots.GetOrAdd(business, static _ => new Slot());
        var startedAt = time.GetTimestamp();
        for (var reply = default(QuotaReply); ; reply = await AskAsync(business, epoch, slot))
        {
            // Whoever asks at the same time shares the answer, and there may be enough in it for all.
            if (slot.TryTake(epoch) is { } place)
            {
                return (place, reply);
            }

            if (reply.Outcome is QuotaOutcome.UsedUp or QuotaOutcome.Stale)
            {
                return (null, reply);
            }

            if (time.GetElapsedTime(startedAt) > CountingPatience)
            {
                throw new OutageException(OutageKind.Unavailable, "The messaging limit is being counted.");
            }

            if (reply.Outcome == QuotaOutcome.Counting)
            {
                await Task.Delay(CountingPause, time);
            }
        }
    }

    /// <inheritdoc/>
    public Task<QuotaRecall> RecallAsync(long business) =>
        Task.FromResult(_slots.TryGetValue(business, out var slot) ? slot.Recall() : new QuotaRecall([], 0, 0));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_reference is { } reference)
        {
            grains.DeleteObjectReference<IQuotaHolder>(reference);
        }
    }

    private Task<QuotaReply> AskAsync(long business, long epoch, Slot slot)
    {
        lock (slot)
        {
            return slot.Asking is { IsCompleted: false } asking ? asking : slot.Asking = Ask();
        }

        async Task<QuotaReply> Ask()
        {
            await Task.Yield();   // off the slot's lock
            var wanted = slot.Wanted(time);
            var reply = await deadNodes.IdempotentAsync(LendAsync);
            slot.IsScarce = reply.Count < wanted;
            Sweep();
            return reply;

            // Also an answer that comes late, when it was asked again: else its places would be lost for a while.
            async Task<QuotaReply> LendAsync()
            {
                var lent = await grains.GetGrain<ILimitGrain>(business).LendAsync(epoch, wanted, Reference());
                if (lent.Outcome == QuotaOutcome.Lent)
                {
                    slot.Put(new QuotaPiece(lent.Piece, epoch, lent.Count));
                }

                return lent;
            }
        }
    }

    private IQuotaHolder Reference()
    {
        lock (_observing)
        {
            return _reference ??= grains.CreateObjectReference<IQuotaHolder>(this);
        }
    }

    /// <summary>Forgets businesses of which nothing is held.</summary>
    private void Sweep()
    {
        if (_slots.Count <= SweepAbove)
        {
            return;
        }

        foreach (var (business, slot) in _slots)
        {
            if (slot.IsEmpty)
            {
                _slots.TryRemove(new(business, slot));
            }
        }
    }

    private sealed class Slot
    {
        private ImmutableList<QuotaPiece> _pieces = [];
        private int _wanted = WantedFirst / 2;
        private long _askedAt;
        private long _lastPiece;

        public Task<QuotaReply>? Asking;

        /// <summary>Whether there were fewer than asked for, or they were recalled since.</summary>
        public volatile bool IsScarce;

        public bool IsEmpty => Asking is not { IsCompleted: false } && _pieces.TrueForAll(piece => piece.Left == 0);

        public QuotaPlace? TryTake(long epoch)
        {
            foreach (var piece in Volatile.Read(ref _pieces))
            {
                if (piece.Epoch == epoch && piece.TryTake())
                {
                    return new QuotaPlace(piece);
                }
            }

            return null;
        }

        /// <summary>Adds a piece; one that is used up, with no send under way, is forgotten.</summary>
        public void Put(QuotaPiece piece)
        {
            ImmutableInterlocked.Update(ref _pieces, pieces => pieces.RemoveAll(old => old.Epoch != piece.Epoch || old.IsDone).Add(piece));
            for (var last = Volatile.Read(ref _lastPiece); last < piece.Id; last = Volatile.Read(ref _lastPiece))
            {
                Interlocked.CompareExchange(ref _lastPiece, piece.Id, last);
            }
        }

        public QuotaRecall Recall()
        {
            IsScarce = true;
            var last = Volatile.Read(ref _lastPiece);   // first: what comes behind it is on its way as far as this answer knows
            var underWay = 0;
            var returns = ImmutableArray.CreateBuilder<QuotaReturn>();
            foreach (var piece in Volatile.Read(ref _pieces))
            {
                var (count, of) = piece.TakeAll();
                underWay += of;
                if (count > 0)
                {
                    returns.Add(new QuotaReturn(piece.Id, count));
                }
            }

            return new QuotaRecall(returns.ToImmutable(), underWay, last);
        }

        public int Wanted(TimeProvider time)
        {
            var isSoon = _askedAt != 0 && time.GetElapsedTime(_askedAt) < TimeSpan.FromSeconds(1);
            _askedAt = time.GetTimestamp();
            return _wanted = isSoon ? Math.Min(_wanted * 2, WantedMost) : Math.Max(_wanted / 2, WantedFirst);
        }
    }
}

/// <summary>Places of one business, lent together.</summary>
internal sealed class QuotaPiece(long id, long epoch, int count)
{
    private int _left = count;
    private int _out;

    /// <summary>Its id, which the send carries.</summary>
    public long Id => id;

    /// <summary>The epoch that it was lent under.</summary>
    public long Epoch => epoch;

    /// <summary>Places that no send has.</summary>
    public int Left => Volatile.Read(ref _left);

    /// <summary>Whether nothing of it is left and nothing can be put back.</summary>
    public bool IsDone => Volatile.Read(ref _out) == 0 && Left == 0;

    /// <summary>Takes a place.</summary>
    public bool TryTake()
    {
        if (Left == 0)
        {
            return false;   // most often so where all are used up: nothing to look like a send under way for
        }

        Interlocked.Increment(ref _out);
        var left = Volatile.Read(ref _left);
        while (left > 0)
        {
            var seen = Interlocked.CompareExchange(ref _left, left - 1, left);
            if (seen == left)
            {
                return true;
            }

            left = seen;
        }

        Interlocked.Decrement(ref _out);
        return false;
    }

    /// <summary>A send is over with its place.</summary>
    /// <param name="used">Whether the place is used, or may be.</param>
    public void End(bool used)
    {
        if (!used)
        {
            Interlocked.Increment(ref _left);
        }

        Interlocked.Decrement(ref _out);
    }

    /// <summary>Takes every place that no send has, and says how many sends have one. Each place that is left is counted in the one or the other.</summary>
    public (int Count, int UnderWay) TakeAll()
    {
        var count = Interlocked.Exchange(ref _left, 0);
        var underWay = Volatile.Read(ref _out);
        return (count + Interlocked.Exchange(ref _left, 0), underWay);
    }
}

/// <summary>A place that a send takes along. <see cref="End"/> must follow.</summary>
internal readonly record struct QuotaPlace(QuotaPiece Piece)
{
    /// <summary>The send is over.</summary>
    /// <param name="used">Whether the place is used, or may be: only what certainly wasn't is put back.</param>
    public void End(bool used) => Piece.End(used);
}
