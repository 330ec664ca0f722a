using Actors.Contracts;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>Wakes the one fold of all nodes when this node starts, and now and then afterwards: the node that it ran on may have died.</summary>
internal sealed partial class FoldStarter(IGrainFactory grains, ILogger<FoldStarter> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private Task _waking = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(FoldStarter),
        ServiceLifecycleStage.Active,
        _ =>
        {
            _waking = Task.Run(WakeAsync, CancellationToken.None);
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stopping.CancelAsync();
            await _waking;
        });

    public void Dispose() => _stopping.Dispose();

    private async Task WakeAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await grains.GetGrain<IFoldGrain>(0).WakeAsync().WaitAsync(_stopping.Token);
                await Task.Delay(Period, TimeProvider.System, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // It is said again soon; nothing else hangs on it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogNotWoken(logger, exception);
                await Task.WhenAny(Task.Delay(Period, TimeProvider.System, _stopping.Token));
            }
        }
    }

    [LoggerMessage(EventId = 2111, Level = LogLevel.Warning, Message = "The fold of the ledger can't be woken now")]
    private static partial void LogNotWoken(ILogger logger, Exception exception);
}
