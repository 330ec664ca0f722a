using Actors.Policy;
using Actors.Policy.Users;
using Npgsql;

namespace Actors.Ledger;

/// <summary>When messages are due, and how far they have come.</summary>
public sealed partial class PostgresLedgerStore
{
    private const string GivenExpiries = "unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS x (due_at, user_id, number)";

    private static readonly string Heads = MessageColumns.Replace(" content,", " ''::bytea,", StringComparison.Ordinal);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredMessage>> ReadUnfinishedAsync(
        long user, long after, long upTo, MessageStatus below, int limit, CancellationToken cancellationToken) => await QueryAsync(
            $"""
            SELECT {Heads} FROM ledger.messages WHERE user_id = $1 AND number > $2 AND number <= $3 AND direction = 0 AND status < $4
            ORDER BY number LIMIT $5
            """,
            ReadMessage,
            cancellationToken,
            Long(user),
            Long(after),
            Long(upTo),
            Short((short)below),
            Long(limit));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredMessage>> ReadKeptAsync(
        long user, long after, long upTo, int limit, CancellationToken cancellationToken) => await QueryAsync(
            $"""
            SELECT {Heads} FROM ledger.messages
            WHERE user_id = $1 AND number > $2 AND number <= $3 AND direction = 0 AND status = {(int)MessageStatus.Read} AND octet_length(content) > 0
            ORDER BY number LIMIT $4
            """,
            ReadMessage,
            cancellationToken,
            Long(user),
            Long(after),
            Long(upTo),
            Long(limit));

    /// <inheritdoc/>
    public async Task<OldSends> ReadOldSendsAsync(long after, long upTo, Instant before, int limit, CancellationToken cancellationToken)
    {
        var lines = await ReadLoggedLinesAsync(after, upTo, before, limit, cancellationToken);
        return await OldSends.OfAsync(
            lines, after, upTo, before, lines.Count == limit, place => IsAnyOldBehindAsync(place, upTo, before, cancellationToken));
    }

    /// <summary>Lines of the log, in order; of sends that are old, whether they wait for their delivery.</summary>
    internal async Task<IReadOnlyList<LoggedLine>> ReadLoggedLinesAsync(
        long after, long upTo, Instant before, int limit, CancellationToken cancellationToken) => await QueryAsync(
            $"""
            SELECT e.seq, e.at, e.kind = {(int)EventKind.Accepted}, e.user_id, e.message, m.number IS NOT NULL
            FROM (SELECT seq, at, kind, user_id, message FROM ledger.events WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $4) e
            LEFT JOIN ledger.messages m ON e.kind = {(int)EventKind.Accepted} AND e.at <= $3 AND m.user_id = e.user_id AND m.number = e.message
                AND m.status = {(int)MessageStatus.Accepted}
            ORDER BY e.seq
            """,
            row => new LoggedLine(
                row.GetInt64(0), new Instant(row.GetInt64(1)), row.GetInt64(3), row.GetBoolean(2) ? row.GetInt64(4) : 0, row.GetBoolean(5)),
            cancellationToken,
            Long(after),
            Long(upTo),
            Long(before.Milliseconds),
            Long(limit));

    /// <summary>Whether something behind a place is surely past its time.</summary>
    internal Task<bool> IsAnyOldBehindAsync(long place, long upTo, Instant before, CancellationToken cancellationToken) =>
        AskAsync(connection => PostgresWalk.IsAnyOldBehindAsync(connection, place, upTo, before, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task WriteExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) => await QueryAsync(
        $"INSERT INTO ledger.expiries (due_at, user_id, number) SELECT due_at, user_id, number FROM {GivenExpiries} ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING",
        _ => 0,
        cancellationToken,
        Columns(expiries));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DueMessage>> ReadExpiriesAsync(Instant dueAt, int limit, CancellationToken cancellationToken) => await QueryAsync(
        $"""
        SELECT e.due_at, e.user_id, e.number, m.number IS NOT NULL
        FROM (SELECT due_at, user_id, number FROM ledger.expiries WHERE due_at <= $1 ORDER BY due_at, user_id, number LIMIT $2) e
        LEFT JOIN ledger.messages m ON m.user_id = e.user_id AND m.number = e.number AND m.status = {(int)MessageStatus.Accepted}
        ORDER BY e.due_at, e.user_id, e.number
        """,
        row => new DueMessage(new Expiry(new Instant(row.GetInt64(0)), row.GetInt64(1), row.GetInt64(2)), row.GetBoolean(3)),
        cancellationToken,
        Long(dueAt.Milliseconds),
        Long(limit));

    /// <inheritdoc/>
    public async Task DropExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) => await QueryAsync(
        $"""
        DELETE FROM ledger.expiries e USING {GivenExpiries}
        WHERE e.due_at = x.due_at AND e.user_id = x.user_id AND e.number = x.number
        """,
        _ => 0,
        cancellationToken,
        Columns(expiries));

    private static NpgsqlParameter[] Columns(IReadOnlyList<Expiry> expiries) =>
    [
        new NpgsqlParameter<long[]> { TypedValue = [.. expiries.Select(one => one.DueAt.Milliseconds)] },
        new NpgsqlParameter<long[]> { TypedValue = [.. expiries.Select(one => one.User)] },
        new NpgsqlParameter<long[]> { TypedValue = [.. expiries.Select(one => one.Number)] },
    ];
}
