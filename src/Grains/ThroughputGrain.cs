using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Businesses;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Placement;
using Orleans.Storage;

namespace Actors.Grains;

/// <summary>What is stored of who lends throughput. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record ThroughputState : OutboxState
{
    /// <summary>The epoch that shares were last lent under; null while none ever was.</summary>
    public long? Epoch { get; init; }

    /// <summary>The process that lent them.</summary>
    public Guid Process { get; init; }
}

/// <summary>Lends shares of the throughput of a business's numbers to nodes. Who holds what is known in memory only; see <see cref="RateBook"/>.</summary>
/// <remarks>
/// A share is good under one epoch of the fence, and only one activation lends under an epoch: it claims the epoch durably before, and where another one
/// has claimed it (which may have died, and nobody knows what it lent), it moves the epoch first. Under a new epoch each node goes on with what it held
/// under the one claimed before. What no node claims so can't be used any more, and is free once a second has passed: then what was decided
/// within it doesn't count any more either.
/// </remarks>
[GrainType("throughput")]
[Immovable(ImmovableKind.Rebalancer)]
[CollectionAgeLimit(Hours = 1)]   // what it knows in memory costs the next activation an epoch
internal sealed class ThroughputGrain : Grain, IThroughputGrain
{
    /// <summary>Who is short of it has it read again after this time.</summary>
    private static readonly TimeSpan LevelAge = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RecallPatience = TimeSpan.FromSeconds(1);

    /// <summary>A second, and what clocks that should run alike may differ in it.</summary>
    private static readonly TimeSpan SettledAfter = TimeSpan.FromMilliseconds(1_010);

    /// <summary>So long after a node couldn't be reached, and didn't ask, its share is won back.</summary>
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(10);

    private readonly UserLedger _ledger;
    private readonly GrainsSettings _settings;
    private readonly PolicyBook _policy;
    private readonly ThisRun _run;
    private readonly Outbox<ThroughputState> _outbox;
    private readonly Dictionary<Guid, IRateHolder> _holders = [];
    private readonly Dictionary<Guid, long> _missingSince = [];
    private readonly Dictionary<long, RateBook> _books = [];

    /// <summary>The epoch that this activation has claimed.</summary>
    private long? _epoch;

    /// <summary>The level as last read under it, and when. It may have risen since.</summary>
    private ThroughputLevel _level;

    private long _levelReadAt;

    /// <summary>The one that was claimed before it.</summary>
    private long? _before;

    /// <summary>Since when nothing can be decided under it; null where nothing was lent.</summary>
    private long? _settlingSince;

    public ThroughputGrain(
        [FromKeyedServices(GrainsHosting.Storage)] IGrainStorage storage, UserLedger ledger, GrainsSettings settings, PolicyBook policy, ThisRun run)
    {
        (_ledger, _settings, _policy, _run) = (ledger, settings, policy, run);
        _outbox = new Outbox<ThroughputState>("throughput", this.GetGrainId(), storage, ledger);
    }

    private long Id => this.GetPrimaryKeyLong();

    // Decisions count by the nodes' monotonic clocks: this one, too, goes on where a test sets the ledger's time.
    private bool IsSettling => _settlingSince is { } since && TimeProvider.System.GetElapsedTime(since) < SettledAfter;

    public async Task<RateReply> AskAsync(RateAsk ask, IRateHolder holder)
    {
        _holders[ask.Holder] = holder;
        _missingSince.Remove(ask.Holder);
        if (_epoch != ask.Epoch && (!await ReadLevelAsync(ask.Epoch) || !await ClaimAsync(ask.Epoch)))
        {
            return new RateReply(RateOutcome.Stale, 0, 0);
        }

        // Under a claimed epoch the level can't have fallen. What it leaves free is lent without the business's grain, whose loss stops nobody.
        var level = Throughput.PerSecond(_level, _policy.Current.Throughput);
        var book = _books.GetValueOrDefault(ask.Number) ?? RateBook.Empty;
        if (book.Told(ask.Holder, ask.Ordinal, ask.Held) is not { } told)
        {
            return new RateReply(RateOutcome.Stale, 0, level);   // nobody hears it: the node has asked again since
        }

        var isSettling = IsSettling;
        var (next, granted) = told.Offer(
            ask.Holder, level, isSettling, ask.Before is { } before && before.Epoch == _before ? (before.Held, before.Level) : null);
        if (granted == 0)
        {
            (next, granted) = (await RecallAsync(next, ask, level)).Lend(ask.Holder, isSettling ? told.Lent : level);
        }

        _books[ask.Number] = next;
        if (granted == 0 && TimeProvider.System.GetElapsedTime(_levelReadAt) >= LevelAge)
        {
            if (!await ReadLevelAsync(ask.Epoch))
            {
                return new RateReply(RateOutcome.Stale, 0, 0);
            }

            level = Throughput.PerSecond(_level, _policy.Current.Throughput);
            (next, granted) = next.Lend(ask.Holder, isSettling ? told.Lent : level);
            _books[ask.Number] = next;
        }

        if (granted == 0 && (next.Lent > level || AreLost(next)))
        {
            await MoveAsync();
            return new RateReply(RateOutcome.Stale, 0, level);
        }

        return new RateReply(granted == 0 && ask.Held == 0 && isSettling ? RateOutcome.Settling : RateOutcome.Lent, granted, level);
    }

