namespace Actors.Policy.Businesses;

/// <summary>What the score says in one word. Stored and sent as numbers, worst to best behind unknown: never renumber.</summary>
public enum QualityBand : byte
{
    /// <summary>Too little was delivered yet.</summary>
    Unknown = 0,

    /// <summary>Bad.</summary>
    Red = 1,

    /// <summary>Not good.</summary>
    Yellow = 2,

    /// <summary>Good.</summary>
    Green = 3,
}

/// <summary>The score's terms at one instant.</summary>
/// <param name="Delivered">D.</param>
/// <param name="Negative">B.</param>
/// <param name="Rate">r = (B + prior x its rate) / (D + prior).</param>
/// <param name="Score">100 exp(-r / scale), unrounded: above 0, at most 100.</param>
public readonly record struct QualityTerms(double Delivered, double Negative, double Rate, double Score)
{
    /// <summary>The score as it is shown: rounded half up.</summary>
    public int Shown => (int)Math.Floor(Score + 0.5);
}

/// <summary>How far it is down to a worse band.</summary>
/// <param name="Band">The band below.</param>
/// <param name="Points">Points above its edge; at the edge itself the better band still holds. 0 or more.</param>
/// <param name="Blocks">So many blocks now make it worse; 1 or more.</param>
public readonly record struct DistanceDown(QualityBand Band, double Points, long Blocks);

/// <summary>How far it is up to a better band.</summary>
/// <param name="Band">The band above.</param>
/// <param name="Points">Points that are missing; above 0.</param>
/// <param name="BlocksFewer">With so many blocks fewer it would be there; null where blocks alone can't do it.</param>
/// <param name="Deliveries">So many users delivered to now, without a signal, make it better; null where no number does.</param>
/// <param name="At">When it gets there by time alone; null where it doesn't.</param>
public readonly record struct DistanceUp(QualityBand Band, double Points, long? BlocksFewer, long? Deliveries, Instant? At);

/// <summary>The quality score and its bands.</summary>
public static class Quality
{
    /// <summary>Half-lives after which nothing is left that could move a band.</summary>
    private const int HalfLivesMax = 80;

    /// <summary>The score and how it comes about.</summary>
    public static QualityTerms TermsAt(QualityCounts counts, QualityNumbers numbers, Instant now)
    {
        var (delivered, negative) = counts.ReadAt(now, numbers);
        return Terms(delivered, negative, numbers);
    }

    /// <summary>What the score would be if a part of what was counted had never been.</summary>
    /// <param name="counts">All of it.</param>
    /// <param name="part">What to leave out.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">The ledger's time.</param>
    public static QualityTerms TermsWithout(QualityCounts counts, QualityCounts part, QualityNumbers numbers, Instant now)
    {
        var ((delivered, negative), (lessDelivered, lessNegative)) = (counts.ReadAt(now, numbers), part.ReadAt(now, numbers));
        return Terms(Math.Max(0, delivered - lessDelivered), Math.Max(0, negative - lessNegative), numbers);
    }

    /// <summary>The band at an instant, for who was in <paramref name="band"/> so far.</summary>
    /// <remarks>
    /// Falling takes the edge alone, climbing some points more. Leaving unknown is neither: then the plain edges hold. Who has been known stays known
    /// while the counts aren't reset.
    /// </remarks>
    public static QualityBand BandAt(QualityCounts counts, QualityBand band, QualityNumbers numbers, Instant now) =>
        counts.DeliveredInLife < numbers.KnownFrom ? QualityBand.Unknown : BandOf(TermsAt(counts, numbers, now).Score, band, numbers);

