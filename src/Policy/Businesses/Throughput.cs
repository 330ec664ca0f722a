namespace Actors.Policy.Businesses;

/// <summary>How fast a business's numbers may send. Lowest first.</summary>
public enum ThroughputLevel : byte
{
    /// <summary><see cref="ThroughputNumbers.Default"/>.</summary>
    Standard = 0,

    /// <summary><see cref="ThroughputNumbers.High"/>.</summary>
    High = 1,
}

/// <summary>How many decisions each number of a business gets in any sliding second.</summary>
public static class Throughput
{
    /// <summary>The level: high from a messaging limit of 100,000 on, and never while the rating is red.</summary>
    public static ThroughputLevel LevelOf(LimitTier limit, QualityBand rating) =>
        limit >= LimitTier.Fourth && rating != QualityBand.Red ? ThroughputLevel.High : ThroughputLevel.Standard;

    /// <summary>Decisions of one number in any sliding second. The high level never gives less than the standard one, however they are configured.</summary>
    public static int PerSecond(ThroughputLevel level, ThroughputNumbers numbers) => level switch
    {
        ThroughputLevel.Standard => numbers.Default,
        ThroughputLevel.High => Math.Max(numbers.Default, numbers.High),
    };

    /// <summary>The same from what the level follows from.</summary>
    public static int PerSecond(LimitTier limit, QualityBand rating, ThroughputNumbers numbers) => PerSecond(LevelOf(limit, rating), numbers);
}
