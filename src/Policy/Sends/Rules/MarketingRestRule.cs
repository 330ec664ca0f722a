using System.Collections.Immutable;

namespace Actors.Policy.Sends.Rules;

/// <summary>A business whose marketing the user isn't interested in rests for some days, also in a window.</summary>
internal sealed class MarketingRestRule : GateRule<SendCase>
{
    public override Rule Rule => Rule.MarketingRest;

    public override Verdict Check(in SendCase send) =>
        send.Command.Category != Category.Marketing ? Verdict.NotApplicable
        : send.Relation.RestsUntil is { } until && until > send.Now ? Verdict.Wait(Reason.MarketingRests, until, isPublic: false)
        : Verdict.Pass;

    public override ImmutableArray<Fact> Facts(in SendCase send) =>
        send.Command.Category == Category.Marketing && send.Relation.RestsUntil is { } until && until > send.Now
            ? [new("rests_until", until.ToString(), Public: false)]
            : [];
}
