using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Businesses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Orleans.Storage;
using Orleans.Utilities;

namespace Actors.Grains;

/// <summary>What is stored of a messaging limit. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record QuotaState : OutboxState
{
    public QuotaBook Book { get; init; } = QuotaBook.Empty;

    /// <summary>Opt-ins imported within the day; null for none.</summary>
    public ImportBook? Imports { get; init; }
}

/// <summary>
/// Lends the places of a business's messaging limit to nodes and counts what they opened (G6). What is lent is durable before a node hears of it, and every
/// opening is counted from the ledger: neither the death of this grain nor of a node can make the sum too small.
/// </summary>
/// <remarks>
/// A place is good under one epoch of the fence. Places that nobody gives back (a node died, an outcome stayed unknown) are won back by moving the epoch:
/// then no commit can use them, and once everything before is counted the rest is free.
/// </remarks>
[GrainType("limit")]
[Immovable(ImmovableKind.Rebalancer)]
[CollectionAgeLimit(Hours = 1)]   // it knows in memory who holds places, and since when some are missing
internal sealed class LimitGrain : Grain, ILimitGrain
{
    /// <summary>A holder asks again within this time, or holds nothing that is worth a recall.</summary>
    private static readonly TimeSpan HolderLife = TimeSpan.FromHours(1);

    private static readonly TimeSpan RecallPatience = TimeSpan.FromSeconds(1);

    /// <summary>For so long places may be on their way before they count as lost and are won back: far longer than a send takes.</summary>
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(10);

    private readonly UserLedger _ledger;
    private readonly PolicyBook _policy;
    private readonly TimeProvider _time;
    private readonly Outbox<QuotaState> _outbox;
    private readonly ObserverManager<IQuotaHolder> _holders;

    /// <summary>Recalls that wait for their answer: it counts whenever it comes.</summary>
    private readonly Dictionary<IQuotaHolder, Task<QuotaRecall>> _recalls = [];

    /// <summary>The newest piece lent to each holder, and when.</summary>
    private readonly Dictionary<IQuotaHolder, (long Piece, long Timestamp)> _sent = [];

    /// <summary>
    /// The limit as last read under this epoch. It may have gone up since; it can't have gone down, since that moves the epoch. So what it leaves free may be
    /// lent without asking the business's grain, whose loss stops nobody.
    /// </summary>
    private (long Epoch, int Users)? _limit;

    /// <summary>Everything opened under an epoch before this one lies at or before this place in the ledger.</summary>
    private (long Epoch, long Horizon)? _horizon;

    /// <summary>Since when places have been on their way while none was left; null while there is no need to know.</summary>
    private (long Timestamp, long Horizon)? _missingSince;

    public LimitGrain(
        [FromKeyedServices(GrainsHosting.Storage)] IGrainStorage storage,
        UserLedger ledger,
        PolicyBook policy,
        TimeProvider time,
        ILogger<LimitGrain> logger)
    {
        (_ledger, _policy, _time) = (ledger, policy, time);
        _outbox = new Outbox<QuotaState>("limit", this.GetGrainId(), storage, ledger);
        _holders = new ObserverManager<IQuotaHolder>(HolderLife, logger);
    }

    private long Id => this.GetPrimaryKeyLong();

    public async Task<QuotaReply> LendAsync(long epoch, int wanted, IQuotaHolder holder)
    {
        _holders.Subscribe(holder, holder);
        if (!_ledger.Clock.IsTrusted)
        {
            throw Outages.Unavailable();
        }

        var state = await _outbox.ReadAsync();
        if (_limit is { } known && known.Epoch == epoch && state.Book.Lend(known.Users, wanted, epoch, _ledger.Clock.Now) is (var next, { } one))
        {
            return await LentAsync(state with { Book = next }, one, holder);
        }

        if (await ReadLimitAsync(epoch) is not { } limit)
        {
            return new QuotaReply(QuotaOutcome.Stale, 0, 0, null);
        }

        if (await CountedAsync(state.Book, epoch) is not { } book)
        {
            return new QuotaReply(QuotaOutcome.Counting, 0, 0, null);
        }

        var (now, isComing) = (_ledger.Clock.Now, false);
        (book, var piece) = book.Lend(limit, wanted, epoch, now);
        if (piece is null && book.Lent > 0)
        {
            (book, isComing) = await RecallAsync(book);
            (book, piece) = book.Lend(limit, wanted, epoch, now);
        }

        if (piece is { } lent)
        {
            return await LentAsync(state with { Book = book }, lent, holder);
        }

        if (isComing)
        {
            return new QuotaReply(QuotaOutcome.Counting, 0, 0, null);
        }

        if (await AreLostAsync(book))
        {
            await _outbox.WriteAsync(state with { Book = book }, new GrainChange($"limit/{Id}", state.Version + 1, Id, MovesEpoch: true));
            return new QuotaReply(QuotaOutcome.Stale, 0, 0, null);
        }

        // Whatever is still lent is about to be counted, or comes back when the epoch has moved: then a refusal, for up to a day, would be wrong.
        return book.Lent > 0 ? new QuotaReply(QuotaOutcome.Counting, 0, 0, null) : new QuotaReply(QuotaOutcome.UsedUp, 0, 0, book.NextFreeAt(now));
    }

