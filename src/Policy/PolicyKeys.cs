using System.Collections.Immutable;
using System.Globalization;
using Actors.Policy.Businesses;

namespace Actors.Policy;

/// <summary>Every number of the policy by its key, as it is written in configuration and kept as data: one line for each.</summary>
/// <remarks>Keys are compared without case, and written here without the section's name <c>Policy</c>.</remarks>
public static class PolicyKeys
{
    private static readonly Section<ConsentNumbers> Consent = new(n => n.Consent, (n, s) => n with { Consent = s });
    private static readonly Section<WindowNumbers> Window = new(n => n.Window, (n, s) => n with { Window = s });
    private static readonly Section<MarketingCapNumbers> Cap = new(n => n.MarketingCap, (n, s) => n with { MarketingCap = s });
    private static readonly Section<PairRateNumbers> Rate = new(n => n.PairRate, (n, s) => n with { PairRate = s });
    private static readonly Section<ThroughputNumbers> Throughput = new(n => n.Throughput, (n, s) => n with { Throughput = s });
    private static readonly Section<LimitNumbers> Limit = new(n => n.Limit, (n, s) => n with { Limit = s });
    private static readonly Section<QualityNumbers> Quality = new(n => n.Quality, (n, s) => n with { Quality = s });
    private static readonly Section<EnforcementNumbers> Enforcement = new(n => n.Enforcement, (n, s) => n with { Enforcement = s });
    private static readonly Section<TemplateNumbers> Templates = new(n => n.Templates, (n, s) => n with { Templates = s });
    private static readonly Section<MessageNumbers> Messages = new(n => n.Messages, (n, s) => n with { Messages = s });

