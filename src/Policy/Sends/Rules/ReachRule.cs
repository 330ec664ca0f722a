using System.Collections.Immutable;
using System.Globalization;

namespace Actors.Policy.Sends.Rules;

/// <summary>Whether this business can reach this user at all.</summary>
/// <remarks>
/// Whatever it refuses for looks the same to a business (<see cref="SendGate.PublicView"/>), the business's own list among them: otherwise who it
/// lists would show when they block it. So none of its facts is public.
/// </remarks>
internal sealed class ReachRule : GateRule<SendCase>
{
    public override Rule Rule => Rule.Reach;

    public override Verdict Check(in SendCase send)
    {
        if (!send.HasRelation)
        {
            return Verdict.Refuse(Reason.NoRelation);
        }

        var relation = send.Relation;
        if (relation.BlockedAt is not null)
        {
            return Verdict.Refuse(Reason.BlockedByUser);
        }

        if (!send.State.Preferences.Businesses)
        {
            return Verdict.Refuse(Reason.BusinessesOff);
        }

        if (relation.BlockedByBusinessAt is not null)
        {
            return Verdict.Refuse(Reason.BlockedByBusiness);
        }

        return relation.Undelivered >= send.Numbers.Messages.UndeliveredMax ? Verdict.Refuse(Reason.TooManyUndelivered) : Verdict.Pass;
    }

    public override ImmutableArray<Fact> Facts(in SendCase send)
    {
        var facts = ImmutableArray.CreateBuilder<Fact>();
        facts.Add(new("relation", send.HasRelation ? "yes" : "no", Public: false));
        facts.Add(new("businesses_on", send.State.Preferences.Businesses ? "yes" : "no", Public: false));
        facts.Add(new("undelivered", send.Relation.Undelivered.ToString(CultureInfo.InvariantCulture), Public: false));
        facts.Add(new("undelivered_max", send.Numbers.Messages.UndeliveredMax.ToString(CultureInfo.InvariantCulture), Public: false));
        if (send.Relation.BlockedAt is { } blocked)
        {
            facts.Add(new("blocked_by_user_at", blocked.ToString(), Public: false));
        }

        if (send.Relation.BlockedByBusinessAt is { } listed)
        {
            facts.Add(new("blocked_by_business_at", listed.ToString(), Public: false));
        }

        return facts.ToImmutable();
    }
}
