using System.Collections.Immutable;
using System.Globalization;

namespace Actors.Policy.Sends.Rules;

/// <summary>So many decisions of a number in any sliding second. The caller counts them, since they are nobody's state.</summary>
internal sealed class ThroughputRule : GateRule<AdmissionFacts>
{
    public override Rule Rule => Rule.Throughput;

    public override Verdict Check(in AdmissionFacts send) =>
        send.ThroughputFreeAt is { } freeAt ? Verdict.Wait(Reason.Throughput, freeAt) : Verdict.Pass;

    public override ImmutableArray<Fact> Facts(in AdmissionFacts send) =>
        [new("messages_per_second", send.ThroughputLimit.ToString(CultureInfo.InvariantCulture), Public: true)];
}
