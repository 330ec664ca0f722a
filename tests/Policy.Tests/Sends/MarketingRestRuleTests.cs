using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class MarketingRestRuleTests
{
    private static UserState Said(UserState state, Feedback feedback, Instant at, long number = 5, PolicyNumbers? numbers = null) =>
        MessageActions.GiveFeedback(state, Message() with { Number = number }, feedback, numbers ?? Numbers, at).Done().Next;

    private static UserState NotInterested => Said(With(OptedIn(), OptedIn(OtherBusiness)), Feedback.NotInterested, Now);

    [Fact]
    public void A_business_rests_for_seven_days_and_the_others_do_not()
    {
        var decision = Decide(NotInterested, Send(Category.Marketing), Now + Week - Tick);
        Assert.Equal((Reason.MarketingRests, Now + Week, false), (decision.Reason!.Value, decision.RetryAt!.Value, decision.RetryAtIsPublic));
        Decide(NotInterested, Send(Category.Marketing), Now + Week).Done();
        Decide(NotInterested, Send(Category.Marketing, OtherBusiness)).Done();
    }

    [Fact]
    public void It_rests_in_a_window_too()
    {
        var state = NotInterested.After(Says("What else do you have?"));
        var decision = Decide(state, Send(Category.Marketing));
        Assert.Equal((Reason.MarketingRests, Now + Week), (decision.Reason!.Value, decision.RetryAt!.Value));
    }

    [Theory]
    [InlineData(Category.Utility)]
    [InlineData(Category.Authentication)]
    public void Only_marketing_rests(Category category)
    {
        Decide(NotInterested, Send(category)).Done();
        Assert.Equal(RuleOutcome.NotApplicable, Explain(NotInterested, Send(category))[4].Outcome);
        Assert.Empty(Explain(NotInterested, Send(category))[4].Facts);
    }

    [Fact]
    public void The_newest_word_holds()
    {
        var again = Said(NotInterested, Feedback.NotInterested, Now + Day, number: 6);
        Assert.Equal(Now + Day + Week, Decide(again, Send(Category.Marketing), Now + Day).RetryAt);
        var interested = Said(again, Feedback.Interested, Now + Day + Tick, number: 7);
        Decide(interested, Send(Category.Marketing), Now + Day + Tick).Done();
        Assert.Null(interested.RelationWith(Business)!.RestsUntil);
    }

    [Fact]
    public void The_length_is_configuration_and_zero_is_off()
    {
        var short_ = Numbers with { MarketingCap = new MarketingCapNumbers { Rest = Second } };
        Assert.Equal(Now + Second, Said(With(OptedIn()), Feedback.NotInterested, Now, numbers: short_).RelationWith(Business)!.RestsUntil);
        var off = Numbers with { MarketingCap = new MarketingCapNumbers { Rest = TimeSpan.Zero } };
        Assert.Null(Said(With(OptedIn()), Feedback.NotInterested, Now, numbers: off).RelationWith(Business)!.RestsUntil);
    }

    [Fact]
    public void A_relation_is_kept_while_it_rests()
    {
        var state = Said(UserState.Empty, Feedback.NotInterested, Now);
        Assert.Equal(Reason.ConsentMissing, Decide(state, Send(Category.Marketing), Now + Week - Tick).Reason);
        Assert.Equal(Reason.NoRelation, Decide(state, Send(Category.Marketing), Now + Week).Reason);
    }

    [Fact]
    public void The_trace_says_until_when_and_the_business_is_not_told()
    {
        var trace = Explain(NotInterested, Send(Category.Marketing));
        Assert.Equal((Rule.MarketingRest, RuleOutcome.Refuse), (trace[4].Rule, trace[4].Outcome));
        Assert.Equal((Reason.MarketingRests, Now + Week), (trace[4].Reason!.Value, trace[4].RetryAt!.Value));
        Assert.Equal([new Fact("rests_until", (Now + Week).ToString(), Public: false)], trace[4].Facts);
        Assert.Empty(Explain(NotInterested, Send(Category.Marketing), Now + Week)[4].Facts);
        Assert.Equal(RuleOutcome.Pass, Explain(NotInterested, Send(Category.Marketing), Now + Week)[4].Outcome);
        Assert.DoesNotContain(SendGate.PublicView(trace), finding => finding.Reason == Reason.MarketingRests || finding.RetryAt is not null);
    }

    [Fact]
    public void It_comes_before_quiet_hours_and_the_cap_and_after_the_pair_rate()
    {
        var tired = NotInterested with
        {
            Receipts = [new Receipt(OtherBusiness, Now, 1), new Receipt(OtherBusiness, Now, 2)],
            Preferences = Preferences.Default with { QuietHours = new QuietHours(0, 1_439, "UTC") },
        };
        Assert.Equal(Reason.MarketingRests, SendGate.Decide(tired, Send(Category.Marketing), Numbers, Now, NoZones).Reason);
        var after = SendGate.Decide(tired, Send(Category.Marketing), Numbers, Now + Week, NoZones);
        Assert.Equal(Reason.QuietHours, after.Reason);
        var busy = tired with { Relations = [tired.Relations[0] with { PairRested = Now + Day }] };
        Assert.Equal(Reason.PairRate, SendGate.Decide(busy, Send(Category.Marketing), Numbers, Now, NoZones).Reason);
    }
}
