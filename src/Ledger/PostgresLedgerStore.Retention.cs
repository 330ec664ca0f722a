using Actors.Policy;
using Npgsql;

namespace Actors.Ledger;

/// <summary>What is dropped when its time is over.</summary>
public sealed partial class PostgresLedgerStore
{
    private const int WalkAttempts = 20;

    /// <inheritdoc/>
    public Task DropContentsAsync(Instant before, CancellationToken cancellationToken) => WalkAsync(PostgresWalk.Contents, before, cancellationToken);

    /// <inheritdoc/>
    public async Task DropEventsAsync(Instant before, CancellationToken cancellationToken)
    {
        await WalkAsync(PostgresWalk.Rows, before, cancellationToken);
        await PartitionsAsync(
            async partitions =>
            {
                await partitions.CutAsync(cancellationToken);
                await partitions.DropAsync(before, cancellationToken);
                return 0;
            },
            cancellationToken);
    }

    private async Task WalkAsync(PostgresWalk walk, Instant before, CancellationToken cancellationToken)
    {
        // Behind a place that is final nothing can come any more, however long a writer has dawdled.
        var upTo = await ReadHorizonAsync(cancellationToken);
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await walk.BeginAsync(connection, cancellationToken);
            for (var attempt = 1; ;)
            {
                try
                {
                    if (!await walk.StepAsync(connection, before, upTo, cancellationToken))
                    {
                        return;
                    }

                    attempt = 1;
                }
                catch (PostgresException e) when (IsContention(e) && attempt < WalkAttempts)
                {
                    attempt++;
                }
            }
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable(e);
        }
    }

    private static bool IsContention(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;
}
