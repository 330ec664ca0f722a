using System.Collections.Immutable;
using Actors.Policy;

namespace Actors.Contracts;

/// <summary>The policy's numbers, all versions of them, for operators. Key: 0. Runs on every node: what it says is read from the ledger.</summary>
[Alias("actors.policy")]
public interface IPolicyGrain : IGrainWithIntegerKey
{
    /// <summary>The newest version: what holds.</summary>
    [Alias("get")]
    Task<PolicyView> GetAsync();

    /// <summary>What the node that answers decides by: for API nodes, which have no ledger.</summary>
    [Alias("in-force")]
    Task<PolicyInForce> InForceAsync();

    /// <summary>Versions from this one on, ascending.</summary>
    /// <param name="limit">1 to 1,000.</param>
    [Alias("versions")]
    Task<ImmutableArray<PolicyView>> VersionsAsync(uint from, int limit);

    /// <summary>Changes numbers. When it is answered, no node accepts a send that arrives afterwards and that the new numbers forbid (G4).</summary>
    /// <param name="basis">The version that the change was made for; refused where another one holds.</param>
    /// <param name="changes">The numbers to change.</param>
    /// <param name="reason">Why.</param>
    /// <param name="actor">By whom.</param>
    /// <exception cref="OutageException">It can't be done now, or can't be known to be done.</exception>
    [Alias("change")]
    Task<PolicyReply> ChangeAsync(uint basis, ImmutableArray<PolicyValue> changes, string reason, string actor);

    /// <summary>Brings the numbers of an earlier version back, as a new version. Binds as a change does.</summary>
    /// <param name="version">The earlier version.</param>
    /// <param name="basis">The version that it is to follow; refused where another one holds.</param>
    /// <param name="reason">Why.</param>
    /// <param name="actor">By whom.</param>
    /// <exception cref="OutageException">It can't be done now, or can't be known to be done.</exception>
    [Alias("roll-back-from")]
    Task<PolicyReply> RollBackAsync(uint version, uint basis, string reason, string actor);

    /// <summary>The shadow policy, and what all nodes have told that they counted; null while there is none.</summary>
    [Alias("shadow")]
    Task<ShadowView?> ShadowAsync();

    /// <summary>Sets numbers that are tried on every send and never obeyed. Nodes follow within a second, and count anew from then on.</summary>
    /// <param name="changes">What differs from the policy, whatever version of it holds; empty ends it.</param>
    /// <param name="actor">By whom.</param>
    /// <returns>What is wrong; empty when it is set.</returns>
    [Alias("set-shadow")]
    Task<ImmutableArray<PolicyFault>> SetShadowAsync(ImmutableArray<PolicyValue> changes, string actor);
}

/// <summary>The numbers of a version, and what binds them.</summary>
/// <param name="Version">The version.</param>
/// <param name="Values">What differs from the built-in numbers, by name.</param>
/// <param name="Retention">How long rows of messages are kept: some numbers are bound by it.</param>
/// <param name="Shadow">Numbers to try beside these; null for none.</param>
[GenerateSerializer, Immutable, Alias("actors.policy-in-force")]
public sealed record PolicyInForce(
    [property: Id(0)] uint Version,
    [property: Id(1)] ImmutableArray<PolicyValue> Values,
    [property: Id(2)] TimeSpan Retention,
    [property: Id(3)] ShadowInForce? Shadow = null);

/// <summary>The shadow policy.</summary>
/// <param name="At">When it was set.</param>
/// <param name="Actor">By whom.</param>
/// <param name="Values">What differs from the policy.</param>
/// <param name="Counts">Sends that all nodes have decided since, as far as they have told.</param>
/// <param name="Untried">Sends of which it isn't known how they would have been decided.</param>
[GenerateSerializer, Immutable, Alias("actors.shadow-view")]
public sealed record ShadowView(
    [property: Id(0)] Instant At,
    [property: Id(1)] string Actor,
    [property: Id(2)] ImmutableArray<PolicyValue> Values,
    [property: Id(3)] ImmutableArray<ShadowCount> Counts,
    [property: Id(4)] long Untried = 0);

/// <summary>A number of the policy.</summary>
/// <param name="Key">Its name, such as <c>MarketingCap:PerDay</c>.</param>
/// <param name="Texts">Its value as in configuration: one, or several where it is a list of words.</param>
[GenerateSerializer, Immutable, Alias("actors.policy-value")]
public readonly record struct PolicyValue([property: Id(0)] string Key, [property: Id(1)] ImmutableArray<string> Texts);

/// <summary>A number that a version changed.</summary>
/// <param name="Key">Its name.</param>
/// <param name="From">What it was.</param>
/// <param name="To">What it is.</param>
[GenerateSerializer, Immutable, Alias("actors.policy-change")]
public readonly record struct PolicyChange(
    [property: Id(0)] string Key, [property: Id(1)] ImmutableArray<string> From, [property: Id(2)] ImmutableArray<string> To);

/// <summary>A version of the policy.</summary>
/// <param name="Version">0 for what the platform was first started with, then one more for each change.</param>
/// <param name="At">When it was made.</param>
/// <param name="Actor">By whom: role and name, or <c>platform</c>.</param>
/// <param name="Reason">Why.</param>
/// <param name="RolledBackTo">The version whose numbers it brought back; null for any other change.</param>
/// <param name="Values">What differs from the built-in numbers, by name.</param>
/// <param name="Changes">What differs from the version before, by name; nothing for version 0.</param>
[GenerateSerializer, Immutable, Alias("actors.policy-view")]
public sealed record PolicyView(
    [property: Id(0)] uint Version,
    [property: Id(1)] Instant At,
    [property: Id(2)] string Actor,
    [property: Id(3)] string Reason,
    [property: Id(4)] uint? RolledBackTo,
    [property: Id(5)] ImmutableArray<PolicyValue> Values,
    [property: Id(6)] ImmutableArray<PolicyChange> Changes);

/// <summary>Why the policy isn't changed. Sent as a number: never renumber.</summary>
public enum PolicyRefusal : byte
{
    /// <summary>Nobody decided. Only a bug produces it.</summary>
    Undecided = 0,

    /// <summary>Another version holds than the one that the change was made for.</summary>
    Moved = 1,

    /// <summary>There is no such version.</summary>
    VersionUnknown = 2,

    /// <summary>Names or values are wrong; see the faults.</summary>
    Wrong = 3,

    /// <summary>The numbers are so already.</summary>
    NothingChanges = 4,
}

/// <summary>What is wrong with one of the numbers.</summary>
/// <param name="Key">Its name as it was written.</param>
/// <param name="Rule">What would be right.</param>
[GenerateSerializer, Immutable, Alias("actors.policy-fault")]
public readonly record struct PolicyFault([property: Id(0)] string Key, [property: Id(1)] string Rule);

/// <summary>The answer to a change of the policy.</summary>
/// <param name="Refusal">Why not; null when it holds.</param>
/// <param name="Policy">What holds now.</param>
/// <param name="Faults">What is wrong, with <see cref="PolicyRefusal.Wrong"/>.</param>
[GenerateSerializer, Immutable, Alias("actors.policy-reply")]
public sealed record PolicyReply(
    [property: Id(0)] PolicyRefusal? Refusal, [property: Id(1)] PolicyView Policy, [property: Id(2)] ImmutableArray<PolicyFault> Faults);
