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
        await ExecuteAsync($"UPDATE ledger.events SET user_id = $2 WHERE user_id = $1 AND {ofPerson}", Long(commit.User), Long(pseudonym));

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

        async Task ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
        {
            await using var command = Command(connection, sql, parameters);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<long> ReadAsync(string sql, params NpgsqlParameter[] parameters)
        {
            await using var command = Command(connection, sql, parameters);
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
    }

    /// <summary>The last place that is to be walked to; null where nothing is to be rewritten.</summary>
    public static async Task<long?> FindEndAsync(NpgsqlConnection connection, Instant before, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection, "SELECT max(up_to) FROM ledger.erasures WHERE NOT walked AND at < $1", [Long(before.Milliseconds)]);
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    /// <summary>One transaction's work behind a place; the place that it came to.</summary>
    public static async Task<long> RewriteAsync(NpgsqlConnection connection, Instant before, long place, long end, CancellationToken cancellationToken)
    {
        await using var find = Command(
            connection,
            $"SELECT max(seq) FROM (SELECT seq FROM ledger.events WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT {Chunk}) next",
            [Long(place), Long(end)]);
        if (await find.ExecuteScalarAsync(cancellationToken) is not long last)
        {
            return end;
        }

        await using var rewrite = Command(
            connection,
            """
            UPDATE ledger.events e SET user_id = x.pseudonym FROM ledger.erasures x
            WHERE e.seq > $1 AND e.seq <= $2 AND x.user_id = e.user_id AND e.seq <= x.up_to AND NOT x.walked AND x.at < $3
            """,
            [Long(place), Long(last), Long(before.Milliseconds)]);
        await rewrite.ExecuteNonQueryAsync(cancellationToken);
        return last;
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

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
