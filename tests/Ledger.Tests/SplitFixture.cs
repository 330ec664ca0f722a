using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>A store over two fresh databases, home and other, and ways into each.</summary>
/// <remarks>
/// Where PostgreSQL is installed they are on two servers: transactions of one server hold up the horizons of all its databases, so that one alone would hide
/// a horizon that nobody waits for.
/// </remarks>
internal sealed class SplitFixture : IAsyncDisposable
{
    /// <summary>One for this process, with which it ends.</summary>
    private static readonly Lazy<Task<PostgresServer?>> _secondServer =
        new(async () => PostgresServer.FindBinaries() is null ? null : await PostgresServer.StartAsync());

    private readonly TestPostgres _homeDatabase = new();
    private readonly TestPostgres _otherDatabase = new();
    private string _other = "";

    private SplitFixture()
    {
    }

    public SplitLedgerStore Store { get; private set; } = null!;

    public NpgsqlDataSource Home { get; private set; } = null!;

    public NpgsqlDataSource Other { get; private set; } = null!;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<SplitFixture> StartAsync()
    {
        var fixture = new SplitFixture();
        await fixture._homeDatabase.InitializeAsync();
        if (await _secondServer.Value is { } second)
        {
            fixture._other = await TestPostgres.CreateDatabaseAsync(second.ConnectionString);
        }
        else
        {
            await fixture._otherDatabase.InitializeAsync();
            fixture._other = fixture._otherDatabase.ConnectionString;
        }

        fixture.Home = NpgsqlDataSource.Create(fixture._homeDatabase.ConnectionString);
        fixture.Other = NpgsqlDataSource.Create(fixture._other);
        fixture.Store = fixture.Open();
        await fixture.Store.StartAsync(Cancel);
        return fixture;
    }

    /// <summary>One more store, as another node has it.</summary>
    public SplitLedgerStore Open() =>
        new(_homeDatabase.ConnectionString, [_other], TimeProvider.System, NullLogger.Instance);

    /// <summary>Closes the store and opens it again, as after the restart of a node.</summary>
    public async Task RestartAsync()
    {
        await Store.DisposeAsync();
        Store = Open();
        await Store.StartAsync(Cancel);
    }

    /// <summary>The first users from a number on who are on one of the servers.</summary>
    public IEnumerable<long> UsersOf(int part, long from = 1) => UsersOf(Store, part, from);

    /// <summary>The first users from a number on who are on one of a store's servers.</summary>
    public static IEnumerable<long> UsersOf(ILedgerStore store, int part, long from = 1)
    {
        for (var user = from; ; user++)
        {
            if (store.PartOf(user) == part)
            {
                yield return user;
            }
        }
    }

    /// <summary>Commits one event of a user.</summary>
    public async Task<CommitOutcome> WriteAsync(long user, Fence? fence = null, uint? policy = null) => Assert.Single(
        await Store.WriteAsync([Given.Commit(user, 0, Given.Only(Given.Accepted(1)), fence) with { Policy = policy }], Cancel));

    public static async Task<object?> AskAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Home.DisposeAsync();
        await Other.DisposeAsync();
        await _homeDatabase.DisposeAsync();
        await _otherDatabase.DisposeAsync();
    }
}
