using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Sends;
using Actors.Policy.Templates;

namespace Actors.Contracts;

/// <summary>What all nodes have counted of the shadow policy. Key: 0.</summary>
[Alias("actors.shadow")]
public interface IShadowGrain : IGrainWithIntegerKey
{
    /// <summary>Adds what a node has counted since it last told; once, however often it is told. What is of an earlier shadow counts no more.</summary>
    /// <exception cref="OutageException">It can't be added now, or can't be known to be: tell it again.</exception>
    [Alias("add")]
    Task AddAsync(ShadowReport report);

    /// <summary>The sum over all nodes that ever told of this shadow; nothing for one that nobody has told of.</summary>
    /// <param name="setAt">When it was set.</param>
    [Alias("sum")]
    Task<ShadowSum> SumAsync(Instant setAt);
}

/// <summary>What a node has counted since it last told.</summary>
/// <param name="Run">The run of the node's process.</param>
/// <param name="Number">Counts its reports, from 1; one at a time.</param>
/// <param name="SetAt">When the shadow was set.</param>
/// <param name="Counts">How sends were decided, and would have been.</param>
/// <param name="Untried">Sends of which it isn't known how they would have been decided.</param>
[GenerateSerializer, Immutable, Alias("actors.shadow-report")]
public sealed record ShadowReport(
    [property: Id(0)] Guid Run,
    [property: Id(1)] long Number,
    [property: Id(2)] Instant SetAt,
    [property: Id(3)] ImmutableArray<ShadowCount> Counts,
    [property: Id(4)] long Untried);

/// <summary>What all nodes have counted.</summary>
/// <param name="Counts">How sends were decided, and would have been.</param>
/// <param name="Untried">Sends of which it isn't known how they would have been decided.</param>
[GenerateSerializer, Immutable, Alias("actors.shadow-sum")]
public readonly record struct ShadowSum([property: Id(0)] ImmutableArray<ShadowCount> Counts, [property: Id(1)] long Untried);

/// <summary>So many sends were decided so, and would have been decided so.</summary>
/// <param name="Decided">Why they were refused; null where they were accepted.</param>
/// <param name="Shadow">Why the shadow would have refused them; null where it would have accepted them.</param>
/// <param name="Sends">How many.</param>
[GenerateSerializer, Immutable, Alias("actors.shadow-count")]
public readonly record struct ShadowCount([property: Id(0)] Reason? Decided, [property: Id(1)] Reason? Shadow, [property: Id(2)] long Sends);

/// <summary>Which shadow, over which version of the policy: both halves of a send are tried by the same, or it isn't counted.</summary>
/// <param name="SetAt">When the shadow was set.</param>
/// <param name="Policy">The version of the policy that it differs from.</param>
[GenerateSerializer, Immutable, Alias("actors.shadow-id")]
public readonly record struct ShadowId([property: Id(0)] Instant SetAt, [property: Id(1)] uint Policy);

/// <summary>A shadow as nodes learn it.</summary>
/// <param name="SetAt">When it was set.</param>
/// <param name="Values">What differs from the policy.</param>
[GenerateSerializer, Immutable, Alias("actors.shadow-in-force")]
public sealed record ShadowInForce([property: Id(0)] Instant SetAt, [property: Id(1)] ImmutableArray<PolicyValue> Values);

/// <summary>Asks the user's half to try a send by the shadow, too.</summary>
/// <param name="Shadow">By which.</param>
/// <param name="WindowOnlyUntil">Until when the business could, under the shadow, send nothing outside the window; null where it could.</param>
[GenerateSerializer, Immutable, Alias("actors.shadow-ask")]
public sealed record ShadowAsk([property: Id(0)] ShadowId Shadow, [property: Id(1)] Instant? WindowOnlyUntil);

/// <summary>What the shadow says of the user's half of a send: on the same record, at the same instant.</summary>
/// <param name="Reason">Why it would have been refused; null where it would not.</param>
/// <param name="Opens">Whether it would have opened a conversation: then it would have needed a place of the messaging limit.</param>
[GenerateSerializer, Immutable, Alias("actors.shadow-said")]
public readonly record struct ShadowSaid([property: Id(0)] Reason? Reason, [property: Id(1)] bool Opens);

/// <summary>Where a business would stand under the shadow.</summary>
/// <param name="Shadow">Which.</param>
/// <param name="IsLocked">Whether it would be locked.</param>
/// <param name="Restriction">What its restriction would forbid until <paramref name="RestrictedUntil"/>.</param>
/// <param name="RestrictedUntil">When that would end by itself; null where nothing would be restricted, and while it would be locked.</param>
/// <param name="Quality">Its band of quality.</param>
/// <param name="Limit">Its messaging limit.</param>
[GenerateSerializer, Immutable, Alias("actors.tried-business")]
public sealed record TriedBusiness(
    [property: Id(0)] ShadowId Shadow,
    [property: Id(1)] bool IsLocked,
    [property: Id(2)] Restriction Restriction,
    [property: Id(3)] Instant? RestrictedUntil,
    [property: Id(4)] QualityBand Quality,
    [property: Id(5)] LimitTier Limit);

/// <summary>Where a template would stand under the shadow.</summary>
/// <param name="SetAt">When the shadow was set.</param>
/// <param name="Status">Its status.</param>
[GenerateSerializer, Immutable, Alias("actors.tried-template")]
public sealed record TriedTemplate([property: Id(0)] Instant SetAt, [property: Id(1)] TemplateStatus Status);
