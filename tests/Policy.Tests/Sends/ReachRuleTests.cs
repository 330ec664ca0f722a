using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class ReachRuleTests
{
    [Fact]
    public void A_business_that_the_user_never_heard_of_reaches_nobody()
    {
        Assert.Equal(Reason.NoRelation, Decide(UserState.Empty, Send(Category.Utility)).Reason);
        Assert.Equal(Reason.NoRelation, Decide(With(OptedIn(OtherBusiness)), Send(Category.Utility)).Reason);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(300)]
    [InlineData(400)]
    [InlineData(500)]
    public void A_relation_is_found_wherever_it_stands(long business)
    {
        var state = With(OptedIn(100), OptedIn(200), OptedIn(300), OptedIn(400), OptedIn(500));
        Decide(state, Send(Category.Utility, business)).Done();
        Assert.Equal(Reason.NoRelation, Decide(state, Send(Category.Utility, business + 1)).Reason);
        Assert.Equal(Reason.NoRelation, Decide(state, Send(Category.Utility, business - 1)).Reason);
    }

    [Fact]
    public void A_relation_that_holds_nothing_is_none()
    {
        Assert.Equal(Reason.NoRelation, Decide(With(new Relation { Business = Business }), Send(Category.Utility)).Reason);
    }

    [Fact]
    public void A_blocking_user_is_not_reached()
    {
        var decision = Decide(With(OptedIn() with { BlockedAt = Now - Day }), Send(Category.Utility));
        Assert.Equal(Reason.BlockedByUser, decision.Reason);
        Assert.Null(decision.Change);
        Assert.Null(decision.RetryAt);
    }

    [Fact]
    public void A_user_who_wants_no_businesses_is_not_reached()
    {
        var state = With(OptedIn()) with { Preferences = new Preferences(false, true, []) };
        Assert.Equal(Reason.BusinessesOff, Decide(state, Send(Category.Utility)).Reason);
    }

    [Fact]
    public void A_user_on_the_business_own_list_is_not_reached()
    {
        Assert.Equal(Reason.BlockedByBusiness, Decide(With(OptedIn() with { BlockedByBusinessAt = Now }), Send(Category.Utility)).Reason);
    }

    [Fact]
    public void Undelivered_messages_are_allowed_up_to_their_number()
    {
        var max = Numbers.Messages.UndeliveredMax;
        Decide(With(OptedIn() with { Undelivered = max - 1 }), Send(Category.Utility)).Done();
        Assert.Equal(Reason.TooManyUndelivered, Decide(With(OptedIn() with { Undelivered = max }), Send(Category.Utility)).Reason);
        Assert.Equal(Reason.TooManyUndelivered, Decide(With(OptedIn() with { Undelivered = max + 1 }), Send(Category.Utility)).Reason);
    }

    [Fact]
    public void The_first_reason_in_the_order_of_precedence_is_the_answer()
    {
        var everything = OptedIn() with { BlockedAt = Now, BlockedByBusinessAt = Now, Undelivered = 5_000 };
        var off = new Preferences(false, true, []);
        Assert.Equal(Reason.NoRelation, Decide(UserState.Empty with { Preferences = off }, Send(Category.Utility)).Reason);
        Assert.Equal(Reason.BlockedByUser, Decide(With(everything) with { Preferences = off }, Send(Category.Utility)).Reason);
        Assert.Equal(Reason.BusinessesOff, Decide(With(everything with { BlockedAt = null }) with { Preferences = off }, Send(Category.Utility)).Reason);
        Assert.Equal(Reason.BlockedByBusiness, Decide(With(everything with { BlockedAt = null }), Send(Category.Utility)).Reason);
    }

    [Fact]
    public void The_trace_says_what_stands_in_the_way()
    {
        var relation = OptedIn() with { BlockedAt = Now - Day, BlockedByBusinessAt = Now - Tick, Undelivered = 3 };
        var finding = SendGate.Explain(With(relation), Send(Category.Utility), Numbers, Now, NoZones)[0];
        Assert.Equal(Rule.Reach, finding.Rule);
        Assert.Equal(
            [
                new Fact("relation", "yes", false),
                new Fact("businesses_on", "yes", false),
                new Fact("undelivered", "3", false),
                new Fact("undelivered_max", "1000", false),
                new Fact("blocked_by_user_at", "2026-08-31T12:00:00.000Z", false),
                new Fact("blocked_by_business_at", "2026-09-01T11:59:59.999Z", false),
            ],
            finding.Facts);
        var nothing = SendGate.Explain(UserState.Empty with { Preferences = new(false, true, []) }, Send(Category.Utility), Numbers, Now, NoZones)[0];
        Assert.Equal(
            [
                new Fact("relation", "no", false),
                new Fact("businesses_on", "no", false),
                new Fact("undelivered", "0", false),
                new Fact("undelivered_max", "1000", false),
            ],
            nothing.Facts);
    }
}
