using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class SendGateTests
{
    private static PolicyNumbers Rate(TimeSpan interval, int burst) => Numbers with { PairRate = new PairRateNumbers { Interval = interval, Burst = burst } };

    [Fact]
    public void The_trace_has_every_rule_in_the_order_of_the_gate()
    {
        var trace = Explain(UserState.Empty, Send(Category.Service));
        Assert.Equal(
            [
                Rule.Reach, Rule.Consent, Rule.Window, Rule.PairRate,
                Rule.MarketingRest, Rule.QuietHours, Rule.MarketingCap, Rule.MessagingLimit,
            ],
            trace.Select(finding => finding.Rule));
        Assert.Equal(
            [
                RuleOutcome.Refuse, RuleOutcome.NotApplicable, RuleOutcome.Refuse, RuleOutcome.Pass,
                RuleOutcome.NotApplicable, RuleOutcome.NotApplicable, RuleOutcome.NotApplicable, RuleOutcome.Pass,
            ],
            trace.Select(finding => finding.Outcome));
        Assert.Equal([Reason.NoRelation, null, Reason.WindowClosed, null, null, null, null, null], trace.Select(finding => finding.Reason));
    }

    [Fact]
    public void An_accepted_send_has_a_trace_without_refusals()
    {
        var trace = SendGate.Explain(With(OptedIn()), Send(Category.Marketing), Numbers, Now, NoZones);
        Assert.Equal(
            [
                RuleOutcome.Pass, RuleOutcome.Pass, RuleOutcome.NotApplicable, RuleOutcome.Pass,
                RuleOutcome.Pass, RuleOutcome.NotApplicable, RuleOutcome.Pass, RuleOutcome.Pass,
            ],
            trace.Select(finding => finding.Outcome));
        Assert.All(trace, finding => Assert.Null(finding.Reason));
        Assert.All(trace, finding => Assert.True(finding.RetryAtIsPublic));
        Assert.True(Decide(With(OptedIn()), Send(Category.Marketing)).RetryAtIsPublic);
    }

    [Fact]
    public void A_user_who_was_reached_comes_before_consent_and_consent_before_the_rest()
    {
        var tired = new Relation { Business = Business, PairRested = Now + Day };
        var state = With(tired) with { Receipts = [new(Business, Now, 1), new(Business, Now, 2)] };
        Assert.Equal(Reason.ConsentMissing, Decide(state, Send(Category.Marketing)).Reason);
        Assert.Null(Decide(state, Send(Category.Marketing)).RetryAt);
        Assert.Equal(Reason.WindowClosed, Decide(state, Send(Category.Service)).Reason);
        Assert.Equal(Reason.PairRate, Decide(state with { Relations = [tired with { Marketing = Granted }] }, Send(Category.Marketing)).Reason);
    }

    [Fact]
    public void Retry_waits_for_the_slowest_of_the_time_bound_rules()
    {
        var numbers = Rate(Second, 1);
        var rested = Now + (2 * Day);
        var state = With(OptedIn() with { PairRested = rested }) with { Receipts = [new(Business, Now, 1)] };
        var decision = Decide(state, Send(Category.Marketing), Now, numbers);
        Assert.Equal((Reason.PairRate, rested, true), (decision.Reason!.Value, decision.RetryAt!.Value, decision.RetryAtIsPublic));

        state = With(OptedIn() with { PairRested = Now + Second }) with { Receipts = [new(Business, Now, 1)] };
        decision = Decide(state, Send(Category.Marketing), Now, numbers);
        Assert.Equal((Reason.PairRate, Now + Day, true), (decision.Reason!.Value, decision.RetryAt!.Value, decision.RetryAtIsPublic));
    }

    [Fact]
    public void A_retry_time_that_others_sends_decide_is_not_the_business_to_know()
    {
        var state = With(OptedIn() with { PairRested = Now + Second }) with { Receipts = [new(OtherBusiness, Now, 1), new(OtherBusiness, Now, 2)] };
        var decision = Decide(state, Send(Category.Marketing), Now, Rate(Second, 1));
        Assert.Equal((Reason.PairRate, Now + Day, false), (decision.Reason!.Value, decision.RetryAt!.Value, decision.RetryAtIsPublic));
    }

    [Fact]
    public void There_is_no_retry_time_when_a_rule_behind_never_passes()
    {
        var numbers = Rate(Second, 1) with { MarketingCap = new MarketingCapNumbers { PerDay = 0 } };
        var decision = Decide(With(OptedIn() with { PairRested = Now + Second }), Send(Category.Marketing), Now, numbers);
        Assert.Equal(Reason.PairRate, decision.Reason);
        Assert.Null(decision.RetryAt);
        Assert.True(decision.RetryAtIsPublic);
    }

    [Fact]
    public void There_is_no_retry_time_when_the_window_closes_before_it()
    {
        var numbers = Rate(Second, 1);
        var rested = Now + Second;
        UserState WroteAt(Instant at) => With(new Relation { Business = Business, WindowFrom = at, PairRested = rested });
        Assert.Equal(rested, Decide(WroteAt(rested - Day + Tick), Send(Category.Service), Now, numbers).RetryAt);
        var closed = Decide(WroteAt(rested - Day), Send(Category.Service), Now, numbers);
        Assert.Equal(Reason.PairRate, closed.Reason);
        Assert.Null(closed.RetryAt);
    }

    [Fact]
    public void A_window_that_closes_while_waiting_brings_the_cap_back_into_the_retry_time()
    {
        var numbers = Rate(Second, 1);
        var relation = OptedIn() with { WindowFrom = Now - Day + Second, PairRested = Now + Second };
        var state = With(relation) with { Receipts = [new(OtherBusiness, Now - (2 * Second), 1), new(OtherBusiness, Now - Second, 2)] };
        var decision = Decide(state, Send(Category.Marketing), Now, numbers);
        Assert.Equal((Reason.PairRate, Now + Day - (2 * Second), false), (decision.Reason!.Value, decision.RetryAt!.Value, decision.RetryAtIsPublic));
    }

    [Fact]
    public void A_node_whose_clock_lags_decides_at_the_newest_instant_of_the_record()
    {
        var state = With(OptedIn()) with { LastAt = Now };
        var change = Decide(state, Send(Category.Marketing), Now - Day).Done();
        Assert.Equal(Now, change.Next.LastAt);
        Assert.Equal(Now, change.Next.Receipts[0].At);
        Assert.Equal(Now, change.Events[0].At);
        Assert.Equal(Now, change.Message!.At);

        var trace = SendGate.Explain(change.Next, Send(Category.Marketing), Numbers, Now - Day, NoZones);
        Assert.Equal(Now + Day, trace[6].RetryAt);
        Assert.Equal(Now + Day, Decide(change.Next, Send(Category.Marketing), Now - Day).RetryAt);
    }

    [Fact]
    public void A_leap_of_the_clock_is_taken_as_it_is()
    {
        var state = With(OptedIn()) with { LastAt = Now };
        Assert.Equal(Now + Day, Decide(state, Send(Category.Utility), Now + Day).Done().Next.LastAt);
    }
}
