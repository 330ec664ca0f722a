using System.Collections.Immutable;

namespace Actors.Policy.Sends.Rules;

/// <summary>A number doesn't send to itself.</summary>
internal sealed class RecipientRule : GateRule<AdmissionFacts>
{
    public override Rule Rule => Rule.Recipient;

    public override Verdict Check(in AdmissionFacts send) => send.RecipientIsSender ? Verdict.Refuse(Reason.RecipientIsSender) : Verdict.Pass;

    public override ImmutableArray<Fact> Facts(in AdmissionFacts send) => [];
}
