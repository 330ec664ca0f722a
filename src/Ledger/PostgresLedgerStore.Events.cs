using Actors.Policy;
using Actors.Policy.Users;
using Npgsql;

namespace Actors.Ledger;

/// <summary>The event log.</summary>
public sealed partial class PostgresLedgerStore
{
    private const string EventColumns = "seq, kind, at, user_id, business, message, body";

    /// <inheritdoc/>
    public Task<long> ReadHorizonAsync(CancellationToken cancellationToken) => HorizonAsync(LedgerLog.Events, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerEvent>> ReadEventsAsync(long? business, long after, long upTo, int limit, CancellationToken cancellationToken)
    {
        const string Select = $"SELECT {EventColumns} FROM ledger.events WHERE seq > $1 AND seq <= $2";
        return business is { } one
            ? await QueryAsync(
                $"{Select} AND business = $4 ORDER BY seq LIMIT $3", ReadEvent, cancellationToken, Long(after), Long(upTo), Long(limit), Long(one))
            : await QueryAsync($"{Select} ORDER BY seq LIMIT $3", ReadEvent, cancellationToken, Long(after), Long(upTo), Long(limit));
    }

    /// <inheritdoc/>
    public async Task<UndeliveredPage> ReadUndeliveredAsync(long business, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        UndeliveredPage.Of(await ReadUndeliveredLinesAsync(business, after, upTo, limit, cancellationToken), upTo, limit);

    /// <summary>Events that are looked at, in order: those of undelivered messages with their user and number, others with 0.</summary>
    internal async Task<IReadOnlyList<(long Seq, long User, long Number)>> ReadUndeliveredLinesAsync(
        long business, long after, long upTo, int limit, CancellationToken cancellationToken) => await QueryAsync(
            $"""
            SELECT e.seq, m.user_id, m.number
            FROM (SELECT seq, user_id, message, kind FROM ledger.events WHERE business = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4) e
            LEFT JOIN ledger.messages m ON e.kind = {(int)EventKind.Accepted} AND m.user_id = e.user_id AND m.number = e.message
                AND m.status = {(int)MessageStatus.Accepted}
            ORDER BY e.seq
            """,
            reader => (reader.GetInt64(0), reader.IsDBNull(1) ? 0 : reader.GetInt64(1), reader.IsDBNull(2) ? 0 : reader.GetInt64(2)),
            cancellationToken,
            Long(business),
            Long(after),
            Long(upTo),
            Long(limit));

    /// <inheritdoc/>
    public Task<long> ReadEarliestAsync(CancellationToken cancellationToken) =>
        PartitionsAsync(partitions => partitions.ReadEarliestAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task<long> ReadPositionAsync(string reader, CancellationToken cancellationToken) =>
        (await QueryAsync("SELECT position FROM ledger.readers WHERE name = $1", row => row.GetInt64(0), cancellationToken, Text(reader))).FirstOrDefault();

    /// <inheritdoc/>
    public async Task WritePositionAsync(string reader, long position, CancellationToken cancellationToken) => await QueryAsync(
        """
        INSERT INTO ledger.readers AS r (name, position) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE r.position < excluded.position
        """,
        _ => 0,
        cancellationToken,
        Text(reader),
        Long(position));

    /// <inheritdoc/>
    public Task DropPositionsAsync(string from, string to, CancellationToken cancellationToken) => DropNamesAsync("readers", from, to, cancellationToken);

    private static LedgerEvent ReadEvent(NpgsqlDataReader reader) => EventCodec.Decode(
        reader.GetInt64(0),
        (byte)reader.GetInt16(1),
        new Instant(reader.GetInt64(2)),
        reader.GetInt64(3),
        reader.GetInt64(4),
        reader.GetInt64(5),
        reader.GetFieldValue<byte[]>(6));

    private Task<T> PartitionsAsync<T>(Func<PostgresPartitions, Task<T>> ask, CancellationToken cancellationToken) =>
        AskAsync(connection => ask(new PostgresPartitions(connection)), cancellationToken);
}
