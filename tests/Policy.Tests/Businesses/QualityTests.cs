using Actors.Policy.Businesses;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

public sealed class QualityTests
{
    private static readonly QualityNumbers Rules = Numbers.Quality;

    internal static QualityCounts Counts(int delivered, int blocks = 0, int reports = 0, Instant? at = null)
    {
        var counts = delivered > 0 ? QualityCounts.None.Deliver(at ?? Now, Rules, delivered) : QualityCounts.None;
        for (var user = 0; user < blocks; user++)
        {
            counts = counts.Signal(NegativeSignal.Block, user, at ?? Now, Rules);
        }

        for (var user = 0; user < reports; user++)
        {
            counts = counts.Signal(NegativeSignal.Report, 1_000 + user, at ?? Now, Rules);
        }

        return counts;
    }

    private static double Score(QualityCounts counts, Instant? now = null) => Quality.TermsAt(counts, Rules, now ?? Now).Score;

    private static QualityBand BandAt(QualityCounts counts, QualityBand band = QualityBand.Unknown, Instant? now = null) =>
        Quality.BandAt(counts, band, Rules, now ?? Now);

    [Theory]
    [InlineData(10_000, 30, 92)]
    [InlineData(10_000, 100, 75)]
    [InlineData(10_000, 300, 43)]
    [InlineData(60, 0, 90)]
    [InlineData(60, 1, 80)]
    [InlineData(60, 2, 72)]
    [InlineData(60, 5, 52)]
    public void The_worked_cases_of_the_policy(int delivered, int blocks, int score)
    {
        Assert.Equal(score, Quality.TermsAt(Counts(delivered, blocks), Rules, Now).Shown);
    }

    [Fact]
    public void A_report_weighs_two_blocks_and_ten_opt_outs_weigh_one()
    {
        var optedOut = Enumerable.Range(0, 10).Aggregate(Counts(1_000), (counts, user) => counts.Signal(NegativeSignal.OptOut, user, Now, Rules));
        var bored = Enumerable.Range(0, 10).Aggregate(Counts(1_000), (counts, user) => counts.Signal(NegativeSignal.NotInterested, user, Now, Rules));
        Assert.Equal(Score(Counts(1_000, blocks: 1)), Score(optedOut), 12);
        Assert.Equal(Score(Counts(1_000, blocks: 1)), Score(bored), 12);
        Assert.Equal(Score(Counts(1_000, blocks: 4)), Score(Counts(1_000, reports: 2)), 12);
    }

    [Theory]
    [InlineData(74.499999, 74)]
    [InlineData(74.5, 75)]
    [InlineData(0, 0)]
    [InlineData(100, 100)]
    public void A_score_is_shown_rounded_half_up(double score, int shown) => Assert.Equal(shown, new QualityTerms(0, 0, 0, score).Shown);

    [Fact]
    public void The_band_is_unknown_until_fifty_were_delivered_to()
    {
        Assert.Equal(QualityBand.Unknown, BandAt(Counts(49, blocks: 40)));
        Assert.Equal(QualityBand.Red, BandAt(Counts(50, blocks: 40)));
        Assert.Equal(QualityBand.Green, BandAt(Counts(50)));

        // In its life, not of late.
        Assert.Equal(QualityBand.Green, BandAt(Counts(50), now: Now + (365 * Day)));
    }

    [Fact]
    public void The_score_is_compared_unrounded()
    {
        // 100 of 10,000: 75.1. A few more blocks: 74.9, shown as 75, and no longer green.
        var below = Counts(10_000, blocks: 102);
        Assert.Equal(75, Quality.TermsAt(below, Rules, Now).Shown);
        Assert.Equal(QualityBand.Yellow, BandAt(below, QualityBand.Green));
        Assert.Equal(QualityBand.Green, BandAt(Counts(10_000, blocks: 100), QualityBand.Green));
    }

    [Theory]
    [InlineData(QualityBand.Yellow, 100, QualityBand.Yellow)]
    [InlineData(QualityBand.Yellow, 77, QualityBand.Green)]
    [InlineData(QualityBand.Green, 100, QualityBand.Green)]
    [InlineData(QualityBand.Red, 100, QualityBand.Yellow)]
    [InlineData(QualityBand.Red, 77, QualityBand.Green)]
    [InlineData(QualityBand.Red, 240, QualityBand.Red)]
    [InlineData(QualityBand.Yellow, 240, QualityBand.Yellow)]
    [InlineData(QualityBand.Unknown, 240, QualityBand.Yellow)]
    [InlineData(QualityBand.Unknown, 100, QualityBand.Green)]
    [InlineData(QualityBand.Green, 300, QualityBand.Red)]
    public void Falling_takes_the_edge_climbing_takes_five_points_more(QualityBand before, int blocks, QualityBand after) =>
        Assert.Equal(after, BandAt(Counts(10_000, blocks), before));

    [Fact]
    public void By_time_alone_a_band_changes_at_one_instant_and_stays()
    {
        foreach (var (delivered, blocks, band) in new[] { (10_000, 300, QualityBand.Red), (60, 5, QualityBand.Yellow), (2_000, 100, QualityBand.Red) })
        {
            var counts = Counts(delivered, blocks);
            var at = Quality.NextBandAt(counts, band, Rules, Now) ?? throw new InvalidOperationException("no change");
            Assert.Equal(band, BandAt(counts, band, at - Tick));
            Assert.True(BandAt(counts, band, at) > band);
        }

        Assert.Null(Quality.NextBandAt(Counts(10_000, 30), QualityBand.Green, Rules, Now));
        Assert.Null(Quality.NextBandAt(Counts(49, 49), QualityBand.Unknown, Rules, Now));
    }

