using System.Collections.Concurrent;
using Npgsql;

namespace Actors.Ledger;

/// <summary>Batches of users' commits.</summary>
public sealed partial class PostgresLedgerStore
{
    private readonly ConcurrentStack<PostgresWriter> _writers = [];

    /// <inheritdoc/>
    public async Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
        {
            return [];
        }

        var rows = new PostgresBatch(batch);
        var writer = await RentWriterAsync(cancellationToken);
        try
        {
            // From here on nobody may leave: the batch is on its way.
            var outcomes = await writer.WriteAsync(rows);
            _writers.Push(writer);
            return outcomes;
        }
        catch (PostgresException e) when (e.InvariantSeverity == "ERROR")
        {
            // The server rolled it back and said so on a connection that goes on: nothing was written.
            _writers.Push(writer);
            throw IsShortage(e) ? Unavailable(e) : new BatchRejectedException($"PostgreSQL refused a batch with {e.SqlState}.", e);
        }
        catch (Exception e) when (IsOutage(e))
        {
            await writer.DisposeAsync();
            throw new UnknownOutcomeException(writer.Backend, e);
        }
        catch
        {
            // A bug, before or while the rows were sent: this connection isn't to be trusted any more.
            await writer.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken)
    {
        try
        {
            // The other connections are likely as broken as the one that was lost.
            await CloseWritersAsync();
            _source.Clear();
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            if (backend is PostgresBackend process)
            {
                await EndAsync(connection, process, cancellationToken);
            }

            var records = await ReadUsersAsync(connection, [.. batch.Select(commit => commit.User)], cancellationToken);
            var stored = records.ToDictionary(record => record.User);
            return [.. batch.Select(Outcome)];

            CommitOutcome Outcome(EncodedCommit commit)
            {
                var now = stored.GetValueOrDefault(commit.User);
                return CommitOutcomes.Of(commit, now.Version, now.Operation);
            }
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable(e);
        }
    }

    private async ValueTask CloseWritersAsync()
    {
        while (_writers.TryPop(out var writer))
        {
            await writer.DisposeAsync();
        }
    }

    /// <summary>
    /// A process that is still at it could commit after we have read. One that waits for a standby has committed on this server and shows it to nobody
    /// yet; ended, it would show it to everybody: so it isn't ended, and what became of the batch isn't known.
    /// </summary>
    private static async Task EndAsync(NpgsqlConnection connection, PostgresBackend backend, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT CASE WHEN wait_event IS DISTINCT FROM 'SyncRep' THEN pg_terminate_backend(pid, 5000) ELSE false END
            FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2
            """,
            connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = backend.Pid }, new NpgsqlParameter<DateTime> { TypedValue = backend.StartedAt } },
        };
        if (await command.ExecuteScalarAsync(cancellationToken) is false)
        {
            throw new LedgerUnavailableException("The server process of the batch doesn't end.");
        }

        // It may have been ended a moment before it would have waited. Whatever a standby must have, it has once it has this, which comes behind.
        await using var behind = new NpgsqlCommand("SELECT pg_logical_emit_message(true, 'actors', '')", connection);
        await behind.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Disk full, out of memory, shutting down, read only: it isn't the batch's fault.</summary>
    private static bool IsShortage(PostgresException e) =>
        e.SqlState.StartsWith("53", StringComparison.Ordinal)
        || e.SqlState.StartsWith("57", StringComparison.Ordinal)
        || e.SqlState.StartsWith("58", StringComparison.Ordinal)
        || e.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction;

    private async Task<PostgresWriter> RentWriterAsync(CancellationToken cancellationToken)
    {
        while (_writers.TryPop(out var writer))
        {
            if (writer.IsOpen)
            {
                return writer;
            }

            await writer.DisposeAsync();
        }

        try
        {
            return await PostgresWriter.OpenAsync(_source, cancellationToken);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable(e);
        }
    }
}
