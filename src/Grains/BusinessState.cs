using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>What is stored of a business. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record BusinessState : OutboxState
{
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

    /// <summary>How its users take its messages; null while nothing was folded.</summary>
    public Conduct? Conduct { get; init; }

    /// <summary>Place of the newest event that <see cref="Conduct"/> has; null while it has none.</summary>
    public long? FoldedTo { get; init; }

    public BusinessView ToView(long id) => new()
    {
        Id = id,
        Registration = Registration ?? throw new InvalidOperationException("there is no such business"),
        Profile = Profile,
        Verification = Verification,
        Official = Official,
        Status = Status,
        TermsAcceptedAt = TermsAcceptedAt,
        TokenEpoch = TokenEpoch,
        Quality = Conduct?.Band ?? QualityBand.Unknown,
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
            Events = [new GrainEvent(EventKind.BusinessChanged, now, 0, ToText())],
            Audit = [new AuditEntry(now, actor, action, id, GrainChange.BusinessSource(id), note)],
            Directory = [new DirectoryEntry(DirectoryKind.Business, id, id, Registration!.Name, "", Word(Status), TermsAcceptedAt)],
        };

    private string ToText() => JsonSerializer.Serialize(
        new BusinessText(Registration!.Name, Word(Status), Word(Verification), Official), GrainsJson.Default.BusinessText);

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
internal sealed record BusinessText(string Name, string Status, string Verification, bool Official);
