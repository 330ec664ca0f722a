using System.Collections.Concurrent;
using Actors.Contracts;

namespace Actors.Api.Leases;

/// <summary>
/// The leases that this process holds. A lease lasts 30 s and is renewed in the background by its use after a third of that, so the loss of a business's grain
/// for 15 s, whenever it comes, or of a template's, stops none of the sends that it allowed before. A cache of the fence: the ledger refuses what was admitted
/// under a lease that no longer holds.
/// </summary>
internal sealed partial class LeaseCache(IGrainFactory grains, DeadNodes deadNodes, TimeProvider time, ILogger<LeaseCache> logger) : ILeaseHolder, IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RenewAfter = Life / 3;
    private static readonly TimeSpan RecheckAfter = TimeSpan.FromSeconds(1);
    private const int SweepAbove = 4_096;

    private readonly ConcurrentDictionary<long, Slot> _slots = new();
    private readonly Lock _observing = new();
    private ILeaseHolder? _reference;
    private long _sweptAt;
    private long _obtained;
    private long _notRenewed;

    /// <summary>Leases that were obtained since the start, the first of a business and the renewed ones.</summary>
    public long Obtained => Interlocked.Read(ref _obtained);

    /// <summary>Renewals that failed since the start.</summary>
    public long NotRenewed => Interlocked.Read(ref _notRenewed);

    /// <summary>A lease that holds; null when there is no such business.</summary>
    /// <exception cref="Exception">None is held, and the business's grain can't be asked.</exception>
    public ValueTask<HeldLease?> GetAsync(long business)
    {
        var slot = _slots.GetOrAdd(business, static _ => new Slot());
        if (slot.Held is not { } held)
        {
            return new(FetchAsync(business, slot));
        }

        var age = time.GetElapsedTime(held.ObtainedAt);
        if (age >= Life)
        {
            return new(FetchAsync(business, slot));
        }

        if (age >= RenewAfter && slot.MayRenew(time))
        {
            _ = RenewAsync(business, slot);
        }

        return new(held);
    }

    /// <summary>
    /// A lease that was asked for at this instant or later, because the one at hand may be out of date: what was allowed or forbidden before is seen. Whoever
    /// asks at the same time shares the answer, so that a business costs its grain one question at a time.
    /// </summary>
    /// <param name="timestamp">A timestamp of the node's time provider.</param>
    public async ValueTask<HeldLease?> AskedSinceAsync(long business, long timestamp)
    {
        var slot = _slots.GetOrAdd(business, static _ => new Slot());
        var lease = slot.Held;
        while (lease is null || lease.ObtainedAt < timestamp)
        {
            lease = await FetchAsync(business, slot);
            if (lease is null)
            {
                return null;
            }
        }

        return lease;
    }

    /// <summary>Has a lease asked for anew, at most once a second. Nobody waits for it.</summary>
    public void RenewSoon(long business)
    {
        if (_slots.TryGetValue(business, out var slot) && slot.MayRenew(time))
        {
            _ = RenewAsync(business, slot);
        }
    }

    /// <summary>Whether a lease is old enough to be worth another look where nothing else bounds how often that is done.</summary>
    public bool MayBeOutOfDate(HeldLease lease) => time.GetElapsedTime(lease.ObtainedAt) >= RecheckAfter;

    /// <inheritdoc/>
    public Task DropAsync(long business)
    {
        _slots.TryRemove(business, out _);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_reference is { } reference)
        {
            grains.DeleteObjectReference<ILeaseHolder>(reference);
        }
    }

    private async Task<HeldLease?> FetchAsync(long business, Slot slot)
    {
        var held = await AskAsync(business, slot);
        Keep(business, slot, held);
        return held;
    }

    private Task<HeldLease?> AskAsync(long business, Slot slot)
    {
        // One question at a time for each business, however many wait for its answer.
        lock (slot)
        {
            return slot.Asking is { IsCompleted: false } asking ? asking : slot.Asking = Ask();
        }

        async Task<HeldLease?> Ask()
        {
            await Task.Yield();   // off the slot's lock
            var askedAt = time.GetTimestamp();
            var lease = await deadNodes.IdempotentAsync(() => grains.GetGrain<IBusinessGrain>(business).LeaseAsync(Reference()));
            Interlocked.Increment(ref _obtained);
            return lease is null ? null : new HeldLease(lease, grains, deadNodes, time, askedAt);
        }
    }

    /// <summary>A slot that was dropped meanwhile is nobody's any more: whoever comes now asks anew.</summary>
    private void Keep(long business, Slot slot, HeldLease? held)
    {
        lock (slot)
        {
            if (held is null)
            {
                slot.Held = null;
                _slots.TryRemove(new(business, slot));
            }
            else if (slot.Held is not { } other || other.ObtainedAt <= held.ObtainedAt)
            {
                slot.Held = held;
            }
        }

        Sweep();
    }

    private async Task RenewAsync(long business, Slot slot)
    {
        if (!slot.BeginsRenewal())
        {
            return;
        }

        try
        {
            // With the templates that were looked up under it: while one of them can't be had, the lease at hand is used on.
            var before = slot.Held;
            var held = await AskAsync(business, slot);
            await (held is not null && before is not null ? held.LookUpAsync(before.Names) : Task.CompletedTask);
            Keep(business, slot, held);
        }
        catch (Exception e) when (Failures.IsOutage(e))
        {
            Interlocked.Increment(ref _notRenewed);
            LogNotRenewed(logger, e.GetType().Name);   // the lease at hand holds on; the next use tries again
        }
        catch (Exception e)
        {
            Interlocked.Increment(ref _notRenewed);
            LogRenewalFailed(logger, e);
        }
        finally
        {
            slot.EndRenewal();
        }
    }

    private ILeaseHolder Reference()
    {
        lock (_observing)
        {
            return _reference ??= grains.CreateObjectReference<ILeaseHolder>(this);
        }
    }

    private void Sweep()
    {
        var sweptAt = Volatile.Read(ref _sweptAt);
        if (_slots.Count <= SweepAbove || time.GetElapsedTime(sweptAt) < Life
            || Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), sweptAt) != sweptAt)
        {
            return;
        }

        foreach (var (business, slot) in _slots)
        {
            if (slot.Held is { } held && time.GetElapsedTime(held.ObtainedAt) >= Life)
            {
                _slots.TryRemove(new(business, slot));
            }
        }
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "A lease could not be renewed and is used on: {Failure}")]
    private static partial void LogNotRenewed(ILogger logger, string failure);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Error, Message = "The renewal of a lease failed")]
    private static partial void LogRenewalFailed(ILogger logger, Exception exception);

    private sealed class Slot
    {
        private long _renewalTriedAt;
        private int _renewals;

        public volatile HeldLease? Held;

        public Task<HeldLease?>? Asking;

        /// <summary>Whether no other renewal is under way; then this one has to end.</summary>
        public bool BeginsRenewal() => Interlocked.CompareExchange(ref _renewals, 1, 0) == 0;

        public void EndRenewal() => Volatile.Write(ref _renewals, 0);

        /// <summary>At most one try to renew in a second.</summary>
        public bool MayRenew(TimeProvider time)
        {
            var triedAt = Volatile.Read(ref _renewalTriedAt);
            return (triedAt == 0 || time.GetElapsedTime(triedAt) >= RecheckAfter)
                && Interlocked.CompareExchange(ref _renewalTriedAt, time.GetTimestamp(), triedAt) == triedAt;
        }
    }
}
