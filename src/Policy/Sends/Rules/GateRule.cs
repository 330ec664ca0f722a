using System.Collections.Immutable;

namespace Actors.Policy.Sends.Rules;

/// <summary>One rule of a gate. Without state: the same objects serve every decision and every trace.</summary>
/// <typeparam name="TCase">What the rules of this gate look at.</typeparam>
internal abstract class GateRule<TCase>
{
    /// <summary>Its place in the gate.</summary>
    public abstract Rule Rule { get; }

    /// <summary>What it says. Allocates nothing: every send asks every rule.</summary>
    public abstract Verdict Check(in TCase send);

    /// <summary>What it looked at. Only made when a decision is explained.</summary>
    public abstract ImmutableArray<Fact> Facts(in TCase send);

    /// <summary>Its step of a trace.</summary>
    public Finding Explain(in TCase send)
    {
        var verdict = Check(send);
        var reason = verdict.Outcome == RuleOutcome.Refuse ? verdict.Reason : (Reason?)null;
        return new Finding(Rule, verdict.Outcome, reason, verdict.RetryAt, verdict.RetryAtIsPublic, Facts(send));
    }
}

/// <summary>What a rule said of one send.</summary>
/// <param name="Outcome">Pass, refuse, or nothing to say.</param>
/// <param name="Reason">Why it refuses; undecided otherwise.</param>
/// <param name="RetryAt">The first instant at which this rule would pass; null where waiting doesn't help.</param>
/// <param name="RetryAtIsPublic">Whether the business may see <paramref name="RetryAt"/> to the millisecond.</param>
internal readonly record struct Verdict(RuleOutcome Outcome, Reason Reason, Instant? RetryAt, bool RetryAtIsPublic)
{
    public static Verdict Pass => new(RuleOutcome.Pass, Reason.Undecided, null, true);

    public static Verdict NotApplicable => new(RuleOutcome.NotApplicable, Reason.Undecided, null, true);

    public static Verdict Refuse(Reason reason) => new(RuleOutcome.Refuse, reason, null, true);

    /// <summary>A refusal that time lifts; null where it never does.</summary>
    public static Verdict Wait(Reason reason, Instant? retryAt, bool isPublic = true) => new(RuleOutcome.Refuse, reason, retryAt, isPublic);
}
