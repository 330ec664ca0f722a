using Actors.Policy;
using Npgsql;
using NpgsqlTypes;

namespace Actors.Ledger;

/// <summary>The statements of an erasure, within its transaction, and those of the walk that takes a person out of the log afterwards.</summary>
internal static class PostgresErasure
{
    private const int Chunk = 5_000;

    /// <summary>All but the user's own row, which is locked.</summary>
    public static async Task RemoveAsync(
        NpgsqlConnection connection, EncodedCommit commit, EncodedErasure erasure, string ofPerson, CancellationToken cancellationToken)
    {
        await ExecuteAsync("DELETE FROM ledger.messages WHERE user_id = $1", Long(commit.User));
        await ExecuteAsync("DELETE FROM ledger.consents WHERE user_id = $1", Long(commit.User));
        var pseudonym = await ReadAsync(
            "SELECT coalesce((SELECT pseudonym FROM ledger.erasures WHERE user_id = $1 ORDER BY up_to LIMIT 1), $2)",
            Long(commit.User),
            Long(erasure.Pseudonym));
        await ExecuteAsync(
            $"UPDATE ledger.events SET user_id = $2 WHERE user_id = $1 AND {ofPerson} AND NOT (at >= $3 AND kind = ANY ($4))",
            Long(commit.User),
            Long(pseudonym),
            Long(erasure.ToldFrom.Milliseconds),
            new NpgsqlParameter<short[]> { TypedValue = [.. StoredErasure.Consents.Select(kind => (short)kind)] });

        // Whoever has to hear of these hears whose they are until the walk comes by.
        var events = commit.Change.Events;
        await ExecuteAsync(
            "INSERT INTO ledger.events (user_id, at, business, message, kind, body) SELECT $1, unnest($2), unnest($3), unnest($4), unnest($5), unnest($6)",
            Long(commit.User),
            Longs(events.Select(happened => happened.At.Milliseconds)),
            Longs(events.Select(happened => happened.Business)),
            Longs(events.Select(happened => happened.Message)),
            new NpgsqlParameter<short[]> { TypedValue = [.. events.Select(happened => (short)happened.Kind)] },
            new NpgsqlParameter<byte[][]> { TypedValue = commit.EventBodies, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        foreach (var withdrawal in erasure.Withdrawals)
        {
            await ExecuteAsync(
                """
                INSERT INTO ledger.withdrawals AS w (hash, taken, at, messages) VALUES ($1, $2, $4, $5)
                ON CONFLICT (hash) DO UPDATE SET taken = (w.taken & ~$3::smallint) | excluded.taken, at = excluded.at, messages = excluded.messages
                """,
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = withdrawal.Hash },
                Short((short)withdrawal.Taken),
                Short((short)withdrawal.Said),
                Long(withdrawal.At.Milliseconds),
                Long(withdrawal.Messages));
        }

        // A place drawn now is behind those of all this user's events: the next commit of theirs waits for this one.
        await ExecuteAsync(
            """
            INSERT INTO ledger.erasures (user_id, up_to, pseudonym, at, version, messages, block_lists)
            VALUES ($1, nextval('ledger.event_seq'), $2, $3, $4, $5, $6)
            """,
            Long(commit.User),
            Long(pseudonym),
            Long(erasure.Audit.At.Milliseconds),
            Long(commit.ExpectedVersion + 1),
            Long(commit.Change.Next.Messages),
            Longs(commit.Change.Erasure!.BlockLists));
        await ExecuteAsync($"SELECT pg_advisory_xact_lock({PostgresLedgerStore.AuditLock}, 0)");
        await ExecuteAsync(
            "INSERT INTO ledger.audit (at, actor, action, business, target, note) VALUES ($1, $2, $3, 0, $4, '')",
            Long(erasure.Audit.At.Milliseconds),
            Text(erasure.Audit.Actor),
            Text(erasure.Audit.Action),
            Text(erasure.Audit.Target));

        Task ExecuteAsync(string sql, params NpgsqlParameter[] parameters) =>
            PostgresErasure.ExecuteAsync(connection, sql, cancellationToken, parameters);

        async Task<long> ReadAsync(string sql, params NpgsqlParameter[] parameters)
        {
            await using var command = Command(connection, sql, parameters);
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
    }

    /// <summary>
    /// One transaction of the walk for those who were erased before an instant; false where nothing is left to do. Nodes that walk at once take turns: each
    /// step goes on from the place where the one before has got to, whoever took it.
    /// </summary>
    public static async Task<bool> StepAsync(NpgsqlConnection connection, Instant before, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(
            connection,
            "INSERT INTO ledger.readers (name, position) SELECT unnest($1), 0 ON CONFLICT (name) DO NOTHING",
            cancellationToken,
            Texts(ErasureWalk.Readers));
        var walk = await ReadWalkAsync(connection, cancellationToken);
        if (walk.End == 0)
        {
            await using var find = Command(
                connection, "SELECT max(up_to) FROM ledger.erasures WHERE NOT walked AND at < $1", [Long(before.Milliseconds)]);
            if (await find.ExecuteScalarAsync(cancellationToken) is not long end)
            {
                return false;
            }

            walk = new ErasureWalk(0, end, before);
        }

        walk = walk with { Place = await RewriteAsync(connection, walk, cancellationToken) };
        if (walk.Place >= walk.End)
        {
            await ExecuteAsync(
                connection,
                """
                DELETE FROM ledger.expiries d USING ledger.erasures x
                WHERE d.user_id = x.user_id AND d.number <= x.messages AND NOT x.walked AND x.at < $1 AND x.up_to <= $2
                """,
                cancellationToken,
                Long(walk.Before.Milliseconds),
                Long(walk.End));
            await ExecuteAsync(
                connection,
                "UPDATE ledger.erasures SET walked = true WHERE NOT walked AND at < $1 AND up_to <= $2",
                cancellationToken,
                Long(walk.Before.Milliseconds),
                Long(walk.End));
            walk = default;
        }

        await ExecuteAsync(
            connection,
            "UPDATE ledger.readers r SET position = x.position FROM unnest($1, $2) AS x (name, position) WHERE r.name = x.name",
            cancellationToken,
            Texts(ErasureWalk.Readers),
            Longs(walk.Places));
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<ErasureWalk> ReadWalkAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var places = new Dictionary<string, long>();
        await using var read = Command(
            connection, "SELECT name, position FROM ledger.readers WHERE name = ANY ($1) ORDER BY name FOR UPDATE", [Texts(ErasureWalk.Readers)]);
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            places.Add(reader.GetString(0), reader.GetInt64(1));
        }

        return ErasureWalk.From(places);
    }

    /// <summary>Rewrites what follows the walk's place; the place that it came to.</summary>
    private static async Task<long> RewriteAsync(NpgsqlConnection connection, ErasureWalk walk, CancellationToken cancellationToken)
    {
        await using var find = Command(
            connection,
            $"SELECT max(seq) FROM (SELECT seq FROM ledger.events WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT {Chunk}) next",
            [Long(walk.Place), Long(walk.End)]);
        if (await find.ExecuteScalarAsync(cancellationToken) is not long last)
        {
            return walk.End;
        }

        await ExecuteAsync(
            connection,
            """
            UPDATE ledger.events e SET user_id = x.pseudonym FROM ledger.erasures x
            WHERE e.seq > $1 AND e.seq <= $2 AND x.user_id = e.user_id AND e.seq <= x.up_to AND NOT x.walked AND x.at < $3
            """,
            cancellationToken,
            Long(walk.Place),
            Long(last),
            Long(walk.Before.Milliseconds));
        return last;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static NpgsqlParameter<long> Long(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<short> Short(short value) => new() { TypedValue = value };

    private static NpgsqlParameter<long[]> Longs(IEnumerable<long> values) => new() { TypedValue = [.. values] };

    private static NpgsqlParameter<string[]> Texts(IEnumerable<string> values) => new() { TypedValue = [.. values] };

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
