using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>Counts by whole minutes or hours of the ledger's time, for periods that slide.</summary>
/// <remarks>
/// A period of n buckets is the one that now lies in and the n - 1 before it, so it never covers more than the period that it stands for, and at most
/// one bucket less.
/// </remarks>
public sealed record SlidingCounts
{
    /// <summary>Number of the newest bucket, since 1970.</summary>
    public long Newest { get; init; }

    /// <summary>The counts, oldest first; the last one is of <see cref="Newest"/>.</summary>
    public ImmutableArray<long> Counts { get; init; } = [];

    /// <summary>Counts something; what is older than all that is kept is dropped.</summary>
    /// <param name="at">When it happened.</param>
    /// <param name="bucket">The width of a bucket.</param>
    /// <param name="keep">How many buckets are kept.</param>
    /// <param name="amount">How much.</param>
    internal SlidingCounts Add(Instant at, TimeSpan bucket, int keep, long amount)
    {
        var number = at.Milliseconds / (long)bucket.TotalMilliseconds;
        if (number <= Newest && Counts.Length > 0)
        {
            var back = Newest - number;
            if (back >= keep)
            {
                return this;
            }

            var missing = (int)back + 1 - Counts.Length;
            var filled = missing > 0 ? [.. new long[missing], .. Counts] : Counts;
            var index = filled.Length - 1 - (int)back;
            return this with { Counts = filled.SetItem(index, filled[index] + amount) };
        }

        var counts = ImmutableArray.CreateBuilder<long>();
        var ahead = Counts.IsEmpty ? keep : (int)Math.Min(number - Newest, keep);
        var stays = Math.Min(Counts.Length, keep - ahead);
        counts.AddRange(Counts.AsSpan()[(Counts.Length - stays)..]);
        counts.AddRange(new long[stays == 0 ? 0 : ahead - 1]);
        counts.Add(amount);
        return new SlidingCounts { Newest = number, Counts = counts.ToImmutable() };
    }

    /// <summary>What was counted in the period that ends with <paramref name="now"/>, in buckets that begin at <paramref name="from"/> or later.</summary>
    internal long Sum(Instant now, TimeSpan bucket, TimeSpan period, Instant from)
    {
        var width = (long)bucket.TotalMilliseconds;
        var first = (now.Milliseconds / width) - ((long)period.TotalMilliseconds / width) + 1;
        first = Math.Max(first, (from.Milliseconds + width - 1) / width);
        var sum = 0L;
        for (var index = Counts.Length - 1; index >= 0 && Newest - (Counts.Length - 1 - index) >= first; index--)
        {
            sum += Counts[index];
        }

        return sum;
    }
}
