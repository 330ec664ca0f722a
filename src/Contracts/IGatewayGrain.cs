using Actors.Policy;
using Orleans.Concurrency;

namespace Actors.Contracts;

/// <summary>
/// Answers at once where a call comes into the cluster, so that an API node knows which of the gateways still answer, and what time it is. Runs on the silo
/// that a call reaches first. Key: any; Orleans binds each to a gateway, as it does with users.
/// </summary>
[Alias("actors.gateway")]
public interface IGatewayGrain : IGrainWithIntegerKey
{
    /// <summary>Where the call has come.</summary>
    [Alias("look"), AlwaysInterleave, ResponseTimeout("00:00:02")]
    Task<GatewayView> LookAsync();
}

/// <summary>A silo as a gateway.</summary>
/// <param name="Address">As the list of gateways has it.</param>
/// <param name="Now">The ledger's time; null where it isn't trusted there.</param>
[GenerateSerializer, Immutable, Alias("actors.gateway-view")]
public readonly record struct GatewayView([property: Id(0)] string Address, [property: Id(1)] Instant? Now);
