using Actors.Policy.Analytics;
using Npgsql;

namespace Actors.Ledger;

/// <summary>Counts for analytics.</summary>
public sealed partial class PostgresLedgerStore
{
    private const int DroppedAtOnce = 5_000;

    // One statement, so one round trip and a short transaction: as long as it runs the log's horizon stands still. Rows in the order of their keys, as in
    // every writer's: so two never wait for each other.
    private const string ApplySql =
        """
        WITH moved AS (
            INSERT INTO ledger.readers AS r (name, position)
            SELECT $1, $3 WHERE $2 = 0 OR EXISTS (SELECT FROM ledger.readers WHERE name = $1)
            ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE r.position = $2
            RETURNING 1
        ), closed AS (
            INSERT INTO ledger.readers AS r (name, position) SELECT $1 || '/closed', $4 FROM moved WHERE $4 > 0
            ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE r.position < excluded.position
        ), counted AS (
            INSERT INTO ledger.analytics AS a (half_hour, business, template, measure, detail, count)
            SELECT u.* FROM moved, unnest($5, $6, $7, $8, $9, $10) AS u
            ON CONFLICT (half_hour, business, template, measure, detail) DO UPDATE SET count = a.count + excluded.count
        ), said AS (
            INSERT INTO ledger.opinions AS o (half_hour, business, template, opinion, count, people)
            SELECT u.* FROM moved, unnest($11, $12, $13, $14, $15, $16) AS u
            ON CONFLICT (half_hour, business, template, opinion) DO UPDATE SET (count, people) = (o.count + excluded.count, excluded.people)
        )
        SELECT count(*) FROM moved
        """;

    /// <inheritdoc/>
    public async Task<bool> ApplyAnalyticsAsync(AnalyticsBatch batch, CancellationToken cancellationToken)
    {
        var (counts, groups) = (batch.Counts, batch.Groups);
        var moved = await QueryAsync(
            ApplySql,
            row => row.GetInt64(0),
            cancellationToken,
            Text(batch.Reader),
            Long(batch.Expected),
            Long(batch.Next),
            Long(batch.Closed?.Milliseconds ?? 0),
            Array(counts, count => count.Key.Period.Number),
            Array(counts, count => count.Key.Business),
            Array(counts, count => count.Key.Template),
            Array(counts, count => (short)count.Key.Measure),
            Array(counts, count => count.Key.Detail),
            Array(counts, count => count.Added),
            Array(groups, group => group.Key.Period.Number),
            Array(groups, group => group.Key.Business),
            Array(groups, group => group.Key.Template),
            Array(groups, group => (short)group.Key.Opinion),
            Array(groups, group => group.Added),
            Array(groups, group => group.People.ToArray()));
        return moved[0] == 1;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<(CountKey Key, long Count)>> ReadAnalyticsAsync(AnalyticsQuery query, CancellationToken cancellationToken) =>
        await QueryAsync(
            """
            SELECT h - h % $5 AS start, a.template, a.measure, a.detail, sum(a.count)::bigint
            FROM generate_series($3, $4 - 1) AS h
            JOIN ledger.analytics a ON a.half_hour = h AND a.business = $1 AND a.template = ANY ($2)
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            """,
            row => (new CountKey(new HalfHour(row.GetInt32(0)), query.Business, row.GetInt64(1), (Measure)row.GetInt16(2), row.GetInt16(3)), row.GetInt64(4)),
            cancellationToken,
            Long(query.Business),
            Array(query.Templates, template => template),
            Int(query.From.Number),
            Int(query.To.Number),
            Int(query.ByDay ? HalfHour.PerDay : 1));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredGroup>> ReadGroupsAsync(long business, HalfHour from, HalfHour to, CancellationToken cancellationToken) =>
        await QueryAsync(
            """
            SELECT o.half_hour, o.business, o.template, o.opinion, o.count, o.people
            FROM generate_series($2, $3 - 1) AS h JOIN ledger.opinions o ON o.half_hour = h AND o.business = $1
            """,
            GroupOf,
            cancellationToken,
            Long(business),
            Int(from.Number),
            Int(to.Number));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredGroup>> ReadOpenGroupsAsync(HalfHour from, CancellationToken cancellationToken) => await QueryAsync(
        "SELECT half_hour, business, template, opinion, count, people FROM ledger.opinions WHERE half_hour >= $1",
        GroupOf,
        cancellationToken,
        Int(from.Number));

    /// <inheritdoc/>
    public async Task DropAnalyticsAsync(HalfHour before, CancellationToken cancellationToken)
    {
        foreach (var table in new[] { "analytics", "opinions" })
        {
            var dropped = 1L;
            while (dropped > 0)
            {
                dropped = (await QueryAsync(
                    $"""
                    WITH gone AS (
                        DELETE FROM ledger.{table}
                        WHERE ctid = ANY (ARRAY (SELECT ctid FROM ledger.{table} WHERE half_hour < $1 ORDER BY half_hour LIMIT {DroppedAtOnce}))
                        RETURNING 1)
                    SELECT count(*) FROM gone
                    """,
                    row => row.GetInt64(0),
                    cancellationToken,
                    Int(before.Number)))[0];
            }
        }
    }

    private static StoredGroup GroupOf(NpgsqlDataReader row) => new(
        new GroupKey(new HalfHour(row.GetInt32(0)), row.GetInt64(1), row.GetInt64(2), (Opinion)row.GetInt16(3)), row.GetInt64(4), row.GetFieldValue<byte[]>(5));

    private static NpgsqlParameter<int> Int(int value) => new() { TypedValue = value };

    private static NpgsqlParameter<T[]> Array<TItem, T>(IReadOnlyList<TItem> items, Func<TItem, T> pick) => new() { TypedValue = [.. items.Select(pick)] };
}
