using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// Counts the ledger: see <see cref="AnalyticsLoop"/>. One activation does it for all nodes. For a moment there can be two, when a node dies: only one of
/// them gets its sums stored.
/// </summary>
[GrainType("analytics")]
[KeepAlive]
internal sealed class AnalyticsGrain(UserLedger ledger, AnalyticsMetrics metrics, ILogger<AnalyticsGrain> logger) : Grain, IAnalyticsGrain, IDisposable
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly AnalyticsLoop _loop = new(ledger, metrics, logger);
    private Task? _run;

    public Task<long> WakeAsync()
    {
        // On this activation's scheduler, like its calls, and beside them: one at a time, with turns at each await.
        _run ??= _loop.RunAsync(_stopping.Token);
        return Task.FromResult(_loop.Saved);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_run ?? Task.CompletedTask, Task.Delay(EndsWithin, TimeProvider.System, cancellationToken));
    }

    public void Dispose()
    {
        // A write that outlives the activation still needs it. There is nothing in it that must be given back.
        if (_run is null or { IsCompleted: true })
        {
            _stopping.Dispose();
        }
    }
}
