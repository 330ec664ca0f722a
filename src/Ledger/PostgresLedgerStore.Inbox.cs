using Actors.Policy;
using Actors.Policy.Users;
using Npgsql;

namespace Actors.Ledger;

/// <summary>Reads for many users' inboxes at once.</summary>
public sealed partial class PostgresLedgerStore
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredMessage>[]> ReadMessagesAsync(
        IReadOnlyList<MessagesPlace> places, int limit, CancellationToken cancellationToken) => ByPlace(
            places.Count,
            await QueryAsync(
                $"""
                SELECT m.*, p.place
                FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS p(reader, after, place)
                CROSS JOIN LATERAL (
                    SELECT {MessageColumns} FROM ledger.messages
                    WHERE user_id = p.reader AND number > p.after AND direction = 0 AND octet_length(content) > 0 ORDER BY number LIMIT $3) m
                ORDER BY p.place, m.number
                """,
                row => (row.GetInt64(row.FieldCount - 1), ReadMessage(row)),
                cancellationToken,
                Longs(places.Select(place => place.User)),
                Longs(places.Select(place => place.After)),
                Long(limit)));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StatusLine>[]> ReadStatusesAsync(
        IReadOnlyList<StatusesPlace> places, int limit, CancellationToken cancellationToken) => ByPlace(
            places.Count,
            await QueryAsync(
                """
                SELECT p.place, m.number, m.status, m.at
                FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS p(reader, after, up_to, since, place)
                CROSS JOIN LATERAL (
                    SELECT number, status, greatest(delivered_at, read_at, ended_at) AS at FROM ledger.messages
                    WHERE user_id = p.reader AND number > p.after AND number <= p.up_to AND direction = 0 AND status > 0
                        AND greatest(delivered_at, read_at, ended_at) >= p.since
                    ORDER BY number LIMIT $5) m
                ORDER BY p.place, m.number
                """,
                row => (row.GetInt64(0), new StatusLine(row.GetInt64(1), (MessageStatus)row.GetInt16(2), new Instant(row.GetInt64(3)))),
                cancellationToken,
                Longs(places.Select(place => place.User)),
                Longs(places.Select(place => place.After)),
                Longs(places.Select(place => place.UpTo)),
                Longs(places.Select(place => place.Since.Milliseconds)),
                Long(limit)));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(
        IReadOnlyList<(long User, uint Number)> entries, CancellationToken cancellationToken) => await QueryAsync(
            $"""
            SELECT {ConsentColumns} FROM ledger.consents
            WHERE (user_id, number) IN (SELECT reader, entry FROM unnest($1::bigint[], $2::bigint[]) AS p(reader, entry))
            """,
            ReadConsent,
            cancellationToken,
            Longs(entries.Select(entry => entry.User)),
            Longs(entries.Select(entry => (long)entry.Number)));

    private static NpgsqlParameter<long[]> Longs(IEnumerable<long> values) => new() { TypedValue = [.. values] };

    /// <summary>Places of rows count from 1, as the server counts.</summary>
    private static IReadOnlyList<T>[] ByPlace<T>(int places, List<(long Place, T Row)> rows)
    {
        var lists = new IReadOnlyList<T>[places];
        lists.AsSpan().Fill([]);
        foreach (var group in rows.GroupBy(row => row.Place, row => row.Row))
        {
            lists[group.Key - 1] = [.. group];
        }

        return lists;
    }
}
