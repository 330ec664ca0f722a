using Actors.Policy.Businesses;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

public sealed class EnforcementTests
{
    private static readonly EnforcementNumbers Rules = Numbers.Enforcement;

    private static EnforcementState Struck(params ReadOnlySpan<Instant> at)
    {
        var state = new EnforcementState();
        foreach (var each in at)
        {
            state = Enforcement.Strike(state, StrikeCause.Violation, "note", each);
        }

        return state;
    }

    private static EnforcementState Times(int strikes, Instant? at = null) => Struck([.. Enumerable.Repeat(at ?? Now, strikes)]);

    private static Standing At(EnforcementState state, Instant? now = null) => Enforcement.At(state, Rules, now ?? Now);

    private static EnforcementState Reversed(EnforcementState state, int strike, Instant? now = null)
    {
        var filed = Enforcement.Appeal(state, strike, "we did not", Rules, now ?? Now).Next!;
        return Enforcement.Decide(filed, strike, true, "ok", now ?? Now).Next!;
    }

    [Theory]
    [InlineData(1, Restriction.Warning, 1)]
    [InlineData(2, Restriction.NoMarketing, 1)]
    [InlineData(3, Restriction.NoMarketing, 3)]
    [InlineData(4, Restriction.WindowOnly, 7)]
    [InlineData(5, Restriction.Nothing, 30)]
    public void Each_strike_leads_one_tier_up_and_its_restriction_ends_by_itself(int strikes, Restriction restriction, int days)
    {
        var state = Times(strikes);
        var until = Now + (days * Day);
        Assert.Equal(new Standing(strikes, restriction, until, Now + (90 * Day)), At(state));
        Assert.Equal(restriction, At(state, until - Tick).Restriction);
        Assert.Equal(new Standing(strikes, Restriction.None, null, Now + (90 * Day)), At(state, until));
    }

    [Fact]
    public void Whatever_the_numbers_a_further_strike_never_ends_earlier_what_is_forbidden()
    {
        var rules = Rules with { Warning = 30 * Day, NoMarketingFirst = 30 * Day, NoMarketingSecond = TimeSpan.Zero, WindowOnly = Day };
        var state = Struck(Now, Now + Day, Now + (2 * Day));
        Assert.Equal((Restriction.NoMarketing, Now + (31 * Day)), Of(Now + (2 * Day)));
        Assert.Equal(Restriction.NoMarketing, Of(Now + (31 * Day) - Tick).Restriction);
        Assert.Equal(Restriction.None, Of(Now + (31 * Day)).Restriction);

        state = Enforcement.Strike(state, StrikeCause.Violation, "", Now + (3 * Day));
        Assert.Equal((Restriction.WindowOnly, Now + (31 * Day)), Of(Now + (3 * Day)));

        // A warning forbids nothing, and nothing goes on for it.
        rules = rules with { NoMarketingFirst = Day };
        state = Struck(Now, Now + Day);
        Assert.Equal((Restriction.NoMarketing, Now + (2 * Day)), Of(Now + Day));

        (Restriction Restriction, Instant? Until) Of(Instant now)
        {
            var standing = Enforcement.At(state, rules, now);
            return (standing.Restriction, standing.Until);
        }
    }

    [Fact]
    public void Without_a_strike_nothing_is_restricted() => Assert.Equal(new Standing(0, Restriction.None, null, null), At(new EnforcementState()));

    [Fact]
    public void The_sixth_locks_until_an_operator_unlocks()
    {
        var state = Times(6);
        Assert.Equal(new Standing(6, Restriction.Locked, null, null), At(state));
        Assert.Equal(new Standing(6, Restriction.Locked, null, null), At(state, Now + (3_650 * Day)));
        Assert.Equal(6, At(Times(7)).Tier);

        var later = Now + (400 * Day);
        state = Enforcement.Unlock(state, Rules, later);
        Assert.Equal(new Standing(5, Restriction.None, null, later + (90 * Day)), At(state, later));
        Assert.Equal(4, At(state, later + (90 * Day)).Tier);
        Assert.Equal(Restriction.Locked, At(Enforcement.Strike(state, StrikeCause.Violation, "", later + Day), later + Day).Restriction);
    }

    [Fact]
    public void Each_ninety_days_without_a_strike_take_one_tier_off()
    {
        var state = Times(3);
        Assert.Equal((3, 2), (At(state, Now + (90 * Day) - Tick).Tier, At(state, Now + (90 * Day)).Tier));
        Assert.Equal((2, 1), (At(state, Now + (180 * Day) - Tick).Tier, At(state, Now + (180 * Day)).Tier));
        Assert.Equal((1, 0), (At(state, Now + (270 * Day) - Tick).Tier, At(state, Now + (270 * Day)).Tier));
        Assert.Equal(Now + (180 * Day), At(state, Now + (100 * Day)).TierFallsAt);
        Assert.Null(At(state, Now + (270 * Day)).TierFallsAt);

        // What is left of a begun ninety days is lost with the next strike.
        Assert.Equal(3, At(Enforcement.Strike(state, StrikeCause.Violation, "", Now + (179 * Day)), Now + (180 * Day)).Tier);
    }

