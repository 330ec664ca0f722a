using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;

namespace Actors.Contracts;

/// <summary>A template of a business in all its languages. Key: the business's id and the template's name.</summary>
[Alias("actors.template")]
public interface ITemplateGrain : IGrainWithIntegerCompoundKey
{
    /// <summary>Creates one language of the template.</summary>
    [Alias("create")]
    Task<TemplateReply> CreateAsync(TemplateDraft draft, string actor);

    /// <summary>
    /// Replaces the components of one language; only where it is approved, rejected or paused, and an approved one only so often. It goes back to review.
    /// </summary>
    [Alias("edit")]
    Task<TemplateReply> EditAsync(long id, TemplateDraft draft, string actor);

    /// <summary>
    /// Deletes one language (by id) or all, unless one of them is disabled; the name is locked for 30 days where one of them was approved.
    /// </summary>
    [Alias("delete")]
    Task<TemplateReply> DeleteAsync(long? id, string actor);

    /// <summary>An operator's review of one language that is pending.</summary>
    [Alias("review")]
    Task<TemplateReply> ReviewAsync(long id, bool approve, string? reason, Category? category, string actor);

    /// <summary>
    /// An operator's emergency stop of one language: it is disabled for good. After the answer no node accepts a send of it.
    /// </summary>
    /// <param name="reason">Told to the business.</param>
    [Alias("stop")]
    Task<TemplateReply> StopAsync(long id, string reason, string actor);

    /// <summary>Whether one language may be sent again after a pause. Pauses end by themselves; one that runs can't be cut short.</summary>
    [Alias("unpause")]
    Task<TemplateReply> UnpauseAsync(long id);

    /// <summary>All languages that are not deleted, ascending by id.</summary>
    [Alias("get")]
    Task<ImmutableArray<TemplateView>> GetAsync();

    /// <summary>
    /// Takes events of the ledger that concern the template's quality, in ledger order, and judges. What it has taken before changes nothing; with none
    /// it judges by time alone.
    /// </summary>
    [Alias("fold")]
    Task FoldAsync(ImmutableArray<EventLine> events);

    /// <summary>What could be sent, and when, of all languages, deleted ones, too, as long as a message that was sent so may be shown.</summary>
    [Alias("versions")]
    Task<ImmutableArray<TemplateVersion>> VersionsAsync();
}

/// <summary>One language of a template as it was approved.</summary>
/// <param name="Id">The template's id.</param>
/// <param name="Content">What it says.</param>
/// <param name="Since">When it was approved so.</param>
/// <param name="Until">When it was edited or deleted; null while it wasn't.</param>
[GenerateSerializer, Immutable, Alias("actors.template-version")]
public sealed record TemplateVersion(
    [property: Id(0)] long Id, [property: Id(1)] TemplateContent Content, [property: Id(2)] Instant Since, [property: Id(3)] Instant? Until)
{
    /// <summary>What a template said at an instant: the newest version since then, or the oldest one where all are newer; null where none is kept.</summary>
    public static TemplateContent? At(ImmutableArray<TemplateVersion> versions, long id, Instant at)
    {
        TemplateVersion? found = null;
        foreach (var version in versions)
        {
            if (version.Id == id && (found is null || version.Since <= at))
            {
                found = version;
            }
        }

        return found?.Content;
    }
}

/// <summary>What a business submits.</summary>
/// <param name="Content">What it says, parsed.</param>
/// <param name="Components">The components as submitted, UTF-8 JSON, for showing them again.</param>
[GenerateSerializer, Immutable, Alias("actors.template-draft")]
public sealed record TemplateDraft([property: Id(0)] TemplateContent Content, [property: Id(1)] ReadOnlyMemory<byte> Components);

/// <summary>One language of a template as it is.</summary>
[GenerateSerializer, Immutable, Alias("actors.template-view")]
public sealed record TemplateView
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required long Id { get; init; }

    /// <summary>What it says; the category is what review says.</summary>
    [Id(1)]
    public required TemplateContent Content { get; init; }

    /// <summary>The components as submitted, UTF-8 JSON.</summary>
    [Id(2)]
    public required ReadOnlyMemory<byte> Components { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(3)]
    public required TemplateStatus Status { get; init; }

    /// <summary>The category that the business asked for.</summary>
    [Id(4)]
    public Category RequestedCategory { get; init; }

    /// <summary>Why it was rejected; null when it was not.</summary>
    [Id(5)]
    public string? RejectedReason { get; init; }

    /// <summary>What the linter remarked without refusing.</summary>
    [Id(6)]
    public ImmutableArray<LintFinding> Remarks { get; init; } = [];

    /// <summary>When it was created.</summary>
    [Id(7)]
    public Instant CreatedAt { get; init; }

    /// <summary>Its band of quality.</summary>
    [Id(8), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public QualityBand Quality { get; init; }

    /// <summary>When it came into that band; null while it was in no other than unknown.</summary>
    [Id(9)]
    public Instant? QualityAt { get; init; }

    /// <summary>When its pause ends by itself: paused before this instant and not at it. Null while none runs.</summary>
    [Id(10)]
    public Instant? PausedUntil { get; init; }

    /// <summary>Where it would stand under the shadow policy; null where that is as it is.</summary>
    [Id(11)]
    public TriedTemplate? Tried { get; init; }
}

/// <summary>Why a template operation is refused. Sent as a number: never renumber.</summary>
public enum TemplateRefusal : byte
{
    /// <summary>The linter refuses it; see the findings.</summary>
    Lint = 1,

    /// <summary>This name and language exist already.</summary>
    Exists = 2,

    /// <summary>The name was deleted less than 30 days ago.</summary>
    NameLocked = 3,

    /// <summary>There is no such template.</summary>
    Unknown = 4,

    /// <summary>Its status doesn't allow it.</summary>
    Status = 5,

    /// <summary>The category of an approved template is fixed.</summary>
    CategoryFixed = 6,

    /// <summary>There is no such business.</summary>
    BusinessUnknown = 7,

    /// <summary>The business has as many templates as it may.</summary>
    TooMany = 8,

    /// <summary>The business has created as many templates within the hour as it may.</summary>
    CreatedTooOften = 9,

    /// <summary>The template is approved and was edited as often as it may, in the day or in 30 days.</summary>
    EditedTooOften = 10,

    /// <summary>Its pause is not over.</summary>
    PauseRuns = 11,
}

/// <summary>The answer to a template operation.</summary>
/// <param name="Refusal">Why not; null when it was done.</param>
/// <param name="Findings">What the linter found.</param>
/// <param name="Template">The template after it; null where refused or deleted.</param>
[GenerateSerializer, Immutable, Alias("actors.template-reply")]
public sealed record TemplateReply(
    [property: Id(0)] TemplateRefusal? Refusal, [property: Id(1)] ImmutableArray<LintFinding> Findings, [property: Id(2)] TemplateView? Template)
{
    /// <summary>When it may be tried again; null where waiting doesn't help.</summary>
    [Id(3)]
    public Instant? RetryAt { get; init; }
}

/// <summary>Whether a business may have one template more.</summary>
/// <param name="Refusal">Why not; null when it may.</param>
/// <param name="Id">The new template's id, never given before; 0 where refused.</param>
/// <param name="RetryAt">When it may be tried again; null where waiting doesn't help.</param>
[GenerateSerializer, Immutable, Alias("actors.template-slot")]
public readonly record struct TemplateSlot(
    [property: Id(0)] TemplateRefusal? Refusal, [property: Id(1)] long Id = 0, [property: Id(2)] Instant? RetryAt = null);
