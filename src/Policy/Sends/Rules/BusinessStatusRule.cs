using System.Collections.Immutable;
using System.Globalization;
using Actors.Policy.Businesses;

namespace Actors.Policy.Sends.Rules;

/// <summary>
/// A locked business sends nothing, a restricted one not everything: no marketing, or nothing at all. That it sends nothing outside the window is
/// for the user's half to see (<see cref="RestrictionRule"/>), which knows the window.
/// </summary>
internal sealed class BusinessStatusRule : GateRule<AdmissionFacts>
{
    public override Rule Rule => Rule.BusinessStatus;

    public override Verdict Check(in AdmissionFacts send) =>
        send.Locked ? Verdict.Refuse(Reason.BusinessLocked)
        : Runs(send) && Forbids(send.Restriction, send.Category) ? Verdict.Wait(Reason.BusinessRestricted, send.RestrictedUntil)
        : Verdict.Pass;

    public override ImmutableArray<Fact> Facts(in AdmissionFacts send)
    {
        var facts = ImmutableArray.Create<Fact>(
            new("locked", send.Locked ? "yes" : "no", Public: true),
            new("restriction", Words.Of(Runs(send) ? send.Restriction : Restriction.None), Public: true),
            new("tier", send.Tier.ToString(CultureInfo.InvariantCulture), Public: true),
            new("quality", Words.Of(send.Quality), Public: true));
        return Runs(send) && send.RestrictedUntil is { } until ? facts.Add(new("restricted_until", until.ToString(), Public: true)) : facts;
    }

    private static bool Runs(in AdmissionFacts send) => send.RestrictedUntil is not { } until || send.Now < until;

    private static bool Forbids(Restriction restriction, Category category) => restriction switch
    {
        Restriction.None or Restriction.Warning => false,
        Restriction.NoMarketing or Restriction.WindowOnly => category == Category.Marketing,
        Restriction.Nothing or Restriction.Locked => true,
    };
}