    /// <summary>The first instant after <paramref name="now"/> at which the band changes if nothing else happens; null when it never does.</summary>
    public static Instant? NextBandAt(QualityCounts counts, QualityBand band, QualityNumbers numbers, Instant now)
    {
        bool Changed(long at) => BandAt(counts, band, numbers, new Instant(at)) != band;

        // By time alone the rate goes from where it is straight to the prior's, so a change, once made, is not undone: the first instant can be
        // halved down to. What is later than anything known stands at counts.At, not before.
        var same = now.Milliseconds;
        var changed = Math.Max(same, counts.At.Milliseconds) + (long)(numbers.HalfLife.TotalMilliseconds * HalfLivesMax);
        if (Changed(same) || !Changed(changed))
        {
            return null;
        }

        while (changed - same > 1)
        {
            var middle = same + ((changed - same) / 2);
            (same, changed) = Changed(middle) ? (same, middle) : (middle, changed);
        }

        return new Instant(changed);
    }

    /// <summary>How far it is down; null in red and while unknown.</summary>
    public static DistanceDown? Down(QualityCounts counts, QualityBand band, QualityNumbers numbers, Instant now)
    {
        if (band is QualityBand.Red or QualityBand.Unknown)
        {
            return null;
        }

        var terms = TermsAt(counts, numbers, now);
        var edge = EdgeOf(band, numbers);
        var block = numbers.BlockTenths / 10d;
        var blocks = Fewest(n => Terms(terms.Delivered, terms.Negative + (n * block), numbers).Score < edge) ?? 1;
        return new DistanceDown(band - 1, Math.Max(0, terms.Score - edge), Math.Max(1, blocks));
    }

    /// <summary>How far it is up; null in green and while unknown.</summary>
    public static DistanceUp? Up(QualityCounts counts, QualityBand band, QualityNumbers numbers, Instant now)
    {
        if (band is QualityBand.Green or QualityBand.Unknown)
        {
            return null;
        }

        var terms = TermsAt(counts, numbers, now);
        var goal = EdgeOf(band + 1, numbers) + numbers.ClimbPoints;
        var block = numbers.BlockTenths / 10d;
        var fewer = Fewest(n => Terms(terms.Delivered, Math.Max(0, terms.Negative - (n * block)), numbers).Score >= goal);
        var deliveries = Fewest(n => Terms(terms.Delivered + n, terms.Negative, numbers).Score >= goal);
        return new DistanceUp(band + 1, Math.Max(0, goal - terms.Score), fewer, deliveries, NextBandAt(counts, band, numbers, now));
    }

    private static QualityTerms Terms(double delivered, double negative, QualityNumbers numbers)
    {
        var rate = (negative + (numbers.PriorDelivered * numbers.PriorPerThousand / 1_000d)) / (delivered + numbers.PriorDelivered);
        return new QualityTerms(delivered, negative, rate, 100 * Math.Exp(-rate * 1_000 / numbers.ScalePerThousand));
    }

    private static QualityBand BandOf(double score, QualityBand band, QualityNumbers numbers)
    {
        var plain = score >= numbers.GreenFrom ? QualityBand.Green : score >= numbers.YellowFrom ? QualityBand.Yellow : QualityBand.Red;
        if (band == QualityBand.Unknown)
        {
            return plain;
        }

        // The best band whose edge is cleared by so much, if that is better than now.
        while (plain > band && score < EdgeOf(plain, numbers) + numbers.ClimbPoints)
        {
            plain--;
        }

        return plain;
    }

    private static int EdgeOf(QualityBand band, QualityNumbers numbers) => band switch
    {
        QualityBand.Green => numbers.GreenFrom,
        QualityBand.Yellow => numbers.YellowFrom,
        QualityBand.Red => 0,
        QualityBand.Unknown => 0,
    };

    /// <summary>
    /// The smallest number from 0 on for which it holds, where it holds for all greater ones, too; null where none below a trillion does.
    /// </summary>
    private static long? Fewest(Func<long, bool> holds)
    {
        const long Most = 1_000_000_000_000;
        if (holds(0))
        {
            return 0;
        }

        if (!holds(Most))
        {
            return null;
        }

        var (not, does) = (0L, Most);
        while (does - not > 1)
        {
            var middle = not + ((does - not) / 2);
            (not, does) = holds(middle) ? (not, middle) : (middle, does);
        }

        return does;
    }
}
