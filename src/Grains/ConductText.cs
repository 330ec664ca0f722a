using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>A step of enforcement.</summary>
internal enum EnforcementAct
{
    /// <summary>The platform struck.</summary>
    Struck,

    /// <summary>An operator recorded a violation.</summary>
    Violation,

    /// <summary>An operator locked.</summary>
    Locked,

    /// <summary>An operator unlocked.</summary>
    Unlocked,

    /// <summary>The business filed an appeal.</summary>
    AppealFiled,

    /// <summary>An operator let the strike stand.</summary>
    AppealUpheld,

    /// <summary>An operator took the strike back.</summary>
    AppealReversed,

    /// <summary>A restriction ended by itself.</summary>
    RestrictionEnded,

    /// <summary>A tier came off by itself.</summary>
    TierFell,
}

/// <summary>How a business's conduct is told: events, words for the audit, entries of the directory.</summary>
internal static class ConductText
{
    /// <summary>Who acts where no person does.</summary>
    public const string Platform = "platform";

    /// <summary>What an event calls it that a tier came off by itself.</summary>
    public const string TierFell = "tier_fell";

    public static GrainEvent Enforced(EnforcementAct act, Standing standing, Strike? strike, Instant now) => Event(
        act switch
        {
            EnforcementAct.Struck or EnforcementAct.Violation or EnforcementAct.Locked => EventKind.Restricted,
            EnforcementAct.Unlocked or EnforcementAct.AppealReversed => EventKind.RestrictionLifted,
            EnforcementAct.RestrictionEnded or EnforcementAct.TierFell => EventKind.RestrictionLifted,
            EnforcementAct.AppealFiled or EnforcementAct.AppealUpheld => EventKind.AppealChanged,
        },
        now,
        new EnforcementText(
            WordOf(act),
            standing.Tier,
            Of(standing.Restriction),
            standing.Until?.ToString(),
            strike?.Number,
            strike is null ? null : Of(strike.Cause),
            strike?.Cause == StrikeCause.Violation ? TypeOf(strike) : null));

    /// <summary>What time alone has made milder since it was last told: the end of a restriction, and tiers that came off.</summary>
    /// <param name="told">Where it stood then; null where nothing was told.</param>
    /// <param name="standing">Where it stands now, before anything new.</param>
    public static ImmutableArray<(GrainEvent Event, string Action, string Note)> Ended(ToldStanding? told, Standing standing, Instant now)
    {
        var ended = ImmutableArray.CreateBuilder<(GrainEvent, string, string)>();
        if (told is { } before && standing.Restriction < before.Restriction)
        {
            var note = $"{Of(before.Restriction)} to {Of(standing.Restriction)}";
            ended.Add((Enforced(EnforcementAct.RestrictionEnded, standing, null, now), AuditActionOf(EnforcementAct.RestrictionEnded), note));
        }

        if (standing.Tier < told?.Tier)
        {
            var note = string.Create(CultureInfo.InvariantCulture, $"{told.Value.Tier} to {standing.Tier}");
            ended.Add((Enforced(EnforcementAct.TierFell, standing, null, now), AuditActionOf(EnforcementAct.TierFell), note));
        }

        return ended.ToImmutable();
    }

    /// <summary>What an operator calls a violation: it stands before what they say of it.</summary>
    public static string ViolationNote(string type, string note) => $"{type}: {note}";

    /// <summary>The event that the messaging limit moved, or how many templates there may be.</summary>
    /// <param name="templates">How many templates the business may have now.</param>
    public static GrainEvent LimitChanged(LimitTier from, LimitTier to, int templates, Instant now) =>
        Changed(EventKind.LimitChanged, new ChangeText(Of(from), Of(to), Templates: templates), now);

    /// <summary>The numbers of a business, for events that are told of each: null for the first one, the ids of the others.</summary>
    public static IEnumerable<string?> NumbersOf(BusinessState state) =>
        (state.Registration?.Numbers ?? []).Skip(1).Select(number => number.Id.ToString(CultureInfo.InvariantCulture)).Prepend(null);

    /// <summary>The events that the level of throughput moved, one for each number; none where it didn't.</summary>
    /// <param name="limit">The messaging limit now.</param>
    /// <param name="numbers">See <see cref="NumbersOf"/>.</param>
    public static ImmutableArray<GrainEvent> ThroughputChanged(
        ThroughputLevel from, ThroughputLevel to, LimitTier limit, Instant now, IEnumerable<string?> numbers) => from == to
        ? []
        : [.. numbers.Select(number => Changed(EventKind.ThroughputChanged, new ChangeText(Of(from), Of(to), Limit: Of(limit), Number: number), now))];

