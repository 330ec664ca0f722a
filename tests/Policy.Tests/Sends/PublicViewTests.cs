using System.Collections.Immutable;
using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class PublicViewTests
{
    private static ImmutableArray<Finding> View(UserState state, Category category = Category.Marketing, PolicyNumbers? numbers = null) =>
        SendGate.PublicView(SendGate.Explain(state, Send(category), numbers ?? Numbers, Now, NoZones));

    [Fact]
    public void A_block_all_businesses_off_and_too_many_undelivered_look_like_no_relation()
    {
        var off = new Preferences(false, true, []);
        UserState[] states =
        [
            UserState.Empty,
            With(OptedIn() with { BlockedAt = Now }),
            With(OptedIn()) with { Preferences = off },
            With(OptedIn() with { Undelivered = 1_000 }),
            With(OptedIn() with { BlockedAt = Now, BlockedByBusinessAt = Now }),
            With(OptedIn() with { BlockedByBusinessAt = Now }),
        ];
        foreach (var state in states)
        {
            var finding = Assert.Single(View(state));
            Assert.Equal((Rule.Reach, RuleOutcome.Refuse, Reason.NoRelation), (finding.Rule, finding.Outcome, finding.Reason!.Value));
            Assert.Null(finding.RetryAt);
            Assert.True(finding.RetryAtIsPublic);
            Assert.Empty(finding.Facts);
        }
    }

    [Fact]
    public void Nothing_behind_the_first_refusal_is_shown()
    {
        var state = With(OptedIn() with { Stop = MarketingStop.ByCall, PairRested = Now + Day });
        Assert.Equal([Rule.Reach, Rule.Consent], View(state).Select(finding => finding.Rule));
        Assert.Equal(Reason.MarketingStopped, View(state)[^1].Reason);
    }

    [Fact]
    public void Only_public_facts_are_shown()
    {
        var view = View(With(OptedIn()));
        Assert.Equal(8, view.Length);
        Assert.All(view.SelectMany(finding => finding.Facts), fact => Assert.True(fact.Public));
        Assert.Equal(["in_window", "per_business_per_day", "used_by_business"], view[6].Facts.Select(fact => fact.Name));
    }

    [Fact]
    public void A_time_that_others_sends_decide_is_shown_to_the_full_hour_after_it()
    {
        var state = With(OptedIn()) with { Receipts = [new(OtherBusiness, Now + Tick - Day, 1), new(OtherBusiness, Now, 2)] };
        var finding = View(state)[^1];
        Assert.Equal((Reason.MarketingCap, Now + TimeSpan.FromHours(1)), (finding.Reason!.Value, finding.RetryAt!.Value));
        Assert.False(finding.RetryAtIsPublic);
    }

    [Fact]
    public void A_time_that_its_own_sends_decide_is_shown_as_it_is()
    {
        var state = With(OptedIn()) with { Receipts = [new(Business, Now - Second, 1)] };
        Assert.Equal(Now - Second + Day, View(state)[^1].RetryAt);
        var tired = With(OptedIn() with { PairRested = Now + Day });
        Assert.Equal(Now + Day - (44 * 6 * Second), View(tired, Category.Utility)[^1].RetryAt);
    }

    [Fact]
    public void A_cap_that_never_passes_shows_no_time()
    {
        var numbers = Numbers with { MarketingCap = new MarketingCapNumbers { PerDay = 0 } };
        Assert.Null(View(With(OptedIn()), numbers: numbers)[^1].RetryAt);
    }
}
