using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Users;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Actors.Grains;

/// <summary>
/// Folds the ledger: see <see cref="FoldLoop"/>. One activation does it for all nodes. For a moment there can be two, when a node dies: that does no
/// harm, since the grains take each event once.
/// </summary>
[GrainType("fold")]
[Immovable(ImmovableKind.Rebalancer)]
[KeepAlive]
internal sealed class FoldGrain : LogReaderGrain, IFoldGrain
{
    private readonly FoldLoop _loop;
    private readonly FoldSweep _sweep;
    private readonly LockedSweep _locked;

    public FoldGrain(UserLedger ledger, GrainsSettings settings, FoldMetrics metrics, ILogger<FoldGrain> logger)
    {
        _loop = new FoldLoop(ledger, HandOverAsync, AtOnce(settings), metrics, logger);
        _sweep = new FoldSweep(ledger.Store, HandOverAsync, AtOnce(settings), metrics, logger);
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

    protected override Task RunAsync(CancellationToken stopping) =>
        Task.WhenAll(_loop.RunAsync(stopping), _sweep.RunAsync(stopping), _locked.RunAsync(stopping));

    protected override void Release() => _loop.Dispose();

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
        GrainFactory.GetGrain<IUserGrain>(user).FailAsync(message, handedOut: false, FailureCause.BusinessLocked);
}
