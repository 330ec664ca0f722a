using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;

namespace Actors.Bench.Faults;

/// <summary>On which silo users live, as the cluster's directory has it: so a fault's cost to the others is told apart.</summary>
internal sealed class Homes : IAsyncDisposable
{
    private static readonly GrainType User = GrainType.Create("user");

    private readonly IHost _host;
    private readonly NpgsqlDataSource _source;

    private Homes(IHost host, NpgsqlDataSource source) => (_host, _source) = (host, source);

    /// <summary>Joins a cluster as a client.</summary>
    public static async Task<Homes> StartAsync(string connection)
    {
        var source = NpgsqlDataSource.Create(connection);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("actors", "actors"));
            client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
            client.UseAdoNetClustering(o => (o.Invariant, o.DataSource) = ("Npgsql", source));
        });
        var host = builder.Build();
        await host.StartAsync();
        return new Homes(host, source);
    }

    /// <summary>Where each of these users lives now, by the silo's port; whoever lives nowhere is left out.</summary>
    public async Task<IReadOnlyDictionary<long, int>> OfAsync(IEnumerable<long> users)
    {
        var grains = _host.Services.GetRequiredService<IGrainFactory>();
        var management = grains.GetGrain<IManagementGrain>(0);
        var homes = new ConcurrentDictionary<long, int>();
        await Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (user, cancel) =>
        {
            var grain = grains.GetGrain(GrainId.Create(User, GrainIdKeyExtensions.CreateIntegerKey(user)));
            if (await management.GetActivationAddress(grain, cancel) is { } silo)
            {
                homes[user] = silo.Endpoint.Port;
            }
        });
        return homes;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _source.DisposeAsync();
    }
}
