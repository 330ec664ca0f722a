using System.Collections.Immutable;
using System.Globalization;
using Actors.Policy;

namespace Actors.Silo;

/// <summary>Turns the section <c>Policy</c> into the policy's numbers. One line for each key; another key stops the start.</summary>
public static class PolicyConfiguration
{
    private delegate PolicyNumbers Setter(PolicyNumbers numbers, IConfigurationSection value);

    private static readonly Dictionary<string, Setter> Setters = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Consent:FutureTolerance"] = (n, v) => n with { Consent = n.Consent with { FutureTolerance = Length(v) } },
        ["Consent:StopWords"] = (n, v) => n with { Consent = n.Consent with { StopWords = Words(v) } },
        ["Consent:StopAllWords"] = (n, v) => n with { Consent = n.Consent with { StopAllWords = Words(v) } },
        ["Consent:StartWords"] = (n, v) => n with { Consent = n.Consent with { StartWords = Words(v) } },
        ["Window:Length"] = (n, v) => n with { Window = n.Window with { Length = Length(v) } },
        ["MarketingCap:PerDay"] = (n, v) => n with { MarketingCap = n.MarketingCap with { PerDay = Number(v) } },
        ["MarketingCap:PerWeek"] = (n, v) => n with { MarketingCap = n.MarketingCap with { PerWeek = Number(v) } },
        ["MarketingCap:PerBusinessPerDay"] = (n, v) => n with { MarketingCap = n.MarketingCap with { PerBusinessPerDay = Number(v) } },
        ["MarketingCap:PerDayEngaged"] = (n, v) => n with { MarketingCap = n.MarketingCap with { PerDayEngaged = Number(v) } },
        ["MarketingCap:PerDayUnengaged"] = (n, v) => n with { MarketingCap = n.MarketingCap with { PerDayUnengaged = Number(v) } },
        ["MarketingCap:EngagementFrom"] = (n, v) => n with { MarketingCap = n.MarketingCap with { EngagementFrom = Number(v) } },
        ["MarketingCap:EngagementOver"] = (n, v) => n with { MarketingCap = n.MarketingCap with { EngagementOver = Number(v) } },
        ["MarketingCap:EngagedPercent"] = (n, v) => n with { MarketingCap = n.MarketingCap with { EngagedPercent = Number(v) } },
        ["MarketingCap:UnengagedPercent"] = (n, v) => n with { MarketingCap = n.MarketingCap with { UnengagedPercent = Number(v) } },
        ["MarketingCap:OutcomeAfter"] = (n, v) => n with { MarketingCap = n.MarketingCap with { OutcomeAfter = Length(v) } },
        ["MarketingCap:Rest"] = (n, v) => n with { MarketingCap = n.MarketingCap with { Rest = Length(v) } },
        ["PairRate:Interval"] = (n, v) => n with { PairRate = n.PairRate with { Interval = Length(v) } },
        ["PairRate:Burst"] = (n, v) => n with { PairRate = n.PairRate with { Burst = Number(v) } },
        ["Throughput:Default"] = (n, v) => n with { Throughput = n.Throughput with { Default = Number(v) } },
        ["Limit:RaiseInterval"] = (n, v) => n with { Limit = n.Limit with { RaiseInterval = Length(v) } },
        ["Limit:UsePeriod"] = (n, v) => n with { Limit = n.Limit with { UsePeriod = Length(v) } },
        ["Limit:UsePercent"] = (n, v) => n with { Limit = n.Limit with { UsePercent = Number(v) } },
        ["Quality:HalfLife"] = (n, v) => n with { Quality = n.Quality with { HalfLife = Length(v) } },
        ["Quality:ReportTenths"] = (n, v) => n with { Quality = n.Quality with { ReportTenths = Number(v) } },
        ["Quality:BlockTenths"] = (n, v) => n with { Quality = n.Quality with { BlockTenths = Number(v) } },
        ["Quality:OptOutTenths"] = (n, v) => n with { Quality = n.Quality with { OptOutTenths = Number(v) } },
        ["Quality:NotInterestedTenths"] = (n, v) => n with { Quality = n.Quality with { NotInterestedTenths = Number(v) } },
        ["Quality:PriorDelivered"] = (n, v) => n with { Quality = n.Quality with { PriorDelivered = Number(v) } },
        ["Quality:PriorPerThousand"] = (n, v) => n with { Quality = n.Quality with { PriorPerThousand = Number(v) } },
        ["Quality:ScalePerThousand"] = (n, v) => n with { Quality = n.Quality with { ScalePerThousand = Number(v) } },
        ["Quality:GreenFrom"] = (n, v) => n with { Quality = n.Quality with { GreenFrom = Number(v) } },
        ["Quality:YellowFrom"] = (n, v) => n with { Quality = n.Quality with { YellowFrom = Number(v) } },
        ["Quality:ClimbPoints"] = (n, v) => n with { Quality = n.Quality with { ClimbPoints = Number(v) } },
        ["Quality:KnownFrom"] = (n, v) => n with { Quality = n.Quality with { KnownFrom = Number(v) } },
        ["Quality:PrivacyFloor"] = (n, v) => n with { Quality = n.Quality with { PrivacyFloor = Number(v) } },
        ["Enforcement:RedLength"] = (n, v) => n with { Enforcement = n.Enforcement with { RedLength = Length(v) } },
        ["Enforcement:RedDelivered"] = (n, v) => n with { Enforcement = n.Enforcement with { RedDelivered = Number(v) } },
        ["Enforcement:RedLimitPercent"] = (n, v) => n with { Enforcement = n.Enforcement with { RedLimitPercent = Number(v) } },
        ["Enforcement:BurstLength"] = (n, v) => n with { Enforcement = n.Enforcement with { BurstLength = Length(v) } },
        ["Enforcement:BurstReports"] = (n, v) => n with { Enforcement = n.Enforcement with { BurstReports = Number(v) } },
        ["Enforcement:BurstDelivered"] = (n, v) => n with { Enforcement = n.Enforcement with { BurstDelivered = Number(v) } },
        ["Enforcement:BurstPerThousand"] = (n, v) => n with { Enforcement = n.Enforcement with { BurstPerThousand = Number(v) } },
        ["Enforcement:Warning"] = (n, v) => n with { Enforcement = n.Enforcement with { Warning = Length(v) } },
        ["Enforcement:NoMarketingFirst"] = (n, v) => n with { Enforcement = n.Enforcement with { NoMarketingFirst = Length(v) } },
        ["Enforcement:NoMarketingSecond"] = (n, v) => n with { Enforcement = n.Enforcement with { NoMarketingSecond = Length(v) } },
        ["Enforcement:WindowOnly"] = (n, v) => n with { Enforcement = n.Enforcement with { WindowOnly = Length(v) } },
        ["Enforcement:Nothing"] = (n, v) => n with { Enforcement = n.Enforcement with { Nothing = Length(v) } },
        ["Enforcement:Decay"] = (n, v) => n with { Enforcement = n.Enforcement with { Decay = Length(v) } },
        ["Enforcement:AppealWithin"] = (n, v) => n with { Enforcement = n.Enforcement with { AppealWithin = Length(v) } },
        ["Enforcement:NearRedPoints"] = (n, v) => n with { Enforcement = n.Enforcement with { NearRedPoints = Number(v) } },
        ["Enforcement:NearStrikePercent"] = (n, v) => n with { Enforcement = n.Enforcement with { NearStrikePercent = Number(v) } },
        ["Enforcement:WarnAgain"] = (n, v) => n with { Enforcement = n.Enforcement with { WarnAgain = Length(v) } },
        ["Templates:AutoApprove"] = (n, v) => n with { Templates = n.Templates with { AutoApprove = Flag(v) } },
        ["Templates:NameLock"] = (n, v) => n with { Templates = n.Templates with { NameLock = Length(v) } },
        ["Templates:FirstPause"] = (n, v) => n with { Templates = n.Templates with { FirstPause = Length(v) } },
        ["Templates:SecondPause"] = (n, v) => n with { Templates = n.Templates with { SecondPause = Length(v) } },
        ["Templates:PerBusiness"] = (n, v) => n with { Templates = n.Templates with { PerBusiness = Number(v) } },
        ["Templates:PerVerifiedBusiness"] = (n, v) => n with { Templates = n.Templates with { PerVerifiedBusiness = Number(v) } },
        ["Templates:CreationsPerHour"] = (n, v) => n with { Templates = n.Templates with { CreationsPerHour = Number(v) } },
        ["Templates:EditsPerDay"] = (n, v) => n with { Templates = n.Templates with { EditsPerDay = Number(v) } },
        ["Templates:EditsPerMonth"] = (n, v) => n with { Templates = n.Templates with { EditsPerMonth = Number(v) } },
        ["Messages:UndeliveredMax"] = (n, v) => n with { Messages = n.Messages with { UndeliveredMax = Number(v) } },
        ["Messages:KeyLife"] = (n, v) => n with { Messages = n.Messages with { KeyLife = Length(v) } },
    };

    /// <summary>Every key, with its section.</summary>
    public static IEnumerable<string> Keys => Setters.Keys.Select(k => "Policy:" + k);

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="ConfigurationException">It is wrong.</exception>
    public static PolicyNumbers Read(IConfiguration configuration)
    {
        var numbers = PolicyNumbers.Default;
        foreach (var group in configuration.GetSection("Policy").GetChildren())
        {
            foreach (var value in group.GetChildren())
            {
                if (!Setters.TryGetValue($"{group.Key}:{value.Key}", out var set))
                {
                    throw new ConfigurationException($"The configuration key {value.Path} is unknown; the keys of this section are {string.Join(", ", Keys)}.");
                }

                try
                {
                    numbers = set(numbers, value);
                }
                catch (ArgumentException wrong)
                {
                    throw new ConfigurationException($"{value.Path} is \"{value.Value}\": {wrong.Message.Split(" (Parameter")[0]}");
                }
            }

            if (group.Value is not null)
            {
                throw new ConfigurationException($"The configuration key {group.Path} is unknown; the keys of this section are {string.Join(", ", Keys)}.");
            }
        }

        return numbers;
    }

    private static int Number(IConfigurationSection value) =>
        int.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException("write a whole number.");

    private static TimeSpan Length(IConfigurationSection value) =>
        TimeSpan.TryParse(value.Value, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new ArgumentException("write a length of time such as 1.00:00:00 (days.hours:minutes:seconds).");

    private static bool Flag(IConfigurationSection value) =>
        bool.TryParse(value.Value, out var flag) ? flag : throw new ArgumentException("write true or false.");

    private static ImmutableArray<string> Words(IConfigurationSection value)
    {
        var words = value.GetChildren().Select(c => c.Value ?? "").ToImmutableArray();
        return words.Length > 0 && words.All(w => !string.IsNullOrWhiteSpace(w))
            ? words
            : throw new ArgumentException($"write one key for each word, such as --{value.Path}:0 STOP.");
    }
}