    private static readonly Dictionary<string, (Getter Get, Setter Set)> Table = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Consent:FutureTolerance"] = Consent.Length(s => s.FutureTolerance, (s, v) => s with { FutureTolerance = v }),
        ["Consent:ImportsPerPlace"] = Consent.Number(s => s.ImportsPerPlace, (s, v) => s with { ImportsPerPlace = v }),
        ["Consent:StopWords"] = Consent.Words(s => s.StopWords, (s, v) => s with { StopWords = v }),
        ["Consent:StopAllWords"] = Consent.Words(s => s.StopAllWords, (s, v) => s with { StopAllWords = v }),
        ["Consent:StartWords"] = Consent.Words(s => s.StartWords, (s, v) => s with { StartWords = v }),
        ["Window:Length"] = Window.Length(s => s.Length, (s, v) => s with { Length = v }),
        ["MarketingCap:PerDay"] = Cap.Number(s => s.PerDay, (s, v) => s with { PerDay = v }),
        ["MarketingCap:PerWeek"] = Cap.Number(s => s.PerWeek, (s, v) => s with { PerWeek = v }),
        ["MarketingCap:PerBusinessPerDay"] = Cap.Number(s => s.PerBusinessPerDay, (s, v) => s with { PerBusinessPerDay = v }),
        ["MarketingCap:PerDayEngaged"] = Cap.Number(s => s.PerDayEngaged, (s, v) => s with { PerDayEngaged = v }),
        ["MarketingCap:PerDayUnengaged"] = Cap.Number(s => s.PerDayUnengaged, (s, v) => s with { PerDayUnengaged = v }),
        ["MarketingCap:EngagementFrom"] = Cap.Number(s => s.EngagementFrom, (s, v) => s with { EngagementFrom = v }),
        ["MarketingCap:EngagementOver"] = Cap.Number(s => s.EngagementOver, (s, v) => s with { EngagementOver = v }),
        ["MarketingCap:EngagedPercent"] = Cap.Number(s => s.EngagedPercent, (s, v) => s with { EngagedPercent = v }),
        ["MarketingCap:UnengagedPercent"] = Cap.Number(s => s.UnengagedPercent, (s, v) => s with { UnengagedPercent = v }),
        ["MarketingCap:OutcomeAfter"] = Cap.Length(s => s.OutcomeAfter, (s, v) => s with { OutcomeAfter = v }),
        ["MarketingCap:Rest"] = Cap.Length(s => s.Rest, (s, v) => s with { Rest = v }),
        ["PairRate:Interval"] = Rate.Length(s => s.Interval, (s, v) => s with { Interval = v }),
        ["PairRate:Burst"] = Rate.Number(s => s.Burst, (s, v) => s with { Burst = v }),
        ["Throughput:Default"] = Throughput.Number(s => s.Default, (s, v) => s with { Default = v }),
        ["Throughput:High"] = Throughput.Number(s => s.High, (s, v) => s with { High = v }),
        ["Limit:RaiseInterval"] = Limit.Length(s => s.RaiseInterval, (s, v) => s with { RaiseInterval = v }),
        ["Limit:UsePeriod"] = Limit.Length(s => s.UsePeriod, (s, v) => s with { UsePeriod = v }),
        ["Limit:UsePercent"] = Limit.Number(s => s.UsePercent, (s, v) => s with { UsePercent = v }),
        ["Quality:HalfLife"] = Quality.Length(s => s.HalfLife, (s, v) => s with { HalfLife = v }),
        ["Quality:ReportTenths"] = Quality.Number(s => s.ReportTenths, (s, v) => s with { ReportTenths = v }),
        ["Quality:BlockTenths"] = Quality.Number(s => s.BlockTenths, (s, v) => s with { BlockTenths = v }),
        ["Quality:OptOutTenths"] = Quality.Number(s => s.OptOutTenths, (s, v) => s with { OptOutTenths = v }),
        ["Quality:NotInterestedTenths"] = Quality.Number(s => s.NotInterestedTenths, (s, v) => s with { NotInterestedTenths = v }),
        ["Quality:PriorDelivered"] = Quality.Number(s => s.PriorDelivered, (s, v) => s with { PriorDelivered = v }),
        ["Quality:PriorPerThousand"] = Quality.Number(s => s.PriorPerThousand, (s, v) => s with { PriorPerThousand = v }),
        ["Quality:ScalePerThousand"] = Quality.Number(s => s.ScalePerThousand, (s, v) => s with { ScalePerThousand = v }),
        ["Quality:GreenFrom"] = Quality.Number(s => s.GreenFrom, (s, v) => s with { GreenFrom = v }),
        ["Quality:YellowFrom"] = Quality.Number(s => s.YellowFrom, (s, v) => s with { YellowFrom = v }),
        ["Quality:ClimbPoints"] = Quality.Number(s => s.ClimbPoints, (s, v) => s with { ClimbPoints = v }),
        ["Quality:KnownFrom"] = Quality.Number(s => s.KnownFrom, (s, v) => s with { KnownFrom = v }),
        ["Quality:PrivacyFloor"] = Quality.Number(s => s.PrivacyFloor, (s, v) => s with { PrivacyFloor = v }),
        ["Enforcement:RedLength"] = Enforcement.Length(s => s.RedLength, (s, v) => s with { RedLength = v }),
        ["Enforcement:RedDelivered"] = Enforcement.Number(s => s.RedDelivered, (s, v) => s with { RedDelivered = v }),
        ["Enforcement:RedLimitPercent"] = Enforcement.Number(s => s.RedLimitPercent, (s, v) => s with { RedLimitPercent = v }),
        ["Enforcement:BurstLength"] = Enforcement.Length(s => s.BurstLength, (s, v) => s with { BurstLength = v }),
        ["Enforcement:BurstReports"] = Enforcement.Number(s => s.BurstReports, (s, v) => s with { BurstReports = v }),
        ["Enforcement:BurstDelivered"] = Enforcement.Number(s => s.BurstDelivered, (s, v) => s with { BurstDelivered = v }),
        ["Enforcement:BurstPerThousand"] = Enforcement.Number(s => s.BurstPerThousand, (s, v) => s with { BurstPerThousand = v }),
        ["Enforcement:Warning"] = Enforcement.Length(s => s.Warning, (s, v) => s with { Warning = v }),
        ["Enforcement:NoMarketingFirst"] = Enforcement.Length(s => s.NoMarketingFirst, (s, v) => s with { NoMarketingFirst = v }),
        ["Enforcement:NoMarketingSecond"] = Enforcement.Length(s => s.NoMarketingSecond, (s, v) => s with { NoMarketingSecond = v }),
        ["Enforcement:WindowOnly"] = Enforcement.Length(s => s.WindowOnly, (s, v) => s with { WindowOnly = v }),
        ["Enforcement:Nothing"] = Enforcement.Length(s => s.Nothing, (s, v) => s with { Nothing = v }),
        ["Enforcement:Decay"] = Enforcement.Length(s => s.Decay, (s, v) => s with { Decay = v }),
        ["Enforcement:AppealWithin"] = Enforcement.Length(s => s.AppealWithin, (s, v) => s with { AppealWithin = v }),
        ["Enforcement:NearRedPoints"] = Enforcement.Number(s => s.NearRedPoints, (s, v) => s with { NearRedPoints = v }),
        ["Enforcement:NearStrikePercent"] = Enforcement.Number(s => s.NearStrikePercent, (s, v) => s with { NearStrikePercent = v }),
        ["Enforcement:WarnAgain"] = Enforcement.Length(s => s.WarnAgain, (s, v) => s with { WarnAgain = v }),
        ["Templates:AutoApprove"] = Templates.Flag(s => s.AutoApprove, (s, v) => s with { AutoApprove = v }),
        ["Templates:NameLock"] = Templates.Length(s => s.NameLock, (s, v) => s with { NameLock = v }),
        ["Templates:FirstPause"] = Templates.Length(s => s.FirstPause, (s, v) => s with { FirstPause = v }),
        ["Templates:SecondPause"] = Templates.Length(s => s.SecondPause, (s, v) => s with { SecondPause = v }),
        ["Templates:PerBusiness"] = Templates.Number(s => s.PerBusiness, (s, v) => s with { PerBusiness = v }),
        ["Templates:PerVerifiedBusiness"] = Templates.Number(s => s.PerVerifiedBusiness, (s, v) => s with { PerVerifiedBusiness = v }),
        ["Templates:CreationsPerHour"] = Templates.Number(s => s.CreationsPerHour, (s, v) => s with { CreationsPerHour = v }),
        ["Templates:EditsPerDay"] = Templates.Number(s => s.EditsPerDay, (s, v) => s with { EditsPerDay = v }),
        ["Templates:EditsPerMonth"] = Templates.Number(s => s.EditsPerMonth, (s, v) => s with { EditsPerMonth = v }),
        ["Messages:UndeliveredMax"] = Messages.Number(s => s.UndeliveredMax, (s, v) => s with { UndeliveredMax = v }),
        ["Messages:KeyLife"] = Messages.Length(s => s.KeyLife, (s, v) => s with { KeyLife = v }),
        ["Messages:Life"] = Messages.Length(s => s.Life, (s, v) => s with { Life = v }),
        ["Messages:AuthenticationLife"] = Messages.Length(s => s.AuthenticationLife, (s, v) => s with { AuthenticationLife = v }),
    };

    private delegate ImmutableArray<string> Getter(PolicyNumbers numbers);

    private delegate PolicyNumbers Setter(PolicyNumbers numbers, ImmutableArray<string> texts);

    /// <summary>All, in the order of the documents.</summary>
    public static ImmutableArray<PolicyKey> All { get; } =
        [.. Table.Select(row => new PolicyKey(row.Key, n => row.Value.Get(n), (n, texts) => row.Value.Set(n, texts)))];

    private static readonly Dictionary<string, PolicyKey> ByName = All.ToDictionary(key => key.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The key of a name such as <c>MarketingCap:PerDay</c>; null when there is none.</summary>
    public static PolicyKey? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>What differs from the numbers that hold where nothing is configured, by name.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> Differences(PolicyNumbers numbers) => All
        .Select(key => (key.Name, Texts: key.Read(numbers)))
        .Where(number => !number.Texts.SequenceEqual(Find(number.Name)!.Read(PolicyNumbers.Default)))
        .ToImmutableSortedDictionary(number => number.Name, number => number.Texts, StringComparer.Ordinal);

    /// <summary>The numbers with these differences from <see cref="PolicyNumbers.Default"/>.</summary>
    /// <exception cref="ArgumentException">A name is unknown, or a text isn't one of its values.</exception>
    public static PolicyNumbers Apply(IEnumerable<KeyValuePair<string, ImmutableArray<string>>> differences)
    {
        var numbers = PolicyNumbers.Default;
        foreach (var (name, texts) in differences)
        {
            numbers = (Find(name) ?? throw new ArgumentException($"The policy has no number {name}.")).Set(numbers, texts);
        }

        return numbers;
    }

    private static ImmutableArray<string> One(string text) => [text];

    private static string Only(ImmutableArray<string> texts, string what) => texts is [var text] ? text : throw new ArgumentException(what);

    /// <summary>The numbers of one section.</summary>
    private sealed class Section<T>(Func<PolicyNumbers, T> get, Func<PolicyNumbers, T, PolicyNumbers> set)
    {
        public (Getter, Setter) Number(Func<T, int> read, Func<T, int, T> with) => (
            n => One(read(get(n)).ToString(CultureInfo.InvariantCulture)),
            (n, texts) => int.TryParse(Only(texts, WholeNumber), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? set(n, with(get(n), number))
                : throw new ArgumentException(WholeNumber));

        public (Getter, Setter) Length(Func<T, TimeSpan> read, Func<T, TimeSpan, T> with) => (
            n => One(read(get(n)).ToString("c", CultureInfo.InvariantCulture)),
            (n, texts) => TimeSpan.TryParse(Only(texts, LengthOfTime), CultureInfo.InvariantCulture, out var length)
                ? set(n, with(get(n), length))
                : throw new ArgumentException(LengthOfTime));

        public (Getter, Setter) Flag(Func<T, bool> read, Func<T, bool, T> with) => (
            n => One(read(get(n)) ? "true" : "false"),
            (n, texts) => bool.TryParse(Only(texts, TrueOrFalse), out var flag) ? set(n, with(get(n), flag)) : throw new ArgumentException(TrueOrFalse));

        public (Getter, Setter) Words(Func<T, ImmutableArray<string>> read, Func<T, ImmutableArray<string>, T> with) => (
            n => read(get(n)),
            (n, texts) => texts.Length > 0 ? set(n, with(get(n), texts)) : throw new ArgumentException(AtLeastOneWord));

        private const string WholeNumber = "write a whole number.";
        private const string LengthOfTime = "write a length of time such as 1.00:00:00 (days.hours:minutes:seconds).";
        private const string TrueOrFalse = "write true or false.";
        private const string AtLeastOneWord = "write at least one word.";
    }
}
