using System.Collections.Immutable;

namespace Actors.Policy.Sends.Rules;

/// <summary>A locked business sends nothing.</summary>
internal sealed class BusinessStatusRule : GateRule<AdmissionFacts>
{
    public override Rule Rule => Rule.BusinessStatus;

    public override Verdict Check(in AdmissionFacts send) => send.Locked ? Verdict.Refuse(Reason.BusinessLocked) : Verdict.Pass;

    public override ImmutableArray<Fact> Facts(in AdmissionFacts send) => [new("locked", send.Locked ? "yes" : "no", Public: true)];
}
