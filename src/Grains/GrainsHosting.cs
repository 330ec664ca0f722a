using Actors.Grains.Webhooks;
using Actors.Ledger;
using Actors.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime.GrainDirectory;

namespace Actors.Grains;

/// <summary>Where a node keeps what is durable. Made by <see cref="Sqlite"/> or <see cref="Postgres"/>.</summary>
public sealed record GrainsSettings
{
    private GrainsSettings()
    {
    }

    /// <summary>Files in a directory: one process, nothing else installed.</summary>
    /// <param name="directory">The data directory; it exists.</param>
    public static GrainsSettings Sqlite(string directory) => new() { Directory = directory };

    /// <summary>A PostgreSQL database, shared by the nodes of a cluster.</summary>
    /// <param name="connectionString">The database; the home server, where users are split over several.</param>
    /// <param name="others">The other servers that users are split over, in their order; none for one database.</param>
    public static GrainsSettings Postgres(string connectionString, params IReadOnlyList<string> others) =>
        new() { ConnectionString = connectionString, OtherServers = others };

    /// <summary>The data directory; null with PostgreSQL.</summary>
    public string? Directory { get; private init; }

    /// <summary>The database; null with SQLite.</summary>
    public string? ConnectionString { get; private init; }

    /// <summary>The other servers that users are split over; mostly none.</summary>
    public IReadOnlyList<string> OtherServers { get; private init; } = [];

    /// <summary>A mark of the key that all members of a cluster share; null on a single node.</summary>
    public byte[]? KeyMark { get; init; }

    /// <summary>Whether this node's key becomes that of the cluster.</summary>
    public bool AdoptKey { get; init; }

    /// <summary>How the ledger is sized.</summary>
    public LedgerSettings Ledger { get; init; } = new();

    /// <summary>What requests to webhooks may do.</summary>
    public WebhookSettings Webhooks { get; init; } = new();

    /// <summary>Most connections to PostgreSQL for the state of businesses and templates; the ledger has its own.</summary>
    public int StateConnectionsMax { get; init; } = 8;

    /// <summary>How long after its start a node first does what erasures left for later. Not the operator's: only tests have no time for it.</summary>
    internal TimeSpan ErasuresFirst { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long after each time it does so again: with the walk itself it is done within the hour.</summary>
    internal TimeSpan ErasuresEvery { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Whether no other process can write: then the one activation of a grain in this process is the only one, and what it holds is the newest. True
    /// with SQLite, whose data directory takes one process. On PostgreSQL nothing keeps a second node away, so an activation there never trusts its
    /// memory for a refusal.
    /// </summary>
    public bool IsSoleWriter => Directory is not null;
}

/// <summary>Puts the grains into a silo.</summary>
public static class GrainsHosting
{
    /// <summary>Name of the storage of the slow-changing grains.</summary>
    internal const string Storage = "grains";

    /// <summary>Whether a silo has yet to get a part of its users, as one does for a while that joins others.</summary>
    /// <param name="services">Of the silo.</param>
    public static bool IsJoining(IServiceProvider services) => services.GetRequiredService<UserDirectory>().IsJoining;

    /// <summary>
    /// Registers the ledger, the grains' storage and what starts them: the schema and the ledger before the first grain, the ledger's end after the last.
    /// </summary>
    /// <remarks>
    /// The host brings clustering (<c>UseLocalhostClustering</c> on a single node), the cluster's and the service's id (<c>ClusterOptions</c>; the
    /// service id is part of the key of stored state, so it must stay the same for ever), <see cref="ConfiguredPolicy"/> in the services, and logging
    /// from which the values of <c>Orleans</c>' lines are taken: it prints calls with their arguments and grains, and a user grain's name is a phone
    /// number. <see cref="TimeProvider"/> is taken from the services, where one is there.
    /// </remarks>
    public static ISiloBuilder AddActorsGrains(this ISiloBuilder silo, GrainsSettings settings)
    {
        var services = silo.Services;
        services.TryAddSingleton(TimeProvider.System);
        SteadyTime.AddTo(services);
        services.TryAddSingleton(new ConfiguredPolicy(PolicyNumbers.Default));
        services.AddSingleton(settings);
        services.TryAddSingleton<ILedgerStore>(s => settings switch
        {
            { Directory: { } directory } => ActivatorUtilities.CreateInstance<SqliteLedgerStore>(s, directory),
            { OtherServers.Count: > 0 } => ActivatorUtilities.CreateInstance<SplitLedgerStore>(
                s, settings.ConnectionString!, settings.OtherServers, s.GetRequiredService<ILogger<SplitLedgerStore>>()),
            _ => ActivatorUtilities.CreateInstance<PostgresLedgerStore>(
                s, settings.ConnectionString!, s.GetRequiredService<ILogger<PostgresLedgerStore>>()),
        });
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<UserLedger>(s, settings.Ledger));
        services.AddSingleton<SharedKey>();
        services.AddSingleton<PolicyKeeper>();
        services.AddSingleton(s => s.GetRequiredService<PolicyKeeper>().Book);
        services.AddSingleton<GrainSchema>();
        services.AddSingleton<ThisRun>();
        services.AddSingleton<SignalMarks>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, GrainsLifecycle>();
        services.AddSingleton<FoldMetrics>();
        services.AddSingleton(LogReader.Fold);
        services.AddSingleton<AnalyticsMetrics>();
        services.AddSingleton(LogReader.Analytics);
        services.AddSingleton(LogReader.Expiry);
        services.AddSingleton(settings.Webhooks);
        services.AddSingleton<WebhookKeys>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<OutgoingGate>();
        services.AddSingleton(s => new WebhookPace(s.GetRequiredService<WebhookSettings>(), TimeProvider.System));
        services.AddSingleton<WebhookMetrics>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton(LogReader.Webhooks);
        services.AddSingleton(LogReader.Eraser);
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, LogReaderStarter>();
        silo.Services.AddAdoNetGrainStorage(Storage, builder => builder.Configure<GrainSchema>((options, schema) =>
        {
            options.GrainStorageSerializer = new GrainStateSerializer();
            schema.Configure(options);
        }));
        services.AddSingleton<UserDirectory>();
        services.AddSingleton<IGrainDirectoryResolver>(s => s.GetRequiredService<UserDirectory>());
        services.AddSingleton<IGrainDirectoryCache>(s => s.GetRequiredService<UserDirectory>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(s => s.GetRequiredService<UserDirectory>());
        silo.Configure<GrainCollectionOptions>(o => o.EnableActivationSheddingOnMemoryPressure = true);
        return silo;
    }
}

/// <summary>
/// Starts the ledger, the grains' tables and the policy before the grains, and ends the ledger after them. The ledger comes first: it keeps a second process
/// away from the data directory.
/// </summary>
internal sealed class GrainsLifecycle(GrainSchema schema, UserLedger ledger, SharedKey key, PolicyKeeper policy, ThisRun run)
    : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(GrainsLifecycle),
        ServiceLifecycleStage.RuntimeStorageServices,
        async cancellationToken =>
        {
            await ledger.StartAsync(cancellationToken);
            run.Begin();
            await schema.ApplyAsync(cancellationToken);
            await key.CheckAsync(cancellationToken);
            await policy.StartAsync(cancellationToken);
        },
        async _ =>
        {
            await policy.StopAsync();
            await ledger.DisposeAsync();
        });
}
