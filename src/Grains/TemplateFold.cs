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
    public static TemplateState Fold(this TemplateState state, ImmutableArray<EventLine> events, QualityNumbers numbers, UserMarks marks)
    {
        var place = state.FoldedTo ?? 0;
        var conducts = state.Languages.ToDictionary(language => language.View.Id, language => language.Conduct);
        foreach (var line in events)
        {
            if (line.Seq <= place)
            {
                continue;
            }

            place = line.Seq;
            var (happened, mark) = (line.Event, line.Event.Quality);
            if (conducts.TryGetValue(FoldTemplates.Concerned(happened), out var conduct))
            {
                conduct ??= new TemplateConduct();
                conduct = mark.CountsForTemplate ? conduct.Deliver(happened.At, numbers) : conduct;
                conduct = mark.Signal is { } signal
                    ? conduct.Signal(signal, marks.Of(line.User, happened.Business), happened.At, numbers, mark.After) : conduct;
                conducts[FoldTemplates.Concerned(happened)] = conduct;
            }
        }

        return place == (state.FoldedTo ?? 0)
            ? state
            : state with { FoldedTo = place, Languages = [.. state.Languages.Select(language => language with { Conduct = conducts[language.View.Id] })] };
    }
}
