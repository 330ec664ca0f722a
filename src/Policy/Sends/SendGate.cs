using System.Collections.Immutable;
using Actors.Policy.Sends.Rules;
using Actors.Policy.Users;

namespace Actors.Policy.Sends;

/// <summary>The user's half of the gate: restriction, reach, consent, window, pair rate, rest, quiet hours, cap and messaging limit, in this order.</summary>
/// <remarks>Pure: the same arguments give the same answer, and nothing else is looked at. The rules and their numbers: docs/rules.md.</remarks>
public static class SendGate
{
    // In the order of Rule. Decide and Explain ask the same objects, so a trace can't tell another story than the decision.
    private static readonly ImmutableArray<GateRule<SendCase>> Rules =
    [
        new ReachRule(),
        new ConsentRule(),
        new WindowRule(),
        new PairRateRule(),
        new MarketingRestRule(),
        new QuietHoursRule(),
        new MarketingCapRule(),
        new MessagingLimitRule(),
    ];

    // For the few businesses that may send inside the window only; the others' sends and traces have nothing of it.
    private static readonly ImmutableArray<GateRule<SendCase>> RulesInWindowOnly = [new RestrictionRule(), .. Rules];

    /// <summary>Decides one send. Allocates no trace; <see cref="Explain"/> gives it for the same arguments.</summary>
    /// <param name="state">The user's record.</param>
    /// <param name="command">The send.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">The ledger's time; an earlier one than the record's newest instant counts as that instant.</param>
    /// <param name="offsetAt">The rules of the zones; asked only where the user has quiet hours.</param>
    public static SendDecision Decide(UserState state, SendCommand command, PolicyNumbers numbers, Instant now, OffsetAt offsetAt)
    {
        var send = new SendCase(state, command, numbers, Instant.Max(now, state.LastAt), offsetAt);
        foreach (var rule in RulesFor(send))
        {
            var verdict = rule.Check(send);
            if (verdict.Outcome == RuleOutcome.Refuse)
            {
                return Refused(verdict, send);
            }
        }

        return new SendDecision(null, Acceptance.Of(send), null, RetryAtIsPublic: true);
    }

    /// <summary>The full trace of <see cref="Decide"/> for the same arguments: every rule, also those behind the first refusal.</summary>
    public static ImmutableArray<Finding> Explain(UserState state, SendCommand command, PolicyNumbers numbers, Instant now, OffsetAt offsetAt)
    {
        var send = new SendCase(state, command, numbers, Instant.Max(now, state.LastAt), offsetAt);
        var trace = ImmutableArray.CreateBuilder<Finding>();
        foreach (var rule in RulesFor(send))
        {
            trace.Add(rule.Explain(send));
        }

        return trace.ToImmutable();
    }

    /// <summary>
    /// What a business may see of a trace: public facts only, times to the full hour where others' sends decide them, and nothing behind the first
    /// refusal, so that a block can't be told from a missing record.
    /// </summary>
    public static ImmutableArray<Finding> PublicView(ImmutableArray<Finding> trace)
    {
        var view = ImmutableArray.CreateBuilder<Finding>(trace.Length);
        foreach (var finding in trace)
        {
            view.Add(Public(finding));
            if (finding.Outcome == RuleOutcome.Refuse)
            {
                break;
            }
        }

        return view.ToImmutable();
    }

    private static ImmutableArray<GateRule<SendCase>> RulesFor(in SendCase send) => send.Command.WindowOnlyUntil is null ? Rules : RulesInWindowOnly;

    private static Finding Public(Finding finding)
    {
        // All of them, the business's own list, too: otherwise who it lists would show when they block it.
        if (finding is { Rule: Rule.Reach, Outcome: RuleOutcome.Refuse })
        {
            return new Finding(finding.Rule, RuleOutcome.Refuse, Reason.NoRelation, null, RetryAtIsPublic: true, []);
        }

        return finding with
        {
            RetryAt = finding.RetryAtIsPublic ? finding.RetryAt : finding.RetryAt?.CeilingToHour(),
            Facts = finding.Facts.RemoveAll(fact => !fact.Public),
        };
    }

    private static SendDecision Refused(Verdict first, in SendCase send)
    {
        var isPublic = true;
        var retryAt = first.Reason == Reason.MessagingLimit ? null : FirstFit(send, ref isPublic);
        return new SendDecision(first.Reason, null, retryAt, isPublic);
    }

    /// <summary>The first instant at which every rule passes if nothing else happens; null when time alone never gets there.</summary>
    /// <remarks>
    /// Waiting can also close the window, and then a rule refuses that had nothing to say before. So the whole gate is asked again at the instant found, until
    /// nothing refuses. Each round moves at least one time-bound rule past its end, and only quiet hours come again, a day later: it ends after a few rounds.
    /// </remarks>
    private static Instant? FirstFit(SendCase send, ref bool isPublic)
    {
        while (true)
        {
            var latest = send.Now;
            foreach (var rule in RulesFor(send))
            {
                var verdict = rule.Check(send);
                // When a place of the messaging limit comes free, only the business's half knows.
                if (verdict.Outcome != RuleOutcome.Refuse || verdict.Reason == Reason.MessagingLimit)
                {
                    continue;
                }

                if (verdict.RetryAt is not { } retryAt)
                {
                    isPublic = true;
                    return null;
                }

                isPublic &= verdict.RetryAtIsPublic;
                latest = Instant.Max(latest, retryAt);
            }

            if (latest == send.Now)
            {
                return latest;
            }

            send = send.At(latest);
        }
    }
}
