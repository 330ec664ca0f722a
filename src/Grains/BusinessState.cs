using System.Collections.Immutable;
using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>What is stored of a business. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record BusinessState : OutboxState
{
    /// <summary>What the audit, and the event, call a change of its verification.</summary>
    public const string VerifiedAction = "business_verified";

    /// <summary>How long it takes at most until the directory knows a new template.</summary>
    private static readonly TimeSpan UnderWay = TimeSpan.FromMinutes(1);

    /// <summary>What it was registered with; null while there is no such business.</summary>
    public BusinessRegistration? Registration { get; init; }

    public BusinessProfile Profile { get; init; } = new();

    public Verification Verification { get; init; }

    public bool Official { get; init; }

    public BusinessStatus Status { get; init; }

    public Instant TermsAcceptedAt { get; init; }

    /// <summary>Tokens with another epoch are void.</summary>
    public int TokenEpoch { get; init; }

    /// <summary>How many template ids were given.</summary>
    public int Templates { get; init; }

    /// <summary>When it created templates within the last hour, ascending; null for never.</summary>
    public ImmutableArray<Instant>? TemplatesCreated { get; init; }

    /// <summary>How it behaves and what that has led to; null while nothing was folded or done.</summary>
    public Conduct? Conduct { get; init; }

    /// <summary>What it was reported for; null while it never was.</summary>
    public ReportTally? Reports { get; init; }

    /// <summary>Place of the newest event that <see cref="Conduct"/> has; null while it has none.</summary>
    public long? FoldedTo { get; init; }

    /// <summary>Its messaging limit; null while nothing was said about it.</summary>
    public LimitState? Limit { get; init; }

    /// <summary>Where it would stand by the shadow policy; null while none is tried, or nothing has happened under it. A build without it drops it.</summary>
    public TriedBusinessState? Tried { get; init; }

    /// <summary><see cref="Conduct"/>, also where nothing has been counted or done.</summary>
    public Conduct ConductSoFar => Conduct ?? new Conduct();

    /// <summary><see cref="Limit"/>, also where nothing was said about it: older builds didn't keep what verification gives.</summary>
    public LimitState LimitSoFar => Limit ?? (Verification == Verification.Verified ? MessagingLimit.Verified(new LimitState()) : new LimitState());

    /// <summary>Where it stands on the ladder.</summary>
    public Standing StandingAt(PolicyNumbers numbers, Instant now) => Enforcement.At(ConductSoFar.Enforcement, numbers.Enforcement, now);

    /// <summary>The business as it is at an instant.</summary>
    /// <param name="shadow">To say where it would stand, too; null for not.</param>
    public BusinessView ToView(long id, PolicyNumbers numbers, Instant now, ShadowPolicy? shadow = null)
    {
        var standing = StandingAt(numbers, now);
        return ToView(id) with
        {
            Tried = shadow is null
                ? null
                : this.TriedView(shadow, isLocked: Status == BusinessStatus.Locked && standing.Restriction != Restriction.Locked, now),
            Status = standing.Restriction == Restriction.Locked ? BusinessStatus.Locked : Status,
            Restriction = standing.Restriction,
            RestrictedUntil = standing.Until,
            Tier = standing.Tier,
        };
    }

    private BusinessView ToView(long id) => new()
    {
        Id = id,
        Registration = Registration ?? throw new InvalidOperationException("there is no such business"),
        Profile = Profile,
        Verification = Verification,
        Official = Official,
        Status = Status,
        TermsAcceptedAt = TermsAcceptedAt,
        TokenEpoch = TokenEpoch,
        Quality = ConductSoFar.Band,
        Limit = LimitSoFar.Tier,
    };

    /// <summary>How many templates it may have.</summary>
    public int TemplatesMax(PolicyNumbers numbers) => TemplateQuota.Most(numbers.Templates, Verification == Verification.Verified);

    /// <summary>Why it may not have one template more; null when it may.</summary>
    /// <param name="id">Of the business.</param>
    /// <param name="listed">Ids of the templates that the directory knows, as far as they are not deleted.</param>
    public TemplateSlot? WhyNoTemplate(long id, IReadOnlySet<long> listed, PolicyNumbers numbers, Instant now)
    {
        var created = TemplatesCreated ?? [];

        // An id that was just given belongs to a template that the directory doesn't know yet. One that came to nothing counts that long, too.
        var underWay = created.Count(at => now < at + UnderWay);
        var given = listed.Count + Enumerable.Range(Templates - underWay, underWay).Count(number => !listed.Contains(Ids.Template(id, number)));
        if (given >= TemplatesMax(numbers))
        {
            return new TemplateSlot(TemplateRefusal.TooMany);
        }

        return TemplateQuota.CreationFreeAt(created, numbers.Templates, now) is { } free
            ? new TemplateSlot(TemplateRefusal.CreatedTooOften, RetryAt: free) : null;
    }

    /// <summary>With one template more.</summary>
    public BusinessState WithTemplate(Instant now) => this with
    {
        Templates = Templates + 1,
        TemplatesCreated = TemplateQuota.With(TemplatesCreated ?? [], now, TemplateQuota.Hour),
    };

    public BusinessState With(BusinessProfile changes) => this with
    {
        Profile = new BusinessProfile
        {
            About = changes.About ?? Profile.About,
            Address = changes.Address ?? Profile.Address,
            Description = changes.Description ?? Profile.Description,
            Email = changes.Email ?? Profile.Email,
            PictureUrl = changes.PictureUrl ?? Profile.PictureUrl,
            Websites = changes.Websites ?? Profile.Websites,
            Vertical = changes.Vertical ?? Profile.Vertical,
        },
    };

    /// <summary>What the ledger is told of this state, which follows on <paramref name="version"/>.</summary>
    /// <param name="movesEpoch">Whether it forbids what was allowed before.</param>
    public GrainChange ToChange(long id, long version, bool movesEpoch, Instant now, string actor, string action, string note = "") =>
        new(GrainChange.BusinessSource(id), version + 1, id, movesEpoch)
        {
            Events = [new GrainEvent(EventKind.BusinessChanged, now, 0, ToText(action))],
            Audit = [new AuditEntry(now, actor, action, id, GrainChange.BusinessSource(id), note)],
            Directory = [new DirectoryEntry(DirectoryKind.Business, id, id, Registration!.Name, "", Word(Status), TermsAcceptedAt)],
        };

    private string ToText(string action) => JsonSerializer.Serialize(
        new BusinessText(Registration!.Name, Word(Status), Word(Verification), Official, action), GrainsJson.Default.BusinessText);

    private static string Word(BusinessStatus status) => status switch
    {
        BusinessStatus.Active => "ACTIVE",
        BusinessStatus.Locked => "LOCKED",
    };

    private static string Word(Verification verification) => verification switch
    {
        Verification.NotVerified => "not_verified",
        Verification.Pending => "pending",
        Verification.Verified => "verified",
        Verification.Rejected => "rejected",
    };
}

/// <summary>The text of an event about a business.</summary>
/// <param name="Change">What was done, as the audit calls it; null in what older builds wrote.</param>
internal sealed record BusinessText(string Name, string Status, string Verification, bool Official, string? Change = null);
