using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class QuietHoursRuleTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Midnight, UTC.</summary>
    private static readonly Instant Midnight = Now - (12 * Hour);

    private static UserState Quiet(int start, int end, string zone = "UTC") =>
        With(OptedIn()) with { Preferences = Preferences.Default with { QuietHours = new QuietHours(start, end, zone) } };

    private static Instant At(int hour, int minute = 0) => Midnight + TimeSpan.FromMinutes((hour * 60) + minute);

    private static SendDecision Marketing(UserState state, Instant at, OffsetAt? offsetAt = null) =>
        SendGate.Decide(state, Send(Category.Marketing), Numbers, at, offsetAt ?? Utc);

    private static void RefusedUntil(Instant retryAt, UserState state, Instant at, OffsetAt? offsetAt = null)
    {
        var decision = Marketing(state, at, offsetAt);
        Assert.Equal((Reason.QuietHours, retryAt, true), (decision.Reason!.Value, decision.RetryAt!.Value, decision.RetryAtIsPublic));
    }

    private static TimeSpan? Utc(string zone, Instant at) => zone == "UTC" ? TimeSpan.Zero : null;

    /// <summary>One hour ahead, from the given instant on another number of minutes.</summary>
    private static OffsetAt Changes(Instant when, int minutes) => (_, at) => TimeSpan.FromMinutes(at < when ? 60 : minutes);

    [Fact]
    public void They_hold_from_the_start_on_and_end_with_the_end()
    {
        var state = Quiet(13 * 60, (15 * 60) + 30);
        Marketing(state, At(13) - Tick).Done();
        RefusedUntil(At(15, 30), state, At(13));
        RefusedUntil(At(15, 30), state, At(15, 30) - Tick);
        Marketing(state, At(15, 30)).Done();
    }

    [Fact]
    public void They_go_over_midnight_where_the_end_is_before_the_start()
    {
        var state = Quiet(22 * 60, 7 * 60);
        Marketing(state, At(22) - Tick).Done();
        RefusedUntil(At(31), state, At(22));
        RefusedUntil(At(31), state, At(24) - Tick);
        RefusedUntil(At(7), state, At(0));
        RefusedUntil(At(7), state, At(7) - Tick);
        Marketing(state, At(7)).Done();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1_439, 0)]
    [InlineData(1, 0)]
    public void They_may_be_as_short_as_a_minute_and_as_long_as_a_day_without_one(int start, int end)
    {
        var state = Quiet(start, end);
        var from = Midnight + TimeSpan.FromMinutes(start);
        var to = from + TimeSpan.FromMinutes((end - start + 1_440) % 1_440);
        Marketing(state, from - Tick).Done();
        RefusedUntil(to, state, from);
        RefusedUntil(to, state, to - Tick);
        Marketing(state, to).Done();
    }

    [Fact]
    public void It_is_the_clock_of_the_users_zone_that_counts()
    {
        var state = Quiet(22 * 60, 7 * 60, "Kathmandu");
        OffsetAt kathmandu = (zone, _) => zone == "Kathmandu" ? TimeSpan.FromMinutes(345) : null;
        Marketing(state, At(16, 15) - Tick, kathmandu).Done();
        RefusedUntil(At(25, 15), state, At(16, 15), kathmandu);
        Marketing(state, At(25, 15), kathmandu).Done();

        OffsetAt honolulu = (_, _) => TimeSpan.FromHours(-10);
        RefusedUntil(At(17), state, At(8), honolulu);
        Marketing(state, At(8) - Tick, honolulu).Done();
    }

    [Fact]
    public void A_zone_that_is_not_known_any_more_shows_utc() => RefusedUntil(At(13), Quiet(11 * 60, 13 * 60, "Gone/Gone"), Now);

    [Fact]
    public void A_clock_that_goes_forward_over_the_end_ends_them()
    {
        // At 02:00 local the clock shows 03:00.
        var forward = Changes(At(1), 120);
        var state = Quiet(22 * 60, (2 * 60) + 30);
        RefusedUntil(At(1), state, At(0), forward);
        RefusedUntil(At(1), state, At(1) - Tick, forward);
        Marketing(state, At(1), forward).Done();
        RefusedUntil(At(6), Quiet(22 * 60, 8 * 60), At(0), forward);
    }

    [Fact]
    public void A_clock_that_goes_back_into_them_makes_them_hold_again()
    {
        // At 02:00 local (one hour ahead) the clock shows 01:00.
        var back = Changes(At(1), 0);
        var state = Quiet(22 * 60, 90);
        RefusedUntil(At(0, 30), state, At(0), back);
        Marketing(state, At(0, 30), back).Done();
        Marketing(state, At(1) - Tick, back).Done();
        RefusedUntil(At(1, 30), state, At(1), back);
        RefusedUntil(At(7), Quiet(22 * 60, 7 * 60), At(0), back);
    }

    [Fact]
    public void An_hour_that_the_clock_skips_is_no_hour_to_send_in()
    {
        // Quiet but for half an hour, which isn't there in the night of the change.
        var forward = Changes(At(1), 120);
        RefusedUntil(At(24, 10), Quiet(2 * 60 + 40, 2 * 60 + 10), At(0), forward);
    }

    [Fact]
    public void They_hold_in_a_window_too()
    {
        var state = Quiet(11 * 60, 13 * 60).After(Says("hello"));
        RefusedUntil(At(13), state, Now);
        SendGate.Decide(state, Send(Category.Service), Numbers, Now, Utc).Done();
    }

    [Theory]
    [InlineData(Category.Utility)]
    [InlineData(Category.Authentication)]
    public void Only_marketing_is_refused(Category category)
    {
        var state = Quiet(11 * 60, 13 * 60);
        SendGate.Decide(state, Send(category), Numbers, Now, (_, _) => throw new InvalidOperationException("Nobody has to ask.")).Done();
        var finding = SendGate.Explain(state, Send(category), Numbers, Now, Utc)[5];
        Assert.Equal((RuleOutcome.NotApplicable, 0), (finding.Outcome, finding.Facts.Length));
    }

    [Fact]
    public void The_retry_time_is_behind_the_quiet_hours_that_come_after_the_cap()
    {
        // The cap has room again at 23:00, in the quiet hours.
        var state = Quiet(22 * 60, 7 * 60) with { Receipts = [new Receipt(Business, At(23) - Day, 1)] };
        var decision = Marketing(state, Now);
        Assert.Equal((Reason.MarketingCap, At(31)), (decision.Reason!.Value, decision.RetryAt!.Value));
        Marketing(state, At(31)).Done();
    }

    [Fact]
    public void The_business_sees_when_and_neither_the_hours_nor_the_zone()
    {
        var trace = SendGate.Explain(Quiet((11 * 60) + 5, 13 * 60), Send(Category.Marketing), Numbers, Now, Utc);
        Assert.Equal([new("quiet_from", "11:05", false), new("quiet_until", "13:00", false), new("time_zone", "UTC", false)], trace[5].Facts);
        var view = SendGate.PublicView(trace)[^1];
        Assert.Equal((Rule.QuietHours, At(13), 0), (view.Rule, view.RetryAt!.Value, view.Facts.Length));
        Assert.Empty(Explain(With(OptedIn()), Send(Category.Marketing))[5].Facts);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(1_440, 0)]
    [InlineData(0, 1_440)]
    [InlineData(60, 60)]
    public void Start_and_end_are_two_minutes_of_a_day(int start, int end)
    {
        var failure = Assert.Throws<ArgumentException>(() => new QuietHours(start, end, "UTC"));
        Assert.Contains("a start and another end", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_has_a_name_of_1_to_64_characters()
    {
        Assert.NotNull(new QuietHours(0, 1, new string('x', 64)));
        Assert.NotNull(new QuietHours(0, 1, "x"));
        Assert.Throws<ArgumentException>(() => new QuietHours(0, 1, new string('x', 65)));
        Assert.Throws<ArgumentException>(() => new QuietHours(0, 1, ""));
        Assert.Throws<ArgumentNullException>(() => new QuietHours(0, 1, null!));
    }
}
