using Actors.Policy;
using Actors.Policy.Users;
using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>Starting, cutting and dropping: what the store does to its tables.</summary>
public sealed class PostgresSchemaTests : IAsyncLifetime
{
    private readonly TestPostgres _postgres = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _postgres.InitializeAsync();

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task Eight_nodes_may_start_at_once()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => Open()).ToArray();
        await Task.WhenAll(stores.Select(store => Task.Run(() => store.StartAsync(Cancel), Cancel)));

        var outcomes = await Task.WhenAll(stores.Select((store, i) => store.WriteAsync([Given.Commit(i, 0, Given.Send(1))], Cancel)));

        Assert.All(outcomes, outcome => Assert.Equal([CommitOutcome.Committed], outcome));
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_node_does_not_start_on_a_newer_schema()
    {
        await using var first = Open();
        await first.StartAsync(Cancel);
        await ExecuteAsync("INSERT INTO ledger.schema_steps (name) VALUES ('9999-later.sql')");

        await using var second = Open();
        var refusal = await Assert.ThrowsAsync<LedgerUnavailableException>(() => second.StartAsync(Cancel));
        Assert.Contains("9999-later.sql", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_of_all_days_becomes_that_of_the_days_that_are_open()
    {
        byte[] secret;
        await using (var before = Open())
        {
            await before.StartAsync(Cancel);
            secret = await before.ReadSecretAsync("analytics", 32, Cancel);
            await before.WritePositionAsync("analytics/closed", Instant.Day * 20_787 + 5, Cancel);
            await before.WritePositionAsync("refusals/17", 1, Cancel);
            await ExecuteAsync("DELETE FROM ledger.schema_steps WHERE name = '0009-secrets-of-days.sql'");
        }

        await using var store = Open();
        await store.StartAsync(Cancel);
        Assert.Equal(secret, await store.ReadSecretAsync("analytics/20787", 32, Cancel));
        Assert.Equal(secret, await store.ReadSecretAsync("analytics/20788", 32, Cancel));
        Assert.NotEqual(secret, await store.ReadSecretAsync("analytics", 32, Cancel));
        Assert.Equal(0, await store.ReadPositionAsync("refusals/17", Cancel));
    }

    [Theory]
    [InlineData("fsync")]
    [InlineData("full_page_writes")]
    [InlineData("synchronous_commit")]
    public async Task A_server_that_may_lose_commits_is_refused_with_what_to_set(string setting)
    {
        _ = _postgres.ConnectionString;
        Assert.SkipWhen(PostgresServer.FindBinaries() is null, "Needs a server of its own.");
        await using var server = await PostgresServer.StartAsync($"{setting}=off");
        await using var store = new PostgresLedgerStore(server.ConnectionString, TimeProvider.System, NullLogger.Instance);

        var refusal = await Assert.ThrowsAsync<LedgerUnavailableException>(() => store.StartAsync(Cancel));
        Assert.Contains($"Set {setting} = on", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writers_with_overlapping_users_never_wait_for_each_other_in_a_circle()
    {
        const int Writers = 6, Users = 300;
        await using var store = Open();
        await store.StartAsync(Cancel);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer), Cancel)));

        async Task WriteAsync(int writer)
        {
            var random = new Random(writer);
            for (var round = 0; round < 40; round++)
            {
                long[] users = [.. Enumerable.Range(1, Users).Where(_ => random.Next(2) == 0).Select(user => (long)user)];
                var versions = (await store.ReadUsersAsync(users, Cancel)).ToDictionary(record => record.User, record => record.Version);

                // A deadlock would be thrown.
                await store.WriteAsync(
                    [.. users.Select(user => Given.Commit(user, versions.GetValueOrDefault(user), Given.Only(Given.Accepted(1)), new Fence(user % 70, 0)))],
                    Cancel);
            }
        }
    }

    [Fact]
    public async Task Old_days_are_dropped_while_writers_go_on()
    {
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var old = new Instant(now.Milliseconds - (10 * Instant.Day));
        await using var store = Open();
        await store.StartAsync(Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        for (var day = 1; day <= 3; day++)
        {
            // Each call finds that the current partition is older than a day, and ends it.
            Assert.Equal(CommitOutcome.Committed, await WriteAsync(day, 0, old));
            await store.DropEventsAsync(old, Cancel);
        }

        Assert.Equal([1, 2, 3], (await EventsAsync()).Select(line => line.User));
        Assert.Equal(0, await store.ReadEarliestAsync(Cancel));

        var writing = Task.Run(KeepWritingAsync, Cancel);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => store.DropEventsAsync(old + TimeSpan.FromDays(1), Cancel)));
        await stop.CancelAsync();
        var written = await writing;

        var kept = await EventsAsync();
        Assert.Equal(Enumerable.Range(1, written).Select(number => (99L, (long)number)), kept.Select(line => (line.User, line.Event.Message)));
        var earliest = await store.ReadEarliestAsync(Cancel);
        Assert.True(earliest > 0);
        Assert.All(kept, line => Assert.True(line.Seq > earliest));

        Task<CommitOutcome> WriteAsync(long user, long version, Instant at) => OneAsync(
            Given.Commit(user, version, Given.Only(new UserEvent(EventKind.Accepted, at, Given.Business, version + 1))));

        async Task<CommitOutcome> OneAsync(EncodedCommit commit) => Assert.Single(await store.WriteAsync([commit], Cancel));

        async Task<int> KeepWritingAsync()
        {
            var version = 0;
            while (!stop.IsCancellationRequested)
            {
                Assert.Equal(CommitOutcome.Committed, await WriteAsync(99, version++, now));
            }

            return version;
        }

        async Task<IReadOnlyList<LedgerEvent>> EventsAsync() =>
            await store.ReadEventsAsync(null, 0, await store.ReadHorizonAsync(Cancel), int.MaxValue, Cancel);
    }

    [Fact]
    public async Task Days_that_begin_or_end_with_a_time_that_lies_ahead_are_ended_and_dropped_like_others()
    {
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var (old, ahead) = (new Instant(now.Milliseconds - (10 * Instant.Day)), new Instant(now.Milliseconds + (365 * Instant.Day)));
        await using var store = Open();
        await store.StartAsync(Cancel);
        for (var day = 1; day <= 3; day++)
        {
            await WriteAsync([ahead, old, ahead]);
            await store.DropEventsAsync(old, Cancel);
        }

        Assert.Equal(9, (await EventsAsync()).Count);
        await store.DropEventsAsync(old + TimeSpan.FromHours(1), Cancel);
        Assert.Equal(0, await store.ReadEarliestAsync(Cancel));

        // The last day goes when something old stands behind it.
        await store.DropEventsAsync(old + TimeSpan.FromHours(2), Cancel);
        Assert.Equal(3, (await EventsAsync()).Count);
        await WriteAsync([old]);
        await WriteAsync([now]);
        await store.DropEventsAsync(old + TimeSpan.FromHours(2), Cancel);
        Assert.Equal([old, now], (await EventsAsync()).Select(line => line.Event.At));

        async Task WriteAsync(Instant[] times)
        {
            foreach (var at in times)
            {
                var version = (await store.ReadUsersAsync([1], Cancel)).Select(record => record.Version).FirstOrDefault();
                var change = Given.Only(new UserEvent(EventKind.Accepted, at, Given.Business, version + 1));
                Assert.Equal([CommitOutcome.Committed], await store.WriteAsync([Given.Commit(1, version, change)], Cancel));
            }
        }

        async Task<IReadOnlyList<LedgerEvent>> EventsAsync() =>
            await store.ReadEventsAsync(null, 0, await store.ReadHorizonAsync(Cancel), int.MaxValue, Cancel);
    }

    [Fact]
    public async Task Days_by_whose_events_old_messages_are_still_to_be_found_stay()
    {
        var old = new Instant(Instant.From(TimeProvider.System.GetUtcNow()).Milliseconds - (10 * Instant.Day));
        await using var store = Open();
        await store.StartAsync(Cancel);
        await store.WriteAsync([Given.Commit(1, 0, Given.Send(1) with { Events = [Given.Accepted(1) with { At = old }] })], Cancel);
        await store.DropEventsAsync(old, Cancel);
        await store.WriteAsync([Given.Commit(1, 1, Given.Send(2))], Cancel);

        // As where another node is at the messages and this one goes on to the events.
        await using (var source = NpgsqlDataSource.Create(_postgres.ConnectionString))
        {
            await using var connection = await source.OpenConnectionAsync(Cancel);
            await new PostgresPartitions(connection).DropAsync(old + TimeSpan.FromDays(1), Cancel);
        }

        Assert.NotNull(await store.ReadMessageAsync(1, 1, Cancel));
        Assert.Equal(0, await store.ReadEarliestAsync(Cancel));

        await store.DropEventsAsync(old + TimeSpan.FromDays(1), Cancel);
        Assert.Null(await store.ReadMessageAsync(1, 1, Cancel));
        Assert.True(await store.ReadEarliestAsync(Cancel) > 0);
    }

    private PostgresLedgerStore Open() => new(_postgres.ConnectionString, TimeProvider.System, NullLogger.Instance);

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_postgres.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
