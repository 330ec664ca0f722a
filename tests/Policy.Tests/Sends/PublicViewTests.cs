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
    public void A_retry_time_is_exact_where_it_is_the_businesss_own_else_the_full_hour_after_it_and_none_while_marketing_rests()
    {
        Assert.Equal(Now + Tick, SendGate.PublicRetryAt(Now + Tick, true, []));
        Assert.Equal(Now + TimeSpan.FromHours(1), SendGate.PublicRetryAt(Now + Tick, false, []));
        Assert.Null(SendGate.PublicRetryAt(null, false, []));
        var resting = SendGate.Explain(With(OptedIn() with { RestsUntil = Now + Day }), Send(Category.Marketing), Numbers, Now, NoZones);
        Assert.Null(SendGate.PublicRetryAt(Now + Day, true, resting));
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

    [Fact]
    public void A_rest_looks_like_a_users_own_number_of_0_whatever_else_holds()
    {
        var quiet = Preferences.Default with { QuietHours = new QuietHours(0, 1_439, "UTC") };
        Func<UserState, UserState>[] others =
        [
            state => state,
            state => state with { Preferences = quiet with { MarketingPerDay = state.Preferences.MarketingPerDay } },
            state => state with { Receipts = [new(Business, Now - Second, 1)] },
            state => state with { Receipts = [new(OtherBusiness, Now - Day, 1), new(OtherBusiness, Now, 2)] },
            state => state with { Relations = [state.Relations[0] with { PairRested = Now + Day }] },
            state => state with { Relations = [state.Relations[0] with { Stop = MarketingStop.ByCall }] },
            state => state with { Relations = [state.Relations[0] with { BlockedAt = Now }] },
        ];
        var rests = With(OptedIn() with { RestsUntil = Now + Week });
        var wantsNone = With(OptedIn()) with { Preferences = Preferences.Default with { MarketingPerDay = 0 } };
        foreach (var with in others)
        {
            Assert.Equal(Told(with(wantsNone)), Told(with(rests)));
        }

        Assert.NotEqual(Told(others[2](With(OptedIn()))), Told(others[2](rests)));
    }

    [Fact]
    public void A_refusal_of_the_users_own_business_is_told_as_no_relation()
    {
        foreach (var reason in new[] { Reason.BlockedByUser, Reason.BusinessesOff, Reason.BlockedByBusiness, Reason.TooManyUndelivered })
        {
            Assert.Equal(Reason.NoRelation, SendGate.PublicReason(reason, []));
        }

        Assert.Equal(Reason.MarketingCap, SendGate.PublicReason(Reason.MarketingRests, []));
        Assert.Equal(Reason.PairRate, SendGate.PublicReason(Reason.PairRate, []));
    }

    /// <summary>All that a business hears of a refusal.</summary>
    private static string Told(UserState with)
    {
        var decision = SendGate.Decide(with, Send(Category.Marketing), Numbers, Now, NoZones);
        var trace = SendGate.Explain(with, Send(Category.Marketing), Numbers, Now, NoZones);
        var steps = SendGate.PublicView(trace).Select(step => step with { Facts = [] } + string.Join(", ", step.Facts));
        var retryAt = SendGate.PublicRetryAt(decision.RetryAt, decision.RetryAtIsPublic, trace);
        return $"{SendGate.PublicReason(decision.Reason!.Value, trace)} {retryAt} {string.Join("; ", steps)}";
    }
}
