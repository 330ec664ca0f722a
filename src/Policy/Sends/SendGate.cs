using System.Collections.Immutable;
using System.Globalization;
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

    /// <summary>The trace with what the business's side knows of its messaging limit, which is not counted with the user.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="users">The limit; null where there is none.</param>
    /// <param name="retryAt">When the next place comes free, where one is wanting; null where that isn't known.</param>
    public static ImmutableArray<Finding> WithLimit(ImmutableArray<Finding> trace, int? users, Instant? retryAt) =>
    [
        .. trace.Select(finding => finding.Rule != Rule.MessagingLimit ? finding : finding with
        {
            RetryAt = finding.Outcome == RuleOutcome.Refuse ? retryAt : null,
            Facts = finding.Facts.Add(new("limit", users?.ToString(CultureInfo.InvariantCulture) ?? "unlimited", Public: true)),
        }),
    ];

    /// <summary>
    /// What a business may see of a trace: public facts only, times to the full hour where others' sends decide them, and nothing behind the first
    /// refusal, so that a block can't be told from a missing record.
    /// </summary>
    /// <remarks>
    /// That its marketing rests is one user's feedback: it is told as that user's cap being used up for good, so that it looks as if the user had set
    /// their own number to 0.
    /// </remarks>
    public static ImmutableArray<Finding> PublicView(ImmutableArray<Finding> trace)
    {
        var view = ImmutableArray.CreateBuilder<Finding>(trace.Length);
        var rests = Rests(trace);
        foreach (var finding in trace)
        {
            view.Add(Public(finding, rests));
            if (view[^1].Outcome == RuleOutcome.Refuse)
            {
                break;
            }
        }

        return view.ToImmutable();
    }

    /// <summary>The reason of a refusal as a business may know it.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="trace">The trace of the same decision.</param>
    public static Reason PublicReason(Reason reason, ImmutableArray<Finding> trace) => reason switch
    {
        Reason.MarketingRests => PublicView(trace) is [.., { Reason: { } told }] ? told : Reason.MarketingCap,
        Reason.BlockedByUser or Reason.BusinessesOff or Reason.BlockedByBusiness or Reason.TooManyUndelivered => Reason.NoRelation,
        _ => reason,
    };

    /// <summary>The first instant at which waiting has helped, as a business may know it; see <see cref="PublicView"/>.</summary>
    /// <param name="retryAt">See <see cref="SendDecision.RetryAt"/>.</param>
    /// <param name="isPublic">See <see cref="SendDecision.RetryAtIsPublic"/>.</param>
    /// <param name="trace">The trace of the same decision.</param>
    public static Instant? PublicRetryAt(Instant? retryAt, bool isPublic, ImmutableArray<Finding> trace) =>
        Rests(trace) ? null : isPublic ? retryAt : retryAt?.CeilingToHour();

    private static ImmutableArray<GateRule<SendCase>> RulesFor(in SendCase send) => send.Command.WindowOnlyUntil is null ? Rules : RulesInWindowOnly;

    private static bool Rests(ImmutableArray<Finding> trace) => trace.Any(finding => finding is { Rule: Rule.MarketingRest, Outcome: RuleOutcome.Refuse });

    private static Finding Public(Finding finding, bool rests)
    {
        // All of them, the business's own list, too: otherwise who it lists would show when they block it.
        if (finding is { Rule: Rule.Reach, Outcome: RuleOutcome.Refuse })
        {
            return new Finding(finding.Rule, RuleOutcome.Refuse, Reason.NoRelation, null, RetryAtIsPublic: true, []);
        }

        if (rests && finding.Rule == Rule.MarketingRest)
        {
            return new Finding(finding.Rule, RuleOutcome.Pass, null, null, RetryAtIsPublic: true, []);
        }

        if (rests && finding.Rule == Rule.MarketingCap)
        {
            finding = finding with { Outcome = RuleOutcome.Refuse, Reason = Reason.MarketingCap, RetryAt = null };
        }

        return finding with
        {
            RetryAt = finding.RetryAtIsPublic ? finding.RetryAt : finding.RetryAt?.CeilingToHour(),
            RetryAtIsPublic = finding.RetryAtIsPublic || finding.RetryAt is null,
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
