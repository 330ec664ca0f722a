using System.Collections.Concurrent;
using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>Backup and restore, with the very commands of docs/operations.md: each block there that begins with a comment of the name given here.</summary>
public sealed class RestoreDrillTests
{
    private const int Users = 10;

    private static readonly string _root = FindRoot();

    /// <summary>What ends the name of a block, after the two of its first line: its comment goes on behind it.</summary>
    private static readonly string[] _ends = ["\n", "# ", ",", ":"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_acknowledged_until_the_end_of_the_archive_or_a_moment_is_restored_and_nodes_go_on_behind_it(bool toMoment)
    {
        TestPostgres.RequireServer();
        await using var server = await PostgresServer.StartAsync("archive_mode=on");
        var connectionString = await TestPostgres.CreateDatabaseAsync(server.ConnectionString);
        var moment = "";
        await RunAsync("Archive the log");
        var acknowledged = new ConcurrentDictionary<long, long>();
        Dictionary<long, long> atMoment, behindMoment;
        long lastPlace;
        await using (var store = Open())
        {
            await store.StartAsync(Cancel);
            await store.AppendAsync(Given.GrainChange(1, movesEpoch: true), Cancel);
            var epoch = 1L;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var writing = Task.Run(() => WriteAsync(store, () => Volatile.Read(ref epoch), stop.Token), Cancel);
            await MoreAsync(100);
            await RunAsync("Base backup");
            await RunAsync("Clear the archive of what is older than the oldest base backup that you have kept");
            Assert.Contains("events", await RunAsync("What is large"), StringComparison.Ordinal);
            await RunAsync("Which steps of the schema there are");
            await MoreAsync(100);

            atMoment = acknowledged.ToDictionary();
            moment = (string)(await AskAsync("SELECT clock_timestamp()::text"))!;
            behindMoment = acknowledged.ToDictionary();
            await MoreAsync(100);
            var last = (string)(await AskAsync("SELECT pg_walfile_name(pg_switch_wal())"))!;
            while (!File.Exists(Path.Combine(server.Folder, "backup", "wal", last)))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
            }

            // What follows is lost: it was acknowledged and isn't archived.
            await stop.CancelAsync();
            await writing;
            await store.AppendAsync(Given.GrainChange(2, movesEpoch: true), Cancel);
            Volatile.Write(ref epoch, 2);
            using var lost = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            writing = Task.Run(() => WriteAsync(store, () => Volatile.Read(ref epoch), lost.Token), Cancel);
            await MoreAsync(100);
            await lost.CancelAsync();
            await writing;
            lastPlace = (long)(await AskAsync("SELECT last_value FROM ledger.event_seq"))!;
            await server.KillAsync();
            await server.RunScriptAsync("rm -rf \"$DATA\"");
        }

        NpgsqlConnection.ClearAllPools();
        await RunAsync("Restore");
        await server.BootAsync();
        await RunAsync("Wait until it is restored and takes writes");
        var after = Read("deploy/postgres/after-restore.sql");
        await server.RunScriptAsync($"mkdir -p deploy/postgres && cat > deploy/postgres/after-restore.sql <<'END'\n{after}\nEND");
        await RunAsync("Before the first node starts");
        Assert.Contains($"{Users} |", await RunAsync("Look at what is there"), StringComparison.Ordinal);

        await using var restored = Open();
        await restored.StartAsync(Cancel);
        var versions = (await restored.ReadUsersAsync([.. acknowledged.Keys], Cancel)).ToDictionary(record => record.User, record => record.Version);
        Assert.All(atMoment, user => Assert.True(versions[user.Key] >= user.Value, $"{user.Value} was acknowledged, and {versions[user.Key]} is there."));
        Assert.True(versions.Values.Sum() < acknowledged.Values.Sum());
        if (toMoment)
        {
            // One can have been on its way for each user.
            Assert.All(versions, user => Assert.InRange(user.Value, atMoment[user.Key], behindMoment[user.Key] + 1));
        }

        // All of a commit or nothing of it.
        var events = await restored.ReadEventsAsync(null, 0, await restored.ReadHorizonAsync(Cancel), int.MaxValue, Cancel);
        foreach (var (user, version) in versions)
        {
            var numbers = Enumerable.Range(1, (int)version).Select(number => (long)number).ToList();
            Assert.Equal(numbers, events.Where(line => line.User == user).Select(line => line.Event.Message));
            Assert.Equal(numbers, (await restored.ReadMessagesAsync(user, 0, null, int.MaxValue, Cancel)).Select(message => message.Number).Order());
        }

        // What a node that wasn't stopped knows, and what was decided under an epoch that is lost, doesn't get in; what is read anew goes on.
        var (some, known) = versions.First(user => user.Value < acknowledged[user.Key]);
        Assert.Equal([CommitOutcome.Conflict], await restored.WriteAsync([Given.Commit(some, acknowledged[some], Given.Send(acknowledged[some] + 1))], Cancel));
        Assert.Equal([CommitOutcome.Stale], await restored.WriteAsync([Commit(some, known, 2)], Cancel));
        Assert.Equal(
            Enumerable.Repeat(CommitOutcome.Committed, Users),
            await restored.WriteAsync([.. versions.OrderBy(user => user.Key).Select(user => Commit(user.Key, user.Value, 1))], Cancel));
        var written = await restored.ReadEventsAsync(null, lastPlace, await restored.ReadHorizonAsync(Cancel), int.MaxValue, Cancel);
        Assert.Equal(versions.Keys.Order(), written.Select(line => line.User).Order());

        PostgresLedgerStore Open() => new(connectionString, TimeProvider.System, NullLogger.Instance);

        async Task<object?> AskAsync(string sql)
        {
            await using var source = NpgsqlDataSource.Create(connectionString);
            return await SplitFixture.AskAsync(source, sql);
        }

        Task<string> RunAsync(string name) => server.RunScriptAsync(
            Block(name), $"BACKUP={Path.Combine(server.Folder, "backup")}", $"DATABASE={Name()}", $"UNTIL={(toMoment && name == "Restore" ? moment : "")}");

        string Name() => new NpgsqlConnectionStringBuilder(connectionString).Database!;

        async Task WriteAsync(PostgresLedgerStore store, Func<long> epoch, CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                EncodedCommit[] batch = [.. Enumerable.Range(1, Users).Select(user => Commit(user, acknowledged.GetValueOrDefault(user), epoch()))];
                Assert.Equal(Enumerable.Repeat(CommitOutcome.Committed, Users), await store.WriteAsync(batch, Cancel));
                foreach (var commit in batch)
                {
                    acknowledged[commit.User] = commit.ExpectedVersion + 1;
                }
            }
        }

