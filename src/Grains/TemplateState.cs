using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>What is stored of a template. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record TemplateState : OutboxState
{
    /// <summary>The longest that a message's content can be configured to be kept.</summary>
    private static readonly TimeSpan ContentKept = TimeSpan.FromDays(90);

    /// <summary>Its languages that are not deleted, ascending by id.</summary>
    public ImmutableArray<TemplateLanguage> Languages { get; init; } = [];

    /// <summary>When one that was once approved was deleted last; null when none was.</summary>
    public Instant? DeletedAt { get; init; }

    /// <summary>Place of the newest event that the languages' conduct has; null while it has none.</summary>
    public long? FoldedTo { get; init; }

    /// <summary>What was approved and when, in that order, while a message that was sent so may be shown; null for nothing.</summary>
    public ImmutableArray<TemplateVersion>? Versions { get; init; }

    public TemplateLanguage? Find(long id) => Languages.FirstOrDefault(l => l.View.Id == id);

    /// <summary>Why nothing can be created under this name in this language; null when it can.</summary>
    public TemplateRefusal? WhyNotCreate(string language, PolicyNumbers numbers, Instant now) =>
        Languages.Any(l => l.View.Content.Language == language) ? TemplateRefusal.Exists
        : DeletedAt is { } deleted && now < deleted + numbers.Templates.NameLock ? TemplateRefusal.NameLocked
        : null;

    /// <summary>Why these languages can't be deleted; null when they can.</summary>
    public static TemplateRefusal? WhyNotDelete(ImmutableArray<TemplateLanguage> deleted, Instant now) =>
        deleted.IsEmpty ? TemplateRefusal.Unknown : deleted.Any(l => l.ViewAt(now).Status == TemplateStatus.Disabled) ? TemplateRefusal.Status : null;

    /// <summary>Why this language can't be edited so; null when it can.</summary>
    public static TemplateRefusal? WhyNotEdit(TemplateLanguage language, TemplateContent content, Instant now) =>
        language.ViewAt(now).Status is not (TemplateStatus.Approved or TemplateStatus.Rejected or TemplateStatus.Paused) ? TemplateRefusal.Status
        : language.WasApproved && content.Category != language.View.Content.Category ? TemplateRefusal.CategoryFixed
        : null;

    public TemplateState With(TemplateLanguage language) => this with
    {
        Languages = [.. Languages.Where(l => l.View.Id != language.View.Id).Append(language).OrderBy(l => l.View.Id)],
    };

    /// <summary>A language is edited: what it said till then was another version.</summary>
    public TemplateState Replaced(long id, Instant now) => this with
    {
        Versions = Versions is { } versions ? [.. versions.Select(v => v.Id == id && v.Until is null ? v with { Until = now } : v)] : null,
    };

    /// <summary>With a version for each approved language, an end for each one that is gone, and none that no message can need any more.</summary>
    public TemplateState Versioned(Instant now)
    {
        var known = Versions ?? [];
        ImmutableArray<TemplateVersion> kept = [.. known
            .Select(v => v.Until is null && Find(v.Id) is null ? v with { Until = now } : v)
            .Where(v => v.Until is not { } until || now < until + ContentKept)];
        ImmutableArray<TemplateVersion> next = [.. kept, .. Languages
            .Where(l => l.View.Status == TemplateStatus.Approved && !kept.Any(v => v.Id == l.View.Id && v.Until is null))
            .Select(l => new TemplateVersion(l.View.Id, l.View.Content, now, null))];
        return this with { Versions = next.IsEmpty ? null : next };
    }

    public TemplateState Without(ImmutableArray<TemplateLanguage> deleted, Instant now) => this with
    {
        Languages = [.. Languages.Except(deleted)],
        DeletedAt = deleted.Any(l => l.WasApproved) ? now : DeletedAt,
    };
}

/// <summary>One language of a template.</summary>
/// <param name="View">As it is, but for what quality makes of it: see <see cref="ViewAt"/>.</param>
/// <param name="WasApproved">Whether it ever was approved.</param>
internal sealed record TemplateLanguage(TemplateView View, bool WasApproved)
{
    /// <summary>How its users take it; null while nothing was folded. Editing keeps it: nobody edits a bad name away.</summary>
    public TemplateConduct? Conduct { get; init; }

    /// <summary>How it would stand by the shadow policy; null while none is tried, or nothing has happened under it. A build without it drops it.</summary>
    public TriedTemplateState? Tried { get; init; }

    /// <summary>When it came into its band; null while it was in no other than unknown.</summary>
    public Instant? QualityAt { get; init; }

    /// <summary>When it was edited while it was approved, within the last 30 days; null for never.</summary>
    public ImmutableArray<Instant>? Edits { get; init; }

