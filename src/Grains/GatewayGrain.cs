using Actors.Contracts;
using Actors.Ledger;
using Orleans.Concurrency;

namespace Actors.Grains;

/// <summary>Says where it is and what time it is. It needs nothing else, so what it is slow at is the silo's own slowness.</summary>
[GrainType("gateway")]
[StatelessWorker(1)]
internal sealed class GatewayGrain(ILocalSiloDetails silo, UserLedger ledger) : Grain, IGatewayGrain
{
    private readonly string _address = SiloAddress.New(silo.GatewayAddress.Endpoint, silo.SiloAddress.Generation).ToGatewayUri().AbsoluteUri;

    public Task<GatewayView> LookAsync() => Task.FromResult(new GatewayView(_address, ledger.Clock.IsTrusted ? ledger.Clock.Now : null));
}
