using System.Threading.Channels;
using Actors.Policy;
using Microsoft.Extensions.Logging;

namespace Actors.Ledger;

/// <summary>
/// Asks the storage again and again up to where the event log is final, and tells all readers of this node: at once after an own commit, and every
/// now and then for those of other nodes.
/// </summary>
/// <param name="store">What is asked.</param>
/// <param name="now">The ledger's time.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">What is told.</param>
internal sealed partial class HorizonPump(ILedgerStore store, Func<Instant> now, LedgerMetrics metrics, ILogger logger) : IAsyncDisposable
{
    // How often a machine asks is the machine's matter, not the ledger's time: these run on real time also where a test sets the clock.
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _horizon;
    private long _finalAt;
    private Task _pump = Task.CompletedTask;

    public long Horizon => Volatile.Read(ref _horizon);

    /// <summary>The ledger's time when the newest answer was asked for: everything that was written by then is up to the horizon.</summary>
    public Instant FinalAt => new(Volatile.Read(ref _finalAt));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await AskAsync(cancellationToken);
        _pump = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Something was committed.</summary>
    public void Signal() => _signal.Writer.TryWrite(true);

    /// <summary>Ends once the horizon is behind <paramref name="after"/>.</summary>
    public async Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            var moved = Volatile.Read(ref _moved).Task;
            if (Horizon > after)
            {
                return;
            }

            await moved.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _pump;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        Task<bool>? signaled = null;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                // One wait for the signal at a time: each would stay in the channel until the next commit.
                signaled ??= _signal.Reader.WaitToReadAsync(_stopping.Token).AsTask();
                if (await Task.WhenAny(signaled, Task.Delay(Idle, TimeProvider.System, _stopping.Token)) == signaled)
                {
                    _signal.Reader.TryRead(out _);
                    signaled = null;
                }

                await AskAsync(_stopping.Token);
                await Task.Delay(Gap, TimeProvider.System, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The pump outlives everything; readers stand where they are until the storage is back.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                metrics.Failed("horizon");
                LogFailed(logger, exception);
                await Task.WhenAny(Task.Delay(Idle, TimeProvider.System, _stopping.Token));
            }
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        var asked = now();
        Publish(await store.ReadHorizonAsync(cancellationToken));
        Volatile.Write(ref _finalAt, asked.Milliseconds);
    }

    private void Publish(long horizon)
    {
        if (horizon > _horizon)
        {
            Volatile.Write(ref _horizon, horizon);
            Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Warning, Message = "The horizon of the event log can't be read")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
