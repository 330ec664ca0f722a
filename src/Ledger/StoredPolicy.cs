using Actors.Policy;

namespace Actors.Ledger;

/// <summary>One version of the policy's numbers as stored. The newest is what every node decides by; none is ever changed or removed.</summary>
/// <param name="Version">0 for what the platform was first started with, then one more for each change.</param>
/// <param name="At">When it was made.</param>
/// <param name="Actor">By whom: role and name.</param>
/// <param name="Reason">Why.</param>
/// <param name="RolledBackTo">The version whose numbers it brought back; null for any other change.</param>
/// <param name="Configured">What the configuration said that it goes back to, in the form of <paramref name="Values"/>.</param>
/// <param name="Values">The numbers as text; the ledger doesn't read it.</param>
public sealed record StoredPolicy(uint Version, Instant At, string Actor, string Reason, uint? RolledBackTo, string Configured, string Values);

/// <summary>Numbers that are tried on every send and never obeyed.</summary>
/// <param name="At">When they were set.</param>
/// <param name="Actor">By whom: role and name.</param>
/// <param name="Values">What differs from the policy, as text; the ledger doesn't read it. Empty for no shadow.</param>
public sealed record StoredShadow(Instant At, string Actor, string Values);
