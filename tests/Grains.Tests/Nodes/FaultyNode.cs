using Actors.Ledger;

namespace Actors.Grains.Tests.Nodes;

/// <summary>A node that a test class shares, on storage that fails where a test wants it to.</summary>
/// <param name="resolveWithin">How long it tries to find out what became of a batch.</param>
public abstract class FaultyNode<TDatabase>(TimeSpan resolveWithin) : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    internal const int QueueMax = 16;

    /// <summary>For tests in which it can be found out: on a busy machine a new connection alone may take a second.</summary>
    protected static readonly TimeSpan Patient = TimeSpan.FromMinutes(1);

    /// <summary>For tests in which it can't: they wait for it each time.</summary>
    protected static readonly TimeSpan Impatient = TimeSpan.FromMilliseconds(300);

    private readonly TDatabase _database = new();

    internal TestNode Node { get; private set; } = null!;

    internal FaultyStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        Node = await TestNode.StartAsync(
            _database,
            wrap: inner => Store = new FaultyStore(inner),
            ledger: new LedgerSettings { QueueMax = QueueMax, BatchMax = 4, ResolveWithin = resolveWithin });
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal void Heal()
    {
        Store.BeforeWrite = Store.AfterWrite = _ => Task.CompletedTask;
        Store.BeforeResolve = Store.BeforeRead = () => Task.CompletedTask;
    }
}
