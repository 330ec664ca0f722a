using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class WindowRuleTests
{
    private static UserState WroteAt(Instant at) => With(new Relation { Business = Business, WindowFrom = at });

    [Fact]
    public void A_window_is_open_until_one_length_after_the_users_message()
    {
        var length = Numbers.Window.Length;
        Decide(WroteAt(Now), Send(Category.Service)).Done();
        Decide(WroteAt(Now), Send(Category.Service), Now + length - Tick).Done();
        Assert.Equal(Reason.WindowClosed, Decide(WroteAt(Now), Send(Category.Service), Now + length).Reason);
        Assert.Null(Decide(WroteAt(Now), Send(Category.Service), Now + length).RetryAt);
    }

    [Fact]
    public void The_length_of_a_window_is_a_number_of_the_policy()
    {
        var numbers = Numbers with { Window = new WindowNumbers { Length = TimeSpan.FromMinutes(1) } };
        Decide(WroteAt(Now), Send(Category.Service), Now + TimeSpan.FromSeconds(60) - Tick, numbers).Done();
        Assert.Equal(Reason.WindowClosed, Decide(WroteAt(Now), Send(Category.Service), Now + TimeSpan.FromSeconds(60), numbers).Reason);
    }

    [Fact]
    public void A_relation_shows_when_its_window_ends()
    {
        var relation = new Relation { Business = Business, WindowFrom = Now };
        Assert.Equal(Now + Day, relation.WindowUntil(Numbers.Window));
        Assert.True(relation.WindowIsOpen(Numbers.Window, Now + Day - Tick));
        Assert.False(relation.WindowIsOpen(Numbers.Window, Now + Day));
        Assert.Null(OptedIn().WindowUntil(Numbers.Window));
        Assert.False(OptedIn().WindowIsOpen(Numbers.Window, Now));
    }

    [Fact]
    public void A_template_needs_no_window()
    {
        var trace = SendGate.Explain(With(OptedIn()), Send(Category.Utility), Numbers, Now, NoZones);
        Assert.Equal((Rule.Window, RuleOutcome.NotApplicable), (trace[2].Rule, trace[2].Outcome));
        Assert.Null(trace[2].Reason);
        Assert.Empty(trace[2].Facts);
    }

    [Fact]
    public void The_trace_says_from_when_to_when_the_window_lasts()
    {
        var finding = SendGate.Explain(WroteAt(Now - Day), Send(Category.Service), Numbers, Now, NoZones)[2];
        Assert.Equal((RuleOutcome.Refuse, Reason.WindowClosed), (finding.Outcome, finding.Reason!.Value));
        Assert.Equal(
            [new Fact("window_from", "2026-08-31T12:00:00.000Z", true), new Fact("window_until", "2026-09-01T12:00:00.000Z", true)],
            finding.Facts);
    }
}