    /// <summary>When it may be edited; null when it may now.</summary>
    public Instant? EditFreeAt(PolicyNumbers numbers, Instant now) =>
        ViewAt(now).Status == TemplateStatus.Approved ? TemplateQuota.EditFreeAt(Edits ?? [], numbers.Templates, now) : null;

    /// <summary>Edited: it says something else now.</summary>
    public TemplateLanguage Edited(TemplateView edited, Instant now) => this with
    {
        View = edited,
        Edits = ViewAt(now).Status == TemplateStatus.Approved ? TemplateQuota.With(Edits ?? [], now, TemplateQuota.Month) : Edits,
    };

    public TemplateLanguage With(TemplateStatus status, string? reason = null) => this with
    {
        View = View with { Status = status, RejectedReason = reason },
        WasApproved = WasApproved || status == TemplateStatus.Approved,
    };

    /// <summary>As it is at an instant: what is approved may be paused, until the pause's end and not at it, or disabled.</summary>
    /// <param name="now">When.</param>
    /// <param name="shadow">To say how it would stand, too; null for not.</param>
    public TemplateView ViewAt(Instant now, ShadowPolicy? shadow = null)
    {
        var isPaused = Conduct?.IsPaused(now) == true;
        var isOver = Conduct?.PausedUntil is not null && !isPaused;
        return View with
        {
            Status = StatusBy(Conduct, now),
            Tried = shadow is null ? null : new TriedTemplate(shadow.SetAt, StatusBy(TriedBy(shadow), now)),
            Quality = Conduct is null || isOver ? QualityBand.Unknown : Conduct.Band,
            QualityAt = isOver ? Conduct!.PausedUntil : QualityAt,
            PausedUntil = isPaused ? Conduct!.PausedUntil : null,
        };
    }

    /// <summary>What is tried so far, by this shadow; what holds where nothing has happened under it yet.</summary>
    public TemplateConduct? TriedBy(ShadowPolicy shadow) => Tried is { } tried && tried.SetAt == shadow.SetAt ? tried.Conduct : Conduct;

    private TemplateStatus StatusBy(TemplateConduct? conduct, Instant now) =>
        View.Status != TemplateStatus.Approved || conduct is null ? View.Status
        : conduct.Disabled ? TemplateStatus.Disabled
        : conduct.IsPaused(now) ? TemplateStatus.Paused
        : TemplateStatus.Approved;

    /// <summary>The event about it.</summary>
    /// <param name="status">Where it stands.</param>
    /// <param name="change">What was done, as the audit calls it.</param>
    /// <param name="now">When.</param>
    public GrainEvent ToEvent(string status, string change, Instant now) => new(EventKind.TemplateChanged, now, View.Id, JsonSerializer.Serialize(
        new TemplateText(
            View.Content.Name,
            View.Content.Language,
            status,
            View.RejectedReason,
            View.Content.Category.ToString().ToUpperInvariant(),
            change,
            status == "PAUSED" ? Conduct?.Pauses : null,
            status == "PAUSED" ? Conduct?.PausedUntil?.ToString() : null),
        GrainsJson.Default.TemplateText));

    public DirectoryEntry ToEntry(long business, string status) => new(
        DirectoryKind.Template, View.Id, business, View.Content.Name, View.Content.Language, status, View.CreatedAt);

    /// <summary>What the audit says of it.</summary>
    public string Target => string.Create(CultureInfo.InvariantCulture, $"template/{View.Id}");

    public string StatusAt(Instant now) => ViewAt(now).Status switch
    {
        TemplateStatus.Pending => "PENDING",
        TemplateStatus.Approved => "APPROVED",
        TemplateStatus.Rejected => "REJECTED",
        TemplateStatus.Paused => "PAUSED",
        TemplateStatus.Disabled => "DISABLED",
    };
}

/// <summary>How a language of a template would be received by the shadow policy, as <see cref="TriedBusinessState"/>.</summary>
/// <param name="SetAt">When the shadow was set.</param>
/// <param name="Conduct">How its users take it, and what that would have led to.</param>
internal sealed record TriedTemplateState(Instant SetAt, TemplateConduct Conduct);

/// <summary>The text of an event about a template.</summary>
/// <param name="Reason">Why it was rejected or stopped; null where it was not.</param>
/// <param name="Category">Its category, upper case; null in what older builds wrote.</param>
/// <param name="Change">What was done, as the audit calls it; null in what older builds wrote.</param>
/// <param name="Pauses">How often it was paused, this time included; null where it isn't paused.</param>
/// <param name="Until">When the pause ends; null where it isn't paused.</param>
internal sealed record TemplateText(
    string Name,
    string Language,
    string Status,
    string? Reason,
    string? Category = null,
    string? Change = null,
    int? Pauses = null,
    string? Until = null);
