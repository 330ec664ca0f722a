namespace Actors.Grains.Tests.Nodes;

/// <summary>A node that a test class shares, on a database of its own.</summary>
public sealed class Running<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    public IDatabase Database { get; } = new TDatabase();

    internal TestNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Database.InitializeAsync();
        Node = await TestNode.StartAsync(Database);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>Ends the node and starts another one on the same database.</summary>
    internal async Task RestartAsync()
    {
        await Node.DisposeAsync();
        Node = await TestNode.StartAsync(Database);
    }
}
