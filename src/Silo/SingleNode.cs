using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace Actors.Silo;

/// <summary>The silo of a node that is alone: it knows no other and listens on the loopback address only.</summary>
internal static class SingleNode
{
    internal static void Configure(ISiloBuilder silo, NodeSettings settings)
    {
        silo.UseLocalhostClustering(settings.SiloPort == 0 ? FreePort() : settings.SiloPort, gatewayPort: 0, serviceId: "actors", clusterId: "actors");
        silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
        silo.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
        silo.Configure<GrainCollectionOptions>(o =>
        {
            o.CollectionAge = TimeSpan.FromMinutes(2);
            o.CollectionQuantum = TimeSpan.FromSeconds(30);
        });
    }

    /// <summary>Two nodes on one machine must not meet: each takes a port that nobody has.</summary>
    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
