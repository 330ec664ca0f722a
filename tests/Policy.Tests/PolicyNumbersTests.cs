using Actors.Policy.Businesses;
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
        InRange("MarketingCap:PerDayEngaged", n => new MarketingCapNumbers { PerDayEngaged = n }, 0, 32, -1, 33);
        InRange("MarketingCap:PerDayUnengaged", n => new MarketingCapNumbers { PerDayUnengaged = n }, 0, 32, -1, 33);
        InRange("MarketingCap:EngagementFrom", n => new MarketingCapNumbers { EngagementFrom = n }, 1, 20, 0, 21);
        InRange("MarketingCap:EngagementOver", n => new MarketingCapNumbers { EngagementOver = n }, 1, 20, 0, 21);
        InRange("MarketingCap:EngagedPercent", n => new MarketingCapNumbers { EngagedPercent = n }, 0, 100, -1, 101);
        InRange("MarketingCap:UnengagedPercent", n => new MarketingCapNumbers { UnengagedPercent = n }, 0, 100, -1, 101);
        InRange("PairRate:Burst", n => new PairRateNumbers { Burst = n }, 1, 100_000, 0, 100_001);
        InRange("Throughput:Default", n => new ThroughputNumbers { Default = n }, 1, 1_000_000, 0, 1_000_001);
        InRange("Consent:ImportsPerPlace", n => new ConsentNumbers { ImportsPerPlace = n }, 1, 1_000, 0, 1_001);
        InRange("Throughput:High", n => new ThroughputNumbers { High = n }, 1, 1_000_000, 0, 1_000_001);
        InRange("Templates:PerBusiness", n => new TemplateNumbers { PerBusiness = n }, 1, 100_000, 0, 100_001);
        InRange("Templates:PerVerifiedBusiness", n => new TemplateNumbers { PerVerifiedBusiness = n }, 1, 100_000, 0, 100_001);
        InRange("Templates:CreationsPerHour", n => new TemplateNumbers { CreationsPerHour = n }, 1, 1_000, 0, 1_001);
        InRange("Templates:EditsPerDay", n => new TemplateNumbers { EditsPerDay = n }, 1, 1_000, 0, 1_001);
        InRange("Templates:EditsPerMonth", n => new TemplateNumbers { EditsPerMonth = n }, 1, 1_000, 0, 1_001);
        InRange("Limit:UsePercent", n => new LimitNumbers { UsePercent = n }, 1, 1_000, 0, 1_001);
        InRange("Quality:ReportTenths", n => new QualityNumbers { ReportTenths = n }, 0, 1_000, -1, 1_001);
        InRange("Quality:BlockTenths", n => new QualityNumbers { BlockTenths = n }, 1, 1_000, 0, 1_001);
        InRange("Quality:OptOutTenths", n => new QualityNumbers { OptOutTenths = n }, 0, 1_000, -1, 1_001);
        InRange("Quality:NotInterestedTenths", n => new QualityNumbers { NotInterestedTenths = n }, 0, 1_000, -1, 1_001);
        InRange("Quality:PriorDelivered", n => new QualityNumbers { PriorDelivered = n }, 1, 1_000_000, 0, 1_000_001);
        InRange("Quality:PriorPerThousand", n => new QualityNumbers { PriorPerThousand = n }, 0, 100, -1, 101);
        InRange("Quality:ScalePerThousand", n => new QualityNumbers { ScalePerThousand = n }, 1, 1_000, 0, 1_001);
        InRange("Quality:GreenFrom", n => new QualityNumbers { GreenFrom = n }, 61, 95, 60, 96);
        InRange("Quality:YellowFrom", n => new QualityNumbers { YellowFrom = n }, 1, 60, 0, 61);
        InRange("Quality:ClimbPoints", n => new QualityNumbers { ClimbPoints = n }, 0, 20, -1, 21);
        InRange("Quality:KnownFrom", n => new QualityNumbers { KnownFrom = n }, 1, 1_000_000, 0, 1_000_001);
        InRange("Quality:PrivacyFloor", n => new QualityNumbers { PrivacyFloor = n }, 1, 1_000, 0, 1_001);
        InRange("Enforcement:RedDelivered", n => new EnforcementNumbers { RedDelivered = n }, 1, 1_000_000_000, 0, 1_000_000_001);
        InRange("Enforcement:RedLimitPercent", n => new EnforcementNumbers { RedLimitPercent = n }, 1, 100, 0, 101);
        InRange("Enforcement:BurstReports", n => new EnforcementNumbers { BurstReports = n }, 1, 1_000_000, 0, 1_000_001);
        InRange("Enforcement:BurstDelivered", n => new EnforcementNumbers { BurstDelivered = n }, 1, 1_000_000_000, 0, 1_000_000_001);
        InRange("Enforcement:BurstPerThousand", n => new EnforcementNumbers { BurstPerThousand = n }, 1, 1_000, 0, 1_001);
        InRange("Enforcement:NearRedPoints", n => new EnforcementNumbers { NearRedPoints = n }, 0, 40, -1, 41);
        InRange("Enforcement:NearStrikePercent", n => new EnforcementNumbers { NearStrikePercent = n }, 1, 100, 0, 101);
        InRange("Messages:UndeliveredMax", n => new MessageNumbers { UndeliveredMax = n }, 1, 1_000_000_000, 0, 1_000_000_001);
    }

    [Fact]
    public void Every_time_is_held_to_its_range()
    {
        void Time(string key, Func<TimeSpan, object> set, TimeSpan min, TimeSpan max) => InRange(key, set, min, max, min - Tick, max + Tick);
        Time("Window:Length", t => new WindowNumbers { Length = t }, TimeSpan.FromMinutes(1), Week);
        Time("MarketingCap:OutcomeAfter", t => new MarketingCapNumbers { OutcomeAfter = t }, TimeSpan.FromHours(1), 30 * Day);
        Time("MarketingCap:Rest", t => new MarketingCapNumbers { Rest = t }, TimeSpan.Zero, 90 * Day);
        Time("PairRate:Interval", t => new PairRateNumbers { Interval = t }, TimeSpan.Zero, TimeSpan.FromHours(1));
        Time("Consent:FutureTolerance", t => new ConsentNumbers { FutureTolerance = t }, TimeSpan.Zero, TimeSpan.FromHours(1));
        Time("Messages:KeyLife", t => new MessageNumbers { KeyLife = t }, Day, 90 * Day);
        Time("Messages:Life", t => new MessageNumbers { Life = t }, 30 * Second, 30 * Day);
        Time("Messages:AuthenticationLife", t => new MessageNumbers { AuthenticationLife = t }, 30 * Second, 30 * Day);
        var (hour, minute) = (TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        Time("Limit:RaiseInterval", t => new LimitNumbers { RaiseInterval = t }, hour, 30 * Day);
        Time("Limit:UsePeriod", t => new LimitNumbers { UsePeriod = t }, hour, Week);
        Time("Quality:HalfLife", t => new QualityNumbers { HalfLife = t }, hour, 30 * Day);
        Time("Enforcement:RedLength", t => new EnforcementNumbers { RedLength = t }, hour, Week);
        Time("Enforcement:BurstLength", t => new EnforcementNumbers { BurstLength = t }, minute, hour);
        Time("Enforcement:Warning", t => new EnforcementNumbers { Warning = t }, TimeSpan.Zero, 30 * Day);
        Time("Enforcement:NoMarketingFirst", t => new EnforcementNumbers { NoMarketingFirst = t }, TimeSpan.Zero, 30 * Day);
        Time("Enforcement:NoMarketingSecond", t => new EnforcementNumbers { NoMarketingSecond = t }, TimeSpan.Zero, 30 * Day);
        Time("Enforcement:WindowOnly", t => new EnforcementNumbers { WindowOnly = t }, TimeSpan.Zero, 30 * Day);
        Time("Enforcement:Nothing", t => new EnforcementNumbers { Nothing = t }, TimeSpan.Zero, 30 * Day);
        Time("Enforcement:Decay", t => new EnforcementNumbers { Decay = t }, 30 * Day, 3_650 * Day);
        Time("Enforcement:AppealWithin", t => new EnforcementNumbers { AppealWithin = t }, Day, 3_650 * Day);
        Time("Enforcement:WarnAgain", t => new EnforcementNumbers { WarnAgain = t }, hour, 30 * Day);
        Time("Templates:FirstPause", t => new TemplateNumbers { FirstPause = t }, minute, 30 * Day);
        Time("Templates:SecondPause", t => new TemplateNumbers { SecondPause = t }, minute, 30 * Day);
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
        Assert.Equal((4, 1), (Numbers.MarketingCap.PerDayEngaged, Numbers.MarketingCap.PerDayUnengaged));
        Assert.Equal((10, 20), (Numbers.MarketingCap.EngagementFrom, Numbers.MarketingCap.EngagementOver));
        Assert.Equal((60, 10), (Numbers.MarketingCap.EngagedPercent, Numbers.MarketingCap.UnengagedPercent));
        Assert.Equal((2 * Day, Week), (Numbers.MarketingCap.OutcomeAfter, Numbers.MarketingCap.Rest));
        Assert.Equal(0U, Numbers.Version);
        Assert.Equal((6 * Second, 45), (Numbers.PairRate.Interval, Numbers.PairRate.Burst));
        Assert.Equal(Day, Numbers.Window.Length);
        Assert.Equal((80, 1_000), (Numbers.Throughput.Default, Numbers.Throughput.High));
        Assert.Equal((1_000, 90 * Day), (Numbers.Messages.UndeliveredMax, Numbers.Messages.KeyLife));
        Assert.Equal((30 * Day, TimeSpan.FromMinutes(10)), (Numbers.Messages.Life, Numbers.Messages.AuthenticationLife));
        Assert.Equal(TimeSpan.FromMinutes(5), Numbers.Consent.FutureTolerance);
        Assert.Equal((false, 30 * Day), (Numbers.Templates.AutoApprove, Numbers.Templates.NameLock));
        var (hour, quality, enforcement) = (TimeSpan.FromHours(1), Numbers.Quality, Numbers.Enforcement);
        Assert.Equal((3 * hour, 6 * hour), (Numbers.Templates.FirstPause, Numbers.Templates.SecondPause));
        Assert.Equal((Day, Week, 50), (Numbers.Limit.RaiseInterval, Numbers.Limit.UsePeriod, Numbers.Limit.UsePercent));
        Assert.Equal((48 * hour, 200, 5, 35), (quality.HalfLife, quality.PriorDelivered, quality.PriorPerThousand, quality.ScalePerThousand));
        Assert.Equal((75, 50, 5, 50, 10), (quality.GreenFrom, quality.YellowFrom, quality.ClimbPoints, quality.KnownFrom, quality.PrivacyFloor));
        Assert.Equal((20, 10, 1, 1), (quality.ReportTenths, quality.BlockTenths, quality.OptOutTenths, quality.NotInterestedTenths));
        Assert.Equal((Day, 1_000, 50), (enforcement.RedLength, enforcement.RedDelivered, enforcement.RedLimitPercent));
        Assert.Equal(
            (hour, 20, 500, 10),
            (enforcement.BurstLength, enforcement.BurstReports, enforcement.BurstDelivered, enforcement.BurstPerThousand));
        Assert.Equal((Day, Day, 3 * Day), (enforcement.Warning, enforcement.NoMarketingFirst, enforcement.NoMarketingSecond));
        Assert.Equal((Week, 30 * Day), (enforcement.WindowOnly, enforcement.Nothing));
        Assert.Equal((90 * Day, 90 * Day), (enforcement.Decay, enforcement.AppealWithin));
        Assert.Equal((5, 50, Day), (enforcement.NearRedPoints, enforcement.NearStrikePercent, enforcement.WarnAgain));
        Assert.Equal(new PolicyNumbers(), Numbers);
    }

    [Fact]
    public void No_key_is_remembered_for_longer_than_rows_are_kept()
    {
        var numbers = PolicyNumbers.Default with { Messages = new MessageNumbers { KeyLife = TimeSpan.FromDays(30) } };
        Assert.Equal(TimeSpan.FromDays(29), numbers.Bound(TimeSpan.FromDays(29)).Messages.KeyLife);
        Assert.Equal(TimeSpan.FromDays(30), numbers.Bound(TimeSpan.FromDays(30)).Messages.KeyLife);
        Assert.Same(numbers, numbers.Bound(TimeSpan.FromDays(31)));
    }
}
