using Actors.Policy.Businesses;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

public sealed class QualityCountsTests
{
    private static readonly QualityNumbers Rules = Numbers.Quality;
    private static readonly TimeSpan HalfLife = TimeSpan.FromHours(48);

    [Fact]
    public void Counts_halve_every_half_life()
    {
        var counts = QualityCounts.None.Deliver(Now, Rules, 8).Signal(NegativeSignal.Report, 1, Now, Rules);
        Assert.Equal((8, 2), counts.ReadAt(Now, Rules));
        Assert.Equal((4, 1), counts.ReadAt(Now + HalfLife, Rules));
        Assert.Equal((1, 0.25), counts.ReadAt(Now + (3 * HalfLife), Rules));
        Assert.Equal((0, 0), counts.ReadAt(Now + TimeSpan.FromDays(100_000), Rules));
    }

    [Fact]
    public void Before_the_newest_instant_is_at_it()
    {
        var counts = QualityCounts.None.Deliver(Now, Rules, 8);
        Assert.Equal(8, counts.ReadAt(Now - HalfLife, Rules).Delivered);
    }

    [Fact]
    public void What_comes_late_counts_by_when_it_happened()
    {
        var counts = QualityCounts.None.Deliver(Now, Rules, 8).Deliver(Now - HalfLife, Rules, 8);
        Assert.Equal((Now, 12, 16), (counts.At, counts.ReadAt(Now, Rules).Delivered, counts.DeliveredInLife));
    }

    [Fact]
    public void In_any_order_the_sums_are_the_same()
    {
        var deed = Gen.Select(Gen.Int[0, 4], Gen.Long[0, 30 * Instant.Day], (what, at) => (What: what, At: at));
        Gen.Select(deed.Array[1, 30], Gen.Int).Sample(
            (deeds, seed) =>
            {
                QualityCounts Of(IEnumerable<(int What, long At)> order) => order.Aggregate(QualityCounts.None, (counts, each) => each.What == 0
                    ? counts.Deliver(new Instant(each.At), Rules)
                    : counts.Signal((NegativeSignal)each.What, each.At, new Instant(each.At), Rules));
                var (one, other) = (Of(deeds), Of(deeds.OrderBy(each => HashCode.Combine(seed, each.At))));
                Assert.Equal(one.At, other.At);
                Assert.Equal(one.Delivered, other.Delivered, 9);
                Assert.Equal(one.NegativeTenths, other.NegativeTenths, 9);
                Assert.Equal(one.DeliveredInLife, other.DeliveredInLife);

                // And they are the plain sum.
                Assert.Equal(deeds.Sum(d => d.What == 0 ? Math.Pow(0.5, (one.At.Milliseconds - d.At) / HalfLife.TotalMilliseconds) : 0), one.Delivered, 9);
            },
            iter: Check.Iter);
    }

    [Fact]
    public void A_heavier_signal_after_a_lighter_one_adds_the_difference()
    {
        var counts = QualityCounts.None.Signal(NegativeSignal.Block, 1, Now, Rules).Raise(NegativeSignal.Block, NegativeSignal.Report, 1, Now, Rules);
        Assert.Equal(2, counts.ReadAt(Now, Rules).Negative);
        Assert.Equal((1, 1), (counts.Blocks.Count, counts.Reports.Count));
        Assert.Equal(2, counts.Raise(NegativeSignal.Report, NegativeSignal.OptOut, 1, Now, Rules).ReadAt(Now, Rules).Negative);
    }
}
