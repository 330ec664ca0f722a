using Actors.Policy.Businesses;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

public sealed class SlidingCountsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_period_is_the_bucket_of_now_and_those_before_it()
    {
        // Now is on a full minute: the last millisecond of the minute before counts for 60 minutes of buckets, 59 of them before this one.
        var counts = new SlidingCounts().Add(Now - Tick, Minute, 60, 3);
        Assert.Equal(3, counts.Sum(Now, Minute, TimeSpan.FromHours(1), default));
        Assert.Equal(3, counts.Sum(Now + (59 * Minute) - Tick, Minute, TimeSpan.FromHours(1), default));
        Assert.Equal(0, counts.Sum(Now + (59 * Minute), Minute, TimeSpan.FromHours(1), default));
    }

    [Fact]
    public void Only_buckets_that_begin_late_enough_count()
    {
        var counts = new SlidingCounts().Add(Now, Minute, 60, 3).Add(Now + Minute, Minute, 60, 4);
        Assert.Equal(7, counts.Sum(Now + Minute, Minute, TimeSpan.FromHours(1), Now));
        Assert.Equal(4, counts.Sum(Now + Minute, Minute, TimeSpan.FromHours(1), Now + Tick));
        Assert.Equal(4, counts.Sum(Now + Minute, Minute, TimeSpan.FromHours(1), Now + Minute));
        Assert.Equal(0, counts.Sum(Now + Minute, Minute, TimeSpan.FromHours(1), Now + Minute + Tick));
    }

    [Fact]
    public void In_any_order_it_counts_what_a_list_counts()
    {
        Gen.Select(Gen.Select(Gen.Long[0, 400], Gen.Int[1, 5]).Array[1, 40], Gen.Int[1, 20], Gen.Long[0, 60], Gen.Long[0, 420]).Sample(
            (deeds, keep, later, from) =>
            {
                var width = TimeSpan.FromMilliseconds(10);
                var counts = new SlidingCounts();
                var (newest, kept) = (-1L, new List<(long At, int Amount)>());
                foreach (var (at, amount) in deeds)
                {
                    counts = counts.Add(new Instant(at), width, keep, amount);
                    newest = Math.Max(newest, at / 10);
                    kept.Add((at, amount));
                    kept.RemoveAll(each => each.At / 10 <= newest - keep);
                    Assert.True(counts.Counts.Length <= keep);
                    Assert.Equal(newest, counts.Newest);
                }

                var now = (newest * 10) + later;
                var period = TimeSpan.FromMilliseconds(10 * keep);
                Assert.Equal(
                    kept.Where(each => each.At / 10 > (now / 10) - keep && each.At / 10 * 10 >= from).Sum(each => (long)each.Amount),
                    counts.Sum(new Instant(now), width, period, new Instant(from)));
            },
            iter: Check.Iter * 4);
    }
}
