using Actors.Contracts;

namespace Actors.Api.Hosting;

/// <summary>An API node with another key than the cluster doesn't start: it would take none of the tokens that the others take.</summary>
internal sealed partial class KeyCheck(IGrainFactory grains, ClusterSettings settings, ILogger<KeyCheck> logger) : IHostedService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <exception cref="ConfigurationException">The others have another one.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (await IsSharedAsync() is not true and var known)
        {
            if (known is false)
            {
                throw new ConfigurationException("Auth:SigningKey, or Auth:Authority, isn't that of the cluster; write the same as on the silos.");
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Null while nobody can say.</summary>
    private async Task<bool?> IsSharedAsync()
    {
        try
        {
            return await grains.GetGrain<ILedgerGrain>(0).SharesKeyAsync([.. settings.KeyMark]);
        }
        catch (Exception exception) when (exception is OutageException || DeadNodes.Ended(exception))
        {
            LogNotKnown(logger, exception.GetType().Name);
            return null;
        }
#pragma warning disable CA1031 // A silo of an older build doesn't know the question: what held before holds, tokens are checked in any case.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotKnown(logger, exception.GetType().Name);
            return true;
        }
    }

    [LoggerMessage(EventId = 4904, Level = LogLevel.Warning, Message = "Whether this node has the cluster's key can't be known ({Failure})")]
    private static partial void LogNotKnown(ILogger logger, string failure);
}
