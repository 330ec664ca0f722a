using Actors.Policy.Analytics;
using CsCheck;

namespace Actors.Policy.Tests.Analytics;

/// <summary>Percentiles of lengths that are kept in buckets only.</summary>
public sealed class ResponseTimesTests
{
    private const double MostOff = 0.05;

    private static readonly long Longest = (long)ResponseTimes.Longest.TotalMilliseconds;

    // Evenly over orders of magnitude.
    private static readonly Gen<long> Lengths = Gen.Double[0, Math.Log(Longest)].Select(power => (long)Math.Exp(power));

    [Fact]
    public void What_is_read_from_a_bucket_is_at_most_5_percent_off_both_of_its_ends()
    {
        var before = -1L;
        for (var bucket = 0; bucket < ResponseTimes.Buckets; bucket++)
        {
            var typical = ResponseTimes.Typical(bucket).TotalMilliseconds;
            Assert.Equal(bucket, ResponseTimes.BucketOf(TimeSpan.FromMilliseconds(typical)));
            var (first, last) = Ends(bucket, before + 1);
            Assert.True(Math.Abs(typical - first) <= MostOff * first && Math.Abs(typical - last) <= MostOff * last, $"{first} to {last}: {typical}");
            before = last;
        }

        Assert.Equal(Longest, before);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(63, 63)]
    public void Short_lengths_have_buckets_of_their_own(long milliseconds, int bucket) =>
        Assert.Equal(bucket, ResponseTimes.BucketOf(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void What_is_longer_than_the_longest_counts_as_that_long()
    {
        var last = ResponseTimes.Buckets - 1;
        Assert.Equal(last, ResponseTimes.BucketOf(ResponseTimes.Longest));
        Assert.Equal(last, ResponseTimes.BucketOf(TimeSpan.MaxValue));
        Assert.True(last < short.MaxValue);
    }

    [Fact]
    public void Of_nothing_there_is_no_median() => Assert.Null(ResponseTimes.Summarize([]));

    [Fact]
    public void Of_one_it_is_the_one() => Assert.Equal(
        new ResponseSummary(1, TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(40)), ResponseTimes.Summarize([(40, 1)]));

    [Fact]
    public void Of_twenty_the_tenth_is_the_median_and_the_nineteenth_the_95th_percentile() => Assert.Equal(
        new ResponseSummary(20, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(19)),
        ResponseTimes.Summarize(Enumerable.Range(1, 20).Reverse().Select(length => ((short)length, 1L))));

    [Fact]
    public void Median_and_95th_percentile_are_at_most_5_percent_off_however_the_buckets_come() => Lengths.Array[1, 200].Sample(lengths =>
    {
        var sorted = lengths.Order().ToArray();
        var buckets = lengths.Select(length => (ResponseTimes.BucketOf(TimeSpan.FromMilliseconds(length)), 1L));
        var summary = ResponseTimes.Summarize(buckets)!.Value;
        Assert.Equal(lengths.Length, summary.Count);
        Near(sorted[((lengths.Length + 1) / 2) - 1], summary.Median);
        Near(sorted[(int)Math.Ceiling(lengths.Length * 0.95) - 1], summary.P95);
    });

    private static void Near(long exact, TimeSpan read) => Assert.InRange(read.TotalMilliseconds, exact * (1 - MostOff), exact * (1 + MostOff));

    private static (long First, long Last) Ends(int bucket, long first)
    {
        Assert.Equal(bucket, ResponseTimes.BucketOf(TimeSpan.FromMilliseconds(first)));
        var (low, high) = (first, Longest);
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            (low, high) = ResponseTimes.BucketOf(TimeSpan.FromMilliseconds(middle)) == bucket ? (middle, high) : (low, middle - 1);
        }

        return (first, low);
    }
}
