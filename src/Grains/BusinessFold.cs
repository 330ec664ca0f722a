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
    public static BusinessState Fold(this BusinessState state, ImmutableArray<EventLine> events, PolicyNumbers numbers, UserMarks marks)
    {
        var place = state.FoldedTo ?? 0;
        var conduct = state.Conduct ?? new Conduct();
        var reports = state.Reports;
        foreach (var line in events)
        {
            if (line.Seq <= place)
            {
                continue;
            }

            place = line.Seq;
            var (happened, mark) = (line.Event, line.Event.Quality);
            conduct = mark.CountsUser ? conduct.Deliver(happened.At, numbers, template: happened.Template) : conduct;
            conduct = mark.Signal is { } signal
                ? conduct.Signal(
                    signal, marks.Of(line.User, happened.Business), happened.At, numbers, mark.After, FoldTemplates.Concerned(happened))
                : conduct;
            reports = happened.Kind == EventKind.Reported ? (reports ?? new ReportTally()).Add((ComplaintReason)happened.Detail, happened.At) : reports;
        }

        return place == (state.FoldedTo ?? 0) ? state : state with { Conduct = conduct, Reports = reports, FoldedTo = place };
    }
}
