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
            var grains = _host.Services.GetRequiredService<IGrainFactory>();
            var management = grains.GetGrain<IManagementGrain>(0);
            var users = new List<(long User, Task<SiloAddress?> Home)>();
            var businesses = new HashSet<(long, int)>();
            foreach (var life in await management.GetDetailedGrainStatistics())
            {
                if (!life.GrainId.TryGetIntegerKey(out var key, out _))
                {
                    continue;
                }

                // Who has moved is still in memory where they were, too, for as long as anybody who is idle.
                if (life.GrainId.Type == User)
                {
                    users.Add((key, management.GetActivationAddress(grains.GetGrain(life.GrainId)).AsTask()));
                }
                else if (key != 0)
                {
                    businesses.Add((key, life.SiloAddress.Endpoint.Port));
                }
            }

            await Task.WhenAll(users.Select(one => one.Home));
            return new Lives(users.DistinctBy(one => one.User).ToDictionary(one => one.User, one => one.Home.Result?.Endpoint.Port ?? 0), businesses);
        }
        catch (Exception away) when (away is SiloUnavailableException or TimeoutException or OrleansMessageRejectionException or ConnectionFailedException)
        {
            return null;
        }
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
    /// <summary>Whether nothing that a call needs lived on a silo: its user lived on another one and, where the business is asked, too, all of that.</summary>
    public bool AreElsewhere(Call call, int port) =>
        Users.TryGetValue(call.User, out var home) && home != port
        && (call is Act { Kind: not (ActKind.OptInByBusiness or ActKind.OptOutByBusiness or ActKind.OptIn) } || !Businesses.Contains((call.Business, port)));
}
