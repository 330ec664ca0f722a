using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Templates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Orleans.Storage;

namespace Actors.Grains;

/// <summary>A template of a business in all its languages: lint, review, status. Every change goes the way of <see cref="BusinessGrain"/>'s.</summary>
[GrainType("template")]
[Immovable(ImmovableKind.Rebalancer)]
internal sealed partial class TemplateGrain : Grain, ITemplateGrain
{
    private readonly UserLedger _ledger;
    private readonly PolicyBook _policy;
    private readonly SignalMarks _marks;
    private readonly GrainsSettings _settings;
    private readonly ILogger<TemplateGrain> _logger;
    private readonly Outbox<TemplateState> _outbox;
    private readonly long _business;
    private readonly string _name;

    public TemplateGrain(
        [FromKeyedServices(GrainsHosting.Storage)] IGrainStorage storage,
        UserLedger ledger,
        PolicyBook policy,
        SignalMarks marks,
        GrainsSettings settings,
        ILogger<TemplateGrain> logger)
    {
        (_ledger, _policy, _marks, _settings, _logger) = (ledger, policy, marks, settings, logger);
        _outbox = new Outbox<TemplateState>("template", this.GetGrainId(), storage, ledger);
        _business = this.GetPrimaryKeyLong(out var name);
        _name = name!;
    }

    private PolicyNumbers Numbers => _policy.Current;

    private TemplateStatus FirstStatus => Numbers.Templates.AutoApprove ? TemplateStatus.Approved : TemplateStatus.Pending;

    public async Task<TemplateReply> CreateAsync(TemplateDraft draft, string actor)
    {
        var content = draft.Content with { Name = _name };
        var findings = TemplateLint.Check(content);
        if (findings.Any(f => f.Refuses))
        {
            return new TemplateReply(TemplateRefusal.Lint, findings, null);
        }

        if (!_ledger.Clock.IsTrusted)
        {
            throw Outages.Unavailable();
        }

        var now = _ledger.Clock.Now;
        var state = await _outbox.ReadAsync();
        if (state.WhyNotCreate(content.Language, Numbers, now) is { } refusal)
        {
            return new TemplateReply(refusal, findings, null);
        }

        var slot = await GrainFactory.GetGrain<IBusinessGrain>(_business).NewTemplateAsync();
        if (slot.Refusal is { } noSlot)
        {
            return new TemplateReply(noSlot, findings, null) { RetryAt = slot.RetryAt };
        }

        var view = new TemplateView
        {
            Id = slot.Id,
            Content = content,
            Components = draft.Components,
            Status = TemplateStatus.Pending,
            RequestedCategory = content.Category,
            Remarks = findings,
            CreatedAt = now,
        };
        return await PutAsync(state, new TemplateLanguage(view, WasApproved: false).With(FirstStatus), "template_created", movesEpoch: false, now, actor);
    }

    public async Task<TemplateReply> EditAsync(long id, TemplateDraft draft, string actor)
    {
        var state = await _outbox.ReadAsync();
        if (state.Find(id) is not { } language)
        {
            return Refused(TemplateRefusal.Unknown);
        }

        var now = _ledger.Clock.Now;
        var content = draft.Content with { Name = _name, Language = language.View.Content.Language };
        var findings = TemplateLint.Check(content);
        if (findings.Any(f => f.Refuses))
        {
            return new TemplateReply(TemplateRefusal.Lint, findings, null);
        }

        if (TemplateState.WhyNotEdit(language, content, now) is { } refusal)
        {
            return new TemplateReply(refusal, findings, null);
        }

        if (!_ledger.Clock.IsTrusted)
        {
            throw Outages.Unavailable();
        }

        if (language.EditFreeAt(Numbers, now) is { } free)
        {
            return new TemplateReply(TemplateRefusal.EditedTooOften, findings, null) { RetryAt = free };
        }

        var view = language.View with { Content = content, Components = draft.Components, RequestedCategory = content.Category, Remarks = findings };
        var edited = language.Edited(view, now).With(FirstStatus);
        return await PutAsync(state.Replaced(id, now), edited, "template_edited", movesEpoch: true, now, actor);
    }

    public async Task<TemplateReply> DeleteAsync(long? id, string actor)
    {
        var state = await _outbox.ReadAsync();
        ImmutableArray<TemplateLanguage> deleted = [.. state.Languages.Where(l => id is null || l.View.Id == id)];
        var now = _ledger.Clock.Now;
        if (TemplateState.WhyNotDelete(deleted, now) is { } refusal)
        {
            return Refused(refusal);
        }

        await WriteAsync(state.Without(deleted, now), deleted, "DELETED", "template_deleted", movesEpoch: true, now, actor);
        return new TemplateReply(null, [], null);
    }

