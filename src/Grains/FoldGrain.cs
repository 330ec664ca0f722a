using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// Folds the ledger: see <see cref="FoldLoop"/>. One activation does it for all nodes. For a moment there can be two, when a node dies: that does no
/// harm, since the grains take each event once.
/// </summary>
[GrainType("fold")]
[KeepAlive]
internal sealed class FoldGrain : Grain, IFoldGrain, IDisposable
{
    /// <summary>A hand-over can't be cancelled. Nobody waits longer for it: whatever it does, its events count once.</summary>
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly FoldLoop _loop;
    private readonly FoldSweep _sweep;
    private readonly LockedSweep _locked;
    private Task? _run;

    public FoldGrain(UserLedger ledger, GrainsSettings settings, FoldMetrics metrics, ILogger<FoldGrain> logger)
    {
        _loop = new FoldLoop(ledger, HandOverAsync, AtOnce(settings), metrics, logger);
        _sweep = new FoldSweep(ledger.Store, HandOverAsync, metrics, logger);
        _locked = new LockedSweep(ledger.Store, IsLockedAsync, FailAsync, metrics, logger);
    }

    public Task<long> WakeAsync()
    {
        Run();
        return Task.FromResult(_loop.Saved);
    }

    public Task<long> LimitPlaceAsync(long business)
    {
        Run();
        return Task.FromResult(_loop.PlaceOf(new FoldTarget(business, null, IsLimit: true)));
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_run ?? Task.CompletedTask, Task.Delay(EndsWithin, TimeProvider.System, cancellationToken));
    }

    public void Dispose()
    {
        // A hand-over that outlives the activation still needs them. There is nothing in them that must be given back.
        if (_run is null or { IsCompleted: true })
        {
            _loop.Dispose();
            _stopping.Dispose();
        }
    }

    // On this activation's scheduler, like its calls, and beside them: one at a time, with turns at each await.
    private void Run() => _run ??= Task.WhenAll(
        _loop.RunAsync(_stopping.Token), _sweep.RunAsync(_stopping.Token), _locked.RunAsync(_stopping.Token));

    /// <summary>
    /// Each hand-over is a write of a grain's state. SQLite writes one at a time, and who waits for it blocks a thread; on PostgreSQL others need
    /// connections, too.
    /// </summary>
    private static int AtOnce(GrainsSettings settings) => settings.Directory is not null ? 1 : Math.Max(1, settings.StateConnectionsMax / 2);

    private Task HandOverAsync(FoldTarget target, ImmutableArray<EventLine> events) =>
        target.IsLimit ? GrainFactory.GetGrain<ILimitGrain>(target.Business).FoldAsync(events)
        : target.Template is { } name ? GrainFactory.GetGrain<ITemplateGrain>(target.Business, name).FoldAsync(events)
        : GrainFactory.GetGrain<IBusinessGrain>(target.Business).FoldAsync(events);

    private async Task<bool> IsLockedAsync(long business) =>
        await GrainFactory.GetGrain<IBusinessGrain>(business).GetAsync() is { Status: BusinessStatus.Locked };

    /// <summary>What was delivered or has ended meanwhile stays as it is; what was handed to a device, its record knows.</summary>
    private Task<ActionReply> FailAsync(long user, long message) =>
        GrainFactory.GetGrain<IUserGrain>(user).FailAsync(message, handedOut: false);
}
