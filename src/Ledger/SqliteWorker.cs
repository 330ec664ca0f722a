using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Actors.Ledger;

/// <summary>
/// Threads that own a connection each and work off one queue. SQLite has no waiting without blocking: these threads block, so that the pool's don't.
/// </summary>
internal sealed class SqliteWorker : IAsyncDisposable
{
    private readonly BlockingCollection<Action<SqliteSession>> _jobs = [];
    private readonly List<Task> _threads = [];
    private int _closed;

    /// <param name="name">Name of the threads.</param>
    /// <param name="sessions">One thread for each.</param>
    public SqliteWorker(string name, IReadOnlyList<SqliteSession> sessions)
    {
        foreach (var session in sessions)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _threads.Add(ended.Task);
            new Thread(() => Work(session, ended)) { Name = name, IsBackground = true }.Start();
        }
    }

    /// <summary>
    /// Runs a job on one of the threads. What SQLite can't do for now is <see cref="LedgerUnavailableException"/>; other exceptions go through.
    /// </summary>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> job, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _jobs.Add(Job, CancellationToken.None);
        }
        catch (InvalidOperationException closed)
        {
            throw new LedgerUnavailableException("The ledger is closed.", closed);
        }

        return done.Task;

        void Job(SqliteSession session)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                done.SetCanceled(cancellationToken);
                return;
            }

            try
            {
                done.SetResult(job(session));
            }
            catch (SqliteException exception)
            {
                session.Rollback();
                done.SetException(new LedgerUnavailableException($"SQLite refuses the ledger's file (error {exception.SqliteExtendedErrorCode}).", exception));
            }
#pragma warning disable CA1031 // It belongs to the caller; the thread goes on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                session.Rollback();
                done.SetException(exception);
            }
        }
    }

    /// <summary>
    /// Works off what is queued, then closes the connections. A second call waits for the same end: the ledger and the host's container both close the store.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _jobs.CompleteAdding();
        }

        await Task.WhenAll(_threads);
        _jobs.Dispose();
    }

    private void Work(SqliteSession session, TaskCompletionSource ended)
    {
        try
        {
            foreach (var job in _jobs.GetConsumingEnumerable())
            {
                job(session);
            }

            session.Dispose();
            ended.SetResult();
        }
#pragma warning disable CA1031 // Told to whoever closes.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ended.SetException(exception);
        }
    }
}
