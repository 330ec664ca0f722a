using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// Has every business and template judge itself twice an hour, whether anything happened or not: bands move, and pauses end, by time alone.
/// </summary>
/// <param name="store">Where the directory is.</param>
/// <param name="handOver">Gives a grain events; none, to have it judge.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">What is told.</param>
internal sealed partial class FoldSweep(
    ILedgerStore store, Func<FoldTarget, ImmutableArray<EventLine>, Task> handOver, FoldMetrics metrics, ILogger logger)
{
    private const int PageMax = 500;

    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(30);

    // At most so many a second: nobody waits for it.
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(5);

    public Task RunAsync(CancellationToken stopping) => Rounds.RepeatAsync(First, Period, OnceAsync, Failed, stopping);

    /// <summary>Has each judge itself once.</summary>
    public async Task OnceAsync(CancellationToken stopping)
    {
        await OnceAsync(DirectoryKind.Business, stopping);
        await OnceAsync(DirectoryKind.Template, stopping);
    }

    private async Task OnceAsync(DirectoryKind kind, CancellationToken stopping)
    {
        var judged = new FoldTarget(0, null);
        await foreach (var entry in store.ReadWholeDirectoryAsync(new DirectoryQuery(kind, null, null, null, null, 0, PageMax), stopping))
        {
            // Languages of a template stand together mostly, and share one grain.
            var target = new FoldTarget(entry.Business, kind == DirectoryKind.Template ? entry.Name : null);
            if (target != judged)
            {
                await JudgeAsync(judged = target, stopping);
            }
        }
    }

    private async Task JudgeAsync(FoldTarget target, CancellationToken stopping)
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

        await Task.Delay(Gap, TimeProvider.System, stopping);
    }

    private void Failed(Exception exception)
    {
        metrics.Failed("sweep");
        LogFailed(logger, exception);
    }

    [LoggerMessage(EventId = 2121, Level = LogLevel.Warning, Message = "Some businesses or templates can't be judged now")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
