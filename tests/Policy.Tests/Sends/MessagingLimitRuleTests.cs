using Actors.Policy.Sends;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class MessagingLimitRuleTests
{
    [Theory]
    [InlineData(null, Reason.MessagingLimit)]
    [InlineData(0L, null)]
    [InlineData(7L, null)]
    public void What_opens_a_conversation_needs_a_place(long? quota, Reason? reason)
    {
        var decision = Decide(With(OptedIn()), Send(Category.Utility) with { Quota = quota });
        Assert.Equal(reason, decision.Reason);
        Assert.Null(decision.RetryAt);
        if (reason is null)
        {
            Assert.Equal((true, quota), (decision.Done().Events[0].Opened, decision.Done().Events[0].Quota));
        }
    }

    [Fact]
    public void What_opens_none_needs_none()
    {
        var send = Send(Category.Utility);
        var opened = With(OptedIn() with { OpenedAt = Now - Day + Tick });
        var talking = With(OptedIn() with { WindowFrom = Now });
        foreach (var state in new[] { opened, talking })
        {
            Assert.Null(Decide(state, send with { Quota = null }).Reason);
            var accepted = Decide(state, send with { Quota = 7 }).Done().Events[0];
            Assert.Equal((false, 0), (accepted.Opened, accepted.Quota));
        }

        Assert.Equal(Reason.MessagingLimit, Decide(With(OptedIn() with { OpenedAt = Now - Day }), send with { Quota = null }).Reason);
    }

    [Fact]
    public void It_puts_no_other_refusal_off_for_good()
    {
        var tired = With(OptedIn() with { PairRested = Now + Day });
        var waits = Decide(tired, Send(Category.Utility) with { Quota = null });
        Assert.Equal(Reason.PairRate, waits.Reason);
        Assert.Equal(Decide(tired, Send(Category.Utility)).RetryAt, waits.RetryAt);
    }

    [Fact]
    public void It_comes_last_and_the_business_sees_why()
    {
        var trace = SendGate.PublicView(SendGate.Explain(With(OptedIn()), Send(Category.Marketing) with { Quota = null }, Numbers, Now, NoZones));
        Assert.Equal((Rule.MessagingLimit, RuleOutcome.Refuse), (trace[^1].Rule, trace[^1].Outcome));
        Assert.Equal([new Fact("opens_conversation", "true", true), new("opened_at", "never", true)], trace[^1].Facts);
    }

    [Fact]
    public void The_trace_says_since_when_the_conversation_is_open()
    {
        var trace = SendGate.Explain(With(OptedIn() with { OpenedAt = Now - Second }), Send(Category.Marketing), Numbers, Now, NoZones);
        Assert.Equal([new Fact("opens_conversation", "false", true), new("opened_at", (Now - Second).ToString(), true)], trace[^1].Facts);
    }
}