    public async Task FoldAsync(ImmutableArray<EventLine> openings)
    {
        var state = await _outbox.ReadAsync();
        var book = state.Book;
        foreach (var opening in openings)
        {
            book = book.Count(opening.Seq, opening.Event.At, opening.Event.Quota);
        }

        if (book.Position != state.Book.Position)
        {
            await _outbox.WriteAsync(state with { Book = _ledger.Clock.IsTrusted ? book.Forget(_ledger.Clock.Now) : book });
        }
    }

    public async Task<ImportReply> ImportAsync(int wanted)
    {
        if (await GrainFactory.GetGrain<IBusinessGrain>(Id).GetAsync() is not { } business)
        {
            return new ImportReply(0, null);
        }

        if (ImportBook.PerDay(business.Limit, _policy.Current.Consent) is not { } perDay)
        {
            return new ImportReply(wanted, null);
        }

        if (!_ledger.Clock.IsTrusted)
        {
            throw Outages.Unavailable();
        }

        var state = await _outbox.ReadAsync();
        var (book, taken, retryAt) = (state.Imports ?? ImportBook.Empty).Take(perDay, wanted, _ledger.Clock.Now);
        if (taken > 0)
        {
            await _outbox.WriteAsync(state with { Imports = book });
        }

        return new ImportReply(taken, retryAt);
    }

    public async Task<LimitView?> GetAsync()
    {
        if (await GrainFactory.GetGrain<IBusinessGrain>(Id).GetAsync() is not { } business)
        {
            return null;
        }

        var (book, now) = ((await _outbox.ReadAsync()).Book, _ledger.Clock.Now);
        var level = Throughput.LevelOf(business.Limit, business.Quality);
        return new LimitView(MessagingLimit.Users(business.Limit), book.Used(now), book.Lent, book.NextFreeAt(now), level);
    }

    private async Task<QuotaReply> LentAsync(QuotaState next, QuotaPiece piece, IQuotaHolder holder)
    {
        _missingSince = null;
        await _outbox.WriteAsync(next);
        _sent[holder] = (piece.Id, _time.GetTimestamp());
        return new QuotaReply(QuotaOutcome.Lent, piece.Id, piece.Left, null);
    }

    /// <summary>The limit under this epoch; null where the epoch has moved, or nothing is limited any more: a new lease says which.</summary>
    private async ValueTask<int?> ReadLimitAsync(long epoch)
    {
        var lease = await GrainFactory.GetGrain<IBusinessGrain>(Id).LeaseAsync(null);
        var users = lease?.Epoch == epoch ? MessagingLimit.Users(lease.Business.Limit) : null;
        _limit = users is { } limit ? (epoch, limit) : null;
        return users;
    }

    /// <summary>The book under this epoch; null while openings under the ones before are still being counted.</summary>
    private async ValueTask<QuotaBook?> CountedAsync(QuotaBook book, long epoch)
    {
        if (book.Epoch == epoch)
        {
            return book;
        }

        // Read after the epoch had moved: no commit under an earlier one can still come.
        if (_horizon?.Epoch != epoch)
        {
            _horizon = (epoch, await Outages.AsOutageAsync(() => _ledger.Store.ReadHorizonAsync(CancellationToken.None)));
        }

        return await IsCountedAsync(_horizon.Value.Horizon) ? book.Settle(epoch) : null;
    }

    private async ValueTask<bool> IsCountedAsync(long horizon) => await GrainFactory.GetGrain<IFoldGrain>(0).LimitPlaceAsync(Id) >= horizon;

    /// <summary>
    /// Takes back what nodes hold and don't use, and says whether more may come: from sends under way, or from a node that hasn't answered yet. One that can't
    /// be reached keeps what it has, and isn't asked again until it asks itself.
    /// </summary>
    private async Task<(QuotaBook Book, bool IsComing)> RecallAsync(QuotaBook book)
    {
        var before = _recalls.Count;
        _holders.Notify(holder =>
        {
            if (!_recalls.ContainsKey(holder))
            {
                _recalls.Add(holder, holder.RecallAsync(Id));
            }
        });
        if (_recalls.Count > before)
        {
            await Task.WhenAny(Task.WhenAll(_recalls.Values), Task.Delay(RecallPatience, _time));
        }

        var isComing = false;
        foreach (var (holder, recall) in _recalls.ToArray())
        {
            if (!recall.IsCompleted)
            {
                isComing = true;
                continue;
            }

            _recalls.Remove(holder);
            if (!recall.IsCompletedSuccessfully)
            {
                _sent.Remove(holder);
                _holders.Unsubscribe(holder);
                continue;
            }

            var answer = await recall;
            foreach (var back in answer.Returns)
            {
                book = book.TakeBack(back.Piece, back.Count);
            }

            isComing |= answer.UnderWay > 0
                || (_sent.TryGetValue(holder, out var sent) && answer.LastPiece < sent.Piece && _time.GetElapsedTime(sent.Timestamp) < LostAfter);
        }

        return (book, isComing);
    }

    /// <summary>Whether places are on their way that will never arrive: for long now, and not because their openings are still to be counted.</summary>
    private async ValueTask<bool> AreLostAsync(QuotaBook book)
    {
        if (book.Lent == 0)
        {
            _missingSince = null;
            return false;
        }

        _missingSince ??= (_time.GetTimestamp(), await Outages.AsOutageAsync(() => _ledger.Store.ReadHorizonAsync(CancellationToken.None)));
        if (_time.GetElapsedTime(_missingSince.Value.Timestamp) < LostAfter || !await IsCountedAsync(_missingSince.Value.Horizon))
        {
            return false;
        }

        _missingSince = null;
        return true;
    }
}
