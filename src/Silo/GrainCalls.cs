using Orleans.Configuration;

namespace Actors.Silo;

/// <summary>How long calls of grains may take, and how long what isn't called stays in memory: on a single node and in a cluster alike.</summary>
internal static class GrainCalls
{
    internal static void Configure(ISiloBuilder silo)
    {
        silo.Configure<SiloMessagingOptions>(o =>
        {
            o.ResponseTimeout = TimeSpan.FromSeconds(5);

            // An API node that has left this silo's gateway, because it stood still for a moment, still calls the grains here, over other gateways. Until the
            // silo has forgotten the connection, a minute by default, it keeps their answers until the node comes back, when they are too late.
            // Later ones go the way that the call came.
            o.ClientDropTimeout = TimeSpan.FromSeconds(0.5);
        });
        silo.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
        silo.Configure<GrainCollectionOptions>(o =>
        {
            o.CollectionAge = TimeSpan.FromMinutes(2);
            o.CollectionQuantum = TimeSpan.FromSeconds(30);
        });
    }
}