    [Fact]
    public void An_operators_lock_holds_whatever_the_tier_and_leaves_the_ladder_alone()
    {
        var state = Enforcement.Lock(Times(4), Now);
        Assert.Equal(new Standing(4, Restriction.Locked, null, Now + (90 * Day)), At(state, Now + (8 * Day)));
        Assert.Same(state, Enforcement.Lock(state, Now + Day));

        // What the ladder restricts goes on behind the lock.
        state = Enforcement.Unlock(state, Rules, Now + Day);
        Assert.Equal(new Standing(4, Restriction.WindowOnly, Now + (7 * Day), Now + (90 * Day)), At(state, Now + Day));
        Assert.Equal(state, Enforcement.Unlock(state, Rules, Now + Day));
    }

    [Fact]
    public void A_reversed_appeal_takes_its_strike_back_and_the_others_are_replayed()
    {
        var state = Struck(Now, Now + (10 * Day), Now + (20 * Day));
        Assert.Equal(Restriction.NoMarketing, At(state, Now + (22 * Day)).Restriction);
        state = Reversed(state, 1, Now + (21 * Day) - Tick);
        Assert.Equal(new Standing(2, Restriction.NoMarketing, Now + (21 * Day), Now + (110 * Day)), At(state, Now + (21 * Day) - Tick));
        Assert.Equal(Restriction.None, At(state, Now + (21 * Day)).Restriction);
        Assert.Equal(3, state.Strikes.Length);
    }

    [Fact]
    public void A_lock_of_the_ladder_ends_with_the_strike_that_led_to_it()
    {
        var state = Reversed(Times(6, Now), 6, Now + (40 * Day));
        Assert.Equal(new Standing(5, Restriction.None, null, Now + (90 * Day)), At(state, Now + (40 * Day)));
    }

    [Fact]
    public void Taking_a_strike_back_brings_no_restriction_back_that_an_unlock_ended()
    {
        var state = Enforcement.Unlock(Times(6), Rules, Now + Day);
        Assert.Equal(Restriction.None, At(state, Now + Day).Restriction);
        Assert.Equal(Restriction.None, At(Reversed(state, 6, Now + (2 * Day)), Now + (2 * Day)).Restriction);
    }

    [Fact]
    public void An_appeal_can_be_filed_for_ninety_days_and_once()
    {
        var state = Times(1);
        Assert.Null(Enforcement.Appeal(state, 1, "text", Rules, Now + (90 * Day) - Tick).Refusal);
        Assert.Equal(AppealRefusal.TooLate, Enforcement.Appeal(state, 1, "text", Rules, Now + (90 * Day)).Refusal);
        Assert.Equal(AppealRefusal.StrikeUnknown, Enforcement.Appeal(state, 2, "text", Rules, Now).Refusal);
        Assert.Equal(AppealRefusal.StrikeUnknown, Enforcement.Appeal(state, 0, "text", Rules, Now).Refusal);
        var filed = Enforcement.Appeal(state, 1, "text", Rules, Now).Next!;
        Assert.Equal(new Appeal(Now, "text"), filed.Strikes[0].Appeal);
        Assert.Equal(AppealRefusal.AppealedBefore, Enforcement.Appeal(filed, 1, "text", Rules, Now).Refusal);
    }

    [Fact]
    public void An_appeal_is_decided_once_and_only_if_filed()
    {
        var state = Times(1);
        Assert.Equal(AppealRefusal.NotAppealed, Enforcement.Decide(state, 1, true, "", Now).Refusal);
        Assert.Equal(AppealRefusal.StrikeUnknown, Enforcement.Decide(state, 7, true, "", Now).Refusal);
        var filed = Enforcement.Appeal(state, 1, "text", Rules, Now).Next!;

        // It may be decided after the ninety days.
        var upheld = Enforcement.Decide(filed, 1, false, "seen", Now + (91 * Day)).Next!;
        Assert.Equal(new Appeal(Now, "text", AppealStatus.Upheld, Now + (91 * Day), "seen"), upheld.Strikes[0].Appeal);
        Assert.Equal(1, At(upheld).Tier);
        Assert.Equal(AppealRefusal.Decided, Enforcement.Decide(upheld, 1, true, "", Now).Refusal);
        Assert.Equal(AppealRefusal.AppealedBefore, Enforcement.Appeal(upheld, 1, "text", Rules, Now).Refusal);
    }