    public static GrainEvent Warned(string near, Instant now) =>
        new(EventKind.EarlyWarning, now, 0, JsonSerializer.Serialize(new WarningText(near), GrainsJson.Default.WarningText));

    /// <summary>Makes an appeal findable: under its own id, by its status.</summary>
    public static DirectoryEntry AppealEntry(long business, Strike strike, Appeal appeal) =>
        new(DirectoryKind.Appeal, Ids.Appeal(business, strike.Number), business, Of(strike.Cause), "", Of(appeal.Status), appeal.At);

    public static string AuditActionOf(EnforcementAct act) => act switch
    {
        EnforcementAct.Struck => "business_struck",
        EnforcementAct.Violation => "violation_recorded",
        EnforcementAct.Locked => "business_locked",
        EnforcementAct.Unlocked => "business_unlocked",
        EnforcementAct.AppealFiled or EnforcementAct.AppealUpheld or EnforcementAct.AppealReversed => WordOf(act),
        EnforcementAct.RestrictionEnded or EnforcementAct.TierFell => WordOf(act),
    };

    public static string Of(LimitTier tier) => MessagingLimit.Users(tier)?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";

    private static string TypeOf(Strike violation) => violation.Note.Split(": ", 2)[0];

    private static GrainEvent Changed(EventKind kind, ChangeText text, Instant now) =>
        new(kind, now, 0, JsonSerializer.Serialize(text, GrainsJson.Default.ChangeText));

    public static string Of(ThroughputLevel level) => level switch
    {
        ThroughputLevel.Standard => "STANDARD",
        ThroughputLevel.High => "HIGH",
    };

    private static string WordOf(EnforcementAct act) => act switch
    {
        EnforcementAct.Struck or EnforcementAct.Violation => "strike",
        EnforcementAct.Locked => "locked",
        EnforcementAct.Unlocked => "unlocked",
        EnforcementAct.AppealFiled => "appeal_filed",
        EnforcementAct.AppealUpheld => "appeal_upheld",
        EnforcementAct.AppealReversed => "appeal_reversed",
        EnforcementAct.RestrictionEnded => "restriction_ended",
        EnforcementAct.TierFell => TierFell,
    };

    private static GrainEvent Event(EventKind kind, Instant now, EnforcementText text) =>
        new(kind, now, 0, JsonSerializer.Serialize(text, GrainsJson.Default.EnforcementText));

    private static string Of(StrikeCause cause) => cause switch
    {
        StrikeCause.SustainedRed => "sustained_red",
        StrikeCause.ReportBurst => "report_burst",
        StrikeCause.Violation => "violation",
    };

    private static string Of(AppealStatus status) => status switch
    {
        AppealStatus.Filed => "FILED",
        AppealStatus.Upheld => "UPHELD",
        AppealStatus.Reversed => "REVERSED",
    };

    private static string Of(Restriction restriction) => restriction switch
    {
        Restriction.None => "none",
        Restriction.Warning => "warning",
        Restriction.NoMarketing => "no_marketing",
        Restriction.WindowOnly => "window_only",
        Restriction.Nothing => "nothing",
        Restriction.Locked => "locked",
    };
}

/// <summary>The text of an event about enforcement.</summary>
/// <param name="Act">What was done.</param>
/// <param name="Tier">The tier on the ladder after it.</param>
/// <param name="Restriction">What is restricted after it.</param>
/// <param name="Until">Until when.</param>
/// <param name="Strike">The strike's number.</param>
/// <param name="Cause">The strike's cause.</param>
/// <param name="Violation">What kind of violation an operator recorded; null for other causes, and in what older builds wrote.</param>
internal sealed record EnforcementText(string Act, int Tier, string Restriction, string? Until, int? Strike, string? Cause, string? Violation = null);

/// <summary>The text of an event about a limit or a level.</summary>
/// <param name="From">What it was.</param>
/// <param name="To">What it is.</param>
/// <param name="Templates">With a messaging limit: how many templates the business may have; null in what older builds wrote.</param>
/// <param name="Limit">With a level of throughput: the messaging limit; null in what older builds wrote.</param>
/// <param name="Number">With a level of throughput: id of the number that is told of; null for the business's first one.</param>
internal sealed record ChangeText(string From, string To, int? Templates = null, string? Limit = null, string? Number = null);

/// <summary>The text of an early warning.</summary>
/// <param name="Near">red or strike.</param>
internal sealed record WarningText(string Near);
