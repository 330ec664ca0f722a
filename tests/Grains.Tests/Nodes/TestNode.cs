using Actors.Contracts;
using Actors.Grains.Webhooks;
using Actors.Ledger;
using Actors.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Actors.Grains.Tests.Nodes;

/// <summary>
/// One node: a silo with the product's grains. Several of them on one database know nothing of each other, as nodes do when a network parts them.
/// </summary>
internal sealed class TestNode : IAsyncDisposable
{
    /// <summary>The policy as it is, but for the pair rate, which would get into the way.</summary>
    public static readonly PolicyNumbers Numbers = PolicyNumbers.Default with { PairRate = new PairRateNumbers { Interval = TimeSpan.Zero } };

    private static readonly WebhookSettings Webhooks = new() { AllowHttp = true, AllowPrivate = true, Tick = TimeSpan.FromMilliseconds(20) };

    private readonly InProcessTestCluster _cluster;

    private TestNode(InProcessTestCluster cluster) => _cluster = cluster;

    public IServiceProvider Services => _cluster.GetSiloServiceProvider();

    public UserLedger Ledger => Services.GetRequiredService<UserLedger>();

    public IGrainFactory Grains => _cluster.Client;

    public ILedgerGrain Reads => Grains.GetGrain<ILedgerGrain>(0);

    /// <param name="database">Where it keeps what is durable.</param>
    /// <param name="numbers">Policy; null for <see cref="Numbers"/>.</param>
    /// <param name="wrap">Puts something around the store; null for nothing.</param>
    /// <param name="ledger">Sizes; null for the product's.</param>
    /// <param name="webhooks">What requests to webhooks may do; null for all, and no time between looks at the clock.</param>
    /// <param name="time">The node's clock; null for the machine's.</param>
    /// <param name="erases">How often it does what erasures left for later; null for as seldom as the product.</param>
    /// <param name="adopt">Whether the numbers become the policy of a database that has others.</param>
    /// <param name="wrapState">Puts something around the storage of the slow-changing grains; null for nothing.</param>
    public static async Task<TestNode> StartAsync(
        IDatabase database,
        PolicyNumbers? numbers = null,
        Func<ILedgerStore, ILedgerStore>? wrap = null,
        LedgerSettings? ledger = null,
        Func<IGrainStorage, IGrainStorage>? wrapState = null,
        bool adopt = false,
        WebhookSettings? webhooks = null,
        TimeProvider? time = null,
        TimeSpan? erases = null)
    {
        var settings = database.Settings with { Ledger = ledger ?? new LedgerSettings(), Webhooks = webhooks ?? Webhooks };
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ServiceId = "actors";
        builder.ConfigureHost(host => host.Logging.ClearProviders());
        builder.ConfigureSilo((_, silo) =>
        {
            // As in a cluster: a node whose clock is set ahead would evict itself while it joins.
            silo.Configure<ClusterMembershipOptions>(o => o.EvictWhenMaxJoinAttemptTimeExceeded = false);
            silo.Services.AddSingleton(new ConfiguredPolicy(numbers ?? Numbers, adopt));
            silo.Services.AddSingleton(time ?? TimeProvider.System);
            silo.AddActorsGrains(erases is { } often ? settings with { ErasuresFirst = often, ErasuresEvery = often } : settings);
            if (wrap is not null)
            {
                var made = silo.Services.Last(s => s.ServiceType == typeof(ILedgerStore));
                silo.Services.AddSingleton(services => wrap((ILedgerStore)made.ImplementationFactory!(services)));
            }

            if (wrapState is not null)
            {
                var made = silo.Services.Last(s => s.ServiceType == typeof(IGrainStorage) && Equals(s.ServiceKey, GrainsHosting.Storage));
                silo.Services.Remove(made);
                silo.Services.AddKeyedSingleton(
                    made.ServiceKey, (services, key) => wrapState((IGrainStorage)made.KeyedImplementationFactory!(services, key)));
            }
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestNode(cluster);
    }

    public IWebhooksGrain WebhooksOf(long business) => Grains.GetGrain<IWebhooksGrain>(business);

    public IUserGrain User(long user) => Grains.GetGrain<IUserGrain>(user);

    public IBusinessGrain Business(long business) => Grains.GetGrain<IBusinessGrain>(business);

    public ITemplateGrain Template(long business, string name) => Grains.GetGrain<ITemplateGrain>(business, name);

    /// <summary>Ends an activation, so that the next call reads what is stored.</summary>
    public Task ForgetAsync(IAddressable grain) => _cluster.DeactivateAsync(grain);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
