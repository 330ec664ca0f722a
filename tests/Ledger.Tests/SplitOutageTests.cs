using System.Collections.Concurrent;
using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Ledger.Tests;

/// <summary>One of two PostgreSQL servers ends, or hangs: its users wait, the others' don't, and readers miss nothing.</summary>
public sealed class SplitOutageTests(SplitOutageTests.Servers servers) : IClassFixture<SplitOutageTests.Servers>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_is_killed_fails_its_own_users_and_readers_wait_for_it_and_miss_nothing()
    {
        await using var ledger = await StartAsync();
        var committed = new ConcurrentBag<long>();
        var seen = new List<long>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reading = Task.Run(ReadAsync, Cancel);
        await SendAsync(SplitFixture.UsersOf(ledger.Store, 0).Take(50), CommitOutcome.Committed);
        await SendAsync(SplitFixture.UsersOf(ledger.Store, 1).Take(50), CommitOutcome.Committed);

        await servers.Other.KillAsync();
        await AgainAsync(async () => (await FirstAsync(ledger, SplitFixture.UsersOf(ledger.Store, 1, 5_000).First())).Outcome != CommitOutcome.Committed);
        var horizon = ledger.Horizon;
        await SendAsync(SplitFixture.UsersOf(ledger.Store, 0, 10_000).Take(50), CommitOutcome.Committed);
        await SendAsync(SplitFixture.UsersOf(ledger.Store, 1, 10_000).Take(5), CommitOutcome.Unavailable);
        await Assert.ThrowsAsync<LedgerUnavailableException>(
            async () => await ledger.ReadUserAsync(SplitFixture.UsersOf(ledger.Store, 1).First(), Cancel));
        Assert.Equal(1, (await ledger.ReadUserAsync(SplitFixture.UsersOf(ledger.Store, 0).First(), Cancel)).Version);
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.Store.AppendAsync(Given.GrainChange(1, movesEpoch: true), Cancel));
        await ledger.Store.AppendAsync(Given.GrainChange(2, movesEpoch: false), Cancel);
        Assert.InRange(ledger.Horizon, horizon, horizon + 64);

        await servers.Other.BootAsync();
        await AgainAsync(async () => (await FirstAsync(ledger, SplitFixture.UsersOf(ledger.Store, 1, 20_000).First())).Outcome == CommitOutcome.Committed);
        committed.Add(SplitFixture.UsersOf(ledger.Store, 1, 20_000).First());
        await SendAsync(SplitFixture.UsersOf(ledger.Store, 1, 30_000).Take(50), CommitOutcome.Committed);
        await AgainAsync(() => Task.FromResult(Count() >= committed.Count));
        await stop.CancelAsync();
        await Task.WhenAny(reading);

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Empty(committed.Except(seen));

        // Beside what was told as committed there may be what was never told: the one that the kill met.
        Assert.InRange(seen.Count, committed.Count, committed.Count + 1);

        async Task SendAsync(IEnumerable<long> users, CommitOutcome expected)
        {
            foreach (var user in users)
            {
                Assert.Equal(expected, (await FirstAsync(ledger, user)).Outcome);
                if (expected == CommitOutcome.Committed)
                {
                    committed.Add(user);
                }
            }
        }

        int Count()
        {
            lock (seen)
            {
                return seen.Count;
            }
        }

        async Task ReadAsync()
        {
            for (var after = 0L; !stop.IsCancellationRequested;)
            {
                try
                {
                    var page = await ledger.ReadEventsAsync(null, after, 16, stop.Token);
                    lock (seen)
                    {
                        seen.AddRange(page.Events.Select(line => line.User));
                    }

                    after = page.Next;
                    if (page.Events.Count == 0)
                    {
                        await ledger.WaitForEventsAsync(after, stop.Token);
                    }
                }
                catch (LedgerUnavailableException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, stop.Token);
                }
            }
        }
    }

    [Fact]
    public async Task A_server_that_hangs_keeps_nobody_else_waiting()
    {
        await using var ledger = await StartAsync();
        Assert.Equal(CommitOutcome.Committed, (await FirstAsync(ledger, SplitFixture.UsersOf(ledger.Store, 1, 100_000).First())).Outcome);
        var processes = await servers.Other.ReadProcessIdsAsync();
        foreach (var pid in processes)
        {
            await PostgresServer.SignalAsync("STOP", pid);
        }

        var stuck = SplitFixture.UsersOf(ledger.Store, 1, 110_000).Take(600).Select(user => FirstAsync(ledger, user).AsTask()).ToList();
        var slowest = TimeSpan.Zero;
        foreach (var user in SplitFixture.UsersOf(ledger.Store, 0, 100_000).Take(200))
        {
            var start = TimeProvider.System.GetTimestamp();
            Assert.Equal(CommitOutcome.Committed, (await FirstAsync(ledger, user)).Outcome);
            slowest = slowest > TimeProvider.System.GetElapsedTime(start) ? slowest : TimeProvider.System.GetElapsedTime(start);
        }

        Assert.True(slowest < TimeSpan.FromSeconds(2), $"A commit on the server that runs took {slowest}.");
        Assert.True(stuck.Count(commit => !commit.IsCompleted) > 500);
        foreach (var pid in processes)
        {
            await PostgresServer.SignalAsync("CONT", pid);
        }

        Assert.All(await Task.WhenAll(stuck), result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
    }

    private static ValueTask<CommitResult> FirstAsync(UserLedger ledger, long user) => ledger.CommitAsync(UserRecord.None(user), Given.Send(1));

    private static async Task AgainAsync(Func<Task<bool>> isDone)
    {
        while (!await isDone())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    private async Task<UserLedger> StartAsync()
    {
        var store = new SplitLedgerStore(
            await TestPostgres.CreateDatabaseAsync(servers.Home.ConnectionString),
            [await TestPostgres.CreateDatabaseAsync(servers.Other.ConnectionString)],
            TimeProvider.System,
            NullLogger.Instance);
        var ledger = new UserLedger(store, new LedgerSettings(), TimeProvider.System);
        await ledger.StartAsync(Cancel);
        return ledger;
    }

    /// <summary>Two servers; skipped where PostgreSQL isn't installed.</summary>
    public sealed class Servers : IAsyncLifetime
    {
        private PostgresServer? _home;
        private PostgresServer? _other;

        public PostgresServer Home => Given(_home);

        public PostgresServer Other => Given(_other);

        public async ValueTask InitializeAsync()
        {
            if (PostgresServer.FindBinaries() is not null)
            {
                (_home, _other) = (await PostgresServer.StartAsync(), await PostgresServer.StartAsync());
            }
        }

        public async ValueTask DisposeAsync()
        {
            await (_home?.DisposeAsync() ?? default);
            await (_other?.DisposeAsync() ?? default);
        }

        private static PostgresServer Given(PostgresServer? server)
        {
            Assert.SkipWhen(server is null && Environment.GetEnvironmentVariable("CI") != "true", "No PostgreSQL to kill: install it.");
            return server ?? throw new InvalidOperationException("No PostgreSQL to kill.");
        }
    }
}
