using System.Collections.Immutable;

namespace Actors.Policy.Sends.Rules;

/// <summary>A free-form message needs a window that the user's own message opened and that is still open.</summary>
internal sealed class WindowRule : GateRule<SendCase>
{
    public override Rule Rule => Rule.Window;

    public override Verdict Check(in SendCase send)
    {
        if (send.Command.Category != Category.Service)
        {
            return Verdict.NotApplicable;
        }

        return send.InWindow ? Verdict.Pass : Verdict.Refuse(Reason.WindowClosed);
    }

    public override ImmutableArray<Fact> Facts(in SendCase send) => send.Relation.WindowFrom is { } from
        ?
        [
            new("window_from", from.ToString(), Public: true),
            new("window_until", (from + send.Numbers.Window.Length).ToString(), Public: true),
        ]
        : [];
}
