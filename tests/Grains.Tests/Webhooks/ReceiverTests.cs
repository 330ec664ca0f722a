using Actors.Grains.Tests.Nodes;
using Actors.Tests;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>For each test a node on a database of its own, and a receiver that it can tell.</summary>
public abstract class ReceiverTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private protected TDatabase Database { get; } = new();

    private protected TestNode Node { get; private set; } = null!;

    private protected WebhookReceiver Receiver { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Database.InitializeAsync();
        Receiver = await WebhookReceiver.StartAsync();
        Node = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Receiver.DisposeAsync();
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the node.</summary>
    private protected virtual Task<TestNode> StartAsync() => TestNode.StartAsync(Database);

    /// <summary>Ends the node and starts another one on the same database.</summary>
    private protected async Task RestartNodeAsync()
    {
        await Node.DisposeAsync();
        Node = await StartAsync();
    }
}
