using Actors.Policy.Sends;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class RestrictionRuleTests
{
    private static readonly SendCommand Utility = Send(Category.Utility) with { WindowOnlyUntil = Now + Day };

    [Fact]
    public void Outside_the_window_nothing_is_sent_until_the_restriction_ends()
    {
        var refused = Decide(With(OptedIn()), Utility, Now + Day - Tick);
        Assert.Equal((Reason.BusinessRestricted, Now + Day, true), (refused.Reason!.Value, refused.RetryAt!.Value, refused.RetryAtIsPublic));
        Decide(With(OptedIn()), Utility, Now + Day).Done();
        Decide(With(OptedIn()), Send(Category.Utility)).Done();
    }

    [Fact]
    public void Inside_the_window_it_is_sent()
    {
        var relation = OptedIn() with { WindowFrom = Now };
        Decide(With(relation), Utility, Now + Day - Tick).Done();
        Decide(With(relation), Utility with { Category = Category.Service, Template = 0 }, Now).Done();
        var closed = Decide(With(relation), Utility with { WindowOnlyUntil = Now + (2 * Day) }, Now + Day);
        Assert.Equal((Reason.BusinessRestricted, Now + (2 * Day)), (closed.Reason!.Value, closed.RetryAt!.Value));
    }

    [Fact]
    public void It_comes_before_everything_that_the_user_has_a_say_in()
    {
        Assert.Equal(Reason.BusinessRestricted, Decide(With(), Utility).Reason);
        Assert.Equal(Reason.BusinessRestricted, Decide(With(OptedIn() with { BlockedAt = Now }), Utility).Reason);
        Assert.Null(Decide(With(), Utility).RetryAt);
    }

    [Fact]
    public void The_trace_has_it_only_where_the_business_is_restricted_so()
    {
        var step = SendGate.Explain(With(OptedIn()), Utility, Numbers, Now, NoZones)[0];
        Assert.Equal((Rule.Restriction, RuleOutcome.Refuse, Now + Day), (step.Rule, step.Outcome, step.RetryAt!.Value));
        Assert.Equal([new Fact("window_only_until", (Now + Day).ToString(), true), new("window_open", "no", true)], step.Facts);
        var talking = SendGate.Explain(With(OptedIn() with { WindowFrom = Now }), Utility, Numbers, Now, NoZones)[0];
        Assert.Equal((RuleOutcome.Pass, new Fact("window_open", "yes", true)), (talking.Outcome, talking.Facts[^1]));
        Assert.Equal(Rule.Reach, SendGate.Explain(With(OptedIn()), Send(Category.Utility), Numbers, Now, NoZones)[0].Rule);
    }
}
