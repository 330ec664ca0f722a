using System.Collections.Immutable;
using Actors.Policy.Sends.Rules;

namespace Actors.Policy.Sends;

/// <summary>What the business's half of the gate knows of one send.</summary>
public sealed record AdmissionFacts
{
    /// <summary>Whether the business is locked.</summary>
    public bool Locked { get; init; }

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