        async Task MoreAsync(int commits)
        {
            var until = acknowledged.Values.Sum() + commits;
            while (acknowledged.Values.Sum() < until)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
            }
        }
    }

    [Fact]
    public async Task A_dump_can_be_restored_and_a_node_goes_on_with_it()
    {
        TestPostgres.RequireServer();
        await using var server = await PostgresServer.StartAsync();
        var connectionString = await TestPostgres.CreateDatabaseAsync(server.ConnectionString);
        var database = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        await using (var store = new PostgresLedgerStore(connectionString, TimeProvider.System, NullLogger.Instance))
        {
            await store.StartAsync(Cancel);
            await store.WriteAsync([Given.Commit(1, 0, Given.Send(1))], Cancel);
        }

        foreach (var name in new[] { "Dump", "Restore a dump" })
        {
            await server.RunScriptAsync("mkdir -p backup && " + Block(name), $"BACKUP={Path.Combine(server.Folder, "backup")}", $"DATABASE={database}");
        }

        var copy = new NpgsqlConnectionStringBuilder(connectionString) { Database = database + "_restored" }.ConnectionString;
        await using var restored = new PostgresLedgerStore(copy, TimeProvider.System, NullLogger.Instance);
        await restored.StartAsync(Cancel);
        Assert.Equal([CommitOutcome.Committed], await restored.WriteAsync([Given.Commit(1, 1, Given.Send(2))], Cancel));
        Assert.Equal(2, (await restored.ReadEventsAsync(null, 0, await restored.ReadHorizonAsync(Cancel), 9, Cancel)).Count);
    }

    [Fact]
    public async Task After_the_restore_of_one_of_several_servers_all_of_them_write_behind_what_it_had()
    {
        await using var split = await SplitFixture.StartAsync();
        await split.WriteAsync(split.UsersOf(0).First());
        await split.WriteAsync(split.UsersOf(1).First());
        var horizon = await split.Store.ReadHorizonAsync(Cancel);
        await SplitFixture.AskAsync(split.Other, Read("deploy/postgres/after-restore.sql"));
        await split.RestartAsync();

        long[] users = [split.UsersOf(0, 1_000_000).First(), split.UsersOf(1, 1_000_000).First()];
        foreach (var user in users)
        {
            Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(user));
        }

        var lines = await split.Store.ReadEventsAsync(null, horizon, await split.Store.ReadHorizonAsync(Cancel), 99, Cancel);
        Assert.Equal([(users[0], 0L), (users[1], 1L)], lines.Select(line => (line.User, line.Seq & 63)).OrderBy(line => line.Item2));
        Assert.All(lines, line => Assert.True(line.Seq >> 36 >= 100));
    }

    private static EncodedCommit Commit(long user, long version, long epoch) =>
        Given.Commit(user, version, Given.Send(version + 1), new Fence(Given.Business, epoch));

    private static string Block(string name) => Assert.Single(
        Read("docs/operations.md").Split("\n```").Where((_, place) => place % 2 == 1),
        block => block.StartsWith("sh\n# ", StringComparison.Ordinal) && block.Split(_ends, StringSplitOptions.None)[2] == name)["sh\n".Length..];

    private static string Read(string path) => File.ReadAllText(Path.Combine(_root, path)).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Actors.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests don't run within the repository.");
        }

        return folder;
    }
}
