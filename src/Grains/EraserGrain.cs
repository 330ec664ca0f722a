using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>Runs <see cref="ErasureSweep"/>. For a moment there can be two, when a node dies: that does no harm, since all of it can be repeated.</summary>
[GrainType("eraser")]
[KeepAlive]
internal sealed class EraserGrain : Grain, IEraserGrain, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ErasureSweep _sweep;
    private Task? _run;

    public EraserGrain(UserLedger ledger, ILogger<EraserGrain> logger) => _sweep = new ErasureSweep(
        ledger, (business, user) => GrainFactory.GetGrain<IBlockListGrain>(business).NoteAsync([user], blocked: false), logger);

    public Task WakeAsync()
    {
        _run ??= _sweep.RunAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_run ?? Task.CompletedTask, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken));
    }

    public void Dispose()
    {
        if (_run is null or { IsCompleted: true })
        {
            _stopping.Dispose();
        }
    }
}
