using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>Adds events of the ledger to a business's conduct, each once.</summary>
internal static class BusinessFold
{
    /// <summary>The state with these events in it; the same state where it has them all.</summary>
    /// <param name="state">The state.</param>
    /// <param name="events">In ledger order; those up to the state's place are skipped.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="marks">What is kept of users instead of who they are.</param>
    /// <param name="shadow">What is tried; null for nothing.</param>
    public static BusinessState Fold(
        this BusinessState state, ImmutableArray<EventLine> events, PolicyNumbers numbers, UserMarks marks, ShadowPolicy? shadow = null)
    {
        var place = state.FoldedTo ?? 0;
        var conduct = state.Conduct ?? new Conduct();
        var reports = state.Reports;
        var tried = state.TriedBy(shadow);
        foreach (var line in events)
        {
            if (line.Seq <= place)
            {
                continue;
            }

            place = line.Seq;
            var happened = line.Event;
            conduct = conduct.Fold(line, numbers, marks);
            tried = tried is null ? null : tried with { Conduct = tried.Conduct.Fold(line, shadow!.Numbers, marks) };
            reports = happened.Kind == EventKind.Reported ? (reports ?? new ReportTally()).Add((ComplaintReason)happened.Detail, happened.At) : reports;
        }

        return place == (state.FoldedTo ?? 0) ? state : state with { Conduct = conduct, Reports = reports, FoldedTo = place, Tried = tried };
    }

    private static Conduct Fold(this Conduct conduct, EventLine line, PolicyNumbers numbers, UserMarks marks)
    {
        var (happened, mark) = (line.Event, line.Event.Quality);
        conduct = mark.CountsUser ? conduct.Deliver(happened.At, numbers, template: happened.Template) : conduct;
        return mark.Signal is { } signal
            ? conduct.Signal(signal, marks.Of(line.User, happened.Business), happened.At, numbers, mark.After, FoldTemplates.Concerned(happened))
            : conduct;
    }
}
