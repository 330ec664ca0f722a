using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests;

public sealed class PolicyNumbersTests
{
    private static void InRange<T>(string key, Func<T, object> set, T min, T max, T below, T above)
    {
        Assert.NotNull(set(min));
        Assert.NotNull(set(max));
        foreach (var wrong in new[] { below, above })
        {
            var failure = Assert.Throws<ArgumentOutOfRangeException>(() => set(wrong));
            Assert.StartsWith($"Policy:{key} must be ", failure.Message, StringComparison.Ordinal);
            Assert.Contains($" from {min} to {max}, but is {wrong}.", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_count_is_held_to_its_range()
    {
        InRange("MarketingCap:PerDay", n => new MarketingCapNumbers { PerDay = n }, 0, 32, -1, 33);
        InRange("MarketingCap:PerWeek", n => new MarketingCapNumbers { PerWeek = n }, 0, 32, -1, 33);
        InRange("MarketingCap:PerBusinessPerDay", n => new MarketingCapNumbers { PerBusinessPerDay = n }, 0, 32, -1, 33);
        InRange("PairRate:Burst", n => new PairRateNumbers { Burst = n }, 1, 100_000, 0, 100_001);
        InRange("Throughput:Default", n => new ThroughputNumbers { Default = n }, 1, 1_000_000, 0, 1_000_001);
        InRange("Messages:UndeliveredMax", n => new MessageNumbers { UndeliveredMax = n }, 1, 1_000_000_000, 0, 1_000_000_001);
    }

    [Fact]
    public void Every_time_is_held_to_its_range()
    {
        void Time(string key, Func<TimeSpan, object> set, TimeSpan min, TimeSpan max) => InRange(key, set, min, max, min - Tick, max + Tick);
        Time("Window:Length", t => new WindowNumbers { Length = t }, TimeSpan.FromMinutes(1), Week);
        Time("PairRate:Interval", t => new PairRateNumbers { Interval = t }, TimeSpan.Zero, TimeSpan.FromHours(1));
        Time("Consent:FutureTolerance", t => new ConsentNumbers { FutureTolerance = t }, TimeSpan.Zero, TimeSpan.FromHours(1));
        Time("Messages:KeyLife", t => new MessageNumbers { KeyLife = t }, Day, 90 * Day);
        Time("Templates:NameLock", t => new TemplateNumbers { NameLock = t }, TimeSpan.Zero, 365 * Day);
    }

    [Fact]
    public void A_time_with_parts_of_a_millisecond_is_refused()
    {
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => new PairRateNumbers { Interval = Second + TimeSpan.FromTicks(1) });
        Assert.StartsWith("Policy:PairRate:Interval must be whole milliseconds from ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_set_is_what_holds()
    {
        Assert.Equal(7, new MarketingCapNumbers { PerDay = 7 }.PerDay);
        Assert.Equal(Second, new PairRateNumbers { Interval = Second }.Interval);
        Assert.Equal(["Ende"], new ConsentNumbers { StopWords = ["Ende"] }.StopWords);
        Assert.Equal(["Alles"], new ConsentNumbers { StopAllWords = ["Alles"] }.StopAllWords);
        Assert.Equal(["Los"], new ConsentNumbers { StartWords = ["Los"] }.StartWords);
        Assert.Empty(new ConsentNumbers { StartWords = [] }.StartWords);
    }

    [Fact]
    public void Words_are_words()
    {
        Assert.NotNull(new ConsentNumbers { StopWords = [new string('x', 64)] });
        foreach (var wrong in new[] { "", " ", "!", null!, new string('x', 65) })
        {
            var failure = Assert.Throws<ArgumentOutOfRangeException>(() => new ConsentNumbers { StopWords = ["STOP", wrong] });
            Assert.StartsWith("Policy:Consent:StopWords must hold words of 1 to 64 characters", failure.Message, StringComparison.Ordinal);
            failure = Assert.Throws<ArgumentOutOfRangeException>(() => new ConsentNumbers { StopAllWords = [wrong] });
            Assert.StartsWith("Policy:Consent:StopAllWords ", failure.Message, StringComparison.Ordinal);
            failure = Assert.Throws<ArgumentOutOfRangeException>(() => new ConsentNumbers { StartWords = [wrong] });
            Assert.StartsWith("Policy:Consent:StartWords ", failure.Message, StringComparison.Ordinal);
        }

        var none = Assert.Throws<ArgumentOutOfRangeException>(() => new ConsentNumbers { StopWords = default });
        Assert.Equal("Policy:Consent:StopWords must be a list of words.", none.Message);
    }

    [Fact]
    public void The_numbers_of_the_policy_hold_where_nothing_is_configured()
    {
        Assert.Equal((2, 6, 1), (Numbers.MarketingCap.PerDay, Numbers.MarketingCap.PerWeek, Numbers.MarketingCap.PerBusinessPerDay));
        Assert.Equal((6 * Second, 45), (Numbers.PairRate.Interval, Numbers.PairRate.Burst));
        Assert.Equal(Day, Numbers.Window.Length);
        Assert.Equal(80, Numbers.Throughput.Default);
        Assert.Equal((1_000, 90 * Day), (Numbers.Messages.UndeliveredMax, Numbers.Messages.KeyLife));
        Assert.Equal(TimeSpan.FromMinutes(5), Numbers.Consent.FutureTolerance);
        Assert.Equal((false, 30 * Day), (Numbers.Templates.AutoApprove, Numbers.Templates.NameLock));
        Assert.Equal(new PolicyNumbers(), Numbers);
    }
}
