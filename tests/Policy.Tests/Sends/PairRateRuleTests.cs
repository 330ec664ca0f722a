using Actors.Policy.Sends;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class PairRateRuleTests
{
    private static PolicyNumbers Rate(TimeSpan interval, int burst) => Numbers with { PairRate = new PairRateNumbers { Interval = interval, Burst = burst } };

    [Fact]
    public void A_rested_pair_takes_one_burst_at_once_and_then_one_message_per_interval()
    {
        var state = With(OptedIn());
        var numbers = Rate(6 * Second, 45);
        for (var i = 0; i < 45; i++)
        {
            state = Decide(state, Send(Category.Utility), Now, numbers).Done().Next;
        }

        for (var i = 1; i <= 3; i++)
        {
            var fits = Now + (i * 6 * Second);
            var refused = Decide(state, Send(Category.Utility), fits - Tick, numbers);
            Assert.Equal((Reason.PairRate, fits, true), (refused.Reason!.Value, refused.RetryAt!.Value, refused.RetryAtIsPublic));
            state = Decide(state, Send(Category.Utility), fits, numbers).Done().Next;
        }
    }

    [Fact]
    public void A_pair_has_its_whole_burst_again_once_it_is_fully_rested()
    {
        var numbers = Rate(Second, 3);
        var state = Decide(With(OptedIn()), Send(Category.Utility), Now, numbers).Done().Next;
        state = Decide(state, Send(Category.Utility), Now, numbers).Done().Next;
        Assert.Equal(Now + (2 * Second), state.Relations[0].PairRested);

        var later = Now + (2 * Second);
        for (var i = 0; i < 3; i++)
        {
            state = Decide(state, Send(Category.Utility), later, numbers).Done().Next;
        }

        Assert.Equal(later + Second, Decide(state, Send(Category.Utility), later, numbers).RetryAt);
    }

    [Fact]
    public void Rest_does_not_add_up_beyond_one_burst()
    {
        var numbers = Rate(Second, 1);
        var state = Decide(With(OptedIn()), Send(Category.Utility), Now, numbers).Done().Next;
        state = Decide(state, Send(Category.Utility), Now + Day, numbers).Done().Next;
        Assert.Equal(Now + Day + Second, Decide(state, Send(Category.Utility), Now + Day, numbers).RetryAt);
    }

    [Fact]
    public void Free_form_messages_count_too()
    {
        var numbers = Rate(Second, 1);
        var state = Decide(With(OptedIn() with { WindowFrom = Now }), Send(Category.Service), Now, numbers).Done().Next;
        Assert.Equal(Reason.PairRate, Decide(state, Send(Category.Utility), Now, numbers).Reason);
    }

    [Fact]
    public void A_pair_is_one_business_and_one_user()
    {
        var numbers = Rate(Second, 1);
        var state = Decide(With(OptedIn(), OptedIn(OtherBusiness)), Send(Category.Utility), Now, numbers).Done().Next;
        Decide(state, Send(Category.Utility, OtherBusiness), Now, numbers).Done();
    }

    [Fact]
    public void An_interval_of_nothing_turns_it_off_and_leaves_the_record_alone()
    {
        var numbers = Rate(TimeSpan.Zero, 1);
        var tired = OptedIn() with { PairRested = Now + Day };
        var change = Decide(With(tired), Send(Category.Utility), Now, numbers).Done();
        Assert.Equal(Now + Day, change.Relation().PairRested);
        Assert.Equal(default, Decide(With(OptedIn()), Send(Category.Utility), Now, numbers).Done().Relation().PairRested);
        var finding = SendGate.Explain(With(tired), Send(Category.Utility), numbers, Now, NoZones)[3];
        Assert.Equal((Rule.PairRate, RuleOutcome.NotApplicable), (finding.Rule, finding.Outcome));
    }

    [Fact]
    public void The_longest_interval_and_the_largest_burst_fit_into_time()
    {
        var numbers = Rate(TimeSpan.FromHours(1), 100_000);
        var tired = OptedIn() with { PairRested = Now + (TimeSpan.FromHours(1) * 99_999) + Tick };
        Assert.Equal(Now + Tick, Decide(With(tired), Send(Category.Utility), Now, numbers).RetryAt);
        Decide(With(tired), Send(Category.Utility), Now + Tick, numbers).Done();
    }

    [Fact]
    public void The_trace_says_the_rate_and_when_the_pair_is_rested()
    {
        var finding = SendGate.Explain(With(OptedIn() with { PairRested = Now + Day }), Send(Category.Utility), Rate(Second, 2), Now, NoZones)[3];
        Assert.Equal((RuleOutcome.Refuse, Reason.PairRate, Now + Day - Second), (finding.Outcome, finding.Reason!.Value, finding.RetryAt!.Value));
        Assert.True(finding.RetryAtIsPublic);
        Assert.Equal(
            [new Fact("interval_ms", "1000", true), new Fact("burst", "2", true), new Fact("rested_at", "2026-09-02T12:00:00.000Z", true)],
            finding.Facts);
    }
}
