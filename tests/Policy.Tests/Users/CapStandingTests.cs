using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

/// <summary>What a user is shown of the cap.</summary>
public sealed class CapStandingTests
{
    private static readonly TimeSpan After = TimeSpan.FromHours(48);

    private static UserState Got(params ReadOnlySpan<Instant> receipts)
    {
        var state = With(OptedIn());
        foreach (var at in receipts)
        {
            state = state with { Receipts = state.Receipts.Add(new Receipt(OtherBusiness, at, state.Receipts.Length + 1)) };
        }

        return state;
    }

    [Fact]
    public void While_there_is_room_no_time_is_given()
    {
        var day = CapStanding.Day(Got(Now - Day, Now - Day + Tick), Numbers.MarketingCap, Now);
        Assert.Equal((new CapStanding(2, 1, null), 1), (day, day.Left));
        var week = CapStanding.Week(Got(Now - Week, Now - Week + Tick), Numbers.MarketingCap, Now);
        Assert.Equal((new CapStanding(6, 1, null), 5), (week, week.Left));
    }

    [Fact]
    public void Where_it_is_full_the_time_is_when_so_many_have_lapsed()
    {
        var state = Got(Now - (3 * Second), Now - (2 * Second), Now - Second);
        var day = CapStanding.Day(state, Numbers.MarketingCap, Now);
        Assert.Equal((new CapStanding(2, 3, Now - (2 * Second) + Day), 0), (day, day.Left));
        Assert.Equal(new CapStanding(2, 3, Now - (2 * Second) + Week), CapStanding.Week(state, new MarketingCapNumbers { PerWeek = 2 }, Now));
        Assert.Equal(new CapStanding(3, 3, Now - (3 * Second) + Week), CapStanding.Week(state, new MarketingCapNumbers { PerWeek = 3 }, Now));
    }

    [Fact]
    public void Where_the_number_is_zero_no_time_is_given()
    {
        var off = Got(Now) with { Preferences = Preferences.Default with { MarketingPerDay = 0 } };
        Assert.Equal(new CapStanding(0, 1, null), CapStanding.Day(off, Numbers.MarketingCap, Now));
        Assert.Equal(new CapStanding(0, 1, null), CapStanding.Week(Got(Now), new MarketingCapNumbers { PerWeek = 0 }, Now));
    }

    [Theory]
    [InlineData(6, 4)]
    [InlineData(0, 1)]
    public void A_number_that_moves_by_time_alone_is_seen_coming(int reads, int then)
    {
        // Nine outcomes, and a tenth that comes in an hour.
        var change = Now + TimeSpan.FromHours(1);
        var state = Got(Now - (2 * Second), Now - Second) with
        {
            Outcomes = new Outcomes(9, (1u << reads) - 1),
            OpenOutcomes = [new OpenOutcome(5, change - After)],
        };
        Assert.Equal(then == 4 ? change : Now - Second + Day, CapStanding.Day(state, Numbers.MarketingCap, Now).FreeAt);
        Assert.Equal((then, 2), (CapStanding.Day(state, Numbers.MarketingCap, change).Limit, CapStanding.Day(state, Numbers.MarketingCap, change).Used));
    }

    [Fact]
    public void At_the_instant_at_which_the_number_falls_it_is_the_lower_one_that_holds()
    {
        // A place lapses at the very instant at which the number falls to 1: the other one has to lapse, too.
        var change = Now - (2 * Second) + Day;
        var state = Got(Now - (2 * Second), Now - Second) with { Outcomes = new Outcomes(9, 0), OpenOutcomes = [new OpenOutcome(5, change - After)] };
        Assert.Equal(Now - Second + Day, CapStanding.Day(state, Numbers.MarketingCap, Now).FreeAt);
        var later = state with { OpenOutcomes = [new OpenOutcome(5, change - After + Tick)] };
        Assert.Equal(change, CapStanding.Day(later, Numbers.MarketingCap, Now).FreeAt);
    }

    [Fact]
    public void A_number_of_zero_that_rises_by_time_is_worth_waiting_for()
    {
        var numbers = new MarketingCapNumbers { PerDay = 0 };
        var state = Got() with { Outcomes = new Outcomes(9, 0x3F), OpenOutcomes = [new OpenOutcome(5, Now), new OpenOutcome(6, Now + Second)] };
        Assert.Equal(new CapStanding(0, 0, Now + After), CapStanding.Day(state, numbers, Now));
    }
}
