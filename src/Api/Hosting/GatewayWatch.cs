using Actors.Contracts;

namespace Actors.Api.Hosting;

/// <summary>Asks the gateways, round after round, whether they are there, and what time it is.</summary>
internal sealed partial class GatewayWatch(IGrainFactory grains, QuietGateways quiet, ClusterTime time, ILogger<GatewayWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(250);

    private volatile bool _hasFailed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (left, keys) = quiet.Begin();
            foreach (var gateway in left)
            {
                LogLeft(logger, new Uri(gateway).Authority);
            }

            foreach (var key in keys)
            {
                _ = AskAsync(key);
            }

            await Task.WhenAny(Task.Delay(Round, TimeProvider.System, stoppingToken));
        }
    }

    private async Task AskAsync(long key)
    {
        try
        {
            var view = await grains.GetGrain<IGatewayGrain>(key).LookAsync();
            quiet.Heard(view.Address, key);
            if (view.Now is { } now)
            {
                time.Heard(now);
            }

            _hasFailed = false;
        }
        catch (TimeoutException)
        {
            // That is what is counted.
        }
#pragma warning disable CA1031 // An answer, too; silos of an older version don't know the question.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            quiet.Answered(key);
            if (!_hasFailed)
            {
                _hasFailed = true;
                LogNotAsked(logger, exception.GetType().Name);
            }
        }
    }

    [LoggerMessage(EventId = 4905, Level = LogLevel.Warning, Message = "The gateway {Gateway} doesn't answer while others do: it is left for now")]
    private static partial void LogLeft(ILogger logger, string gateway);

    [LoggerMessage(EventId = 4907, Level = LogLevel.Warning, Message = "A gateway can't be asked whether it is there ({Failure})")]
    private static partial void LogNotAsked(ILogger logger, string failure);
}
