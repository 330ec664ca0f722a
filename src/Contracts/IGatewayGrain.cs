using Orleans.Concurrency;

namespace Actors.Contracts;

/// <summary>
/// Answers at once where a call comes into the cluster, so that an API node knows which of the gateways still answer. Key: 0. Runs on every silo.
/// </summary>
[Alias("actors.gateway")]
public interface IGatewayGrain : IGrainWithIntegerKey
{
    /// <summary>The gateway by which the call came, as the list of gateways has it.</summary>
    [Alias("address"), Round, AlwaysInterleave, ResponseTimeout("00:00:02")]
    Task<string> AddressAsync();
}
