using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// Has every business and template judge itself twice an hour, whether anything happened or not: bands move, and pauses end, by time alone.
/// </summary>
/// <param name="store">Where the directory is.</param>
/// <param name="handOver">Gives a grain events; none, to have it judge.</param>
/// <param name="atOnce">Most grains that judge at the same time.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">What is told.</param>
internal sealed partial class FoldSweep(
    ILedgerStore store, Func<FoldTarget, ImmutableArray<EventLine>, Task> handOver, int atOnce, FoldMetrics metrics, ILogger logger)
{
    private const int PageMax = 500;

    private static readonly DirectoryKind[] Kinds = [DirectoryKind.Business, DirectoryKind.Template];

    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(30);

    // Nobody waits for it, so each of those at once rests after each. A round that gets long hurries: whoever there is is judged at least hourly.
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan HurriesAfter = Period / 2;

    public Task RunAsync(CancellationToken stopping) => Rounds.RepeatAsync(First, Period, OnceAsync, Failed, stopping);

    /// <summary>Has each judge itself once, some at the same time.</summary>
    public async Task OnceAsync(CancellationToken stopping)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        var judging = new List<Task>(atOnce);
        try
        {
            await foreach (var target in TargetsAsync(stopping))
            {
                judging.Add(JudgeAsync(target, startedAt, stopping));
                if (judging.Count == atOnce)
                {
                    judging.Remove(await Task.WhenAny(judging));
                }
            }
        }
        finally
        {
            await Task.WhenAll(judging);
        }
    }

    private async IAsyncEnumerable<FoldTarget> TargetsAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        foreach (var kind in Kinds)
        {
            var last = new FoldTarget(0, null);
            await foreach (var entry in store.ReadWholeDirectoryAsync(new DirectoryQuery(kind, null, null, null, null, 0, PageMax), stopping))
            {
                // Languages of a template stand together mostly, and share one grain.
                var target = new FoldTarget(entry.Business, kind == DirectoryKind.Template ? entry.Name : null);
                if (target != last)
                {
                    yield return last = target;
                }
            }
        }
    }

    private async Task JudgeAsync(FoldTarget target, long startedAt, CancellationToken stopping)
    {
        try
        {
            await handOver(target, []);
        }
#pragma warning disable CA1031 // One that can't be judged now is judged the next time, and holds up no other.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failed(exception);
        }

        if (TimeProvider.System.GetElapsedTime(startedAt) < HurriesAfter)
        {
            await Task.Delay(Gap, TimeProvider.System, stopping);
        }
    }

    private void Failed(Exception exception)
    {
        metrics.Failed("sweep");
        LogFailed(logger, exception);
    }

    [LoggerMessage(EventId = 2121, Level = LogLevel.Warning, Message = "Some businesses or templates can't be judged now")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
