using System.Collections.Immutable;
using Actors.Contracts;

namespace Actors.Api.Sends;

/// <summary>Adds this node's refusals to the analytics. A batch's number is within this run, which is at most about a day of the process.</summary>
internal sealed partial class RefusalReports(RefusalCounts counts, IGrainFactory grains, ILogger<RefusalReports> logger) : PeriodicReports
{
    private const int RowsMax = 2_000;

    // What is kept of a run is dropped some days after it began.
    private static readonly TimeSpan RunLength = TimeSpan.FromDays(1);

    private Guid _run = NewRun();
    private long _begunAt = TimeProvider.System.GetTimestamp();
    private ImmutableArray<RefusalCount> _batch = [];
    private long _told;

    /// <inheritdoc/>
    protected override async Task TellAllAsync(CancellationToken stopping)
    {
        for (var isFull = true; isFull;)
        {
            stopping.ThrowIfCancellationRequested();
            if (_batch.IsEmpty)
            {
                BeginAnew();
                _batch = counts.Take(RowsMax);
            }

            if (_batch.IsEmpty)
            {
                return;
            }

            await grains.GetGrain<ILedgerGrain>(0).RefusedAsync(_run, _told + 1, _batch).WaitAsync(stopping);
            isFull = _batch.Sum(line => line.Rows) >= RowsMax;
            (_told, _batch) = (_told + 1, []);
        }
    }

    /// <inheritdoc/>
    protected override void NotTold(Exception exception) => LogNotTold(logger, _batch.Length, exception);

    // Its id says when it began.
    private static Guid NewRun() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    /// <summary>Begins another run where this one is a day old; never in the middle of a batch, which would count under both.</summary>
    private void BeginAnew()
    {
        if (TimeProvider.System.GetElapsedTime(_begunAt) >= RunLength)
        {
            (_run, _told, _begunAt) = (NewRun(), 0, TimeProvider.System.GetTimestamp());
        }
    }

    [LoggerMessage(EventId = 4201, Level = LogLevel.Warning, Message = "{Count} counts of refusals can't be added to the analytics now; they are told again")]
    private static partial void LogNotTold(ILogger logger, int count, Exception exception);
}
