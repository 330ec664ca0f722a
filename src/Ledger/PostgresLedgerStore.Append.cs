using Actors.Policy.Users;
using Npgsql;

namespace Actors.Ledger;

/// <summary>Changes of slow-changing grains, and secrets.</summary>
public sealed partial class PostgresLedgerStore
{
    /// <summary>Held while audit lines are added, so that they become visible in their order.</summary>
    internal const int AuditLock = 7003;

    /// <summary>
    /// Held by whoever moves an epoch on several servers, until the last of them has it; the second key is <see cref="PostgresWriter.LockSlot"/>.
    /// </summary>
    internal const int MoverLock = 7005;

    /// <inheritdoc/>
    public Task AppendAsync(GrainChange change, CancellationToken cancellationToken) => AppendAsync(change, null, cancellationToken);

    /// <summary>The same on the home server of several: the others come first, under a lock that keeps other moves of the business waiting.</summary>
    internal async Task AppendAsync(GrainChange change, SplitMove? others, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var moved = change.MovesEpoch ? others : null;
            if (moved is not null)
            {
                // Before the transaction has an id: what the others take doesn't hold up the readers.
                var epoch = await ReadMoveAsync(connection, change, cancellationToken);
                if (epoch is null)
                {
                    return;
                }

                await moved.BeforeAsync(epoch.Value + 1, cancellationToken);
            }

            if (!await IsNewAsync(connection, change, cancellationToken))
            {
                return;
            }

            if (change.MovesEpoch)
            {
                await LockFenceAsync(connection, change.Business, cancellationToken);
                await ExecuteAsync(
                    connection,
                    "INSERT INTO ledger.epochs AS e (business, epoch) VALUES ($1, 1) ON CONFLICT (business) DO UPDATE SET epoch = e.epoch + 1",
                    cancellationToken,
                    Long(change.Business));
            }

            await AddRowsAsync(connection, change, cancellationToken);
            if (moved is not null)
            {
                await moved.BehindAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception e) when (IsOutage(e))
        {
            // Whether it was committed doesn't matter: the caller appends it again, and it is taken once.
            throw Unavailable(e);
        }
    }

    /// <summary>The epoch that a change moves; null where the ledger has the change. No other move of the business can come between until the commit.</summary>
    private static async Task<long?> ReadMoveAsync(NpgsqlConnection connection, GrainChange change, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            connection,
            $"SELECT pg_advisory_xact_lock({MoverLock}, $1)",
            cancellationToken,
            new NpgsqlParameter<int> { TypedValue = PostgresWriter.LockSlot(change.Business) });
        await using var read = new NpgsqlCommand(
            """
            SELECT coalesce((SELECT epoch FROM ledger.epochs WHERE business = $3), 0)
            WHERE NOT EXISTS (SELECT FROM ledger.grain_changes WHERE source = $1 AND version = $2)
            """,
            connection);
        foreach (var parameter in new[] { Text(change.Source), Long(change.Version), Long(change.Business) })
        {
            read.Parameters.Add(parameter);
        }

        return await read.ExecuteScalarAsync(cancellationToken) as long?;
    }

    /// <inheritdoc/>
    public async Task<byte[]> KeepSecretAsync(string name, byte[] secret, CancellationToken cancellationToken)
    {
        const string Select = "SELECT value FROM ledger.secrets WHERE name = $1";
        var found = await QueryAsync(Select, reader => reader.GetFieldValue<byte[]>(0), cancellationToken, Text(name));
        if (found.Count == 0)
        {
            await QueryAsync(
                "INSERT INTO ledger.secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                _ => 0,
                cancellationToken,
                Text(name),
                new NpgsqlParameter<byte[]> { TypedValue = secret });
            // Another node may have been first: what is stored counts.
            found = await QueryAsync(Select, reader => reader.GetFieldValue<byte[]>(0), cancellationToken, Text(name));
        }

        return found[0];
    }

    /// <inheritdoc/>
    public Task DropSecretsAsync(string from, string to, CancellationToken cancellationToken) => DropNamesAsync("secrets", from, to, cancellationToken);

    // Names in the order of their bytes, whatever the database's collation.
    private Task<List<int>> DropNamesAsync(string table, string from, string to, CancellationToken cancellationToken) => QueryAsync(
        $"""DELETE FROM ledger.{table} WHERE name COLLATE "C" >= $1 AND name COLLATE "C" < $2""", _ => 0, cancellationToken, Text(from), Text(to));

    /// <summary>The first write: it gives the transaction its id before a place in the event log is drawn (PostgresHorizon).</summary>
    private static async Task<bool> IsNewAsync(NpgsqlConnection connection, GrainChange change, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            connection,
            "INSERT INTO ledger.grain_changes (source, version) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            cancellationToken,
            Text(change.Source),
            Long(change.Version)) == 1;

    private static async Task AddRowsAsync(NpgsqlConnection connection, GrainChange change, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var entry in change.Directory)
        {
            Add(
                """
                INSERT INTO ledger.directory (id, kind, business, name, language, status, at, folded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (id) DO UPDATE SET (kind, business, name, language, status, at, folded)
                    = (excluded.kind, excluded.business, excluded.name, excluded.language, excluded.status, excluded.at, excluded.folded)
                """,
                Long(entry.Id),
                Short((short)entry.Kind),
                Long(entry.Business),
                Text(entry.Name),
                Text(entry.Language),
                Text(entry.Status),
                Long(entry.At.Milliseconds),
                Text(Fold(entry.Name)));
        }

        foreach (var line in change.Events)
        {
            var row = new UserEvent(line.Kind, line.At, change.Business, Template: line.Template);
            Add(
                "INSERT INTO ledger.events (at, user_id, business, message, kind, body) VALUES ($1, 0, $2, 0, $3, $4)",
                Long(line.At.Milliseconds),
                Long(change.Business),
                Short((short)line.Kind),
                new NpgsqlParameter<byte[]> { TypedValue = EventCodec.Encode(row, line.Text) });
        }

        if (!change.Audit.IsEmpty)
        {
            Add($"SELECT pg_advisory_xact_lock({AuditLock}, 0)");
        }

        foreach (var line in change.Audit)
        {
            Add(
                "INSERT INTO ledger.audit (at, actor, action, business, target, note) VALUES ($1, $2, $3, $4, $5, $6)",
                Long(line.At.Milliseconds),
                Text(line.Actor),
                Text(line.Action),
                Long(line.Business),
                Text(line.Target),
                Text(line.Note));
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        void Add(string sql, params NpgsqlParameter[] parameters)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddRange(parameters);
            batch.BatchCommands.Add(command);
        }
    }

    private static NpgsqlParameter<short> Short(short value) => new() { TypedValue = value };

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
