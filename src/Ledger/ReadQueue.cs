using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Actors.Ledger;

/// <summary>Gathers reads while the query before is under way, then asks for all of them, each once, with the next one.</summary>
/// <param name="what">What is read, as metrics and logs name it.</param>
/// <param name="readAll">Asks for many rows at once, each key once; those that aren't there are missing in the answer. Any order.</param>
/// <param name="keyOf">Whose row it is.</param>
/// <param name="settings">Sizes.</param>
/// <param name="metrics">What to tell.</param>
/// <param name="logger">Whom to tell.</param>
internal sealed partial class ReadQueue<TKey, TRow>(
    string what,
    Func<IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyList<TRow>>> readAll,
    Func<TRow, TKey> keyOf,
    LedgerSettings settings,
    LedgerMetrics metrics,
    ILogger logger) : IAsyncDisposable
    where TKey : struct
    where TRow : struct
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Dictionary<TKey, TaskCompletionSource<TRow?>> _waiting = [];
    private bool _stopped;
    private Task _reader = Task.CompletedTask;

    public void Start() => _reader = Task.Run(RunAsync);

    /// <summary>The row; null when there is none. Read after this call, never before.</summary>
    /// <exception cref="LedgerUnavailableException">The storage is away, too many reads wait, or the ledger closes.</exception>
    public Task<TRow?> ReadAsync(TKey key)
    {
        Task<TRow?> read;
        lock (_gate)
        {
            if (_waiting.TryGetValue(key, out var waiting))
            {
                return waiting.Task;
            }

            if (_stopped || _waiting.Count >= settings.ReadsMax)
            {
                throw new LedgerUnavailableException(_stopped ? "The ledger is closed." : "Too many reads wait.");
            }

            var pending = new TaskCompletionSource<TRow?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(key, pending);
            read = pending.Task;
        }

        _signal.Writer.TryWrite(true);
        return read;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        _signal.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _reader;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (await _signal.Reader.WaitToReadAsync())
        {
            _signal.Reader.TryRead(out _);
            await ReadAllAsync();
        }

        await ReadAllAsync();
    }

    private async Task ReadAllAsync()
    {
        Dictionary<TKey, TaskCompletionSource<TRow?>> batch;
        lock (_gate)
        {
            (batch, _waiting) = (_waiting, []);
        }

        foreach (var keys in batch.Keys.Chunk(settings.BatchMax))
        {
            try
            {
                var rows = await readAll(keys, _stopping.Token);
                metrics.Read(what, keys.Length);
                foreach (var row in rows)
                {
                    batch[keyOf(row)].TrySetResult(row);
                }

                foreach (var key in keys)
                {
                    batch[key].TrySetResult(null);
                }
            }
#pragma warning disable CA1031 // The reader outlives everything; each caller is told.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                metrics.Failed("read");
                LogFailed(logger, exception, what);
                var told = exception as LedgerUnavailableException ?? new LedgerUnavailableException("What is stored can't be read.", exception);
                foreach (var key in keys)
                {
                    batch[key].TrySetException(told);
                }
            }
        }
    }

    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "Stored {What} can't be read")]
    private static partial void LogFailed(ILogger logger, Exception exception, string what);
}
