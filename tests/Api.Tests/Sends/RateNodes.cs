using System.Collections.Concurrent;
using Actors.Api.Sends;
using Actors.Contracts;
using Actors.Grains;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.TestingHost;

namespace Actors.Api.Tests.Sends;

/// <summary>Two silos on one database.</summary>
public sealed class RateNodes : IAsyncLifetime
{
    private readonly TestPostgres _database = new();
    private InProcessTestCluster? _cluster;

    /// <summary>Businesses for which nobody lends.</summary>
    public ConcurrentDictionary<long, bool> Lost { get; } = [];

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        var settings = GrainsSettings.Postgres(_database.ConnectionString);
        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.ServiceId = "actors";
        builder.ConfigureHost(host => host.Logging.ClearProviders());
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddActorsGrains(settings);
            silo.AddIncomingGrainCallFilter(call =>
                call.Grain is IThroughputGrain && Lost.ContainsKey(call.TargetId.GetIntegerKey())
                    ? throw new TimeoutException() : call.Invoke());
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public IBusinessGrain Business(long id) => _cluster!.Client.GetGrain<IBusinessGrain>(id);

    /// <summary>Ends the activation that lends.</summary>
    public Task EndAsync(long business) => _cluster!.DeactivateAsync(_cluster.Client.GetGrain<IThroughputGrain>(business));

    /// <summary>What a node has.</summary>
    internal Throughputs Throughputs(int silo)
    {
        var services = _cluster!.GetSiloServiceProvider(_cluster.Silos[silo].SiloAddress);
        return new Throughputs(services.GetRequiredService<IGrainFactory>(), TimeProvider.System, NullLogger<Throughputs>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await (_cluster?.DisposeAsync() ?? default);
        await _database.DisposeAsync();
    }
}

/// <summary>What tests of throughput over nodes share: a business with one number.</summary>
public abstract class RateNodesTest(RateNodes nodes)
{
    /// <summary>The number's throughput, as it is by default.</summary>
    public const int Level = 80;

    protected RateNodes Nodes => nodes;

    protected long Business { get; } = Ids.Business(Random.Shared.Next(Ids.SerialsMax));

    protected long Number => Ids.PhoneNumber(Business, 0);

    private protected async Task<long> RegisterAsync()
    {
        var registration = new BusinessRegistration("Bakery", "DE", [new BusinessNumber(Number, 4_930_123_456)], null, null, null);
        Assert.True(await Nodes.Business(Business).RegisterAsync(registration, "operator:ann"));
        return await EpochAsync();
    }

    private protected async Task<long> EpochAsync() => (await Nodes.Business(Business).LeaseAsync(null))!.Epoch;

    /// <summary>How many decisions are had one after another, until one isn't.</summary>
    private protected async Task<int> BurstAsync(Throughputs node, long epoch, int most = int.MaxValue)
    {
        var count = 0;
        while (count < most && await node.TakeAsync(Business, Number, epoch, Level) is { Wait: null, IsStale: false })
        {
            count++;
        }

        return count;
    }

    /// <summary>Bursts, a second apart, until one has it all.</summary>
    private protected async Task<int> WholeAsync(Throughputs node, long epoch)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1_010), TimeProvider.System, TestContext.Current.CancellationToken);
            var startedAt = TimeProvider.System.GetTimestamp();
            var burst = await BurstAsync(node, epoch);
            if (burst >= Level || TimeProvider.System.GetElapsedTime(startedAt) < TimeSpan.FromSeconds(1))
            {
                return Math.Min(burst, Level);   // one that lasts longer has more than a second's, or was held up
            }
        }
    }
}
