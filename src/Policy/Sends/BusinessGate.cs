using System.Collections.Immutable;
using Actors.Policy.Businesses;
using Actors.Policy.Sends.Rules;

namespace Actors.Policy.Sends;

/// <summary>What the business's half of the gate knows of one send.</summary>
public sealed record AdmissionFacts
{
    /// <summary>Whether the business is locked.</summary>
    public bool Locked { get; init; }

    /// <summary>What the business's restriction forbids until <see cref="RestrictedUntil"/>.</summary>
    public Restriction Restriction { get; init; }

    /// <summary>When it ends by itself; null where nothing is restricted.</summary>
    public Instant? RestrictedUntil { get; init; }

    /// <summary>The ledger's time, by which the restriction ends.</summary>
    public Instant Now { get; init; }

    /// <summary>The template's category as reviewed; service for a free-form message, or where the template is unknown.</summary>
    public Category Category { get; init; }

    /// <summary>The business's tier on the ladder; only for the trace.</summary>
    public int Tier { get; init; }

    /// <summary>The business's quality; only for the trace.</summary>
    public QualityBand Quality { get; init; }

    /// <summary>The first instant at which the number's throughput has room; null when it has room now.</summary>
    public Instant? ThroughputFreeAt { get; init; }

    /// <summary>The number's messages per second.</summary>
    public int ThroughputLimit { get; init; }

    /// <summary>Whether a template is sent.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>The template's status; null when there is none of that name and language.</summary>
    public Templates.TemplateStatus? TemplateStatus { get; init; }

    /// <summary>Why the parameters don't fit; null when they do.</summary>
    public Templates.TemplateMismatch? TemplateMismatch { get; init; }

    /// <summary>Whether the recipient is the sending number.</summary>
    public bool RecipientIsSender { get; init; }
}

/// <summary>The business's half of the gate: status, throughput, template and recipient, in this order.</summary>
public static class BusinessGate
{
    // In the order of Rule. Decide and Explain ask the same objects, so a trace can't tell another story than the decision.
    private static readonly ImmutableArray<GateRule<AdmissionFacts>> Rules =
        [new BusinessStatusRule(), new ThroughputRule(), new TemplateRule(), new RecipientRule()];

    /// <summary>The first refusal, or null.</summary>
    public static Reason? Decide(AdmissionFacts facts)
    {
        foreach (var rule in Rules)
        {
            var verdict = rule.Check(facts);
            if (verdict.Outcome == RuleOutcome.Refuse)
            {
                return verdict.Reason;
            }
        }

        return null;
    }

    /// <summary>
    /// When waiting has helped against the first refusal; null when it doesn't, also where a rule that time doesn't lift refuses, too. Where the
    /// throughput is used up, the template hasn't been looked up: then it doesn't count.
    /// </summary>
    public static Instant? RetryAt(AdmissionFacts facts)
    {
        Instant? latest = null;
        foreach (var rule in Rules)
        {
            var verdict = rule.Check(facts);
            if (verdict.Outcome != RuleOutcome.Refuse || (rule.Rule == Rule.Template && facts is { ThroughputFreeAt: not null, TemplateStatus: null }))
            {
                continue;
            }

            if (verdict.RetryAt is not { } at)
            {
                return null;
            }

            latest = Instant.Max(latest ?? at, at);
        }

        return latest;
    }

    /// <summary>The full trace of <see cref="Decide"/>; all its facts are the business's own.</summary>
    public static ImmutableArray<Finding> Explain(AdmissionFacts facts)
    {
        var trace = ImmutableArray.CreateBuilder<Finding>(Rules.Length);
        foreach (var rule in Rules)
        {
            trace.Add(rule.Explain(facts));
        }

        return trace.MoveToImmutable();
    }
}
