using Actors.Policy.Businesses;

namespace Actors.Policy.Tests.Businesses;

public sealed class ThroughputTests
{
    [Fact]
    public void It_is_high_from_a_limit_of_100000_on_unless_the_rating_is_red()
    {
        foreach (var limit in Enum.GetValues<LimitTier>())
        {
            foreach (var rating in Enum.GetValues<QualityBand>())
            {
                var isHigh = (limit is LimitTier.Fourth or LimitTier.Unlimited) && rating != QualityBand.Red;
                Assert.Equal(isHigh ? ThroughputLevel.High : ThroughputLevel.Standard, Throughput.LevelOf(limit, rating));
            }
        }
    }

    [Theory]
    [InlineData(LimitTier.Third, QualityBand.Green, 80)]
    [InlineData(LimitTier.Fourth, QualityBand.Green, 1_000)]
    [InlineData(LimitTier.Unlimited, QualityBand.Unknown, 1_000)]
    [InlineData(LimitTier.Unlimited, QualityBand.Red, 80)]
    public void So_many_a_second(LimitTier limit, QualityBand rating, int perSecond) =>
        Assert.Equal(perSecond, Throughput.PerSecond(limit, rating, new ThroughputNumbers()));

    [Fact]
    public void High_is_never_less_than_standard() =>
        Assert.Equal(5_000, Throughput.PerSecond(ThroughputLevel.High, new ThroughputNumbers { Default = 5_000, High = 1_000 }));
}
