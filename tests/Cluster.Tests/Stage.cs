using Actors.Tests;

namespace Actors.Cluster.Tests;

/// <summary>A node, and PostgreSQL where it needs one: what can be killed and brought back.</summary>
public sealed class Stage : IAsyncDisposable
{
    private readonly string _data = TestNode.NewDataDirectory();
    private readonly Victim _victim;
    private readonly PostgresServer? _postgres;
    private readonly string[] _settings;

    private Stage(Victim victim, PostgresServer? postgres)
    {
        (_victim, _postgres) = (victim, postgres);
        _settings = ["Policy:Throughput:Default=100000", "Policy:Templates:AutoApprove=true", .. StorageOf(postgres)];
    }

    /// <summary>The node that runs now.</summary>
    public TestNode Node { get; private set; } = null!;

    /// <summary>Why this victim can't be had on this machine; null when it can.</summary>
    public static string? Missing(Victim victim) => victim == Victim.NodeOnSqlite || PostgresServer.FindBinaries() is not null
        ? null
        : "No PostgreSQL server programs: they must be installed, since the test kills the server.";

    /// <summary>Sets it up.</summary>
    public static async Task<Stage> OpenAsync(Victim victim)
    {
        // A server of its own: this one will be killed.
        var stage = new Stage(victim, victim == Victim.NodeOnSqlite ? null : await PostgresServer.StartAsync());
        stage.Node = await TestNode.StartAsync(stage._data, stage._settings);
        return stage;
    }

    /// <summary>Kills the victim: no handler runs, nothing is flushed by it. PostgreSQL comes back while the load goes on.</summary>
    public async Task KillAsync()
    {
        if (_victim == Victim.Postgres)
        {
            await _postgres!.KillAsync();
            await _postgres.BootAsync();
        }
        else
        {
            await Node.KillAsync();
        }
    }

    /// <summary>Brings the victim back, on the same data.</summary>
    public async Task RecoverAsync()
    {
        if (_victim != Victim.Postgres)
        {
            await Node.DisposeAsync();
            Node = await TestNode.StartAsync(_data, _settings);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static string[] StorageOf(PostgresServer? postgres) =>
        postgres is null ? [] : ["Storage:Provider=postgres", $"ConnectionStrings:Actors={postgres.ConnectionString}"];
}
