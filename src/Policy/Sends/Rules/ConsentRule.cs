using System.Collections.Immutable;
using System.Globalization;
using Actors.Policy.Users;

namespace Actors.Policy.Sends.Rules;

/// <summary>Whether the user agreed to this category, or an open window makes up for it.</summary>
/// <remarks>
/// Marketing needs a live opt-in always. Utility and authentication need one, or an open window, unless the consent was withdrawn at or after the user's last
/// message. Service needs none, unless all three were withdrawn and the last of them at or after the user's last message.
/// </remarks>
internal sealed class ConsentRule : GateRule<SendCase>
{
    public override Rule Rule => Rule.Consent;

    public override Verdict Check(in SendCase send) => send.Command.Category switch
    {
        Category.Marketing => Marketing(send),
        Category.Utility or Category.Authentication => Transactional(send),
        Category.Service => Service(send),
    };

    private static Verdict Marketing(in SendCase send)
    {
        var relation = send.Relation;
        if (!relation.Marketing.IsLive)
        {
            return NotLive(relation.Marketing);
        }

        if (relation.Stop != MarketingStop.None)
        {
            return Verdict.Refuse(Reason.MarketingStopped);
        }

        return send.State.Preferences.Marketing ? Verdict.Pass : Verdict.Refuse(Reason.MarketingOff);
    }

    private static Verdict Transactional(in SendCase send)
    {
        var consent = send.Relation.ConsentFor(send.Command.Category);
        return consent.IsLive || (send.InWindow && !WithdrawnSinceLastMessage(consent, send.Relation)) ? Verdict.Pass : NotLive(consent);
    }

    private static Verdict Service(in SendCase send)
    {
        if (!send.InWindow)
        {
            // The window's own rule refuses it.
            return Verdict.NotApplicable;
        }

        var relation = send.Relation;
        var everythingWithdrawn = relation.Utility.IsWithdrawn && relation.Authentication.IsWithdrawn && relation.Marketing.IsWithdrawn;
        return everythingWithdrawn
            && (WithdrawnSinceLastMessage(relation.Utility, relation)
                || WithdrawnSinceLastMessage(relation.Authentication, relation)
                || WithdrawnSinceLastMessage(relation.Marketing, relation))
            ? Verdict.Refuse(Reason.ConsentWithdrawn)
            : Verdict.Pass;
    }

    private static bool WithdrawnSinceLastMessage(Consent consent, Relation relation) =>
        consent.IsWithdrawn && relation.WindowFrom is { } message && consent.At >= message;

    private static Verdict NotLive(Consent consent) =>
        Verdict.Refuse(consent.IsWithdrawn ? Reason.ConsentWithdrawn : Reason.ConsentMissing);

    public override ImmutableArray<Fact> Facts(in SendCase send)
    {
        var facts = ImmutableArray.CreateBuilder<Fact>();
        facts.Add(new("category", Words.Of(send.Command.Category), Public: true));
        facts.Add(new("in_window", send.InWindow ? "yes" : "no", Public: true));
        if (send.Command.Category == Category.Service)
        {
            return facts.ToImmutable();
        }

        var consent = send.Relation.ConsentFor(send.Command.Category);
        facts.Add(new("consent", consent.IsLive ? "granted" : consent.IsWithdrawn ? "withdrawn" : "missing", Public: true));
        facts.Add(new("consent_status", Words.Of(consent.Status), Public: false));
        if (consent.Status != ConsentStatus.None)
        {
            facts.Add(new("consent_at", consent.At.ToString(), Public: false));
            facts.Add(new("consent_entry", consent.Entry.ToString(CultureInfo.InvariantCulture), Public: false));
        }

        if (send.Command.Category == Category.Marketing)
        {
            facts.Add(new("marketing_stop", Words.Of(send.Relation.Stop), Public: false));
            facts.Add(new("marketing_on", send.State.Preferences.Marketing ? "yes" : "no", Public: false));
        }

        return facts.ToImmutable();
    }
}
