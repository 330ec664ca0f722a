using System.Text.Json;
using Actors.Grains.Tests.Nodes;

namespace Actors.Grains.Tests;

/// <summary>The ledger may be read twice: a reader's place is lost, or set back to repair something. Nothing counts twice, and nothing is missed.</summary>
public abstract class FoldTwiceTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private readonly TDatabase _database = new();
    private TestNode _node = null!;
    private Func<long, long> _showPosition = stored => stored;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Reading_the_ledger_twice_changes_nothing_for_business_template_and_limit_also_after_more_came()
    {
        var business = await Folding.NewSenderAsync(_node);
        var users = await Folding.DeliverAsync(_node, business, 5);
        await Folding.BlockAsync(_node, business, users[..2]);
        await Folding.CountedAsync(_node, business, 5, 2);
        var once = await AllStoredAsync(business);
        await ReadAgainAsync();
        Assert.Equal(once, await AllStoredAsync(business));

        // What came since is in none of the grains that read from the beginning, and comes once.
        await Folding.DeliverAsync(_node, business, 2);
        await Folding.CountedAsync(_node, business, 7, 2);
        var more = await AllStoredAsync(business);
        Assert.NotEqual(once, more);
        await ReadAgainAsync();
        Assert.Equal(more, await AllStoredAsync(business));
        Assert.Equal(7, (await _node.StoredLimitAsync(business)).Book.Spent.Sum(spent => spent.Count));
    }

    [Fact]
    public async Task Reading_the_ledger_twice_while_more_comes_counts_what_comes_once()
    {
        var business = await Folding.NewSenderAsync(_node);
        await Folding.DeliverAsync(_node, business, 5);
        await Folding.CountedAsync(_node, business, 5, 0);
        _showPosition = _ => 0;
        await RestartAsync();
        await Folding.BlockAsync(_node, business, await Folding.DeliverAsync(_node, business, 3));
        await Folding.CountedAsync(_node, business, 8, 3);
        Assert.Equal(8, (await _node.StoredLimitAsync(business)).Book.Spent.Sum(spent => spent.Count));
    }

    /// <summary>All that grains have made of the log, with the versions of their states: no write is hidden.</summary>
    private async Task<string[]> AllStoredAsync(long business) =>
    [
        JsonSerializer.Serialize(await _node.StoredAsync(business)),
        JsonSerializer.Serialize(await _node.StoredAsync(business, "hello")),
        JsonSerializer.Serialize(await _node.StoredLimitAsync(business)),
    ];

    /// <summary>The cursor is set back to the beginning, and everything is read anew by grains that have to load their state.</summary>
    private async Task ReadAgainAsync()
    {
        _showPosition = _ => 0;
        await RestartAsync();
        await _node.FoldedAsync();
        _showPosition = stored => stored;
    }

    private async Task StartAsync() => _node = await TestNode.StartAsync(
        _database, wrap: inner => new FaultyStore(inner) { ShowPosition = stored => _showPosition(stored) });

    private async Task RestartAsync()
    {
        await _node.DisposeAsync();
        await StartAsync();
    }
}

public sealed class FoldTwiceOnSqliteTests : FoldTwiceTests<SqliteDatabase>;

public sealed class FoldTwiceOnPostgresTests : FoldTwiceTests<PostgresDatabase>;
