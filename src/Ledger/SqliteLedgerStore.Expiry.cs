using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>When messages are due, and how far they have come.</summary>
public sealed partial class SqliteLedgerStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>> ReadUnfinishedAsync(
        long user, long after, long upTo, MessageStatus below, int limit, CancellationToken cancellationToken) => AllAsync(
            session => session.Prepare($"{SelectMessage} AND number > ?2 AND number <= ?3 AND direction = 0 AND status < ?4 ORDER BY number LIMIT ?5")
                .Bind(1, user).Bind(2, after).Bind(3, upTo).Bind(4, (long)below).Bind(5, limit),
            row => Message(row, withContent: false),
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>> ReadKeptAsync(long user, long after, long upTo, int limit, CancellationToken cancellationToken) => AllAsync(
        session => session.Prepare(
            $"""
            {SelectMessage} AND number > ?2 AND number <= ?3 AND direction = 0 AND status = {(int)MessageStatus.Read} AND length(content) > 0
            ORDER BY number LIMIT ?4
            """)
            .Bind(1, user).Bind(2, after).Bind(3, upTo).Bind(4, limit),
        row => Message(row, withContent: false),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<OldSends> ReadOldSendsAsync(long after, long upTo, Instant before, int limit, CancellationToken cancellationToken)
    {
        var lines = await AllAsync(
            session => session.Prepare(
                $"""
                SELECT e.seq, e.at, e.kind, e.user, e.message, m.number IS NOT NULL
                FROM (SELECT seq, at, kind, user, message FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?4) e
                LEFT JOIN messages m ON e.kind = {(int)EventKind.Accepted} AND e.at <= ?3 AND m.user = e.user AND m.number = e.message
                    AND m.status = {(int)MessageStatus.Accepted}
                ORDER BY e.seq
                """)
                .Bind(1, after).Bind(2, upTo).Bind(3, before.Milliseconds).Bind(4, limit),
            row => new LoggedLine(
                row.Int64(0),
                new Instant(row.Int64(1)),
                row.Int64(3),
                row.Int64(2) == (int)EventKind.Accepted ? row.Int64(4) : 0,
                row.Int64(5) != 0),
            cancellationToken);
        return await OldSends.OfAsync(
            lines,
            after,
            upTo,
            before,
            lines.Count == limit,
            place => ReaderPool.RunAsync(session => IsAnyOldBehind(session, "events", "seq", place, before), cancellationToken));
    }

    /// <inheritdoc/>
    public Task WriteExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) => EachExpiryAsync(
        "INSERT INTO expiries (due_at, user, number) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", expiries, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DueMessage>> ReadExpiriesAsync(Instant dueAt, int limit, CancellationToken cancellationToken) => AllAsync(
        session => session.Prepare(
            $"""
            SELECT e.due_at, e.user, e.number, m.number IS NOT NULL
            FROM (SELECT due_at, user, number FROM expiries WHERE due_at <= ?1 ORDER BY due_at, user, number LIMIT ?2) e
            LEFT JOIN messages m ON m.user = e.user AND m.number = e.number AND m.status = {(int)MessageStatus.Accepted}
            ORDER BY e.due_at, e.user, e.number
            """)
            .Bind(1, dueAt.Milliseconds).Bind(2, limit),
        row => new DueMessage(new Expiry(new Instant(row.Int64(0)), row.Int64(1), row.Int64(2)), row.Int64(3) != 0),
        cancellationToken);

    /// <inheritdoc/>
    public Task DropExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) => EachExpiryAsync(
        "DELETE FROM expiries WHERE due_at = ?1 AND user = ?2 AND number = ?3", expiries, cancellationToken);

    private Task<bool> EachExpiryAsync(string sql, IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) => Writer.RunAsync(
        session => session.Transact(() =>
        {
            foreach (var one in expiries)
            {
                session.Prepare(sql).Bind(1, one.DueAt.Milliseconds).Bind(2, one.User).Bind(3, one.Number).Run();
            }

            return true;
        }),
        cancellationToken);
}
