using Actors.Policy.Businesses;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

public sealed class ConductTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static Conduct After(Conduct conduct, Instant at, int delivered, int blocks = 0, int reports = 0)
    {
        conduct = delivered > 0 ? conduct.Deliver(at, Numbers, delivered) : conduct;
        for (var user = 0; user < blocks + reports; user++)
        {
            conduct = conduct.Signal(user < blocks ? NegativeSignal.Block : NegativeSignal.Report, user, at, Numbers);
        }

        return conduct;
    }

    /// <summary>Red since <see cref="Now"/>, with so many delivered an hour later.</summary>
    private static Conduct Red(int deliveredLater)
    {
        var judged = After(new Conduct(), Now, 60, blocks: 60).At(250, Numbers, Now);
        Assert.True(judged.BandChanged);
        Assert.Equal((QualityBand.Red, Now), (judged.Next.Band, judged.Next.BandSince));
        return After(judged.Next, Now + Hour, deliveredLater, blocks: deliveredLater / 2);
    }

    [Fact]
    public void Red_for_a_day_with_half_of_the_limit_delivered_is_a_strike()
    {
        var conduct = Red(deliveredLater: 125);
        Assert.Empty(conduct.At(250, Numbers, Now + Day - Tick).Strikes);
        var judged = conduct.At(250, Numbers, Now + Day);
        Assert.Equal(StrikeCause.SustainedRed, Assert.Single(judged.Strikes).Cause);
        Assert.Equal(Restriction.Warning, Enforcement.At(judged.Next.Enforcement, Numbers.Enforcement, Now + Day).Restriction);
        Assert.Empty(Red(deliveredLater: 124).At(250, Numbers, Now + Day).Strikes);
    }

    [Theory]
    [InlineData(2_000, 999, false)]
    [InlineData(2_000, 1_000, true)]
    [InlineData(100_000, 1_000, true)]
    [InlineData(null, 1_000, true)]
    [InlineData(null, 999, false)]
    public void A_thousand_delivered_are_always_enough(int? limit, int delivered, bool strikes) =>
        Assert.Equal(strikes, !Red(delivered).At(limit, Numbers, Now + Day).Strikes.IsEmpty);

    [Fact]
    public void Only_what_was_delivered_within_the_day_counts()
    {
        var conduct = After(Red(deliveredLater: 124), Now + Day - Hour, 1, blocks: 1);
        Assert.Empty(conduct.At(250, Numbers, Now + Day + (2 * Hour)).Strikes);
        Assert.NotEmpty(conduct.At(250, Numbers, Now + Day).Strikes);
    }

    [Fact]
    public void The_next_red_strike_takes_a_new_day_from_the_end_of_the_restriction()
    {
        var conduct = Red(deliveredLater: 125).At(250, Numbers, Now + Day).Next;
        conduct = After(conduct, Now + Day + Hour, 200, blocks: 150);
        Assert.Empty(conduct.At(250, Numbers, Now + (2 * Day)).Strikes);
        conduct = After(conduct, Now + (2 * Day), 125, blocks: 100);
        Assert.Empty(conduct.At(250, Numbers, Now + (3 * Day) - Tick).Strikes);

        // The day is counted by full hours of the clock: what was delivered as it began must not lie a day back.
        conduct = After(conduct, Now + (2 * Day) + Hour, 125, blocks: 100);
        Assert.Equal(2, conduct.At(250, Numbers, Now + (3 * Day)).Next.Enforcement.Strikes.Length);
    }

    [Theory]
    [InlineData(500, 20, true)]
    [InlineData(500, 19, false)]
    [InlineData(499, 20, false)]
    [InlineData(2_000, 20, true)]
    [InlineData(2_001, 20, false)]
    [InlineData(2_001, 21, true)]
    public void A_burst_of_reports_is_a_strike(int delivered, int reports, bool strikes)
    {
        var judged = After(new Conduct(), Now, delivered, reports: reports).At(2_000, Numbers, Now);
        Assert.Equal(strikes, judged.Strikes.Any(strike => strike.Cause == StrikeCause.ReportBurst));
    }

    [Fact]
    public void Reports_of_an_hour_ago_are_no_burst()
    {
        var conduct = After(After(new Conduct(), Now, 250, reports: 10), Now + (59 * TimeSpan.FromMinutes(1)), 250, reports: 10);
        Assert.NotEmpty(conduct.At(2_000, Numbers, Now + Hour - Tick).Strikes);
        Assert.Empty(conduct.At(2_000, Numbers, Now + Hour).Strikes);
    }

    [Fact]
    public void One_burst_strikes_once()
    {
        var judged = After(new Conduct(), Now, 500, reports: 20).At(2_000, Numbers, Now);
        Assert.Single(judged.Strikes);
        Assert.Empty(judged.Next.At(2_000, Numbers, Now + TimeSpan.FromMinutes(1)).Strikes);
        Assert.Empty(After(judged.Next, Now + Day - Tick, 500, reports: 20).At(2_000, Numbers, Now + Day).Strikes);
        Assert.Single(After(judged.Next, Now + Day, 500, reports: 20).At(2_000, Numbers, Now + Day).Strikes);
    }

    [Fact]
    public void It_is_told_once_a_day_that_it_comes_near_red()
    {
        // 60 delivered with 5 blocks: 52.
        var judged = After(new Conduct(), Now, 60, blocks: 5).At(250, Numbers, Now);
        Assert.True(judged.NearRed);
        var again = After(judged.Next, Now + Day, 60, blocks: 2);
        Assert.False(again.At(250, Numbers, Now + Day - Tick).NearRed);
        Assert.True(again.At(250, Numbers, Now + Day).NearRed);
        Assert.False(After(new Conduct(), Now, 60, blocks: 3).At(250, Numbers, Now).NearRed);
    }

    [Fact]
    public void It_is_told_that_it_comes_near_a_strike()
    {
        Assert.True(After(new Conduct(), Now, 500, reports: 10).At(2_000, Numbers, Now).NearStrike);
        Assert.False(After(new Conduct(), Now, 500, reports: 9).At(2_000, Numbers, Now).NearStrike);

        // 60 were delivered as it became red.
        Assert.False(Red(3).At(250, Numbers, Now + (Day / 2) - Tick).NearStrike);
        Assert.True(Red(3).At(250, Numbers, Now + (Day / 2)).NearStrike);
        Assert.False(Red(2).At(250, Numbers, Now + (Day / 2)).NearStrike);
        Assert.False(Red(3).At(250, Numbers, Now + (Day / 2)).Next.At(250, Numbers, Now + (Day / 2) + Hour).NearStrike);
    }

    [Fact]
    public void A_band_moves_by_time_alone()
    {
        var conduct = Red(deliveredLater: 0);
        var at = Quality.NextBandAt(conduct.Counts, conduct.Band, Numbers.Quality, Now) ?? default;
        Assert.False(conduct.At(250, Numbers, at - Tick).BandChanged);
        var judged = conduct.At(250, Numbers, at);
        Assert.Equal((QualityBand.Red, QualityBand.Yellow, at), (judged.BandBefore, judged.Next.Band, judged.Next.BandSince));
    }

    [Fact]
    public void What_is_counted_shows_once_in_an_hour_of_the_clock()
    {
        var conduct = After(new Conduct(), Now - Tick, 60).At(250, Numbers, Now - Tick).Next;
        Assert.Equal(60, conduct.Shown.DeliveredInLife);
        conduct = After(conduct, Now, 10).At(250, Numbers, Now).Next;
        Assert.Equal(70, conduct.Shown.DeliveredInLife);
        conduct = After(conduct, Now + (Hour / 2), 5, blocks: 10).At(250, Numbers, Now + Hour - Tick).Next;
        Assert.Equal((70, null), (conduct.Shown.DeliveredInLife, conduct.Shown.Blocks.ShownCount));
        conduct = conduct.At(250, Numbers, Now + Hour).Next;
        Assert.Equal((75, 10L), (conduct.Shown.DeliveredInLife, conduct.Shown.Blocks.ShownCount));

        // Where nothing new came there is nothing to keep.
        Assert.Same(conduct, conduct.At(250, Numbers, Now + Hour + Hour).Next);
    }

    [Fact]
    public void A_block_after_an_opt_out_counts_only_what_it_weighs_more()
    {
        var conduct = new Conduct().Signal(NegativeSignal.OptOut, 1, Now, Numbers).Signal(NegativeSignal.Block, 1, Now, Numbers, after: NegativeSignal.OptOut);
        Assert.Equal(1, conduct.Counts.ReadAt(Now, Numbers.Quality).Negative);
    }

    [Fact]
    public void Blocks_are_no_burst_of_reports() =>
        Assert.Empty(After(new Conduct(), Now, 1_000, blocks: 100).At(2_000, Numbers, Now).Strikes);

    [Fact]
    public void With_a_strike_nothing_is_warned_of()
    {
        // 1,500 delivered with 20 reports: a burst, at a score of 50.2.
        var judged = After(new Conduct(), Now, 1_500, reports: 20).At(2_000, Numbers, Now);
        Assert.Equal(QualityBand.Yellow, judged.Next.Band);
        Assert.Single(judged.Strikes);
        Assert.Equal((false, false, default), (judged.NearRed, judged.NearStrike, judged.Next.NearRedToldAt));
    }

    [Fact]
    public void Only_a_warning_that_is_given_holds_the_next_one_back()
    {
        var judged = After(new Conduct(), Now, 60).At(250, Numbers, Now);
        Assert.Equal((false, false), (judged.NearRed, judged.NearStrike));
        Assert.True(After(judged.Next, Now + Hour, 1, blocks: 5).At(250, Numbers, Now + Hour).NearRed);
    }
}
