using Actors.Policy;

namespace Actors.Grains;

/// <summary>The policy's numbers as this node is configured. They are the policy of a new installation; from then on the ledger's are.</summary>
/// <param name="Numbers">The numbers.</param>
/// <param name="Adopt">Whether they replace the ledger's, as a new version, where the ledger's go back to another configuration.</param>
public sealed record ConfiguredPolicy(PolicyNumbers Numbers, bool Adopt = false);
