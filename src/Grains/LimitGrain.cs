using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Businesses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Orleans.Utilities;

namespace Actors.Grains;

/// <summary>What is stored of a messaging limit. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record QuotaState : OutboxState
{
    public QuotaBook Book { get; init; } = QuotaBook.Empty;
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
[CollectionAgeLimit(Hours = 1)]   // it knows in memory who holds places, and since when some are missing
internal sealed class LimitGrain : Grain, ILimitGrain
{
    /// <summary>A holder asks again within this time, or holds nothing that is worth a recall.</summary>
    private static readonly TimeSpan HolderLife = TimeSpan.FromHours(1);

    private static readonly TimeSpan RecallPatience = TimeSpan.FromSeconds(1);

    /// <summary>For so long places may be on their way before they are won back: far longer than a send takes.</summary>
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(10);

    private readonly UserLedger _ledger;
    private readonly TimeProvider _time;
    private readonly Outbox<QuotaState> _outbox;
    private readonly ObserverManager<IQuotaHolder> _holders;

    /// <summary>Everything opened under an epoch before this one lies at or before this place in the ledger.</summary>
    private (long Epoch, long Horizon)? _horizon;

    /// <summary>Since when places have been on their way while none was left; null while there is no need to know.</summary>
    private (long Timestamp, long Horizon)? _missingSince;

    public LimitGrain(
        [FromKeyedServices(GrainsHosting.Storage)] IGrainStorage storage, UserLedger ledger, TimeProvider time, ILogger<LimitGrain> logger)
    {
        (_ledger, _time) = (ledger, time);
        _outbox = new Outbox<QuotaState>("limit", this.GetGrainId(), storage, ledger);
        _holders = new ObserverManager<IQuotaHolder>(HolderLife, logger);
    }

    private long Id => this.GetPrimaryKeyLong();

    public async Task<QuotaReply> LendAsync(long epoch, int wanted, IQuotaHolder holder)
    {
        _holders.Subscribe(holder, holder);
        if (await GrainFactory.GetGrain<IBusinessGrain>(Id).LeaseAsync(null) is not { } lease || lease.Epoch != epoch)
        {
            return new QuotaReply(QuotaOutcome.Stale, 0, 0, null);
        }

        if (MessagingLimit.Users(lease.Business.Limit) is not { } limit)
        {
            return new QuotaReply(QuotaOutcome.Stale, 0, 0, null);   // it isn't limited any more: a new lease says so
        }

        if (!_ledger.Clock.IsTrusted)
        {
            throw Outages.Unavailable();
        }

        var state = await _outbox.ReadAsync();
        if (await CountedAsync(state.Book, epoch) is not { } book)
        {
            return new QuotaReply(QuotaOutcome.Counting, 0, 0, null);
        }

        var now = _ledger.Clock.Now;
        (book, var piece) = book.Lend(limit, wanted, epoch, now);
        if (piece is null && book.Lent > 0)
        {
            (book, piece) = (await RecallAsync(book)).Lend(limit, wanted, epoch, now);
        }

        if (piece is { } lent)
        {
            _missingSince = null;
            await _outbox.WriteAsync(state with { Book = book });
            return new QuotaReply(QuotaOutcome.Lent, lent.Id, lent.Left, null);
        }

        if (await AreLostAsync(book))
        {
            await _outbox.WriteAsync(state with { Book = book }, new GrainChange($"limit/{Id}", state.Version + 1, Id, MovesEpoch: true));
            return new QuotaReply(QuotaOutcome.Stale, 0, 0, null);
        }

        return new QuotaReply(QuotaOutcome.UsedUp, 0, 0, book.NextFreeAt(now));
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

    public async Task<LimitView?> GetAsync()
    {
        if (await GrainFactory.GetGrain<IBusinessGrain>(Id).GetAsync() is not { } business)
        {
            return null;
        }

        var (book, now) = ((await _outbox.ReadAsync()).Book, _ledger.Clock.Now);
        return new LimitView(MessagingLimit.Users(business.Limit), book.Used(now), book.Lent, book.NextFreeAt(now));
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

    private async ValueTask<bool> IsCountedAsync(long horizon) => await GrainFactory.GetGrain<IFoldGrain>(0).WakeAsync() >= horizon;

    /// <summary>Takes back what nodes hold and don't use. One that can't be reached keeps what it has, and isn't asked again until it asks itself.</summary>
    private async Task<QuotaBook> RecallAsync(QuotaBook book)
    {
        var asked = new List<(IQuotaHolder Holder, Task<ImmutableArray<QuotaReturn>> Answer)>();
        _holders.Notify(holder => asked.Add((holder, holder.RecallAsync(Id))));
        await Task.WhenAny(Task.WhenAll(asked.Select(one => one.Answer)), Task.Delay(RecallPatience, _time));
        foreach (var (holder, answer) in asked)
        {
            if (!answer.IsCompletedSuccessfully)
            {
                _holders.Unsubscribe(holder);
                continue;
            }

            foreach (var back in await answer)
            {
                book = book.TakeBack(back.Piece, back.Count);
            }
        }

        return book;
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