    [Fact]
    public void The_distance_down_is_told_in_points_and_blocks()
    {
        var counts = Counts(60, blocks: 1);
        var down = Quality.Down(counts, QualityBand.Green, Rules, Now) ?? default;
        Assert.Equal(QualityBand.Yellow, down.Band);
        Assert.Equal(Score(counts) - 75, down.Points, 9);
        Assert.Equal(1, down.Blocks);
        Assert.Equal(QualityBand.Yellow, BandAt(Counts(60, blocks: 2), QualityBand.Green));
        Assert.Null(Quality.Down(counts, QualityBand.Unknown, Rules, Now));
        Assert.Null(Quality.Down(Counts(60, 30), QualityBand.Red, Rules, Now));
    }

    [Fact]
    public void The_distance_up_is_told_in_points_blocks_deliveries_and_time()
    {
        var counts = Counts(60, blocks: 2);
        var up = Quality.Up(counts, QualityBand.Yellow, Rules, Now) ?? default;
        Assert.Equal(QualityBand.Green, up.Band);
        Assert.Equal(80 - Score(counts), up.Points, 9);
        Assert.Equal(Quality.NextBandAt(counts, QualityBand.Yellow, Rules, Now), up.At);
        var deliveries = (int)(up.Deliveries ?? 0);
        Assert.Equal(QualityBand.Yellow, BandAt(Counts(60 + deliveries - 1, 2), QualityBand.Yellow));
        Assert.Equal(QualityBand.Green, BandAt(Counts(60 + deliveries, 2), QualityBand.Yellow));

        // 80 points take r = 0.00781; with one block it is 0.00769.
        Assert.Equal(1, up.BlocksFewer);
        Assert.Null(Quality.Up(counts, QualityBand.Unknown, Rules, Now));
        Assert.Null(Quality.Up(Counts(60), QualityBand.Green, Rules, Now));
    }

    [Fact]
    public void Whatever_is_counted_the_score_is_a_number_and_a_signal_never_raises_it()
    {
        var deed = Gen.Select(Gen.Int[0, 5], Gen.Long[0, 400 * Instant.Day], Gen.Int[0, 30]);
        Gen.Select(deed.Array[0, 40], Gen.Long[0, 500 * Instant.Day]).Sample(
            (deeds, later) =>
            {
                var counts = QualityCounts.None;
                foreach (var (what, at, user) in deeds)
                {
                    var when = new Instant(at);
                    var before = Score(counts, when);
                    counts = what == 0 ? counts.Deliver(when, Rules, user + 1) : what == 5
                        ? counts.Raise(NegativeSignal.OptOut, NegativeSignal.Report, user, when, Rules)
                        : counts.Signal((NegativeSignal)what, user, when, Rules);
                    Assert.True(what == 0 || Score(counts, when) <= before + 1e-9 || when < counts.At);
                }

                var score = Score(counts, new Instant(later));
                Assert.True(score is > 0 or 0 and <= 100, $"{score}");
                var next = Quality.NextBandAt(counts, BandAt(counts, now: new Instant(later)), Rules, new Instant(later));
                Assert.True(next is null || next > new Instant(later));
            },
            iter: Check.Iter);
    }

    [Fact]
    public void The_distances_are_the_fewest_blocks_that_make_the_difference()
    {
        var down = (int)(Quality.Down(Counts(10_000, 30), QualityBand.Green, Rules, Now) ?? default).Blocks;
        Assert.True(down > 10);
        Assert.Equal(QualityBand.Green, BandAt(Counts(10_000, 30 + down - 1), QualityBand.Green));
        Assert.Equal(QualityBand.Yellow, BandAt(Counts(10_000, 30 + down), QualityBand.Green));

        var up = (int)((Quality.Up(Counts(10_000, 300), QualityBand.Red, Rules, Now) ?? default).BlocksFewer ?? 0);
        Assert.True(up > 10);
        Assert.Equal(QualityBand.Red, BandAt(Counts(10_000, 300 - up + 1), QualityBand.Red));
        Assert.Equal(QualityBand.Yellow, BandAt(Counts(10_000, 300 - up), QualityBand.Red));
    }

    [Fact]
    public void Who_has_fallen_already_is_a_block_and_no_points_away()
    {
        var down = Quality.Down(Counts(10_000, 150), QualityBand.Green, Rules, Now) ?? default;
        Assert.Equal((QualityBand.Yellow, 0d, 1L), (down.Band, down.Points, down.Blocks));
    }

    [Fact]
    public void No_fewer_blocks_help_where_the_prior_alone_is_too_low()
    {
        var rules = Rules with { PriorPerThousand = 12 };
        var up = Quality.Up(Counts(60, 1), QualityBand.Yellow, rules, Now) ?? default;
        Assert.Null(up.BlocksFewer);
        Assert.NotNull(up.Deliveries);
    }

    [Fact]
    public void To_climb_the_points_themselves_are_enough()
    {
        var rules = Rules with { PriorPerThousand = 0, GreenFrom = 95 };
        Assert.Equal(100, Quality.TermsAt(Counts(60), rules, Now).Score);
        Assert.Equal(QualityBand.Green, Quality.BandAt(Counts(60), QualityBand.Yellow, rules, Now));
        Assert.Equal(QualityBand.Yellow, Quality.BandAt(Counts(60), QualityBand.Yellow, rules with { ClimbPoints = 6 }, Now));
    }

    [Fact]
    public void Nobody_is_no_delivery() => Assert.Throws<ArgumentOutOfRangeException>(() => QualityCounts.None.Deliver(Now, Rules, 0));
}