    public Task ReturnAsync(long number, Guid holder, long ordinal)
    {
        if (_books.GetValueOrDefault(number)?.Told(holder, ordinal, held: 0) is { } told)
        {
            _books[number] = told;
        }

        return Task.CompletedTask;
    }

    /// <summary>Reads the level; false where the business's epoch is another one.</summary>
    private async Task<bool> ReadLevelAsync(long epoch)
    {
        if (await GrainFactory.GetGrain<IBusinessGrain>(Id).LeaseAsync(null) is not { } lease || lease.Epoch != epoch)
        {
            return false;
        }

        _level = Throughput.LevelOf(lease.Business.Limit, lease.Business.Quality);
        _levelReadAt = TimeProvider.System.GetTimestamp();
        return true;
    }

    /// <summary>Makes this activation the only one that lends under an epoch; false where that can't be, and the epoch has been moved.</summary>
    private async ValueTask<bool> ClaimAsync(long epoch)
    {
        if (_epoch == epoch)
        {
            return true;
        }

        // Where no other process can write, what one before this has lent ended with it.
        var state = await _outbox.ReadAsync();
        var isNothingOut = state.Epoch is null || (_settings.IsSoleWriter && state.Process != _run.Id);
        if (state.Epoch == epoch && !isNothingOut)
        {
            await MoveAsync();
            return false;
        }

        _epoch = null;
        await _outbox.WriteAsync(state with { Epoch = epoch, Process = _run.Id });
        _books.Clear();
        _missingSince.Clear();
        _before = isNothingOut ? null : state.Epoch;
        _settlingSince = state.Epoch is null ? null : isNothingOut ? _run.StartedAt : TimeProvider.System.GetTimestamp();
        _epoch = epoch;
        return true;
    }

    /// <summary>Ends what is lent: nothing can be decided within it any more. The nodes hear of it when they commit, and ask under the new epoch.</summary>
    private async Task MoveAsync()
    {
        _epoch = null;
        var state = await _outbox.ReadAsync();
        await _outbox.WriteAsync(state, new GrainChange($"throughput/{Id}", state.Version + 1, Id, MovesEpoch: true));
    }

    /// <summary>
    /// Takes back from other nodes what they can spare. One that can't be reached keeps what it has, and isn't asked again until it asks itself.
    /// </summary>
    private async Task<RateBook> RecallAsync(RateBook book, RateAsk ask, int level)
    {
        var recall = new RateRecall(ask.Epoch, ask.Number, book.Fair(ask.Holder, level), ask.Wanted);
        var asked = book.Pieces.Where(piece => piece.Key != ask.Holder && piece.Value.Size > 0 && !_missingSince.ContainsKey(piece.Key))
            .Select(piece => (Holder: piece.Key, Answer: _holders[piece.Key].RecallAsync(recall))).ToArray();
        if (asked.Length == 0)
        {
            return book;
        }

        await Task.WhenAny(Task.WhenAll(asked.Select(one => one.Answer)), Task.Delay(RecallPatience, TimeProvider.System));
        foreach (var (holder, answer) in asked)
        {
            if (answer.IsCompletedSuccessfully)
            {
                book = book.TakeBack(holder, await answer);
            }
            else
            {
                _missingSince.Add(holder, TimeProvider.System.GetTimestamp());
            }
        }

        return book;
    }

    /// <summary>Whether somebody holds a share who hasn't been heard of for long.</summary>
    private bool AreLost(RateBook book) => _missingSince.Any(
        missing => book.Pieces.GetValueOrDefault(missing.Key).Size > 0 && TimeProvider.System.GetElapsedTime(missing.Value) >= LostAfter);
}
