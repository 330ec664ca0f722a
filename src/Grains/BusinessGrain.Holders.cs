using Actors.Contracts;
using Orleans.Utilities;

namespace Actors.Grains;

/// <summary>Who holds leases of the business, and how they are told of a change while others get new ones.</summary>
/// <remarks>
/// A change is answered once the holders have dropped their leases, and a holder that can't be reached delays that. The sends of all others need a new lease
/// meanwhile, so that call interleaves: one call at a time works with the state, and whoever waits for holders has done so already and lets the next one.
/// A lease is then read as if the change had been answered: its state is durable, and the epoch has moved.
/// </remarks>
internal sealed partial class BusinessGrain : IIncomingGrainCallFilter, IDisposable
{
    /// <summary>A holder renews every 10 seconds; one that hasn't for so long is gone.</summary>
    private static readonly TimeSpan HolderLife = TimeSpan.FromMinutes(1);

    /// <summary>A change waits so long for the holders to have dropped their leases. One that is gone delays it, and doesn't fail it.</summary>
    private static readonly TimeSpan HoldersPatience = TimeSpan.FromSeconds(1);

    private readonly ObserverManager<ILeaseHolder> _holders;
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Who has got a lease since the holders were last told; they hold what is new.</summary>
    private readonly HashSet<ILeaseHolder> _renewed = [];

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await _turn.WaitAsync();
        try
        {
            await context.Invoke();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Subscribe(ILeaseHolder holder)
    {
        _holders.Subscribe(holder, holder);
        _renewed.Add(holder);
    }

    /// <summary>Who has the answer to a change finds no node that goes on with what was before, but one that can't be reached; there the fence holds.</summary>
    /// <param name="waits">Whether something was forbidden. What is allowed, they may hear of a moment later.</param>
    private async Task TellHoldersAsync(bool waits)
    {
        var told = new List<(ILeaseHolder Holder, Task Dropped)>();
        _holders.Notify(holder => told.Add((holder, holder.DropAsync(Id))));
        _renewed.Clear();
        if (!waits)
        {
            return;
        }

        _turn.Release();
        try
        {
            await Task.WhenAny(Task.WhenAll(told.Select(one => one.Dropped)), Task.Delay(HoldersPatience, _time));
        }
        finally
        {
            await _turn.WaitAsync();
        }

        foreach (var (holder, _) in told.Where(one => !one.Dropped.IsCompletedSuccessfully && !_renewed.Contains(one.Holder)))
        {
            _holders.Unsubscribe(holder);   // it comes back when it renews its lease
        }
    }
}
