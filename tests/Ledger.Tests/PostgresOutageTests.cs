using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>What the store says of a batch stays true when the server process, or the whole server, is killed in the middle of it.</summary>
public sealed class PostgresOutageTests(PostgresOutageTests.Killable killable) : IClassFixture<PostgresOutageTests.Killable>, IAsyncLifetime
{
    private string _connectionString = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _connectionString = await TestPostgres.CreateDatabaseAsync(killable.Server.ConnectionString);

    public ValueTask DisposeAsync() => default;

    [Fact]
    public Task Outcomes_are_true_when_server_processes_are_ended_under_load() => RunAsync(
        12,
        async source =>
        {
            await using var end = source.CreateCommand(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'actors' AND pid <> pg_backend_pid() AND state = 'active'");
            await end.ExecuteNonQueryAsync(Cancel);
        });

    [Fact]
    public Task Outcomes_are_true_when_server_processes_are_killed_under_load() => RunAsync(
        3,
        async source =>
        {
            await using var find = source.CreateCommand(
                "SELECT max(pid) FROM pg_stat_activity WHERE application_name = 'actors' AND pid <> pg_backend_pid() AND state = 'active'");
            if (await find.ExecuteScalarAsync(Cancel) is int pid)
            {
                try
                {
                    await PostgresServer.SignalAsync("KILL", pid);
                }
                catch (InvalidOperationException e) when (e.Message.Contains("No such process", StringComparison.Ordinal))
                {
                    // It was done, and gone, before it could be killed.
                }
            }
        });

    [Fact]
    public Task Outcomes_are_true_when_the_whole_server_is_killed_and_comes_back() => RunAsync(
        2,
        async _ =>
        {
            await killable.Server.KillAsync();
            await killable.Server.BootAsync();
        });

    [Fact]
    public async Task A_batch_whose_connection_was_lost_cannot_be_committed_after_its_outcome_was_told()
    {
        // The client gives up after a second. The server process waits for the row, is stopped there, and would go on and commit as soon as it runs again.
        await using var store = Open(";Command Timeout=1;Cancellation Timeout=-1");
        await store.StartAsync(Cancel);
        await store.WriteAsync([Given.Commit(1, 0, Given.Send(1))], Cancel);
        await using var source = NpgsqlDataSource.Create(_connectionString);
        await using var other = await source.OpenConnectionAsync(Cancel);
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await using var hold = new NpgsqlCommand("SELECT id FROM ledger.users WHERE id = 1 FOR UPDATE", other);
        await hold.ExecuteNonQueryAsync(Cancel);

        var commit = Given.Commit(1, 1, Given.Send(2));
        var writing = store.WriteAsync([commit], Cancel);
        var pid = await AgainAsync(async () =>
        {
            await using var waiting = source.CreateCommand(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'actors' AND wait_event_type = 'Lock' AND datname = current_database()");
            return await waiting.ExecuteScalarAsync(Cancel) as int? ?? throw new LedgerUnavailableException("Not there yet.");
        });
        await PostgresServer.SignalAsync("STOP", pid);
        var unknown = await Assert.ThrowsAsync<UnknownOutcomeException>(() => writing);
        await transaction.RollbackAsync(Cancel);

        // While it is alive nothing can be said …
        Assert.Equal(pid, Assert.IsType<PostgresBackend>(unknown.Backend).Pid);
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => store.ResolveAsync([commit], unknown.Backend, Cancel));

        // … and once it can go on, it is at its end.
        await PostgresServer.SignalAsync("CONT", pid);
        Assert.Equal([CommitOutcome.Unavailable], await AgainAsync(() => store.ResolveAsync([commit], unknown.Backend, Cancel)));
        Assert.Equal(1, Assert.Single(await store.ReadUsersAsync([1], Cancel)).Version);
        Assert.Equal([CommitOutcome.Committed], await store.WriteAsync([commit], Cancel));
    }

    /// <summary>Four writers of disjoint users, disturbed again and again; in the end the tables must say exactly what the writers were told.</summary>
    private async Task RunAsync(int disturbances, Func<NpgsqlDataSource, Task> disturbAsync)
    {
        const int Writers = 4, Users = 20;
        await using var store = Open();
        await store.StartAsync(Cancel);
        await using var source = NpgsqlDataSource.Create(_connectionString + ";Pooling=false");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var progress = new SemaphoreSlim(0);
        var unknown = 0;
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer), Cancel)).ToArray();
        try
        {
            for (var i = 0; i < disturbances; i++)
            {
                for (var batch = 0; batch < 5; batch++)
                {
                    await await Task.WhenAny(progress.WaitAsync(Cancel), Task.WhenAny(writers).Unwrap());
                }

                await AgainAsync(async () =>
                {
                    await disturbAsync(source);
                    return true;
                });
            }
        }
        finally
        {
            await stop.CancelAsync();
        }

        var told = (await Task.WhenAll(writers)).SelectMany(versions => versions).ToDictionary();
        Assert.True(unknown > 0, "No batch was disturbed.");

        var stored = (await AgainAsync(() => store.ReadUsersAsync([.. told.Keys], Cancel))).ToDictionary(record => record.User, record => record.Version);
        Assert.Equal(told.Where(user => user.Value > 0).OrderBy(user => user.Key), stored.OrderBy(user => user.Key));
        var events = await store.ReadEventsAsync(null, 0, await store.ReadHorizonAsync(Cancel), int.MaxValue, Cancel);
        Assert.Equal(
            told.SelectMany(user => Enumerable.Range(1, (int)user.Value).Select(number => (user.Key, (long)number))).Order(),
            events.Select(line => (line.User, line.Event.Message)).Order());

        async Task<Dictionary<long, long>> WriteAsync(int writer)
        {
            var versions = Enumerable.Range(1, Users).ToDictionary(i => (writer * 1_000L) + i, _ => 0L);
            while (!stop.IsCancellationRequested)
            {
                EncodedCommit[] batch = [.. versions.Select(user => Given.Commit(user.Key, user.Value, Given.Send(user.Value + 1), new Fence(writer, 0)))];
                CommitOutcome[] outcomes;
                try
                {
                    outcomes = await store.WriteAsync(batch, Cancel);
                }
                catch (UnknownOutcomeException e)
                {
                    Interlocked.Increment(ref unknown);
                    outcomes = await AgainAsync(() => store.ResolveAsync(batch, e.Backend, Cancel));
                }
                catch (LedgerUnavailableException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
                    continue;
                }

                // All or nothing: these users are nobody else's.
                Assert.Single(outcomes.Distinct());
                Assert.Contains(outcomes[0], new[] { CommitOutcome.Committed, CommitOutcome.Unavailable });
                if (outcomes[0] == CommitOutcome.Committed)
                {
                    progress.Release();
                    foreach (var commit in batch)
                    {
                        versions[commit.User] = commit.ExpectedVersion + 1;
                    }
                }
            }

            return versions;
        }
    }

    private PostgresLedgerStore Open(string settings = "") => new(_connectionString + settings, TimeProvider.System, NullLogger.Instance);

    private static async Task<T> AgainAsync<T>(Func<Task<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (e is LedgerUnavailableException or NpgsqlException)
            {
                // It is coming back.
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
            }
        }
    }

    /// <summary>A server that nobody else uses.</summary>
    public sealed class Killable : IAsyncLifetime
    {
        private PostgresServer? _server;

        public PostgresServer Server
        {
            get
            {
                Assert.SkipWhen(_server is null && Environment.GetEnvironmentVariable("CI") != "true", "No PostgreSQL to kill: install it.");
                return _server ?? throw new InvalidOperationException("No PostgreSQL to kill.");
            }
        }

        public async ValueTask InitializeAsync() => _server = PostgresServer.FindBinaries() is null ? null : await PostgresServer.StartAsync();

        public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;
    }
}
