using Actors.Ledger;
using Actors.Silo;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Api.Tests.Inbox;

/// <summary>A node whose ledger's clock can be set on.</summary>
public abstract class SetClockNode : NodeFixture
{
    private long _ahead;

    /// <summary>How far the storage's clock is set on.</summary>
    public TimeSpan Ahead
    {
        get => TimeSpan.FromMilliseconds(Interlocked.Read(ref _ahead));
        set => Interlocked.Exchange(ref _ahead, (long)value.TotalMilliseconds);
    }

    /// <summary>Whether the node sees nothing of what is written from now on in its log: its news wait, what it reads is as it is.</summary>
    public bool HoldsNews { get; set; }

    /// <summary>Makes the node's store.</summary>
    protected abstract ILedgerStore Store(IServiceProvider provider);

    protected override void Configure(IServiceCollection services) => services.AddSingleton(provider =>
    {
        var store = WatchedStore.Around(Store(provider));
        var (watched, horizon) = ((WatchedStore)(object)store, 0L);
        watched.ShowClock = shown => shown + Ahead;
        watched.ShowHorizon = shown => HoldsNews ? horizon : horizon = shown;
        return store;
    });
}

public sealed class SqliteStreamNode : SetClockNode
{
    protected override ILedgerStore Store(IServiceProvider provider) =>
        ActivatorUtilities.CreateInstance<SqliteLedgerStore>(provider, provider.GetRequiredService<NodeSettings>().DataDirectory);
}

/// <summary>A node on PostgreSQL; <see cref="Second"/> is another one on the same database. They know nothing of each other.</summary>
public sealed class PostgresStreamNode : SetClockNode
{
    private readonly TestPostgres _postgres = new();
    private readonly string _key;
    private readonly string? _connection;

    public PostgresStreamNode() : this(null, Guid.NewGuid().ToString("N"))
    {
    }

    private PostgresStreamNode(string? connection, string key) => (_connection, _key) = (connection, key);

    public PostgresStreamNode? Second { get; private set; }

    protected override string[] Arguments =>
        ["--Storage:Provider", "postgres", "--ConnectionStrings:Actors", Connection, "--Auth:SigningKey", _key];

    private string Connection => _connection ?? _postgres.ConnectionString;

    protected override ILedgerStore Store(IServiceProvider provider) => new PostgresLedgerStore(Connection, TimeProvider.System, NullLogger.Instance);

    public override async ValueTask InitializeAsync()
    {
        if (_connection is null)
        {
            await _postgres.InitializeAsync();
        }

        await base.InitializeAsync();
        if (_connection is null)
        {
            Second = new PostgresStreamNode(Connection, _key);
            await Second.InitializeAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (Second is not null)
        {
            await Second.DisposeAsync();
        }

        await base.DisposeAsync();
        if (_connection is null)
        {
            await _postgres.DisposeAsync();
        }
    }
}
