using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>Which servers users are split over is said once: a list that isn't that of the first start is refused with what to write.</summary>
public sealed class SplitServersTests : IAsyncLifetime
{
    private readonly TestPostgres[] _databases = [new(), new(), new(), new()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Home => _databases[0].ConnectionString;

    private string First => _databases[1].ConnectionString;

    private string Second => _databases[2].ConnectionString;

    private string Fresh => _databases[3].ConnectionString;

    public async ValueTask InitializeAsync()
    {
        foreach (var database in _databases)
        {
            await database.InitializeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Users_fall_evenly_into_1024_shards_and_stay_where_they_are()
    {
        // Several nodes at once.
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync(Home, First, Second)));

        await using var source = NpgsqlDataSource.Create(Home);
        Assert.Equal(
            "341,341,342",
            await SplitFixture.AskAsync(source, "SELECT string_agg(n::text, ',' ORDER BY n) FROM (SELECT count(*) n FROM ledger.shards GROUP BY server) AS x"));
        await SplitFixture.AskAsync(source, $"UPDATE ledger.shards SET server = 2 WHERE shard = {LogicalShards.Of(5)}");
        await using var store = Open(Home, First, Second);
        await store.StartAsync(Cancel);
        Assert.Equal(2, store.PartOf(5));
    }

    [Fact]
    public async Task A_changed_list_is_refused_with_what_to_write()
    {
        await StartAsync(Home, First, Second);

        await RefusedAsync([Home, First], "Users are split over 3 PostgreSQL servers, and Ledger:Servers:2 is missing");
        await RefusedAsync([Home], "Users are split over 3 PostgreSQL servers, and only ConnectionStrings:Actors is configured");
        await RefusedAsync([Home, First, Second, Fresh], "Ledger:Servers:3 is more than these. Take it out");
        await RefusedAsync([Home, Second, First], "Ledger:Servers:1 is the database that was Ledger:Servers:2 at the first start");
        await RefusedAsync([First, Home, Second], "ConnectionStrings:Actors is server 1 of an installation that it isn't configured as here");
        await RefusedAsync([Home, First, Fresh], "Ledger:Servers:2 is another database than the one that has its users");
        await RefusedAsync([Home, First, First], "Ledger:Servers:2 is the same database as Ledger:Servers:1");
        await RefusedAsync([Home, First, Home], "Ledger:Servers:2 is the same database as ConnectionStrings:Actors");
        await RefusedAsync([First], "ConnectionStrings:Actors is server 1 of an installation that it isn't configured as here");
        await RefusedAsync([Fresh, First], "Ledger:Servers:1 is server 1 of an installation that it isn't configured as here");

        // A refusal leaves everything as it was.
        await StartAsync(Home, First, Second);
        await StartAsync(Fresh);
    }

    [Fact]
    public async Task A_server_that_was_used_alone_before_gets_no_others_and_becomes_none()
    {
        await StartAsync(Home);

        await RefusedAsync([Home, First], "ConnectionStrings:Actors was used alone before, so all its users are there, and they aren't moved");
        await RefusedAsync([First, Home], "Ledger:Servers:1 was used by another installation before. Write a new, empty database.");
        await StartAsync(Home);

        // Also one of before there was a list.
        await using var source = NpgsqlDataSource.Create(Home);
        await SplitFixture.AskAsync(source, "INSERT INTO ledger.users VALUES (1, 1, 1, ''); UPDATE ledger.identity SET (home, number) = (NULL, NULL)");
        await RefusedAsync([Home, First], "ConnectionStrings:Actors was used alone before");
        await RefusedAsync([First, Home], "Ledger:Servers:1 was used by another installation before");
        await StartAsync(Home);
    }

    [Fact]
    public async Task A_first_start_that_was_broken_off_is_repeated()
    {
        await StartAsync(Home, First);
        await using var source = NpgsqlDataSource.Create(Home);
        await SplitFixture.AskAsync(source, "DELETE FROM ledger.shards; DELETE FROM ledger.servers; UPDATE ledger.identity SET (home, number) = (NULL, NULL)");

        await RefusedAsync([Home, Second, First], "Ledger:Servers:2 is server 1 of an installation");
        await StartAsync(Home, First);
    }

    private static async Task StartAsync(params string[] servers)
    {
        await using var store = Open(servers);
        await store.StartAsync(Cancel);
    }

    private static async Task RefusedAsync(string[] servers, string sentence)
    {
        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(() => StartAsync(servers));
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }

    private static ILedgerStore Open(params string[] servers) => servers.Length == 1
        ? new PostgresLedgerStore(servers[0], TimeProvider.System, NullLogger.Instance)
        : new SplitLedgerStore(servers[0], servers[1..], TimeProvider.System, NullLogger.Instance);
}
