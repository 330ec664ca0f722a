using Actors.Tests;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>Steps of the schema on a database that is in use: they take what they take, keep nobody waiting for long, and lose nothing.</summary>
public sealed class PostgresStepsTests : IAsyncLifetime
{
    private readonly TestPostgres _postgres = new();
    private readonly LogLines _lines = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _postgres.InitializeAsync();

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task Old_nodes_go_on_while_their_database_is_brought_up_to_date_and_nothing_is_lost()
    {
        await using var old = Open();
        await ApplyAsync(old, [.. PostgresStep.All.Take(4)]);
        await old.AskAsync(
            async connection =>
            {
                await new PostgresPartitions(connection).PrepareAsync(Cancel);
                return 0;
            },
            Cancel);
        await AskAsync(
            """
            INSERT INTO ledger.users SELECT n, 1, n, '\x01' FROM generate_series(100001, 120000) AS n;
            INSERT INTO ledger.events (at, user_id, business, message, kind, body)
            SELECT n, n, 1, 1, 1, '\x0100000000' FROM generate_series(100001, 120000) AS n
            """);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var (refused, longest, written) = (0, TimeSpan.Zero, 0);
        var writers = new[] { Task.Run(CommitAsync, Cancel), Task.Run(AddMessagesAsync, Cancel) };
        await UntilAsync(() => Volatile.Read(ref written) > 50);

        // Somebody dumps the database: tables can't be changed until that is done.
        await using (var source = NpgsqlDataSource.Create(_postgres.ConnectionString))
        await using (var dump = await source.OpenConnectionAsync(Cancel))
        {
            var reading = await dump.BeginTransactionAsync(Cancel);
            await using var hold = new NpgsqlCommand("LOCK TABLE ledger.messages IN ACCESS SHARE MODE", dump);
            await hold.ExecuteNonQueryAsync(Cancel);
            await using var store = Open();
            var start = store.StartAsync(Cancel);
            await Task.WhenAny(UntilAsync(() => _lines.Count(5006) >= 2), start, Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System, Cancel));
            await reading.RollbackAsync(Cancel);
            await start;
        }

        var before = Volatile.Read(ref written);
        await UntilAsync(() => Volatile.Read(ref written) > before + 50);
        await stop.CancelAsync();
        var versions = await Task.WhenAll(writers);
        TestContext.Current.TestOutputHelper?.WriteLine($"{written} commits, the longest {longest}, {refused} refused");
        Assert.Equal(0, refused);
        Assert.True(longest < TimeSpan.FromSeconds(5), $"A commit waited for {longest}.");

        await using var now = Open();
        await now.StartAsync(Cancel);
        Assert.Equal(versions[0], Assert.Single(await now.ReadUsersAsync([1], Cancel)).Version);
        Assert.Equal(1, Assert.Single(await now.ReadUsersAsync([110_000], Cancel)).Version);
        var events = await now.ReadEventsAsync(null, 0, await now.ReadHorizonAsync(Cancel), int.MaxValue, Cancel);
        Assert.Equal(Enumerable.Range(1, versions[0]).Select(n => (long)n), events.Where(line => line.User == 1).Select(line => line.Event.Message));
        Assert.Equal(20_000, events.Count(line => line.User > 100_000));
        Assert.Equal(versions[1], (await now.ReadMessagesAsync(2, 0, null, int.MaxValue, Cancel)).Count);
        Assert.Equal([CommitOutcome.Committed], await now.WriteAsync([Given.Commit(1, versions[0], Given.Send(versions[0] + 1))], Cancel));

        // As an old node does: with what it knew of the tables, on connections that wait for two seconds.
        async Task<int> CommitAsync()
        {
            var version = 0;
            while (!stop.IsCancellationRequested)
            {
                var commit = Given.Commit(1, version, Given.Only(Given.Accepted(version + 1)), new Fence(Given.Business, 0));
                version += await TimedAsync(async () => Assert.Equal([CommitOutcome.Committed], await old.WriteAsync([commit], Cancel)));
            }

            return version;
        }

        async Task<int> AddMessagesAsync()
        {
            var number = 0;
            while (!stop.IsCancellationRequested)
            {
                var insert =
                    $"""
                    INSERT INTO ledger.messages (user_id, number, business, phone_number, template, at, body, direction, category, explanation, content)
                    VALUES (2, {number + 1}, 1, 1, 1, {number + 1}, 1, 0, 0, '\x010203', '\x7b7d')
                    """;
                number += await TimedAsync(() => old.AskAsync(
                    async connection =>
                    {
                        await using var command = new NpgsqlCommand(insert, connection);
                        return await command.ExecuteNonQueryAsync(Cancel);
                    },
                    Cancel));
            }

            return number;
        }

