using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Actors.Ledger;

/// <summary>
/// Group commit: gathers commits while the transaction before is being written, then writes them as the next one. One flusher; nothing waits for a
/// timer. Bounded by count and by bytes: what doesn't fit is refused at once.
/// </summary>
internal sealed partial class CommitQueue : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    private readonly BatchWriter _writer;
    private readonly LedgerSettings _settings;
    private readonly TimeProvider _time;
    private readonly LedgerMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Action _committed;
    private readonly Channel<Pending> _waiting = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _abandoned = new();
    private int _count;
    private int _beingWritten;
    private long _bytes;
    private Task _flusher = Task.CompletedTask;

    /// <param name="store">Where to.</param>
    /// <param name="settings">Sizes.</param>
    /// <param name="time">For durations.</param>
    /// <param name="metrics">What to tell.</param>
    /// <param name="logger">Whom to tell.</param>
    /// <param name="committed">Called after each transaction.</param>
    public CommitQueue(
        ILedgerStore store, LedgerSettings settings, TimeProvider time, LedgerMetrics metrics, ILogger logger, Action committed) =>
        (_writer, _settings, _time, _metrics, _logger, _committed) =
        (new BatchWriter(store, settings, metrics, logger), settings, time, metrics, logger, committed);

    /// <summary>Commits that wait or are being written.</summary>
    public int Length => Volatile.Read(ref _count) + Volatile.Read(ref _beingWritten);

    public void Start() => _flusher = Task.Run(FlushAsync);

    /// <summary>Takes a commit; the task ends with its outcome and never fails.</summary>
    public Task<CommitOutcome> AddAsync(EncodedCommit commit)
    {
        var pending = new Pending(commit);

        // Both are added before either is compared: a refusal takes both back.
        var (count, bytes) = (Interlocked.Increment(ref _count), Interlocked.Add(ref _bytes, pending.Bytes));
        if (count > _settings.QueueMax || bytes > _settings.QueueBytesMax)
        {
            return Refuse(pending, CommitOutcome.Overloaded);
        }

        return _waiting.Writer.TryWrite(pending) ? pending.Task : Refuse(pending, CommitOutcome.Unavailable);
    }

    /// <summary>Takes nothing more, answers what waits, and gives up on a storage that doesn't answer in time.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        var stopped = await Task.WhenAny(_flusher, Task.Delay(StopPatience, TimeProvider.System));
        if (stopped != _flusher)
        {
            await _abandoned.CancelAsync();
        }

        await _flusher;
        _abandoned.Dispose();
    }

    private async Task FlushAsync()
    {
        var batch = new List<Pending>(_settings.BatchMax);
        var deferred = new List<Pending>();
        var users = new HashSet<long>();
        while (deferred.Count > 0 || await _waiting.Reader.WaitToReadAsync())
        {
            try
            {
                Gather(batch, deferred, users);
                Volatile.Write(ref _beingWritten, batch.Count);
                await WriteAsync(batch);
            }
#pragma warning disable CA1031 // The flusher outlives everything: without it the node would accept nothing more until it is restarted.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _metrics.Failed("flush");
                LogBroken(_logger, exception);
                batch.ForEach(pending => End(pending, CommitOutcome.Unknown));
            }

            Volatile.Write(ref _beingWritten, 0);
        }
    }

    /// <summary>The next batch: in the order in which they came, but each user once; a user's second commit waits for the next batch.</summary>
    private void Gather(List<Pending> batch, List<Pending> deferred, HashSet<long> users)
    {
        batch.Clear();
        users.Clear();
        var bytes = 0L;
        var kept = 0;
        for (var i = 0; i < deferred.Count; i++)
        {
            if (!HasRoom() || !Take(deferred[i]))
            {
                deferred[kept++] = deferred[i];
            }
        }

        deferred.RemoveRange(kept, deferred.Count - kept);
        while (HasRoom() && _waiting.Reader.TryRead(out var pending))
        {
            if (!Take(pending))
            {
                deferred.Add(pending);
            }
        }

        // The same order in all batches of all nodes: so they can't wait for each other in a circle.
        batch.Sort(static (a, b) => a.Commit.User.CompareTo(b.Commit.User));

        bool HasRoom() => batch.Count < _settings.BatchMax && bytes < _settings.BatchBytesMax;

        bool Take(Pending pending)
        {
            if (!users.Add(pending.Commit.User))
            {
                return false;
            }

            batch.Add(pending);
            bytes += pending.Bytes;
            Release(pending);
            return true;
        }
    }

    private async Task WriteAsync(List<Pending> batch)
    {
        var commits = new EncodedCommit[batch.Count];
        for (var i = 0; i < commits.Length; i++)
        {
            commits[i] = batch[i].Commit;
        }

        var start = _time.GetTimestamp();
        var outcomes = await _writer.WriteAsync(commits, _abandoned.Token);
        _metrics.Flushed(commits.Length, _time.GetElapsedTime(start));
        if (outcomes.Length != commits.Length)
        {
            throw new InvalidOperationException("The store gave another number of outcomes than it got commits.");
        }

        _committed();
        for (var i = 0; i < outcomes.Length; i++)
        {
            End(batch[i], outcomes[i]);
        }
    }

    private Task<CommitOutcome> Refuse(Pending pending, CommitOutcome outcome)
    {
        Release(pending);
        End(pending, outcome);
        return pending.Task;
    }

    private void Release(Pending pending)
    {
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -pending.Bytes);
    }

    private void End(Pending pending, CommitOutcome outcome)
    {
        if (pending.TrySetResult(outcome))
        {
            _metrics.Ended(outcome);
        }
    }

    [LoggerMessage(EventId = 3101, Level = LogLevel.Error, Message = "A batch ended in a way that it never should; its callers are told unknown")]
    private static partial void LogBroken(ILogger logger, Exception exception);

    /// <summary>A commit that waits for its outcome.</summary>
    private sealed class Pending(EncodedCommit commit) : TaskCompletionSource<CommitOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public EncodedCommit Commit { get; } = commit;

        public long Bytes { get; } = SizeOf(commit);

        private static long SizeOf(EncodedCommit commit)
        {
            var bytes = (long)commit.Record.Length + (commit.Change.Message is { } message ? message.Content.Length + (message.CallbackData?.Length ?? 0) : 0);
            foreach (var entry in commit.Change.Consents)
            {
                bytes += (entry.Wording?.Length ?? 0) + (entry.Evidence?.Length ?? 0);
            }

            return bytes;
        }
    }
}
