using System.Net;
using System.Net.Sockets;
using Actors.Api.Hosting;

namespace Actors.Silo;

/// <summary>The silo of a node that is alone: it knows no other and listens on the loopback address only.</summary>
internal static class SingleNode
{
    internal static void Configure(ISiloBuilder silo, NodeSettings settings)
    {
        var port = settings.SiloPort == 0 ? FreePort() : settings.SiloPort;
        silo.UseLocalhostClustering(port, gatewayPort: 0, serviceId: ClusterSettings.ServiceId, clusterId: ClusterSettings.ServiceId);
    }

    /// <summary>Two nodes on one machine must not meet: each takes a port that nobody has.</summary>
    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
