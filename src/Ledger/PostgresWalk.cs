using Actors.Policy;
using Actors.Policy.Users;
using Npgsql;
using NpgsqlTypes;

namespace Actors.Ledger;

/// <summary>
/// Finds old messages without an index by time: the log names each message, by the events of accepted sends and of users' own messages, in the order of
/// time. The place up to which it was walked is durable, and moves in the transaction that does the work.
/// </summary>
/// <remarks>
/// One node at a time: the place is locked. Messages in the order of their users, as writers of batches lock them. An event whose own time lies ahead (the
/// clock had jumped, or its user had lived through such a jump) is as old as what stands behind it: see <see cref="LogAge"/>.
/// </remarks>
internal sealed class PostgresWalk
{
    /// <summary>The reader whose place is where rows of messages were dropped up to. Events behind it are still needed.</summary>
    public const string RowsReader = "retention/rows";

    private const int Chunk = 500;

    private readonly string _reader;
    private readonly string _work;

    private PostgresWalk(string reader, string work) => (_reader, _work) = (reader, work);

    /// <summary>Empties contents.</summary>
    public static PostgresWalk Contents { get; } = new(
        "retention/contents",
        """
        UPDATE ledger.messages m SET content = ''::bytea FROM unnest($1::bigint[], $2::bigint[]) AS x (user_id, number)
        WHERE m.user_id = x.user_id AND m.number = x.number AND octet_length(m.content) > 0
        """);

    /// <summary>Drops rows.</summary>
    public static PostgresWalk Rows { get; } = new(
        RowsReader,
        """
        DELETE FROM ledger.messages m USING unnest($1::bigint[], $2::bigint[]) AS x (user_id, number)
        WHERE m.user_id = x.user_id AND m.number = x.number
        """);

    /// <summary>One transaction's work; false at the end, or where another node is at it.</summary>
    /// <param name="connection">Without a transaction.</param>
    /// <param name="before">What is older than this is old.</param>
    /// <param name="upTo">The place up to which the log is final.</param>
    /// <param name="cancellationToken">Ends it: what the transaction did is undone.</param>
    public async Task<bool> StepAsync(NpgsqlConnection connection, Instant before, long upTo, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ReadPlaceAsync(connection, cancellationToken) is not { } place)
        {
            return false;
        }

        var (messages, waiting) = (new SortedSet<(long User, long Number)>(), new List<(long User, long Number)>());
        var (age, end, last, seen) = (new LogAge(before), place, place, 0);
        await using (var read = Command(
            connection,
            "SELECT seq, at, kind, user_id, message FROM ledger.events WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
            Long(place),
            Long(upTo),
            Long(Chunk)))
        await using (var reader = await read.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                (last, seen) = (reader.GetInt64(0), seen + 1);
                if ((EventKind)reader.GetInt16(2) is EventKind.Accepted or EventKind.Inbound)
                {
                    waiting.Add((reader.GetInt64(3), reader.GetInt64(4)));
                }

                if (age.IsOldUpTo(reader.GetInt64(1)))
                {
                    end = last;
                    messages.UnionWith(waiting);
                    waiting.Clear();
                }
            }
        }

        if (end == place && seen == Chunk && await IsAnyOldBehindAsync(connection, last, upTo, before, cancellationToken))
        {
            end = last;
            messages.UnionWith(waiting);
        }

        if (end == place)
        {
            return false;
        }

        await using (var work = Command(connection, _work, Longs(messages.Select(m => m.User)), Longs(messages.Select(m => m.Number))))
        await using (var move = Command(connection, "UPDATE ledger.readers SET position = $2 WHERE name = $1", Text(_reader), Long(end)))
        {
            await work.ExecuteNonQueryAsync(cancellationToken);
            await move.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return seen == Chunk;   // otherwise the log was read to its end
    }

    /// <summary>Whether something behind a place is surely past its time, and with it all that stands before it.</summary>
    public static async Task<bool> IsAnyOldBehindAsync(
        NpgsqlConnection connection, long place, long upTo, Instant before, CancellationToken cancellationToken) =>
        await ReadOldestBehindAsync(connection, place, upTo, cancellationToken) is { } oldest && LogAge.IsSurelyOld(oldest, before);

    /// <summary>
    /// The oldest time that some events behind a place say; null where there are none. Looks at those that follow at once, and at few places, each twice as
    /// far away as the one before: what is missed is found as the log grows older.
    /// </summary>
    public static async Task<long?> ReadOldestBehindAsync(NpgsqlConnection connection, long place, long upTo, CancellationToken cancellationToken)
    {
        await using var look = Command(
            connection,
            $"""
            SELECT least(
                (SELECT min(next.at) FROM (SELECT at FROM ledger.events WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT {Chunk}) next),
                (SELECT min(far.at) FROM generate_series(0, {LogAge.Doublings}) AS n
                 CROSS JOIN LATERAL (SELECT at FROM ledger.events WHERE seq >= $1 + (1::bigint << n) AND seq <= $2 ORDER BY seq LIMIT 1) far))
            """,
            Long(place),
            Long(upTo));
        return await look.ExecuteScalarAsync(cancellationToken) as long?;
    }

    /// <summary>Begins at the beginning, where nobody has walked before.</summary>
    public async Task BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection, "INSERT INTO ledger.readers (name, position) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING", Text(_reader));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<long?> ReadPlaceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "SELECT position FROM ledger.readers WHERE name = $1 FOR UPDATE SKIP LOCKED", Text(_reader));
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static NpgsqlParameter<long> Long(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<long[]> Longs(IEnumerable<long> values) => new() { TypedValue = [.. values] };

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