        async Task<int> TimedAsync(Func<Task> writeAsync)
        {
            var began = TimeProvider.System.GetTimestamp();
            try
            {
                await writeAsync();
                Interlocked.Increment(ref written);
                return 1;
            }
            catch (Exception e) when (e is LedgerUnavailableException or BatchRejectedException)
            {
                Interlocked.Increment(ref refused);
                return 0;
            }
            finally
            {
                var took = TimeProvider.System.GetElapsedTime(began);
                longest = took > longest ? took : longest;
            }
        }
    }

    [Fact]
    public async Task A_step_may_take_longer_than_anything_else_may_and_is_announced_before()
    {
        await using var store = Open(";Command Timeout=1");
        var applying = ApplyAsync(store, [new("0001-long.sql", "SELECT pg_sleep(2.5)")]);
        await UntilAsync(() => _lines.Count(5004) == 1 || applying.IsCompleted);
        Assert.Equal(0, _lines.Count(5001));

        // Another node waits for as long.
        await using var second = Open(";Command Timeout=1");
        await ApplyAsync(second, [new("0001-long.sql", "SELECT pg_sleep(2.5)")]);
        await applying;
        Assert.Equal((1, 1, 1), (_lines.Count(5001), _lines.Count(5004), _lines.Count(5005)));
    }

    [Fact]
    public async Task An_index_is_built_beside_writers_and_what_a_killed_build_left_is_none()
    {
        var build = new PostgresStep(
            "0099-time.sql", "-- Why.\nCREATE INDEX CONCURRENTLY IF NOT EXISTS messages_by_time ON ledger.messages (at);\n");
        await using var store = Open();
        await store.StartAsync(Cancel);
        await using var source = NpgsqlDataSource.Create(_postgres.ConnectionString);
        await using var writer = await source.OpenConnectionAsync(Cancel);
        var writing = await writer.BeginTransactionAsync(Cancel);
        await WriteAsync(1);

        // It waits for the writer, and nobody for it; then its server process is ended.
        var broken = ApplyAsync(store, [.. PostgresStep.All, build]);
        await UntilAsync(async () => await AskAsync("SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('ledger.messages_by_time')") is 1L);
        await WriteAsync(2);
        await using (var other = Open())
        {
            Assert.Equal([CommitOutcome.Committed], await other.WriteAsync([Given.Commit(1, 0, Given.Send(1))], Cancel));
        }

        await AskAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%CREATE INDEX CONCURRENTLY%' AND pid <> pg_backend_pid()");
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => broken);
        Assert.Equal(false, await AskAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ledger.messages_by_time'::regclass"));

        await writing.CommitAsync(Cancel);
        await using var again = Open();
        await ApplyAsync(again, [.. PostgresStep.All, build]);
        Assert.Equal(true, await AskAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ledger.messages_by_time'::regclass"));
        Assert.Equal("2s", await again.AskAsync(
            async connection =>
            {
                await using var command = new NpgsqlCommand("SELECT current_setting('lock_timeout')", connection);
                return (string?)await command.ExecuteScalarAsync(Cancel);
            },
            Cancel));

        async Task WriteAsync(int number)
        {
            await using var insert = new NpgsqlCommand(
                $"""
                INSERT INTO ledger.messages (user_id, number, business, phone_number, template, at, body, direction, category, explanation, content)
                VALUES (9, {number}, 1, 1, 1, 1, 1, 0, 0, '\x010203', '\x7b7d')
                """,
                writer);
            await insert.ExecuteNonQueryAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_node_that_waits_for_another_one_does_not_keep_it_from_building_an_index()
    {
        var build = new PostgresStep("0099-time.sql", "CREATE INDEX CONCURRENTLY IF NOT EXISTS messages_by_time ON ledger.messages (at)");
        await using var first = Open();
        await first.StartAsync(Cancel);
        await using var second = Open();
        await using var source = NpgsqlDataSource.Create(_postgres.ConnectionString);
        await using var writer = await source.OpenConnectionAsync(Cancel);
        var writing = await writer.BeginTransactionAsync(Cancel);
        await using var hold = new NpgsqlCommand("LOCK TABLE ledger.messages IN ROW EXCLUSIVE MODE", writer);
        await hold.ExecuteNonQueryAsync(Cancel);

        var building = ApplyAsync(first, [.. PostgresStep.All, build]);
        await UntilAsync(() => _lines.Count(5004) > PostgresStep.All.Count);
        var waiting = ApplyAsync(second, [.. PostgresStep.All, build]);
        await UntilAsync(() => _lines.Count(5005) > 0);
        await writing.CommitAsync(Cancel);
        await Task.WhenAll(building, waiting);
        Assert.Equal(PostgresStep.All.Count + 1, _lines.Count(5001));
    }

    [Fact]
    public async Task A_program_starts_on_newer_steps_that_older_ones_can_live_with()
    {
        await using (var first = Open())
        {
            await ApplyAsync(first, [.. PostgresStep.All, new("9998-later.additive.sql", "CREATE TABLE ledger.later (n bigint)")]);
        }

        await using var older = Open();
        await older.StartAsync(Cancel);
        Assert.Equal(1, _lines.Count(5007));
        Assert.Equal([CommitOutcome.Committed], await older.WriteAsync([Given.Commit(1, 0, Given.Send(1))], Cancel));
    }

    private PostgresLedgerStore Open(string settings = "") => new(_postgres.ConnectionString + settings, TimeProvider.System, _lines);

    private Task<int> ApplyAsync(PostgresLedgerStore store, IReadOnlyList<PostgresStep> steps) => store.AskAsync(
        async connection =>
        {
            await PostgresSchema.ApplyAsync(connection, steps, _lines, Cancel);
            return 0;
        },
        Cancel);

    private async Task<object?> AskAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_postgres.ConnectionString);
        return await SplitFixture.AskAsync(source, sql);
    }

    private static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    private static async Task UntilAsync(Func<Task<bool>> isSoAsync)
    {
        while (!await isSoAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }
    }
}
