using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Analytics;

namespace Actors.Grains;

/// <summary>Counts as they are shown, out of counts as they are stored; and refusals, which aren't in the log, added to them.</summary>
internal static class AnalyticsReading
{
    private static readonly Opinion[] Opinions = Enum.GetValues<Opinion>();

    /// <summary>Everything that was asked for.</summary>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    public static async Task<AnalyticsView> ReadAnalyticsAsync(this UserLedger ledger, AnalyticsAsk ask, CancellationToken cancellationToken)
    {
        var (from, to) = (HalfHour.Of(ask.From), HalfHour.Of(ask.To));
        to = to.Start < ask.To ? to.Next : to;
        if (ask.ByDay)
        {
            (from, to) = (from.Midnight, to == to.Midnight ? to : to.NextMidnight);
        }

        // What is closed is read first: of what closes meanwhile nothing is shown yet.
        var store = ledger.Store;
        var closed = new Instant(await store.ReadPositionAsync(AnalyticsLoop.ReaderClosed, cancellationToken));
        var query = new AnalyticsQuery(ask.Business, ask.Templates, from, to, ask.ByDay);
        var counts = (await store.ReadAnalyticsAsync(query, cancellationToken)).ToLookup(count => (count.Key.Period, count.Key.Template));

        // Whatever is asked for, the same groups decide: those of the whole days.
        var midnight = to == to.Midnight ? to : to.NextMidnight;
        var groups = (await store.ReadGroupsAsync(ask.Business, from.Midnight, midnight, cancellationToken)).ToLookup(group => group.Key.Opinion);
        var shown = Opinions.ToDictionary(opinion => opinion, opinion => SmallGroups.Show(
            groups[opinion].Select(group => new OpinionGroup(
                group.Key.Period, group.Key.Template, group.Count, AnalyticsGroups.MarksOf(group.People.Span))),
            HalfHour.Of(closed)));

        var periods = ImmutableArray.CreateBuilder<AnalyticsPeriod>();
        for (var start = from; start < to; start = ask.ByDay ? start.NextMidnight : start.Next)
        {
            foreach (var template in ask.Templates)
            {
                var said = Opinions.Select(opinion => (opinion, Count: shown[opinion].Of(start, ask.ByDay, template == 0 ? null : template)));
                periods.Add(PeriodOf(start, ask.ByDay, template, [.. counts[(start, template)]]) with
                {
                    Opinions = [.. said.Where(one => one.Count is not null).Select(one => new OpinionCount(one.opinion, one.Count.GetValueOrDefault()))],
                });
            }
        }

        return new AnalyticsView(closed, periods.DrainToImmutable());
    }

    /// <summary>Adds a node's refusals. A batch that was added already, and any before it, changes nothing.</summary>
    /// <exception cref="LedgerUnavailableException">They may or may not have been added.</exception>
    public static Task AddRefusalsAsync(
        this UserLedger ledger, Guid run, long number, ImmutableArray<RefusalCount> refusals, CancellationToken cancellationToken)
    {
        var now = HalfHour.Of(ledger.Clock.Now);
        var counts = refusals.SelectMany(refused => (refused.Templates.IsDefault ? [] : refused.Templates)
            .Select(of => KeyOf(refused, of.Template, of.Count)).Prepend(KeyOf(refused, 0, refused.Count)));
        var batch = new AnalyticsBatch(NodeRuns.ReaderOf(run), number - 1, number)
        {
            Counts = [.. counts.GroupBy(count => count.Key, (key, same) => (key, same.Sum(count => count.Added))).OrderBy(count => count.key, CountKey.Order)],
        };
        return ledger.Store.ApplyAnalyticsAsync(batch, cancellationToken);

        (CountKey Key, long Added) KeyOf(RefusalCount refused, long template, long added) =>
            (new CountKey(now, refused.Business, template, Measure.Refused, (short)refused.Reason), added);
    }

    private static AnalyticsPeriod PeriodOf(HalfHour start, bool byDay, long template, (CountKey Key, long Count)[] counts) => new()
    {
        Start = start.Start,
        End = (byDay ? start.NextMidnight : start.Next).Start,
        Template = template,
        Counts =
        [
            .. counts.Where(count => count.Key.Measure is not (Measure.BusinessResponse or Measure.UserResponse))
                .Select(count => new MeasureCount(count.Key.Measure, count.Key.Detail, count.Count)),
        ],
        Opinions = [],
        BusinessResponse = Response(counts, Measure.BusinessResponse),
        UserResponse = Response(counts, Measure.UserResponse),
    };

    private static ResponseView? Response((CountKey Key, long Count)[] counts, Measure measure) =>
        ResponseTimes.Summarize(counts.Where(count => count.Key.Measure == measure).Select(count => (count.Key.Detail, count.Count))) is { } summary
            ? new ResponseView(summary.Count, summary.Median, summary.P95)
            : null;
}
