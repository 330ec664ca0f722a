using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Actors.Grains;

/// <summary>
/// Counts the ledger: see <see cref="AnalyticsLoop"/>. One activation does it for all nodes. For a moment there can be two, when a node dies: only one of
/// them gets its sums stored.
/// </summary>
[GrainType("analytics")]
[Immovable(ImmovableKind.Rebalancer)]
[KeepAlive]
internal sealed class AnalyticsGrain(UserLedger ledger, AnalyticsMetrics metrics, ILogger<AnalyticsGrain> logger) : LogReaderGrain, IAnalyticsGrain
{
    private readonly AnalyticsLoop _loop = new(ledger, metrics, logger);

    public Task<long> WakeAsync()
    {
        Run();
        return Task.FromResult(_loop.Saved);
    }

    protected override Task RunAsync(CancellationToken stopping) => _loop.RunAsync(stopping);
}
