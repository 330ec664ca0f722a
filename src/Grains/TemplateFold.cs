using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy.Businesses;

namespace Actors.Grains;

/// <summary>Adds events of the ledger to the conduct of a template's languages, each once.</summary>
internal static class TemplateFold
{
    /// <summary>The state with these events in it; the same state where it has them all.</summary>
    /// <param name="state">The state.</param>
    /// <param name="events">In ledger order; those up to the state's place are skipped, and those of languages that are gone count for nothing.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="marks">What is kept of users instead of who they are.</param>
    /// <param name="shadow">What is tried; null for nothing.</param>
    public static TemplateState Fold(
        this TemplateState state, ImmutableArray<EventLine> events, QualityNumbers numbers, UserMarks marks, ShadowPolicy? shadow = null)
    {
        var place = state.FoldedTo ?? 0;
        var conducts = state.Languages.ToDictionary(language => language.View.Id, language => language.Conduct);
        var tried = shadow is null ? null : state.Languages.ToDictionary(language => language.View.Id, language => language.TriedBy(shadow));
        foreach (var line in events)
        {
            if (line.Seq <= place)
            {
                continue;
            }

            place = line.Seq;
            var concerned = FoldTemplates.Concerned(line.Event);
            if (conducts.TryGetValue(concerned, out var conduct))
            {
                conducts[concerned] = Fold(conduct ?? new TemplateConduct(), line, numbers, marks);
                tried?[concerned] = Fold(tried[concerned] ?? new TemplateConduct(), line, shadow!.Numbers.Quality, marks);
            }
        }

        return place == (state.FoldedTo ?? 0)
            ? state
            : state with
            {
                FoldedTo = place,
                Languages =
                [
                    .. state.Languages.Select(language => language with
                    {
                        Conduct = conducts[language.View.Id],
                        Tried = tried?[language.View.Id] is { } conduct ? new TriedTemplateState(shadow!.SetAt, conduct) : null,
                    }),
                ],
            };
    }

    private static TemplateConduct Fold(TemplateConduct conduct, EventLine line, QualityNumbers numbers, UserMarks marks)
    {
        var (happened, mark) = (line.Event, line.Event.Quality);
        conduct = mark.CountsForTemplate ? conduct.Deliver(happened.At, numbers) : conduct;
        return mark.Signal is { } signal
            ? conduct.Signal(signal, marks.Of(line.User, happened.Business), happened.At, numbers, mark.After) : conduct;
    }
}
