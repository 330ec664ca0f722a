using System.Collections.Immutable;
using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class MarketingCapRuleTests
{
    private static PolicyNumbers Cap(int perDay, int perWeek, int perBusinessPerDay) =>
        Numbers with { MarketingCap = new MarketingCapNumbers { PerDay = perDay, PerWeek = perWeek, PerBusinessPerDay = perBusinessPerDay } };

    /// <summary>A user who has opted in to both businesses and got marketing messages at these times.</summary>
    private static UserState Got(params ReadOnlySpan<(long Business, Instant At)> receipts)
    {
        var all = ImmutableArray.CreateBuilder<Receipt>();
        foreach (var (business, at) in receipts)
        {
            all.Add(new Receipt(business, at, all.Count + 1));
        }

        return With(OptedIn(), OptedIn(OtherBusiness)) with { Receipts = all.ToImmutable(), Messages = all.Count };
    }

    private static void RefusedUntil(Instant retryAt, bool isPublic, UserState state, PolicyNumbers numbers, Instant now)
    {
        var decision = Decide(state, Send(Category.Marketing), now, numbers);
        Assert.Equal((Reason.MarketingCap, retryAt, isPublic), (decision.Reason!.Value, decision.RetryAt!.Value, decision.RetryAtIsPublic));
    }

    [Fact]
    public void A_send_counts_until_it_is_one_day_old()
    {
        var numbers = Cap(1, 32, 32);
        var state = Got((OtherBusiness, Now - Day));
        Decide(state, Send(Category.Marketing), Now, numbers).Done();
        RefusedUntil(Now, isPublic: false, state, numbers, Now - Tick);
    }

    [Fact]
    public void A_send_counts_in_the_week_until_it_is_seven_days_old()
    {
        var numbers = Cap(32, 1, 32);
        var state = Got((OtherBusiness, Now - Week));
        Decide(state, Send(Category.Marketing), Now, numbers).Done();
        RefusedUntil(Now, isPublic: false, state, numbers, Now - Tick);
    }

    [Fact]
    public void One_business_counts_by_itself_for_a_day()
    {
        var numbers = Cap(32, 32, 1);
        Decide(Got((OtherBusiness, Now)), Send(Category.Marketing), Now, numbers).Done();
        Decide(Got((Business, Now - Day)), Send(Category.Marketing), Now, numbers).Done();
        RefusedUntil(Now + Tick, isPublic: true, Got((Business, Now - Day + Tick)), numbers, Now);
    }

    [Fact]
    public void One_of_its_own_has_to_lapse_where_so_many_count_as_the_number_says() =>
        RefusedUntil(Now - (2 * Second) + Day, isPublic: true, Got((Business, Now - (2 * Second)), (Business, Now - Second)), Cap(32, 32, 2), Now);

    [Fact]
    public void So_many_fit_as_the_number_says()
    {
        var numbers = Cap(3, 32, 32);
        var state = Got((OtherBusiness, Now - (3 * Second)), (OtherBusiness, Now - (2 * Second)));
        state = Decide(state, Send(Category.Marketing), Now, numbers).Done().Next;
        RefusedUntil(Now - (3 * Second) + Day, isPublic: false, state, numbers, Now);
    }

    [Fact]
    public void Where_more_count_than_the_number_allows_now_enough_of_them_have_to_lapse()
    {
        // The number was lowered: three count, one is allowed.
        var numbers = Cap(1, 32, 32);
        var state = Got((OtherBusiness, Now - (3 * Second)), (OtherBusiness, Now - (2 * Second)), (OtherBusiness, Now - Second));
        RefusedUntil(Now - Second + Day, isPublic: false, state, numbers, Now);
    }

    [Fact]
    public void The_latest_of_the_three_numbers_decides_when_it_fits()
    {
        var numbers = Cap(2, 3, 1);
        var state = Got((OtherBusiness, Now - (6 * Day)), (OtherBusiness, Now - (2 * Second)), (Business, Now - Second));
        RefusedUntil(Now + Day, isPublic: false, state, numbers, Now);
        RefusedUntil(Now - Second + Day, isPublic: false, state, Cap(2, 32, 1), Now);
        RefusedUntil(Now - (2 * Second) + Day, isPublic: false, state, Cap(2, 32, 32), Now);
        RefusedUntil(Now + Day, isPublic: false, state, Cap(32, 3, 32), Now);
        RefusedUntil(Now - Second + Day, isPublic: true, state, Cap(32, 32, 1), Now);
    }

    [Fact]
    public void Receipts_older_than_the_period_do_not_delay_it()
    {
        var numbers = Cap(1, 2, 32);
        var state = Got((OtherBusiness, Now - Week), (OtherBusiness, Now - Day), (OtherBusiness, Now - Second));
        RefusedUntil(Now - Day + Week, isPublic: false, state, numbers, Now);
        RefusedUntil(Now - Second + Day, isPublic: false, state, Cap(1, 3, 32), Now);
    }

    [Fact]
    public void In_the_window_marketing_is_neither_counted_nor_limited()
    {
        var numbers = Cap(1, 1, 1);
        var state = With(OptedIn() with { WindowFrom = Now }) with { Receipts = [new Receipt(Business, Now, 1)] };
        var change = Decide(state, Send(Category.Marketing), Now, numbers).Done();
        Assert.Single(change.Next.Receipts);
        Assert.False(change.Events[0].Counted);
        Assert.True(change.Events[0].InWindow);
    }

    [Fact]
    public void Only_marketing_is_limited()
    {
        var state = Got((Business, Now), (Business, Now));
        var change = Decide(state, Send(Category.Utility), Now, Cap(1, 1, 1)).Done();
        Assert.Equal(2, change.Next.Receipts.Length);
        Assert.False(change.Events[0].Counted);
        Decide(With(OptedIn() with { WindowFrom = Now }) with { Receipts = state.Receipts }, Send(Category.Service), Now, Cap(1, 1, 1)).Done();
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0)]
    public void Where_a_number_is_zero_waiting_does_not_help(int perDay, int perWeek, int perBusinessPerDay)
    {
        foreach (var state in new[] { Got(), Got((Business, Now)) })
        {
            var decision = Decide(state, Send(Category.Marketing), Now, Cap(perDay, perWeek, perBusinessPerDay));
            Assert.Equal(Reason.MarketingCap, decision.Reason);
            Assert.Null(decision.RetryAt);
        }
    }

    [Fact]
    public void Receipts_that_can_no_longer_count_leave_the_record()
    {
        var state = Got((OtherBusiness, Now - Week), (OtherBusiness, Now - Week + Tick));
        Assert.Equal([2L, 3L], Decide(state, Send(Category.Marketing)).Done().Next.Receipts.Select(receipt => receipt.Message));
        Assert.Equal([2L], Decide(state, Send(Category.Utility)).Done().Next.Receipts.Select(receipt => receipt.Message));
    }

    [Fact]
    public void A_record_never_needs_more_receipts_than_it_holds()
    {
        var numbers = Cap(32, 32, 32);
        var state = With(OptedIn());
        for (var i = 0; i < UserState.ReceiptsMax; i++)
        {
            state = Decide(state, Send(Category.Marketing), Now + (i * Second), numbers).Done().Next;
        }

        Assert.Equal(UserState.ReceiptsMax, state.Receipts.Length);
        RefusedUntil(Now + Week, isPublic: false, state, numbers, Now + (32 * Second));
        var next = Decide(state, Send(Category.Marketing), Now + Week, numbers).Done().Next;
        Assert.Equal(UserState.ReceiptsMax, next.Receipts.Length);
        Assert.Equal(Now + Second, next.Receipts[0].At);
    }

    [Fact]
    public void The_days_number_is_the_one_that_stands_then()
    {
        var after = Numbers.MarketingCap.OutcomeAfter;
        var numbers = Numbers with { MarketingCap = new MarketingCapNumbers { PerWeek = 32, PerBusinessPerDay = 32 } };
        var state = Got((OtherBusiness, Now - (3 * Second)), (OtherBusiness, Now - (2 * Second)));
        RefusedUntil(Now - (3 * Second) + Day, isPublic: false, state, numbers, Now);
        Decide(state with { Outcomes = new Outcomes(10, 0x3F) }, Send(Category.Marketing), Now, numbers).Done();
        RefusedUntil(Now - (2 * Second) + Day, isPublic: false, state with { Outcomes = new Outcomes(10, 0) }, numbers, Now);
        RefusedUntil(
            Now - (3 * Second) + Day, isPublic: false, state with { Preferences = Preferences.Default with { MarketingPerDay = 2 }, Outcomes = new(10, 0x3F) },
            numbers, Now);

        // The tenth outcome comes by time alone, and with it the number rises.
        var rises = state with { Outcomes = new Outcomes(9, 0x3F), OpenOutcomes = [new OpenOutcome(1, Now + Second - after)] };
        RefusedUntil(Now + Second, isPublic: false, rises, numbers, Now);
        Decide(rises, Send(Category.Marketing), Now + Second, numbers).Done();
    }

    [Fact]
    public void A_time_that_a_falling_number_puts_off_is_not_public()
    {
        var after = Numbers.MarketingCap.OutcomeAfter;
        var own = Now - (2 * Second);
        var state = Got((Business, own), (OtherBusiness, Now - Second)) with
        {
            Outcomes = new Outcomes(9, 0),
            OpenOutcomes = [new OpenOutcome(1, own + Day - after)],
        };
        RefusedUntil(Now - Second + Day, isPublic: false, state, Cap(3, 32, 1), Now);
        Assert.Equal(Now - Second + Day, Explain(state, Send(Category.Marketing), Now, Cap(3, 32, 1))[6].RetryAt);
        var later = state with { OpenOutcomes = [new OpenOutcome(1, own + Day - after + Tick)] };
        RefusedUntil(own + Day, isPublic: true, later, Cap(3, 32, 1), Now);
    }

    [Fact]
    public void There_is_no_retry_time_where_the_user_wants_none()
    {
        var decision = Decide(Got((Business, Now)) with { Preferences = Preferences.Default with { MarketingPerDay = 0 } }, Send(Category.Marketing));
        Assert.Equal((Reason.MarketingCap, null), (decision.Reason!.Value, decision.RetryAt));
    }

    [Fact]
    public void The_trace_shows_the_business_its_own_count_and_the_operator_all()
    {
        var state = Got((OtherBusiness, Now - (2 * Day)), (OtherBusiness, Now), (Business, Now));
        var finding = SendGate.Explain(state, Send(Category.Marketing), Numbers, Now, NoZones)[6];
        Assert.Equal((Rule.MarketingCap, RuleOutcome.Refuse), (finding.Rule, finding.Outcome));
        Assert.Equal(
            [
                new Fact("in_window", "no", true),
                new Fact("per_business_per_day", "1", true),
                new Fact("used_by_business", "1", true),
                new Fact("per_day", "2", false),
                new Fact("per_day_basis", "standard", false),
                new Fact("outcomes", "0", false),
                new Fact("reads", "0", false),
                new Fact("used_in_day", "2", false),
                new Fact("per_week", "6", false),
                new Fact("used_in_week", "3", false),
            ],
            finding.Facts);
        Assert.Empty(SendGate.Explain(state, Send(Category.Utility), Numbers, Now, NoZones)[6].Facts);
        var inWindow = state with { Relations = [OptedIn() with { WindowFrom = Now }] };
        Assert.Equal(new Fact("in_window", "yes", true), SendGate.Explain(inWindow, Send(Category.Marketing), Numbers, Now, NoZones)[6].Facts[0]);
        Assert.Equal(RuleOutcome.NotApplicable, SendGate.Explain(inWindow, Send(Category.Marketing), Numbers, Now, NoZones)[6].Outcome);
    }
}
