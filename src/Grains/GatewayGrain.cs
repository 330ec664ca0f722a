using Actors.Contracts;
using Orleans.Concurrency;

namespace Actors.Grains;

/// <summary>Says where it is. It needs nothing else, so what it is slow at is the silo's own slowness.</summary>
[GrainType("gateway")]
[StatelessWorker(1)]
internal sealed class GatewayGrain(ILocalSiloDetails silo) : Grain, IGatewayGrain
{
    private readonly string _address = SiloAddress.New(silo.GatewayAddress.Endpoint, silo.SiloAddress.Generation).ToGatewayUri().AbsoluteUri;

    public Task<string> AddressAsync() => Task.FromResult(_address);
}
