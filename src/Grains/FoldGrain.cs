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
    private readonly CancellationTokenSource _stopping = new();
    private readonly FoldLoop _loop;
    private readonly FoldSweep _sweep;
    private Task? _run;

    public FoldGrain(UserLedger ledger, GrainsSettings settings, FoldMetrics metrics, ILogger<FoldGrain> logger)
    {
        _loop = new FoldLoop(ledger, HandOverAsync, AtOnce(settings), metrics, logger);
        _sweep = new FoldSweep(ledger.Store, HandOverAsync, metrics, logger);
    }

    public Task<long> WakeAsync()
    {
        // On this activation's scheduler, like its calls, and beside them: one at a time, with turns at each await.
        _run ??= Task.WhenAll(_loop.RunAsync(_stopping.Token), _sweep.RunAsync(_stopping.Token));
        return Task.FromResult(_loop.Saved);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await (_run ?? Task.CompletedTask);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _stopping.Dispose();
    }

    /// <summary>
    /// Each hand-over is a write of a grain's state. SQLite writes one at a time, and who waits for it blocks a thread; on PostgreSQL others need
    /// connections, too.
    /// </summary>
    private static int AtOnce(GrainsSettings settings) => settings.Directory is not null ? 1 : Math.Max(1, settings.StateConnectionsMax / 2);

    private Task HandOverAsync(FoldTarget target, ImmutableArray<EventLine> events) =>
        target.IsLimit ? GrainFactory.GetGrain<ILimitGrain>(target.Business).FoldAsync(events)
        : target.Template is { } name ? GrainFactory.GetGrain<ITemplateGrain>(target.Business, name).FoldAsync(events)
        : GrainFactory.GetGrain<IBusinessGrain>(target.Business).FoldAsync(events);
}
