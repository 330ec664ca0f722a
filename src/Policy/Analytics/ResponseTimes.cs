namespace Actors.Policy.Analytics;

/// <summary>Median and 95th percentile of many lengths of time.</summary>
/// <param name="Count">Of how many.</param>
/// <param name="Median">Half of them took at most so long.</param>
/// <param name="P95">Of 20 of them 19 took at most so long.</param>
public readonly record struct ResponseSummary(long Count, TimeSpan Median, TimeSpan P95);

/// <summary>Lengths of time as counts per bucket: they can be added up over periods, and percentiles be read from the sum.</summary>
/// <remarks>
/// Buckets grow with what they hold: up to 64 ms each length has its own; from there on the longest of a bucket is at most 8 % longer than its shortest.
/// What is read from one is at most 5 % off what was put in. Longer than <see cref="Longest"/> counts as that long.
/// </remarks>
public static class ResponseTimes
{
    /// <summary>What is longer counts as this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    private const long Exact = 64;

    // The shortest of each bucket, in milliseconds, ascending; the next one's less one is its longest.
    private static readonly long[] Shortest = [.. Starts()];

    /// <summary>How many buckets there are.</summary>
    public static int Buckets => Shortest.Length;

    /// <summary>The bucket of a length: 0 to <see cref="Buckets"/> - 1.</summary>
    /// <param name="length">Whole milliseconds; below 0 counts as 0.</param>
    public static short BucketOf(TimeSpan length)
    {
        var milliseconds = (long)Math.Clamp(length.TotalMilliseconds, 0, Longest.TotalMilliseconds);
        var found = Array.BinarySearch(Shortest, milliseconds);
        return (short)(found >= 0 ? found : ~found - 1);
    }

    /// <summary>What stands for the lengths of a bucket.</summary>
    public static TimeSpan Typical(int bucket)
    {
        var shortest = Shortest[bucket];
        var longest = bucket + 1 < Shortest.Length ? Shortest[bucket + 1] - 1 : (long)Longest.TotalMilliseconds;

        // As far from the one as from the other, in parts of them.
        return TimeSpan.FromMilliseconds(longest == 0 ? 0 : Math.Round(2d * shortest * longest / (shortest + longest)));
    }

    /// <summary>Reads the percentiles; null where there are none.</summary>
    /// <param name="counts">How many lengths each bucket has. Any order; a bucket may come more than once.</param>
    public static ResponseSummary? Summarize(IEnumerable<(short Bucket, long Count)> counts)
    {
        var ascending = counts.OrderBy(part => part.Bucket).ToList();
        var all = ascending.Sum(part => part.Count);
        return all == 0 ? null : new ResponseSummary(all, At((all + 1) / 2), At(((all * 19) + 19) / 20));

        // The nearest rank: of 1 it is the first, of 20 the 19th.
        TimeSpan At(long rank)
        {
            foreach (var (bucket, count) in ascending)
            {
                rank -= count;
                if (rank <= 0)
                {
                    return Typical(bucket);
                }
            }

            throw new InvalidOperationException("a rank beyond the last");
        }
    }

    private static IEnumerable<long> Starts()
    {
        for (var start = 0L; start <= (long)Longest.TotalMilliseconds; start += start < Exact ? 1 : (start * 8 / 100) + 1)
        {
            yield return start;
        }
    }
}
