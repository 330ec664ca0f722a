using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Policy;

/// <summary>Every number of the policy. Can't hold a nonsense value; the host makes it from its configuration, section <c>Policy</c>.</summary>
/// <remarks>Setting a number outside its range throws <see cref="ArgumentOutOfRangeException"/> with a message that names the number, its range and
/// the value.</remarks>
public sealed record PolicyNumbers
{
    /// <summary>The numbers that hold where nothing is configured.</summary>
    public static PolicyNumbers Default { get; } = new();

    /// <summary>
    /// Which version of the numbers it is: what the platform was first started with has 0, each change one more. Stands with each accepted message.
    /// </summary>
    public uint Version { get; init; }

    /// <summary>Section <c>Policy:Consent</c>.</summary>
    public ConsentNumbers Consent { get; init; } = new();

    /// <summary>Section <c>Policy:Window</c>.</summary>
    public WindowNumbers Window { get; init; } = new();

    /// <summary>Section <c>Policy:MarketingCap</c>.</summary>
    public MarketingCapNumbers MarketingCap { get; init; } = new();

    /// <summary>Section <c>Policy:PairRate</c>.</summary>
    public PairRateNumbers PairRate { get; init; } = new();

    /// <summary>Section <c>Policy:Throughput</c>.</summary>
    public ThroughputNumbers Throughput { get; init; } = new();

    /// <summary>Section <c>Policy:Limit</c>.</summary>
    public LimitNumbers Limit { get; init; } = new();

    /// <summary>Section <c>Policy:Quality</c>.</summary>
    public QualityNumbers Quality { get; init; } = new();

    /// <summary>Section <c>Policy:Enforcement</c>.</summary>
    public EnforcementNumbers Enforcement { get; init; } = new();

    /// <summary>Section <c>Policy:Templates</c>.</summary>
    public TemplateNumbers Templates { get; init; } = new();

    /// <summary>Section <c>Policy:Messages</c>.</summary>
    public MessageNumbers Messages { get; init; } = new();

    /// <summary>
    /// These numbers where rows of messages are kept for so long: no idempotency key is remembered for longer, and messages expire an hour before their
    /// rows go.
    /// </summary>
    /// <param name="retention">24 hours or more.</param>
    public PolicyNumbers Bound(TimeSpan retention)
    {
        var life = retention - TimeSpan.FromHours(1);
        var messages = Messages.KeyLife <= retention ? Messages : Messages with { KeyLife = retention };
        messages = messages.Life <= life ? messages : messages with { Life = life };
        return ReferenceEquals(messages, Messages) ? this : this with { Messages = messages };
    }
}

/// <summary>Section <c>Policy:Window</c>.</summary>
public sealed record WindowNumbers
{
    /// <summary>The longest that a window can be configured to be: 7 days.</summary>
    public static readonly TimeSpan LengthMax = TimeSpan.FromDays(7);

    /// <summary>How long a user's message keeps the window open. Whole milliseconds, 1 minute to 7 days; default 24 hours.</summary>
    public TimeSpan Length { get; init => field = Checked.Length("Policy:Window:Length", value, TimeSpan.FromMinutes(1), LengthMax); } = TimeSpan.FromHours(24);
}

/// <summary>Section <c>Policy:MarketingCap</c>: counted marketing messages to one user. All must hold.</summary>
public sealed record MarketingCapNumbers
{
    /// <summary>In any 24 hours, over all businesses. 0 to 32; default 2.</summary>
    public int PerDay { get; init => field = Cap("PerDay", value); } = 2;

    /// <summary>The same as <see cref="PerDay"/> for a user who reads most of what comes. 0 to 32; default 4.</summary>
    public int PerDayEngaged { get; init => field = Cap("PerDayEngaged", value); } = 4;

    /// <summary>The same as <see cref="PerDay"/> for a user who reads next to nothing. 0 to 32; default 1.</summary>
    public int PerDayUnengaged { get; init => field = Cap("PerDayUnengaged", value); } = 1;

