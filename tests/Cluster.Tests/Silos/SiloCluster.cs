using System.Collections.Immutable;
using Actors.Api;
using Actors.Api.Leases;
using Actors.Api.Sends;
using Actors.Contracts;
using Actors.Grains;
using Actors.Ledger;
using Actors.Policy;
using Actors.Tests;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Actors.Cluster.Tests.Silos;

/// <summary>One node: a silo, and behind the same wall what answers sends, as in the product; only HTTP is left out.</summary>
internal sealed class SiloNode(InProcessSiloHandle handle)
{
    private readonly IServiceProvider _services = handle.ServiceProvider;

    public InProcessSiloHandle Handle => handle;

    public IGrainFactory Grains { get; } = handle.ServiceProvider.GetRequiredService<IGrainFactory>();

    public Sender Sender { get; } = handle.ServiceProvider.GetRequiredService<Sender>();

    /// <summary>The same on a way that loses every notice that a lease no longer holds: only the fence is left to refuse what is forbidden.</summary>
    public Sender Deaf { get; } = new(
        handle.ServiceProvider.GetRequiredService<UserGrains>(),
        new LeaseCache(
            DeafGrains.Around(handle.ServiceProvider.GetRequiredService<IGrainFactory>()),
            handle.ServiceProvider.GetRequiredService<DeadNodes>(),
            TimeProvider.System,
            NullLogger<LeaseCache>.Instance),
        handle.ServiceProvider.GetRequiredService<Quotas>(),
        handle.ServiceProvider.GetRequiredService<Throughputs>(),
        handle.ServiceProvider.GetRequiredService<PolicyBook>(),
        handle.ServiceProvider.GetRequiredService<Trials>(),
        handle.ServiceProvider.GetRequiredService<DeadNodes>(),
        TimeProvider.System);

    public UserLedger Ledger { get; } = handle.ServiceProvider.GetRequiredService<UserLedger>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();
}

/// <summary>Several nodes in this process on one PostgreSQL. They can be killed: no handler runs, what they hold and owe is lost.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private ImmutableArray<SiloNode> _live;

    private SiloCluster(InProcessTestCluster cluster) => (_cluster, _live) = (cluster, [.. cluster.Silos.Select(silo => new SiloNode(silo))]);

    /// <summary>The policy, without what would get into the way of a load on few users.</summary>
    public static PolicyNumbers Numbers { get; } = PolicyNumbers.Default with
    {
        PairRate = new PairRateNumbers { Interval = TimeSpan.Zero },
        Throughput = new ThroughputNumbers { Default = 100_000 },
        Messages = new MessageNumbers { UndeliveredMax = 1_000_000 },
    };

    /// <summary>Nodes that haven't been killed.</summary>
    public ImmutableArray<SiloNode> Live => _live;

    /// <param name="connectionString">Of an empty database.</param>
    /// <param name="nodes">How many.</param>
    /// <param name="showClock">What all nodes see of the database's clock; null for what it shows.</param>
    /// <param name="wrapState">Puts something around the storage of the slow-changing grains; null for nothing.</param>
    /// <param name="others">Empty databases of other servers that users are split over; none for one database.</param>
    public static async Task<SiloCluster> StartAsync(
        string connectionString,
        int nodes,
        Func<Instant, Instant>? showClock = null,
        Func<IGrainStorage, IGrainStorage>? wrapState = null,
        params IReadOnlyList<string> others)
    {
        var builder = new InProcessTestClusterBuilder((short)nodes);
        builder.Options.ServiceId = "actors";
        builder.ConfigureHost(host => host.Logging.ClearProviders());
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
            silo.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
            silo.Services.AddSingleton(new ConfiguredPolicy(Numbers));
            silo.AddActorsGrains(GrainsSettings.Postgres(connectionString, others) with { Ledger = new LedgerSettings() });
            silo.Services.AddActorsApi(new ConfigurationBuilder().AddInMemoryCollection([new("Auth:SigningKey", TestNode.SigningKey)]).Build());
            var store = silo.Services.Last(service => service.ServiceType == typeof(ILedgerStore));
            if (showClock is not null)
            {
                silo.Services.AddSingleton(services =>
                {
                    var watched = WatchedStore.Around((ILedgerStore)store.ImplementationFactory!(services));
                    ((WatchedStore)(object)watched).ShowClock = showClock;
                    return watched;
                });
            }

            if (wrapState is not null)
            {
                var made = silo.Services.Last(service => service.ServiceType == typeof(IGrainStorage) && Equals(service.ServiceKey, GrainsHosting.Storage));
                silo.Services.Remove(made);
                silo.Services.AddKeyedSingleton(
                    made.ServiceKey, (services, key) => wrapState((IGrainStorage)made.KeyedImplementationFactory!(services, key)));
            }
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new SiloCluster(cluster);
    }

    /// <summary>Any node that lives.</summary>
    public SiloNode Any() => _live[Random.Shared.Next(_live.Length)];

    /// <summary>Kills a node and starts another one.</summary>
    public async Task ReplaceAsync(SiloNode node)
    {
        ImmutableInterlocked.Update(ref _live, live => live.Remove(node));
        await _cluster.KillSiloAsync(node.Handle);
        var fresh = new SiloNode(await _cluster.StartAdditionalSiloAsync());
        ImmutableInterlocked.Update(ref _live, live => live.Add(fresh));
    }

    /// <summary>Ends a grain's activation, so that the next call reads what is stored.</summary>
    public Task ForgetAsync(IAddressable grain) => _cluster.DeactivateAsync(grain);

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>Does something through any node that lives, and through another one as long as the answer is an outage: then it may have been done.</summary>
    public async Task<T> DoAsync<T>(Func<IGrainFactory, Task<T>> act)
    {
        while (true)
        {
            try
            {
                return await act(Any().Grains).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
            }
            catch (Exception e) when (IsOutage(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    /// <summary>Whether a call failed because a node died or the storage was away.</summary>
    public static bool IsOutage(Exception e) => Failures.IsOutage(e) || e is ObjectDisposedException or OperationCanceledException or OrleansException;
}
