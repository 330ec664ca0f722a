using System.Net;
using System.Net.Sockets;
using Actors.Api.Hosting;
using Orleans.Configuration;

namespace Actors.Silo;

/// <summary>The silo of a node that is one of several: they find each other by the database. Why the numbers are as they are: docs/decisions/0017.</summary>
internal static class ClusterNode
{
    internal static void Configure(ISiloBuilder silo, NodeSettings settings, ClusterSettings cluster)
    {
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.Id, ClusterSettings.ServiceId));
        silo.Services.AddSingleton(new MembershipSource(cluster.ConnectionString));
        silo.UseAdoNetClustering(builder => builder.Configure<MembershipSource>((o, source) => (o.Invariant, o.DataSource) = ("Npgsql", source.Source)));
        silo.Configure<EndpointOptions>(o =>
        {
            o.AdvertisedIPAddress = AddressOf(settings.AdvertisedAddress);
            (o.SiloPort, o.GatewayPort) = (settings.SiloPort, settings.GatewayPort);
        });
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = TimeSpan.FromSeconds(1);
            o.MinProbeTimeout = TimeSpan.FromSeconds(1);
            o.MaxProbeTimeout = TimeSpan.FromSeconds(2.5);
            o.NumMissedProbesLimit = 3;
            o.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            o.DeathVoteExpirationTimeout = TimeSpan.FromMinutes(1);

            // By its wall clock a node that is ahead would take everybody who joins for one who has been at it too long, and evict them.
            o.EvictWhenMaxJoinAttemptTimeExceeded = false;
        });
        if (settings.Directory == GrainDirectoryKind.Distributed)
        {
            // As long as a dead silo's vote of death takes at most: nobody waits for its part of the directory beyond that. What is active twice for a moment
            // does no harm here, since commits carry versions.
            silo.Configure<GrainDirectoryOptions>(o => o.RangeLeaseDuration = TimeSpan.FromSeconds(7.5));
#pragma warning disable ORLEANSEXP003 // Experimental: docs/decisions/0017 says why, and what to write to do without.
            silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        }

        if (cluster.Tls is { } tls)
        {
            silo.UseTls(tls.Configure);
        }
    }

    private static IPAddress AddressOf(string text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            return address;
        }

        try
        {
            return Dns.GetHostAddresses(text, AddressFamily.InterNetwork)[0];
        }
        catch (Exception error) when (error is SocketException or IndexOutOfRangeException)
        {
            throw new ConfigurationException(
                $"Cluster:AdvertisedAddress is \"{text}\", which leads nowhere; write this machine's address as the others see it, or a name of it.");
        }
    }
}