    public async Task<TemplateReply> ReviewAsync(long id, bool approve, string? reason, Category? category, string actor)
    {
        var state = await _outbox.ReadAsync();
        if (state.Find(id) is not { } language)
        {
            return Refused(TemplateRefusal.Unknown);
        }

        if (language.View.Status != TemplateStatus.Pending)
        {
            return Refused(TemplateRefusal.Status);
        }

        var content = language.View.Content;
        var reviewed = (language with { View = language.View with { Content = content.Reviewed(category) } })
            .With(approve ? TemplateStatus.Approved : TemplateStatus.Rejected, approve ? null : reason);
        var forbids = !approve || reviewed.View.Content.Category != content.Category;
        var action = approve ? "template_approved" : "template_rejected";
        return await PutAsync(state, reviewed, action, forbids, _ledger.Clock.Now, actor, reason ?? "");
    }

    public async Task<TemplateReply> StopAsync(long id, string reason, string actor)
    {
        var state = await _outbox.ReadAsync();
        if (state.Find(id) is not { } language)
        {
            return Refused(TemplateRefusal.Unknown);
        }

        return language.View.Status == TemplateStatus.Disabled
            ? Refused(TemplateRefusal.Status)
            : await PutAsync(
                state, language.With(TemplateStatus.Disabled, reason), "template_stopped", movesEpoch: true, _ledger.Clock.Now, actor, reason);
    }

    public async Task<TemplateReply> UnpauseAsync(long id)
    {
        // Pauses end by themselves, and nobody cuts one short: what is left is to say so.
        return (await GetAsync()).FirstOrDefault(view => view.Id == id) switch
        {
            null => Refused(TemplateRefusal.Unknown),
            { Status: TemplateStatus.Approved } view => new TemplateReply(null, view.Remarks, view),
            { Status: TemplateStatus.Paused } view => Refused(TemplateRefusal.PauseRuns) with { RetryAt = view.PausedUntil },
            _ => Refused(TemplateRefusal.Status),
        };
    }

    public async Task<ImmutableArray<TemplateView>> GetAsync()
    {
        // A node asks for templates to admit sends under a lease: an activation that may not be the only one must not answer from memory.
        if (!_settings.IsSoleWriter)
        {
            _outbox.Forget();
        }

        var languages = (await _outbox.ReadAsync()).Languages;
        var now = _ledger.Clock.Now;
        return [.. languages.Select(l => l.ViewAt(now, _policy.Shadow))];
    }

    public async Task<ImmutableArray<TemplateVersion>> VersionsAsync() => (await _outbox.ReadAsync()).Versions ?? [];

    private async Task<TemplateReply> PutAsync(
        TemplateState state, TemplateLanguage language, string action, bool movesEpoch, Instant now, string actor, string note = "")
    {
        await WriteAsync(state.With(language), [language], language.StatusAt(now), action, movesEpoch, now, actor, note);
        return new TemplateReply(null, language.View.Remarks, language.ViewAt(now));
    }

    private async Task WriteAsync(
        TemplateState next,
        ImmutableArray<TemplateLanguage> changed,
        string status,
        string action,
        bool movesEpoch,
        Instant now,
        string actor,
        string note = "")
    {
        var source = GrainChange.TemplateSource(_business, _name);
        await _outbox.WriteAsync(next.Versioned(now), new GrainChange(source, next.Version + 1, _business, movesEpoch)
        {
            Events = [.. changed.Select(l => l.ToEvent(status, action, now))],
            Audit = [.. changed.Select(l => new AuditEntry(now, actor, action, _business, l.Target, note))],
            Directory = [.. changed.Select(l => l.ToEntry(_business, status))],
        });
        await TellBusinessAsync();
    }

    private async Task TellBusinessAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IBusinessGrain>(_business).TemplatesChangedAsync();
        }
        catch (Exception e) when (e is TimeoutException or OrleansException or OutageException)
        {
            // The change holds without it: what it forbids is fenced, what it allows is seen when leases are renewed.
            LogHoldersNotTold(_logger, _business, e);
        }
    }

    private static TemplateReply Refused(TemplateRefusal refusal) => new(refusal, [], null);

    [LoggerMessage(
        EventId = 2001, Level = LogLevel.Warning, Message = "The nodes that hold leases of business {Business} were not told of a changed template.")]
    private static partial void LogHoldersNotTold(ILogger logger, long business, Exception exception);
}
