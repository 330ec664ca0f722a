using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Sends;

namespace Actors.Contracts;

/// <summary>Asks for the counts of a business.</summary>
/// <param name="Business">Its id.</param>
/// <param name="Templates">Of these templates, each for itself; 0 for everything of the business.</param>
/// <param name="From">The first period starts at or before this, and ends after it.</param>
/// <param name="To">The last period starts before this. At most 92 days after <paramref name="From"/>.</param>
/// <param name="ByDay">Whether periods are days of UTC, and not half hours.</param>
[GenerateSerializer, Immutable, Alias("actors.analytics-ask")]
public sealed record AnalyticsAsk(
    [property: Id(0)] long Business,
    [property: Id(1)] ImmutableArray<long> Templates,
    [property: Id(2)] Instant From,
    [property: Id(3)] Instant To,
    [property: Id(4)] bool ByDay);

/// <summary>The counts of a business.</summary>
/// <param name="ClosedUntil">Everything that happened before this is counted for good.</param>
/// <param name="Periods">One for each period and template, ascending by both, also where nothing happened.</param>
[GenerateSerializer, Immutable, Alias("actors.analytics-view")]
public sealed record AnalyticsView([property: Id(0)] Instant ClosedUntil, [property: Id(1)] ImmutableArray<AnalyticsPeriod> Periods);

/// <summary>What happened in one period.</summary>
[GenerateSerializer, Immutable, Alias("actors.analytics-period")]
public sealed record AnalyticsPeriod
{
    /// <summary>Its first millisecond.</summary>
    [Id(0)]
    public required Instant Start { get; init; }

    /// <summary>The first millisecond behind it.</summary>
    [Id(1)]
    public required Instant End { get; init; }

    /// <summary>The template; 0 for everything of the business.</summary>
    [Id(2)]
    public required long Template { get; init; }

    /// <summary>How often what happened, without what didn't; but for response times.</summary>
    [Id(3)]
    public required ImmutableArray<MeasureCount> Counts { get; init; }

    /// <summary>What people said, where enough did; see <see cref="SmallGroups"/>.</summary>
    [Id(4)]
    public required ImmutableArray<OpinionCount> Opinions { get; init; }

    /// <summary>How long the business took to answer; null where it answered nobody.</summary>
    [Id(5)]
    public ResponseView? BusinessResponse { get; init; }

    /// <summary>How long users took to answer; null where none did.</summary>
    [Id(6)]
    public ResponseView? UserResponse { get; init; }

    /// <summary>How often it happened, over all details.</summary>
    public long Count(Measure measure) => Counts.Where(count => count.Measure == measure).Sum(count => count.Count);

    /// <summary>How often it happened with one detail.</summary>
    public long Count(Measure measure, short detail) => Counts.Where(count => count.Measure == measure && count.Detail == detail).Sum(count => count.Count);

    /// <summary>How often it was said; null where it isn't shown.</summary>
    public long? Count(Opinion opinion) => Opinions.Where(count => count.Opinion == opinion).Select(count => (long?)count.Count).FirstOrDefault();
}

/// <summary>How often something happened.</summary>
/// <param name="Measure">What.</param>
/// <param name="Detail">Which of its kind; see <see cref="Policy.Analytics.Measure"/>.</param>
/// <param name="Count">How often.</param>
[GenerateSerializer, Immutable, Alias("actors.measure-count")]
public readonly record struct MeasureCount([property: Id(0)] Measure Measure, [property: Id(1)] short Detail, [property: Id(2)] long Count);

/// <summary>How often something was said, by enough people.</summary>
[GenerateSerializer, Immutable, Alias("actors.opinion-count")]
public readonly record struct OpinionCount([property: Id(0)] Opinion Opinion, [property: Id(1)] long Count);

/// <summary>How long answers took; at most 5 % off.</summary>
/// <param name="Count">Of how many.</param>
/// <param name="Median">Half of them took at most so long.</param>
/// <param name="P95">Of 20 of them 19 took at most so long.</param>
[GenerateSerializer, Immutable, Alias("actors.response-view")]
public sealed record ResponseView([property: Id(0)] long Count, [property: Id(1)] TimeSpan Median, [property: Id(2)] TimeSpan P95);

/// <summary>Refusals that a node has counted.</summary>
/// <param name="Business">Whose sends.</param>
/// <param name="Reason">Why, as the business may know it.</param>
/// <param name="Count">How many, whatever template they named.</param>
/// <param name="Templates">How many of them named which template; default, as from an older node, where none is known to have named one.</param>
[GenerateSerializer, Immutable, Alias("actors.refusal-count")]
public readonly record struct RefusalCount(
    [property: Id(0)] long Business,
    [property: Id(1)] Reason Reason,
    [property: Id(2)] long Count,
    [property: Id(3)] ImmutableArray<TemplateRefusals> Templates = default)
{
    /// <summary>How many counts it is added to.</summary>
    public int Rows => Templates.IsDefault ? 1 : 1 + Templates.Length;
}

/// <summary>Those of a business's refusals that named a template.</summary>
/// <param name="Template">Its id.</param>
/// <param name="Count">How many.</param>
[GenerateSerializer, Immutable, Alias("actors.template-refusals")]
public readonly record struct TemplateRefusals([property: Id(0)] long Template, [property: Id(1)] long Count);
