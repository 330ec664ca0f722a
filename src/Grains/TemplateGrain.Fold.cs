using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;

namespace Actors.Grains;

/// <summary>What the ledger tells of the template, and what follows from it.</summary>
internal sealed partial class TemplateGrain
{
    /// <summary>Who stands in the audit where nobody but the rules did it.</summary>
    private const string Platform = "platform";

    public async Task FoldAsync(ImmutableArray<EventLine> events)
    {
        var state = await _outbox.ReadAsync();
        var shadow = _policy.Shadow;
        var folded = state.Fold(events, Numbers.Quality, await _marks.GetAsync(), shadow);
        if (folded.Languages.All(language => language.Conduct is null))
        {
            // Of languages that are gone: nothing that could be counted twice.
            return;
        }

        if (!_ledger.Clock.IsTrusted)
        {
            throw Outages.Unavailable();
        }

        var now = _ledger.Clock.Now;
        var (judged, change) = Judge(folded, now);
        var next = Try(judged, shadow, now);
        if (ReferenceEquals(next, state))
        {
            return;
        }

        await _outbox.WriteAsync(next, change);
        if (change is not null || (shadow is not null && StandsOtherwise(next, state, shadow, now)))
        {
            await TellBusinessAsync();
        }
    }

    /// <summary>The same with what is tried judged by the shadow's numbers, or dropped where nothing is: nothing is told of it, and nothing follows.</summary>
    private static TemplateState Try(TemplateState state, ShadowPolicy? shadow, Instant now)
    {
        foreach (var language in state.Languages)
        {
            var tried = shadow is null || language.TriedBy(shadow) is not { } conduct
                ? null
                : new TriedTemplateState(shadow.SetAt, TemplatePauses.At(conduct, shadow.Numbers, now).Next);
            state = tried == language.Tried ? state : state.With(language with { Tried = tried });
        }

        return state;
    }

    private static bool StandsOtherwise(TemplateState next, TemplateState state, ShadowPolicy shadow, Instant now) =>
        next.Languages.Any(language => language.ViewAt(now, shadow).Tried != state.Find(language.View.Id)?.ViewAt(now, shadow).Tried);

    /// <summary>Judges all languages; all that follows is durable with the state in one write. A pause and disabling move the epoch (G4).</summary>
    private (TemplateState Next, GrainChange? Change) Judge(TemplateState folded, Instant now)
    {
        var next = folded;
        var change = new GrainChange(GrainChange.TemplateSource(_business, _name), folded.Version + 1, _business, MovesEpoch: false);
        foreach (var language in folded.Languages)
        {
            if (language.Conduct is not { } conduct)
            {
                continue;
            }

            var judgement = TemplatePauses.At(conduct, Numbers, now);
            if (ReferenceEquals(judgement.Next, conduct) || judgement.Next == conduct)
            {
                continue;
            }

            var band = judgement.Next.Band;
            var judged = language with { Conduct = judgement.Next, QualityAt = band == judgement.BandBefore ? language.QualityAt : now };
            next = next.With(judged);
            if (band != judgement.BandBefore)
            {
                change = change with { Events = change.Events.Add(QualityText.OfTemplate(judgement.BandBefore, band, language.View, now)) };
            }

            var action = judgement.Disabled ? "template_disabled" : judgement.Paused ? "template_paused" : judgement.Ended ? "template_unpaused" : null;
            if (action is not null)
            {
                var status = judged.StatusAt(now);
                change = change with
                {
                    MovesEpoch = change.MovesEpoch || judgement.Paused || judgement.Disabled,
                    Events = change.Events.Add(judged.ToEvent(status, action, now)),
                    Audit = change.Audit.Add(new AuditEntry(now, Platform, action, _business, judged.Target, "")),
                    Directory = change.Directory.Add(judged.ToEntry(_business, status)),
                };
            }
        }

        return (next, change.Events.IsEmpty ? null : change);
    }
}
