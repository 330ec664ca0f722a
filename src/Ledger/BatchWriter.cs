using Microsoft.Extensions.Logging;

namespace Actors.Ledger;

/// <summary>
/// Writes one batch and finds out what became of it, whatever the storage does: tries again what was rolled back, goes on by halves, and reads where
/// the outcome is unknown.
/// </summary>
internal sealed partial class BatchWriter(ILedgerStore store, LedgerSettings settings, LedgerMetrics metrics, ILogger logger)
{
    private const int AttemptsMax = 2;
    private static readonly TimeSpan ResolvePause = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes a batch: one outcome for each commit, in order. Doesn't fail for whatever the storage does.</summary>
    /// <param name="commits">Sorted by user, each user once.</param>
    /// <param name="abandoned">When nobody waits any more.</param>
    public async Task<CommitOutcome[]> WriteAsync(ArraySegment<EncodedCommit> commits, CancellationToken abandoned)
    {
        Exception failure = new InvalidOperationException();
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            try
            {
                return await store.WriteAsync(commits, abandoned);
            }
            catch (BatchRejectedException rejected)
            {
                metrics.Failed("batch");
                failure = rejected;
            }
            catch (LedgerUnavailableException unavailable)
            {
                metrics.Failed("write");
                LogUnavailable(logger, unavailable);
                return Same(commits.Count, CommitOutcome.Unavailable);
            }
            catch (UnknownOutcomeException unknown)
            {
                metrics.Failed("outcome");
                LogUnknown(logger, unknown);
                return await ResolveAsync(commits, unknown.Backend, settings.ResolveWithin, abandoned);
            }
#pragma warning disable CA1031 // Whatever a store throws: it may have been after the commit, so only reading tells.
            catch (Exception unexpected)
#pragma warning restore CA1031
            {
                metrics.Failed("outcome");
                LogUnknown(logger, unexpected);
                var outcomes = await ResolveAsync(commits, null, TimeSpan.Zero, abandoned);
                if (outcomes.Any(outcome => outcome != CommitOutcome.Unavailable))
                {
                    return outcomes;
                }

                failure = unexpected;
            }
        }

        return await HalveAsync(commits, failure, abandoned);
    }

    /// <summary>One bad row must not fail the rest: the halves without it get through.</summary>
    private async Task<CommitOutcome[]> HalveAsync(ArraySegment<EncodedCommit> commits, Exception failure, CancellationToken abandoned)
    {
        if (commits.Count == 1)
        {
            LogRejected(logger, failure);
            return [CommitOutcome.Unavailable];
        }

        var half = commits.Count / 2;
        return [.. await WriteAsync(commits[..half], abandoned), .. await WriteAsync(commits[half..], abandoned)];
    }

    /// <summary>Finds out what became of a batch: asks at least once, and again until <paramref name="patience"/> has passed.</summary>
    private async Task<CommitOutcome[]> ResolveAsync(ArraySegment<EncodedCommit> commits, object? backend, TimeSpan patience, CancellationToken abandoned)
    {
        using var deadline = new CancellationTokenSource(settings.ResolveWithin, TimeProvider.System);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, abandoned);
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                // A store that doesn't heed its token must not hold the node's other users.
                return await store.ResolveAsync(commits, backend, ended.Token).WaitAsync(ended.Token);
            }
#pragma warning disable CA1031 // Not knowing is an answer here, and the only one that is left.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                metrics.Failed("resolve");
                LogUnresolved(logger, exception);
            }

            if (ended.IsCancellationRequested || TimeProvider.System.GetElapsedTime(start) >= patience)
            {
                return Same(commits.Count, CommitOutcome.Unknown);
            }

            await Task.Delay(ResolvePause, TimeProvider.System, CancellationToken.None);
        }
    }

    private static CommitOutcome[] Same(int count, CommitOutcome outcome)
    {
        var outcomes = new CommitOutcome[count];
        Array.Fill(outcomes, outcome);
        return outcomes;
    }

    [LoggerMessage(EventId = 3102, Level = LogLevel.Error, Message = "The storage refuses one commit, also alone")]
    private static partial void LogRejected(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Warning, Message = "The storage is away: a batch was not written")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3104, Level = LogLevel.Warning, Message = "What became of a batch is unknown: finding out")]
    private static partial void LogUnknown(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3105, Level = LogLevel.Warning, Message = "What became of a batch can't be found out now")]
    private static partial void LogUnresolved(ILogger logger, Exception exception);
}
