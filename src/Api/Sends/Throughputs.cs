using System.Collections.Concurrent;
using Actors.Contracts;

namespace Actors.Api.Sends;

/// <summary>What came of taking a place of a number's throughput.</summary>
/// <param name="Wait">How long until there is room; null where there was.</param>
/// <param name="IsStale">Whether the lease's epoch has moved: nothing was taken, and a new lease says more.</param>
internal readonly record struct RateTake(TimeSpan? Wait, bool IsStale);

/// <summary>
/// The shares of numbers' throughput that this process holds. A decision within the share costs some local arithmetic. Where the share is used up, more is
/// asked for before a decision is refused; where nobody answers, the share at hand goes on.
/// </summary>
internal sealed partial class Throughputs(IGrainFactory grains, TimeProvider time, ILogger<Throughputs> logger) : IRateHolder, IHostedService, IDisposable
{
    private const int SweepAbove = 16_384;
    private const int ReturnedAtOnce = 64;

    // A machine's matter, not the time by which decisions count: these run on real time also where a test sets the clock.
    private static readonly TimeSpan SettlingPause = TimeSpan.FromMilliseconds(25);

    /// <summary>A send that the share has no room for waits so long for more of it. Sends that wait take the places of others.</summary>
    private static readonly TimeSpan SilencePatience = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan SettlingPatience = TimeSpan.FromSeconds(3);

    /// <summary>A second in which nothing is decided any more, and the calls.</summary>
    private static readonly TimeSpan ReturnsWithin = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<long, RateShare> _shares = new();
    private readonly Guid _holder = Guid.NewGuid();
    private readonly Lock _observing = new();
    private readonly long _second = time.TimestampFrequency;
    private IRateHolder? _reference;
    private long _asks;
    private long _sweptAt;

    /// <summary>How many numbers are remembered.</summary>
    public int Count => _shares.Count;

    /// <summary>Takes one place of the second that ends now.</summary>
    /// <param name="business">The business.</param>
    /// <param name="number">Its number.</param>
    /// <param name="epoch">The epoch of the lease that the send is admitted under.</param>
    /// <param name="level">The number's throughput by this lease, in decisions a second.</param>
    /// <param name="trial">Tried for the same decision; null for nothing to try.</param>
    /// <exception cref="Exception">Nothing is held, and nobody who could lend can be reached.</exception>
    public ValueTask<RateTake> TakeAsync(long business, long number, long epoch, int level, RateTrial? trial = null)
    {
        var share = _shares.GetOrAdd(number, static (id, second) => new RateShare(id, second), _second);
        Sweep();
        return share.Take(epoch, time.GetTimestamp(), out var wait, level, trial) switch
        {
            RateTaken.Yes => default,
            RateTaken.Full when !share.MayAsk(level, time.GetTimestamp(), _second / 10) => new(new RateTake(ToTime(wait), false)),
            _ => new(AskAndTakeAsync(business, number, epoch, level, trial)),
        };
    }

    /// <inheritdoc/>
    public async Task<int> RecallAsync(RateRecall recall)
    {
        if (!_shares.TryGetValue(recall.Number, out var share))
        {
            return int.MaxValue;   // nothing is held
        }

        if (!share.IsBound(recall.Epoch) && share.Asking is { IsCompleted: false } asking)
        {
            await Task.WhenAny(asking, Task.Delay(SettlingPause * 20, TimeProvider.System));   // what is recalled is on its way here
        }

        return share.GiveBack(recall, time.GetTimestamp());
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Gives back what it can within three seconds, so that other nodes need not wait until this one is missed. Requests have ended by now; should one still be
    /// under way, it asks anew.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ends.CancelAfter(ReturnsWithin);
        var failed = 0;
        await Parallel.ForEachAsync(_shares, new ParallelOptions { MaxDegreeOfParallelism = ReturnedAtOnce }, async (pair, _) =>
        {
            try
            {
                await ReturnAsync(pair.Key, pair.Value, ends.Token);
            }
#pragma warning disable CA1031 // Whatever it was (a silo of an older build doesn't know the call): it is won back as a dead node's.
            catch (Exception)
#pragma warning restore CA1031
            {
                Interlocked.Increment(ref failed);
            }
        });
        if (failed > 0)
        {
            LogNotReturned(logger, failed);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // As a service and as a hosted one it is disposed of twice.
        if (Interlocked.Exchange(ref _reference, null) is { } reference)
        {
            grains.DeleteObjectReference<IRateHolder>(reference);
        }
    }

    private async Task<RateTake> AskAndTakeAsync(long business, long number, long epoch, int level, RateTrial? trial)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        var (hasAsked, isLast) = (false, false);
        while (true)
        {
            var share = _shares.GetOrAdd(number, static (id, second) => new RateShare(id, second), _second);
            switch (share.Take(epoch, time.GetTimestamp(), out var wait, level, trial))
            {
                case RateTaken.Yes:
                    return default;
                case RateTaken.Gone:
                    _shares.TryRemove(new(number, share));
                    continue;
                case RateTaken.Full when !share.MayAsk(level, time.GetTimestamp(), _second / 10):
                    if (!hasAsked || isLast)
                    {
                        return new RateTake(ToTime(wait), false);
                    }

                    // What was just lent to another node may still be on its way there, and so couldn't be taken back: once more.
                    isLast = true;
                    await Task.Delay(SettlingPause, TimeProvider.System);
                    break;
                case RateTaken.Full or RateTaken.Unbound:
                    break;
            }

            hasAsked = true;

            // Whoever asks at the same time shares the answer, and there may be enough in it for all. Who holds a share waits for no lender that is silent.
            var asking = AskAsync(business, epoch, level, share);
            if (share.IsBound(epoch) && await Task.WhenAny(asking, Task.Delay(SilencePatience, TimeProvider.System)) != asking)
            {
                share.AskedInVain(time.GetTimestamp());
                return share.Take(epoch, time.GetTimestamp(), out wait, level, trial) == RateTaken.Yes
                    ? default
                    : new RateTake(ToTime(Math.Max(1, wait)), false);
            }

            switch (await asking)
            {
                case RateOutcome.Stale:
                    return new RateTake(null, true);
                case RateOutcome.Settling when TimeProvider.System.GetElapsedTime(startedAt) > SettlingPatience:
                    throw new OutageException(OutageKind.Unavailable, "The throughput of the number is being counted.");
                case RateOutcome.Settling:
                    await Task.Delay(SettlingPause, TimeProvider.System);
                    break;
                case RateOutcome.Lent:
                    break;
                case RateOutcome.Undecided:
                    throw new InvalidOperationException("nobody decided");
            }
        }
    }

