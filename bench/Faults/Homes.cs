using Actors.Bench.Scenarios;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime.Messaging;

namespace Actors.Bench.Faults;

/// <summary>On which silo users and businesses live, as the silos say: so a fault's cost to the others is told apart.</summary>
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

    /// <summary>What lives where now; null where not all silos can say.</summary>
    public async Task<Lives?> AskAsync()
    {
        try
        {
            return Read(await _host.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics());
        }
        catch (Exception away) when (away is SiloUnavailableException or TimeoutException or OrleansMessageRejectionException or ConnectionFailedException)
        {
            return null;
        }
    }

    private static Lives Read(IEnumerable<DetailedGrainStatistic> all)
    {
        var users = new Dictionary<long, int>();
        var businesses = new HashSet<(long, int)>();
        foreach (var life in all)
        {
            if (!life.GrainId.TryGetIntegerKey(out var key, out _))
            {
                continue;
            }

            if (life.GrainId.Type == User)
            {
                users[key] = life.SiloAddress.Endpoint.Port;
            }
            else if (key != 0)
            {
                businesses.Add((key, life.SiloAddress.Endpoint.Port));
            }
        }

        return new Lives(users, businesses);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _source.DisposeAsync();
    }
}

/// <summary>What lived where.</summary>
/// <param name="Users">Of users, the silo's port.</param>
/// <param name="Businesses">
/// Businesses of which something (the business, its limit, its share of messages per second, a template) lived on the silo of that port.
/// </param>
internal sealed record Lives(IReadOnlyDictionary<long, int> Users, IReadOnlySet<(long Business, int Port)> Businesses)
{
    /// <summary>Whether nothing that a call needs lived on a silo: its user lived on another one, and for a send all of the business did, too.</summary>
    public bool AreElsewhere(Call call, int port) =>
        Users.TryGetValue(call.User, out var home) && home != port && (call is not Send || !Businesses.Contains((call.Business, port)));
}
