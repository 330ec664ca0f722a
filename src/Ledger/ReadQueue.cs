using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Actors.Ledger;

/// <summary>Gathers reads of users while the query before is under way, then asks for all of them, each once, with the next one.</summary>
internal sealed partial class ReadQueue(ILedgerStore store, LedgerSettings settings, LedgerMetrics metrics, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Dictionary<long, TaskCompletionSource<EncodedRecord?>> _waiting = [];
    private bool _stopped;
    private Task _reader = Task.CompletedTask;

    public void Start() => _reader = Task.Run(RunAsync);

    /// <summary>The user's row; null when there is none. Read after this call, never before.</summary>
    /// <exception cref="LedgerUnavailableException">The storage is away, too many reads wait, or the ledger closes.</exception>
    public Task<EncodedRecord?> ReadAsync(long user)
    {
        Task<EncodedRecord?> read;
        lock (_gate)
        {
            if (_waiting.TryGetValue(user, out var waiting))
            {
                return waiting.Task;
            }

            if (_stopped || _waiting.Count >= settings.ReadsMax)
            {
                throw new LedgerUnavailableException(_stopped ? "The ledger is closed." : "Too many reads wait.");
            }

            var pending = new TaskCompletionSource<EncodedRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(user, pending);
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
        Dictionary<long, TaskCompletionSource<EncodedRecord?>> batch;
        lock (_gate)
        {
            (batch, _waiting) = (_waiting, []);
        }

        foreach (var users in batch.Keys.Chunk(settings.BatchMax))
        {
            try
            {
                var records = await store.ReadUsersAsync(users, _stopping.Token);
                metrics.Read(users.Length);
                foreach (var record in records)
                {
                    batch[record.User].TrySetResult(record);
                }

                foreach (var user in users)
                {
                    batch[user].TrySetResult(null);
                }
            }
#pragma warning disable CA1031 // The reader outlives everything; each caller is told.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                metrics.Failed("read");
                LogFailed(logger, exception);
                var told = exception as LedgerUnavailableException ?? new LedgerUnavailableException("Users can't be read.", exception);
                foreach (var user in users)
                {
                    batch[user].TrySetException(told);
                }
            }
        }
    }

    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "Users can't be read")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
