using System.Collections.Immutable;

namespace Actors.Policy.Sends.Rules;

/// <summary>A business whose restriction says so sends nothing outside the window.</summary>
internal sealed class RestrictionRule : GateRule<SendCase>
{
    public override Rule Rule => Rule.Restriction;

    public override Verdict Check(in SendCase send) =>
        send.Command.WindowOnlyUntil is not { } until ? Verdict.NotApplicable
        : send.InWindow || send.Now >= until ? Verdict.Pass
        : Verdict.Wait(Reason.BusinessRestricted, until);

    public override ImmutableArray<Fact> Facts(in SendCase send) =>
        send.Command.WindowOnlyUntil is { } until
            ? [new("window_only_until", until.ToString(), Public: true), new("window_open", send.InWindow ? "yes" : "no", Public: true)]
            : [];
}
