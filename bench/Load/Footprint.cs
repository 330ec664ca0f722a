using System.Globalization;
using Npgsql;

namespace Actors.Bench.Load;

/// <summary>What users, events and sends take: memory of the node, disk and write-ahead log of the database. docs/scale.md calculates with it.</summary>
internal static class Footprint
{
    /// <summary>Sends to each user while it is measured: the first of them opens the conversation.</summary>
    private const int Rounds = 4;

    public static async Task MeasureAsync(Session session, int users)
    {
        var offer = new Offer(session.Settings.Connections);
        var target = await session.AddAsync(TargetKind.Postgres, users, businesses: 1, windows: false);
        var database = new Database(session.Postgres.ConnectionString("bench_0"));
        await target.RestartAsync();
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
        var known = await database.SizesAsync();
        session.Notes.Add($"{users} users, each with one consent to one business; then utility templates to each of them in turn, {Rounds} times.\n");
        session.Notes.Add("| after | table | rows | bytes a row, indexes included |");
        session.Notes.Add("|---|---|---:|---:|");
        Tell("consents", known);
        for (var round = 1; round <= Rounds; round++)
        {
            // A quarter of the users warms the programs up: what comes then is what more users take.
            var result = session.NewResult(target, $"utility templates, to each of {users} users in turn, the {round}. time");
            var workload = session.Workload(target, offer, Figures.Cold);
            workload.LimitTo(users / 4);
            session.Measure(new Result(target, result.Load), workload, offer, 3_600);
            var (log, some) = (await database.LogAsync(), Processes.ResidentMegabytes(target.ProcessId));
            workload.LimitTo(users);
            session.Measure(result, workload, offer, 3_600);
            var written = await database.LogAsync() - log;
            var sends = Math.Max(1, result.Total.Accepted);
            Line($"| {round} sends | write-ahead log, for each send of this round | {sends} | {written / sends} |");
            if (round == 1)
            {
                var more = Processes.ResidentMegabytes(target.ProcessId) - some;
                Line($"| {round} sends | the node's memory, for each user in it | {users - (users / 4)} | {more * 1e6 / (users - (users / 4)):0} |");
            }
        }

        Tell($"{Rounds} sends", await database.SizesAsync());
        session.Notes.Add("");

        void Tell(string after, IReadOnlyList<(string Table, long Rows, long Bytes)> sizes)
        {
            foreach (var (table, rows, bytes) in sizes.Where(size => size.Rows >= users / 2))
            {
                Line($"| {after} | `{table}` | {rows} | {bytes / rows} |");
            }
        }

        void Line(FormattableString line) => session.Notes.Add(line.ToString(CultureInfo.InvariantCulture));
    }

    private sealed class Database(string connection)
    {
        /// <summary>Bytes of the write-ahead log since the server was made.</summary>
        public async Task<long> LogAsync()
        {
            await using var source = NpgsqlDataSource.Create(connection);
            await using var command = source.CreateCommand("SELECT (pg_current_wal_lsn() - '0/0')::bigint");
            return (long)(await command.ExecuteScalarAsync())!;
        }

        /// <summary>Tables of the ledger with their rows and bytes, partitions together.</summary>
        public async Task<IReadOnlyList<(string Table, long Rows, long Bytes)>> SizesAsync()
        {
            await using var source = NpgsqlDataSource.Create(connection);
            await using (var vacuum = source.CreateCommand("VACUUM (ANALYZE)"))
            {
                vacuum.CommandTimeout = 600;
                await vacuum.ExecuteNonQueryAsync();
            }

            await using var command = source.CreateCommand(
                """
                SELECT coalesce(parent.relname, own.relname), sum(own.reltuples)::bigint, sum(pg_total_relation_size(own.oid))::bigint
                FROM pg_class own LEFT JOIN pg_inherits ON inhrelid = own.oid LEFT JOIN pg_class parent ON parent.oid = inhparent
                WHERE own.relnamespace = 'ledger'::regnamespace AND own.relkind = 'r' AND own.reltuples > 0
                GROUP BY 1 ORDER BY 1
                """);
            var sizes = new List<(string, long, long)>();
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                sizes.Add((reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)));
            }

            return sizes;
        }
    }
}
