using System.Collections.Immutable;

namespace Actors.Policy.Sends.Rules;

/// <summary>A send that opens a conversation needs a place of the business's messaging limit (G6); others don't.</summary>
/// <remarks>
/// The limit is the business's and is counted there. A node brings the place along: only here is it known whether the send needs one.
/// </remarks>
internal sealed class MessagingLimitRule : GateRule<SendCase>
{
    public override Rule Rule => Rule.MessagingLimit;

    public override Verdict Check(in SendCase send) =>
        !send.Opens ? Verdict.NotApplicable
        : send.Command.Quota is null ? Verdict.Refuse(Reason.MessagingLimit)
        : Verdict.Pass;

    public override ImmutableArray<Fact> Facts(in SendCase send) =>
        [new("opens_conversation", send.Opens ? "true" : "false", Public: true), new("opened_at", send.Relation.OpenedAt?.ToString() ?? "never", Public: true)];
}
