using System.Collections.Immutable;
using Actors.Contracts;

namespace Actors.Api.Sends;

/// <summary>
/// Adds this node's refusals to the analytics every few seconds. A batch has a number within this run of the process and is told until it has arrived: so it
/// counts once. A node that dies takes at most the last few seconds with it.
/// </summary>
internal sealed partial class RefusalReports(RefusalCounts counts, IGrainFactory grains, ILogger<RefusalReports> logger) : BackgroundService
{
    private const int RowsMax = 2_000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    // What is kept of a run is dropped some days after it began.
    private static readonly TimeSpan RunLength = TimeSpan.FromDays(1);

    private Guid _run = NewRun();
    private long _begunAt = TimeProvider.System.GetTimestamp();
    private ImmutableArray<RefusalCount> _batch = [];
    private long _told;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TellAllAsync(new CancellationTokenSource(EndsWithin).Token);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A machine's matter, not the ledger's time: real also where a test sets the clock.
        using var timer = new PeriodicTimer(Period, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TellAllAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is told when this stops.
        }
    }

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

    private async Task TellAllAsync(CancellationToken stopping)
    {
        try
        {
            do
            {
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
                var wasFull = _batch.Sum(line => line.Rows) >= RowsMax;
                (_told, _batch) = (_told + 1, []);
                if (!wasFull)
                {
                    return;
                }
            }
            while (!stopping.IsCancellationRequested);
        }
#pragma warning disable CA1031 // Whatever it was: the batch is told again, under its number.
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotTold(logger, _batch.Length, exception);
        }
        catch (OperationCanceledException)
        {
            // The process ends, or this is tried again.
        }
    }

    [LoggerMessage(EventId = 4201, Level = LogLevel.Warning, Message = "{Count} counts of refusals can't be added to the analytics now; they are told again")]
    private static partial void LogNotTold(ILogger logger, int count, Exception exception);
}