    private async ValueTask ReturnAsync(long number, RateShare share, CancellationToken stopping)
    {
        while (!share.Retire(time.GetTimestamp()))
        {
            await Task.Delay(SettlingPause, TimeProvider.System, stopping);
        }

        // Before it is removed: whatever then asks for the next share counts on from here. Where somebody else has removed it, there may be one already.
        var ordinal = Interlocked.Increment(ref _asks);
        if (!_shares.TryRemove(new(number, share)))
        {
            return;
        }

        await grains.GetGrain<IThroughputGrain>(Ids.BusinessOf(number)).ReturnAsync(number, _holder, ordinal).WaitAsync(stopping);
    }

    private Task<RateOutcome> AskAsync(long business, long epoch, int level, RateShare share)
    {
        lock (share)
        {
            return share.Asking is { IsCompleted: false } asking ? asking : share.Asking = Ask();
        }

        async Task<RateOutcome> Ask()
        {
            await Task.Yield();   // off the share's lock
            var ask = share.Ask(epoch, _holder, Interlocked.Increment(ref _asks), level, time.GetTimestamp());
            try
            {
                var reply = await grains.GetGrain<IThroughputGrain>(business).AskAsync(ask, Reference());
                if (reply.Outcome == RateOutcome.Lent)
                {
                    share.Put(epoch, reply);
                    if (reply.Granted == 0)
                    {
                        share.AskedInVain(time.GetTimestamp());
                    }
                }

                return reply.Outcome;
            }
            catch (Exception e) when (Failures.IsOutage(e) && share.IsBound(epoch))
            {
                LogNotLent(logger, e.GetType().Name);   // the share at hand holds on; the next one who is short of it tries again
                share.AskedInVain(time.GetTimestamp());
                return RateOutcome.Lent;
            }
        }
    }

    private IRateHolder Reference()
    {
        lock (_observing)
        {
            return _reference ??= grains.CreateObjectReference<IRateHolder>(this);
        }
    }

    private TimeSpan ToTime(long ticks) => TimeSpan.FromTicks(((ticks * TimeSpan.TicksPerSecond) + _second - 1) / _second);

    /// <summary>Forgets numbers that rest. What they hold goes back when another node asks.</summary>
    private void Sweep()
    {
        var sweptAt = Volatile.Read(ref _sweptAt);
        var now = time.GetTimestamp();
        if (now - sweptAt < _second || Interlocked.CompareExchange(ref _sweptAt, now, sweptAt) != sweptAt || _shares.Count <= SweepAbove)
        {
            return;   // counting locks the whole dictionary: at most once a second
        }

        foreach (var (number, share) in _shares)
        {
            if (share.Retire(now))
            {
                _shares.TryRemove(new(number, share));
            }
        }
    }

    [LoggerMessage(EventId = 4020, Level = LogLevel.Warning, Message = "No more throughput could be had; the share at hand is used on: {Failure}")]
    private static partial void LogNotLent(ILogger logger, string failure);

    [LoggerMessage(EventId = 4022, Level = LogLevel.Warning, Message = "Shares of {Count} numbers' throughput couldn't be given back")]
    private static partial void LogNotReturned(ILogger logger, int count);
}