    /// <summary>So many outcomes must be known before they move the number. 1 to 20; default 10. Above <see cref="EngagementOver"/>: they never do.</summary>
    public int EngagementFrom { get; init => field = Checked.Count("Policy:MarketingCap:EngagementFrom", value, 1, Outcomes.Max); } = 10;

    /// <summary>So many of the newest outcomes are looked at. 1 to 20; default 20.</summary>
    public int EngagementOver { get; init => field = Checked.Count("Policy:MarketingCap:EngagementOver", value, 1, Outcomes.Max); } = 20;

    /// <summary>Share of reads, in percent, from which a user is engaged. 0 to 100; default 60.</summary>
    public int EngagedPercent { get; init => field = Checked.Count("Policy:MarketingCap:EngagedPercent", value, 0, 100); } = 60;

    /// <summary>Share of reads, in percent, under which a user is unengaged. 0 to 100; default 10.</summary>
    public int UnengagedPercent { get; init => field = Checked.Count("Policy:MarketingCap:UnengagedPercent", value, 0, 100); } = 10;

    /// <summary>So long after its delivery a message that was not read counts as such. Whole milliseconds, 1 hour to 30 days; default 48 hours.</summary>
    public TimeSpan OutcomeAfter
    {
        get;
        init => field = Checked.Length("Policy:MarketingCap:OutcomeAfter", value, TimeSpan.FromHours(1), TimeSpan.FromDays(30));
    } = TimeSpan.FromHours(48);

    /// <summary>How long a business's marketing rests when the user isn't interested. Whole milliseconds, 0 (off) to 90 days; default 7 days.</summary>
    public TimeSpan Rest { get; init => field = Checked.Length("Policy:MarketingCap:Rest", value, TimeSpan.Zero, TimeSpan.FromDays(90)); } =
        TimeSpan.FromDays(7);

    /// <summary>In any 7 days, over all businesses. 0 to 32; default 6.</summary>
    public int PerWeek { get; init => field = Cap("PerWeek", value); } = 6;

    /// <summary>In any 24 hours, from one business. 0 to 32; default 1.</summary>
    public int PerBusinessPerDay { get; init => field = Cap("PerBusinessPerDay", value); } = 1;

    // The bound is what a record can remember: with more, the oldest receipts could fall out while they still count.
    private static int Cap(string name, int value) => Checked.Count($"Policy:MarketingCap:{name}", value, 0, UserState.ReceiptsMax);
}

/// <summary>Section <c>Policy:PairRate</c>: messages from one business to one user, by GCRA.</summary>
public sealed record PairRateNumbers
{
    /// <summary>One message per this time in the long run. Whole milliseconds, 0 (off) to 1 hour; default 6 seconds.</summary>
    public TimeSpan Interval { get; init => field = Checked.Length("Policy:PairRate:Interval", value, TimeSpan.Zero, TimeSpan.FromHours(1)); } =
        TimeSpan.FromSeconds(6);

    /// <summary>How many may come at once. 1 to 100,000; default 45.</summary>
    public int Burst { get; init => field = Checked.Count("Policy:PairRate:Burst", value, 1, 100_000); } = 45;
}

/// <summary>Section <c>Policy:Throughput</c>: decisions of one number in any sliding second.</summary>
public sealed record ThroughputNumbers
{
    /// <summary>At the standard level. 1 to 1,000,000; default 80.</summary>
    public int Default { get; init => field = Checked.Count("Policy:Throughput:Default", value, 1, 1_000_000); } = 80;

    /// <summary>At the high level, where it is more than <see cref="Default"/>. 1 to 1,000,000; default 1,000.</summary>
    public int High { get; init => field = Checked.Count("Policy:Throughput:High", value, 1, 1_000_000); } = 1_000;
}

/// <summary>Section <c>Policy:Templates</c>.</summary>
public sealed record TemplateNumbers
{
    /// <summary>Whether a template that the linter passes is approved at once. For development only; default false.</summary>
    public bool AutoApprove { get; init; }

