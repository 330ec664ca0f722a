namespace Actors.Policy.Businesses;

/// <summary>Section <c>Policy:Enforcement</c>.</summary>
public sealed record EnforcementNumbers
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private static readonly TimeSpan TenYears = TimeSpan.FromDays(3_650);

    /// <summary>Red for so long is a strike. Whole milliseconds, 1 hour to 7 days; default 24 hours.</summary>
    public TimeSpan RedLength { get; init => field = Length("RedLength", value, Hour, TimeSpan.FromDays(7)); } = TimeSpan.FromHours(24);

    /// <summary>
    /// Only if so many users were delivered to in that time, or the part of the limit if that is less. 1 to 1,000,000,000; default 1,000.
    /// </summary>
    public int RedDelivered { get; init => field = Count("RedDelivered", value, 1_000_000_000); } = 1_000;

    /// <summary>The part of the messaging limit that is enough instead, in percent. 1 to 100; default 50.</summary>
    public int RedLimitPercent { get; init => field = Count("RedLimitPercent", value, 100); } = 50;

    /// <summary>Reports within this time are a burst. Whole milliseconds, 1 minute to 1 hour, counted by whole minutes; default 1 hour.</summary>
    public TimeSpan BurstLength { get; init => field = Length("BurstLength", value, TimeSpan.FromMinutes(1), Hour); } = Hour;

    /// <summary>From so many different users on. 1 to 1,000,000; default 20.</summary>
    public int BurstReports { get; init => field = Count("BurstReports", value, 1_000_000); } = 20;

    /// <summary>And from so many users delivered to in that time on. 1 to 1,000,000,000; default 500.</summary>
    public int BurstDelivered { get; init => field = Count("BurstDelivered", value, 1_000_000_000); } = 500;

    /// <summary>And from so many reports among a thousand of these on. 1 to 1,000; default 10.</summary>
    public int BurstPerThousand { get; init => field = Count("BurstPerThousand", value, 1_000); } = 10;

    /// <summary>How long the warning of tier 1 runs. Whole milliseconds, 0 to 30 days; default 24 hours.</summary>
    public TimeSpan Warning { get; init => field = Length("Warning", value, TimeSpan.Zero, Month); } = TimeSpan.FromHours(24);

    /// <summary>Tier 2: no marketing for so long. Whole milliseconds, 0 to 30 days; default 1 day.</summary>
    public TimeSpan NoMarketingFirst { get; init => field = Length("NoMarketingFirst", value, TimeSpan.Zero, Month); } = TimeSpan.FromDays(1);

    /// <summary>Tier 3: no marketing for so long. Whole milliseconds, 0 to 30 days; default 3 days.</summary>
    public TimeSpan NoMarketingSecond { get; init => field = Length("NoMarketingSecond", value, TimeSpan.Zero, Month); } = TimeSpan.FromDays(3);

    /// <summary>Tier 4: nothing outside the window for so long. Whole milliseconds, 0 to 30 days; default 7 days.</summary>
    public TimeSpan WindowOnly { get; init => field = Length("WindowOnly", value, TimeSpan.Zero, Month); } = TimeSpan.FromDays(7);

    /// <summary>Tier 5: nothing at all for so long. Whole milliseconds, 0 to 30 days; default 30 days.</summary>
    public TimeSpan Nothing { get; init => field = Length("Nothing", value, TimeSpan.Zero, Month); } = Month;

    /// <summary>
    /// Each of these without a strike takes one tier off. Whole milliseconds, 30 days (so that no restriction outlives it) to 3,650; default 90 days.
    /// </summary>
    public TimeSpan Decay { get; init => field = Length("Decay", value, Month, TenYears); } = TimeSpan.FromDays(90);

    /// <summary>For so long after a strike an appeal can be filed. Whole milliseconds, 1 day to 3,650 days; default 90 days.</summary>
    public TimeSpan AppealWithin { get; init => field = Length("AppealWithin", value, TimeSpan.FromDays(1), TenYears); } = TimeSpan.FromDays(90);

    /// <summary>In yellow, less than so many points above red is near red. 0 (no warning) to 40; default 5.</summary>
    public int NearRedPoints { get; init => field = Checked.Count("Policy:Enforcement:NearRedPoints", value, 0, 40); } = 5;

    /// <summary>So much of what makes a strike is near a strike, in percent. 1 to 100; default 50.</summary>
    public int NearStrikePercent { get; init => field = Count("NearStrikePercent", value, 100); } = 50;

    /// <summary>An early warning isn't repeated for so long. Whole milliseconds, 1 hour to 30 days; default 24 hours.</summary>
    public TimeSpan WarnAgain { get; init => field = Length("WarnAgain", value, Hour, Month); } = TimeSpan.FromHours(24);

    /// <summary>How long the restriction of a tier runs; null where it has no end (6).</summary>
    internal TimeSpan? LengthOf(int tier) => tier switch
    {
        1 => Warning,
        2 => NoMarketingFirst,
        3 => NoMarketingSecond,
        4 => WindowOnly,
        5 => Nothing,
        Enforcement.TierMax => null,
        _ => throw new ArgumentOutOfRangeException(nameof(tier), tier, "A strike leads to tier 1 to 6."),
    };

    private static int Count(string name, int value, int max) => Checked.Count($"Policy:Enforcement:{name}", value, 1, max);

    private static TimeSpan Length(string name, TimeSpan value, TimeSpan min, TimeSpan max) =>
        Checked.Length($"Policy:Enforcement:{name}", value, min, max);
}
