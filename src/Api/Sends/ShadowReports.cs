using Actors.Contracts;

namespace Actors.Api.Sends;

/// <summary>
/// Adds what this node counts of the shadow policy to the sum over all nodes, every few seconds. A report has a number within this run of the process and is
/// told until it has arrived: so it counts once. A node that dies takes at most the last few seconds with it.
/// </summary>
internal sealed partial class ShadowReports(PolicyBook policy, IGrainFactory grains, ILogger<ShadowReports> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    private readonly ShadowMetrics _metrics = new(policy);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Guid _run = Guid.NewGuid();
    private ShadowReport? _report;
    private long _told;

    /// <summary>Tells what was counted till now. What can't be told now is told later, and logged.</summary>
    public async Task TellAsync(CancellationToken stopping)
    {
        await _turn.WaitAsync(stopping);
        try
        {
            if (policy.Shadow is not { } shadow)
            {
                _report = null;
                return;
            }

            // Twice: what is counted while an earlier report is under way is told, too.
            for (var isOld = _report?.SetAt == shadow.SetAt; ; isOld = false)
            {
                _report = isOld ? _report : Next(shadow);
                if (_report is null)
                {
                    return;
                }

                await grains.GetGrain<IShadowGrain>(0).AddAsync(_report).WaitAsync(stopping);
                (_told, _report) = (_report.Number, null);
                if (!isOld)
                {
                    return;
                }
            }
        }
#pragma warning disable CA1031 // Whatever it was: the report is told again, under its number.
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotTold(logger, exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var ends = new CancellationTokenSource(EndsWithin);
        try
        {
            await TellAsync(ends.Token);
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _metrics.Dispose();
        _turn.Dispose();
        base.Dispose();
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
                await TellAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is told when this stops.
        }
    }

    private ShadowReport? Next(ShadowPolicy shadow)
    {
        var (counts, untried) = shadow.Take();
        return counts.IsEmpty && untried == 0 ? null : new ShadowReport(_run, _told + 1, shadow.SetAt, counts, untried);
    }

    [LoggerMessage(EventId = 4202, Level = LogLevel.Warning, Message = "What was counted of the shadow policy can't be added to the sum now; it is told again")]
    private static partial void LogNotTold(ILogger logger, Exception exception);
}