    /// <summary>
    /// How long the name of a deleted template can't be used again, where it was once approved. Whole milliseconds, 0 to 365 days; default 30 days.
    /// </summary>
    public TimeSpan NameLock { get; init => field = Checked.Length("Policy:Templates:NameLock", value, TimeSpan.Zero, TimeSpan.FromDays(365)); } =
        TimeSpan.FromDays(30);

    /// <summary>How long red quality pauses a template for the first time. Whole milliseconds, 1 minute to 30 days; default 3 hours.</summary>
    public TimeSpan FirstPause { get; init => field = Pause("FirstPause", value); } = TimeSpan.FromHours(3);

    /// <summary>For the second time; the third disables it. Whole milliseconds, 1 minute to 30 days; default 6 hours.</summary>
    public TimeSpan SecondPause { get; init => field = Pause("SecondPause", value); } = TimeSpan.FromHours(6);

    /// <summary>Most templates of a business; each language counts. 1 to 100,000; default 250.</summary>
    public int PerBusiness { get; init => field = Checked.Count("Policy:Templates:PerBusiness", value, 1, 100_000); } = 250;

    /// <summary>The same once the business is verified. 1 to 100,000; default 6,000.</summary>
    public int PerVerifiedBusiness { get; init => field = Checked.Count("Policy:Templates:PerVerifiedBusiness", value, 1, 100_000); } = 6_000;

    /// <summary>How many templates a business may create in any hour. 1 to 1,000; default 100.</summary>
    public int CreationsPerHour { get; init => field = Checked.Count("Policy:Templates:CreationsPerHour", value, 1, 1_000); } = 100;

    /// <summary>How often an approved template may be edited in any 24 hours. 1 to 1,000; default 1.</summary>
    public int EditsPerDay { get; init => field = Checked.Count("Policy:Templates:EditsPerDay", value, 1, 1_000); } = 1;

    /// <summary>How often an approved template may be edited in any 30 days. 1 to 1,000; default 10.</summary>
    public int EditsPerMonth { get; init => field = Checked.Count("Policy:Templates:EditsPerMonth", value, 1, 1_000); } = 10;

    private static TimeSpan Pause(string name, TimeSpan value) =>
        Checked.Length($"Policy:Templates:{name}", value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
}

/// <summary>Section <c>Policy:Messages</c>.</summary>
public sealed record MessageNumbers
{
    /// <summary>Most undelivered messages of one business to one user. 1 to 1,000,000,000; default 1,000.</summary>
    public int UndeliveredMax { get; init => field = Checked.Count("Policy:Messages:UndeliveredMax", value, 1, 1_000_000_000); } = 1_000;

    /// <summary>
    /// How long an idempotency key is remembered. Whole milliseconds, 24 hours to 90 days (as long as the message row is kept); default 90 days.
    /// </summary>
    public TimeSpan KeyLife { get; init => field = Checked.Length("Policy:Messages:KeyLife", value, TimeSpan.FromHours(24), TimeSpan.FromDays(90)); } =
        TimeSpan.FromDays(90);

    /// <summary>
    /// How long a message waits for its delivery, where neither its template nor its category says otherwise; no message waits longer. Whole milliseconds,
    /// 30 seconds to 30 days; default 30 days.
    /// </summary>
    public TimeSpan Life { get; init => field = LifeOf("Life", value); } = MessageLife.Standard;

    /// <summary>The same for authentication. Whole milliseconds, 30 seconds to 30 days; default 10 minutes.</summary>
    public TimeSpan AuthenticationLife { get; init => field = LifeOf("AuthenticationLife", value); } = TimeSpan.FromMinutes(10);

    private static TimeSpan LifeOf(string name, TimeSpan value) =>
        Checked.Length($"Policy:Messages:{name}", value, TimeSpan.FromSeconds(30), MessageLife.Standard);
}
