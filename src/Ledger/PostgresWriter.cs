using System.Data;
using Npgsql;

namespace Actors.Ledger;

/// <summary>A server process, told apart from a later one with the same number by when it started.</summary>
internal sealed record PostgresBackend(int Pid, DateTime StartedAt);

/// <summary>What a batch has; what it hasn't costs nothing.</summary>
[Flags]
internal enum BatchParts
{
    None = 0,
    Fences = 1,
    NewUsers = 2,
    OldUsers = 4,
    Messages = 8,
    Steps = 16,
    Consents = 32,
}

/// <summary>A connection that writes batches, with its prepared statements. One batch at a time.</summary>
internal sealed class PostgresWriter : IAsyncDisposable
{
    /// <summary>First key of the locks that fence a business's commits; the second is <see cref="LockSlot"/>.</summary>
    public const int LockSpace = 7001;

    /// <summary>The lock that fences the policy: the last, behind those of the businesses.</summary>
    public const int PolicySlot = 64;

    private readonly Dictionary<BatchParts, Statement> _statements = [];
    private readonly NpgsqlConnection _connection;

    private PostgresWriter(NpgsqlConnection connection, PostgresBackend backend) => (_connection, Backend) = (connection, backend);

    /// <summary>The server process that this writer's batches run in.</summary>
    public PostgresBackend Backend { get; }

    /// <summary>Whether it can take another batch.</summary>
    public bool IsOpen => _connection.FullState == ConnectionState.Open;

    /// <summary>Businesses share 64 locks: few enough for one batch to take them all, enough for a restriction to stop few others.</summary>
    public static int LockSlot(long business) => business == Fence.OfPolicy ? PolicySlot : (int)(business & 63);

    public static async Task<PostgresWriter> OpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand("SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()", connection);
            var startedAt = (DateTime)(await command.ExecuteScalarAsync(cancellationToken))!;
            return new PostgresWriter(connection, new PostgresBackend(connection.ProcessID, startedAt));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the batch in one round trip and one transaction.</summary>
    public async Task<CommitOutcome[]> WriteAsync(PostgresBatch batch)
    {
        if (!_statements.TryGetValue(batch.Parts, out var statement))
        {
            statement = new Statement(_connection, batch.Parts);
            _statements.Add(batch.Parts, statement);
        }

        return await statement.ExecuteAsync(batch);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var statement in _statements.Values)
        {
            await statement.DisposeAsync();
        }

        await _connection.DisposeAsync();
    }

    /// <summary>The commands for one combination of parts.</summary>
    private sealed class Statement : IAsyncDisposable
    {
        private readonly NpgsqlBatch _batch;
        private readonly BatchParts _parts;
        private bool _prepared;

        public Statement(NpgsqlConnection connection, BatchParts parts)
        {
            _parts = parts;
            _batch = new NpgsqlBatch(connection);
            if (parts.HasFlag(BatchParts.Fences))
            {
                // A statement of its own: the next one's snapshot is taken when the locks are held, so it sees every epoch that moved before.
                _batch.BatchCommands.Add(new NpgsqlBatchCommand(
                    $"SELECT pg_advisory_xact_lock_shared({LockSpace}, slot) FROM unnest($1) AS slot"));
            }

            _batch.BatchCommands.Add(new NpgsqlBatchCommand(PostgresWriteSql.Compose(parts)));
        }

        public async Task<CommitOutcome[]> ExecuteAsync(PostgresBatch batch)
        {
            var commands = _batch.BatchCommands;
            foreach (var command in commands)
            {
                command.Parameters.Clear();
            }

            if (_parts.HasFlag(BatchParts.Fences))
            {
                commands[0].Parameters.Add(batch.Slots());
            }

            batch.AddTo(commands[^1].Parameters);
            if (!_prepared)
            {
                await _batch.PrepareAsync(CancellationToken.None);
                _prepared = true;
            }

            var outcomes = new CommitOutcome[batch.Count];
            await using var reader = await _batch.ExecuteReaderAsync(CancellationToken.None);
            if (_parts.HasFlag(BatchParts.Fences))
            {
                await reader.NextResultAsync(CancellationToken.None);
            }

            while (await reader.ReadAsync(CancellationToken.None))
            {
                outcomes[reader.GetInt64(0) - 1] = (CommitOutcome)reader.GetInt32(1);
            }

            // The transaction commits with the round trip's end: only an end without an error is a commit.
            await reader.CloseAsync();
            return outcomes;
        }

        public ValueTask DisposeAsync() => _batch.DisposeAsync();
    }
}
