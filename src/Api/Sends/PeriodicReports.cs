namespace Actors.Api.Sends;

/// <summary>
/// Tells what this node has counted every few seconds, and once more when it stops. What can't be told is told again under its number, so it counts once. A
/// node that dies takes at most the last few seconds with it.
/// </summary>
internal abstract class PeriodicReports : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Tells what was counted till now. What can't be told now is told later, and logged.</summary>
    /// <exception cref="OperationCanceledException">It is to stop.</exception>
    public async Task TellAsync(CancellationToken stopping)
    {
        await _turn.WaitAsync(stopping);
        try
        {
            await TellAllAsync(stopping);
        }
#pragma warning disable CA1031 // Whatever it was: it is told again.
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            NotTold(exception);
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

    /// <summary>Tells all that there is, a report that was told in vain first.</summary>
    protected abstract Task TellAllAsync(CancellationToken stopping);

    /// <summary>Logs that it couldn't be told.</summary>
    protected abstract void NotTold(Exception exception);
}