    [Fact]
    public void The_same_cause_counts_from_the_end_of_the_last_restriction()
    {
        var state = Enforcement.Strike(new EnforcementState(), StrikeCause.SustainedRed, "", Now);
        Assert.Equal(Now + Day, Enforcement.CountsFrom(state, StrikeCause.SustainedRed, Rules));
        Assert.Equal(new Instant(0), Enforcement.CountsFrom(state, StrikeCause.ReportBurst, Rules));

        state = Enforcement.Strike(state, StrikeCause.Violation, "", Now + (2 * Day));
        Assert.Equal(Now + (3 * Day), Enforcement.CountsFrom(state, StrikeCause.SustainedRed, Rules));
    }

    [Fact]
    public void Nothing_counts_while_it_is_locked_and_from_the_unlock_on()
    {
        var state = Enforcement.Strike(Times(5), StrikeCause.SustainedRed, "", Now);
        Assert.Null(Enforcement.CountsFrom(state, StrikeCause.SustainedRed, Rules));
        Assert.Equal(Now + Day, Enforcement.CountsFrom(Enforcement.Unlock(state, Rules, Now + Day), StrikeCause.SustainedRed, Rules));
        Assert.Null(Enforcement.CountsFrom(Enforcement.Lock(new EnforcementState(), Now), StrikeCause.ReportBurst, Rules));
    }

    [Fact]
    public void What_a_reversed_strike_rested_on_strikes_no_more()
    {
        var state = Enforcement.Strike(new EnforcementState(), StrikeCause.SustainedRed, "", Now);
        Assert.Equal(Now + (5 * Day), Enforcement.CountsFrom(Reversed(state, 1, Now + (5 * Day)), StrikeCause.SustainedRed, Rules));
    }

    [Fact]
    public void Nothing_is_recorded_before_what_is_recorded_already()
    {
        var state = Struck(Now, Now - Day);
        Assert.Equal([Now, Now], state.Strikes.Select(strike => strike.At));
        Assert.Equal([1, 2], state.Strikes.Select(strike => strike.Number));
    }

    [Fact]
    public void A_strike_after_an_unlock_leads_up_from_what_the_unlock_left()
    {
        var state = Enforcement.Unlock(Times(6), Rules, Now + Day);
        var later = Now + (91 * Day);
        var standing = At(Enforcement.Strike(state, StrikeCause.Violation, "", later), later);
        Assert.Equal((5, Restriction.Nothing), (standing.Tier, standing.Restriction));
    }

    [Fact]
    public void An_unlock_gives_no_tier_back_that_an_appeal_took_off()
    {
        var state = Enforcement.Unlock(Times(6), Rules, Now + Day);
        state = Reversed(Reversed(state, 6, Now + (2 * Day)), 5, Now + (2 * Day));
        Assert.Equal(new Standing(4, Restriction.None, null, Now + (90 * Day)), At(state, Now + (2 * Day)));
    }

    [Fact]
    public void Nothing_is_recorded_before_the_unlock_that_came_before_it()
    {
        var state = Enforcement.Unlock(Times(6), Rules, Now + Day);
        Assert.Equal(Now + Day, Enforcement.Strike(state, StrikeCause.Violation, "", Now + Day - Tick).Strikes[^1].At);
    }

    [Theory]
    [InlineData(Restriction.None, 0, Restriction.None, 0, false)]
    [InlineData(Restriction.Warning, 9, Restriction.None, 0, false)] // a warning forbids nothing
    [InlineData(Restriction.NoMarketing, 1, Restriction.Warning, 9, true)]
    [InlineData(Restriction.NoMarketing, 2, Restriction.NoMarketing, 1, true)]
    [InlineData(Restriction.NoMarketing, 1, Restriction.NoMarketing, 1, false)]
    [InlineData(Restriction.NoMarketing, 1, Restriction.NoMarketing, 2, false)]
    [InlineData(Restriction.NoMarketing, 9, Restriction.WindowOnly, 1, false)]
    [InlineData(Restriction.WindowOnly, 1, Restriction.NoMarketing, 9, true)]
    [InlineData(Restriction.Locked, 0, Restriction.Locked, 0, false)]
    public void More_is_forbidden_by_what_is_heavier_or_lasts_longer(Restriction now, int days, Restriction before, int daysBefore, bool more)
    {
        static Standing Of(Restriction restriction, int days) => new(0, restriction, days == 0 ? null : Now + (days * Day), null);
        Assert.Equal(more, Of(now, days).ForbidsMoreThan(Of(before, daysBefore)));
    }
}
