using Actors.Policy.Analytics;

namespace Actors.Ledger;

/// <summary>Counts for analytics.</summary>
public sealed partial class SqliteLedgerStore
{
    private const string BeginReader = "INSERT INTO readers (name, position) VALUES (?1, 0) ON CONFLICT DO NOTHING";

    private const string MoveReader = "UPDATE readers SET position = ?3 WHERE name = ?1 AND position = ?2";

    private const string AddCount = """
        INSERT INTO analytics (half_hour, business, template, measure, detail, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (half_hour, business, template, measure, detail) DO UPDATE SET count = count + excluded.count
        """;

    private const string AddToGroup = """
        INSERT INTO opinions (half_hour, business, template, opinion, count, people) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (half_hour, business, template, opinion) DO UPDATE SET count = count + excluded.count, people = excluded.people
        """;

    private const string GroupColumns = "half_hour, business, template, opinion, count, people";

    /// <inheritdoc/>
    public Task<bool> ApplyAnalyticsAsync(AnalyticsBatch batch, CancellationToken cancellationToken) =>
        Writer.RunAsync(session => session.Transact(() => Apply(session, batch)), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<(CountKey Key, long Count)>> ReadAnalyticsAsync(AnalyticsQuery query, CancellationToken cancellationToken) =>
        ReaderPool.RunAsync<IReadOnlyList<(CountKey, long)>>(
            session =>
            {
                var sums = new SortedDictionary<CountKey, long>(CountKey.Order);
                foreach (var template in query.Templates.Distinct())
                {
                    Read(session, query, template, sums);
                }

                return [.. sums.Select(sum => (sum.Key, sum.Value))];
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredGroup>> ReadGroupsAsync(long business, HalfHour from, HalfHour to, CancellationToken cancellationToken) => AllAsync(
        session => session.Prepare(
            $"""
            WITH RECURSIVE hours (h) AS (SELECT ?2 WHERE ?2 < ?3 UNION ALL SELECT h + 1 FROM hours WHERE h + 1 < ?3)
            SELECT {GroupColumns} FROM hours CROSS JOIN opinions ON half_hour = h AND business = ?1
            """)
            .Bind(1, business).Bind(2, from.Number).Bind(3, to.Number),
        GroupOf,
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredGroup>> ReadOpenGroupsAsync(HalfHour from, CancellationToken cancellationToken) => AllAsync(
        session => session.Prepare($"SELECT {GroupColumns} FROM opinions WHERE half_hour >= ?1").Bind(1, from.Number), GroupOf, cancellationToken);

    /// <inheritdoc/>
    public async Task DropAnalyticsAsync(HalfHour before, CancellationToken cancellationToken)
    {
        // A half hour at a time, so that commits get their turn in between.
        foreach (var table in new[] { "analytics", "opinions" })
        {
            var sql = $"DELETE FROM {table} WHERE half_hour < ?1 AND half_hour = (SELECT min(half_hour) FROM {table})";
            while (await Writer.RunAsync(Drop, cancellationToken) > 0)
            {
            }

            int Drop(SqliteSession session) => session.Transact(() =>
            {
                session.Prepare(sql).Bind(1, before.Number).Run();
                return session.Changes;
            });
        }
    }

    private static bool Apply(SqliteSession session, AnalyticsBatch batch)
    {
        if (batch.Expected == 0)
        {
            session.Prepare(BeginReader).Bind(1, batch.Reader).Run();
        }

        session.Prepare(MoveReader).Bind(1, batch.Reader).Bind(2, batch.Expected).Bind(3, batch.Next).Run();
        if (session.Changes == 0)
        {
            return false;
        }

        if (batch.Closed is { } closed)
        {
            session.Prepare(PutPosition).Bind(1, $"{batch.Reader}/closed").Bind(2, closed.Milliseconds).Run();
        }

        foreach (var (key, added) in batch.Counts)
        {
            session.Prepare(AddCount)
                .Bind(1, key.Period.Number).Bind(2, key.Business).Bind(3, key.Template).Bind(4, (long)key.Measure).Bind(5, key.Detail).Bind(6, added).Run();
        }

        foreach (var (key, added, people) in batch.Groups)
        {
            session.Prepare(AddToGroup)
                .Bind(1, key.Period.Number).Bind(2, key.Business).Bind(3, key.Template).Bind(4, (long)key.Opinion).Bind(5, added).Bind(6, people.Span).Run();
        }

        return true;
    }

    private static void Read(SqliteSession session, AnalyticsQuery query, long template, SortedDictionary<CountKey, long> sums)
    {
        var select = session.Prepare(
            """
            WITH RECURSIVE hours (h) AS (SELECT ?3 WHERE ?3 < ?4 UNION ALL SELECT h + 1 FROM hours WHERE h + 1 < ?4)
            SELECT half_hour, measure, detail, count FROM hours CROSS JOIN analytics ON half_hour = h AND business = ?1 AND template = ?2
            """)
            .Bind(1, query.Business).Bind(2, template).Bind(3, query.From.Number).Bind(4, query.To.Number);
        while (select.Step())
        {
            var period = new HalfHour((int)select.Int64(0));
            var key = new CountKey(
                query.ByDay ? period.Midnight : period, query.Business, template, (Measure)select.Int64(1), (short)select.Int64(2));
            sums[key] = sums.GetValueOrDefault(key) + select.Int64(3);
        }

        select.Reset();
    }

    private static StoredGroup GroupOf(SqliteStatement row) => new(
        new GroupKey(new HalfHour((int)row.Int64(0)), row.Int64(1), row.Int64(2), (Opinion)row.Int64(3)), row.Int64(4), row.Bytes(5));
}
