using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>Everything that is in a database, as text.</summary>
internal static class PostgresDump
{
    public static async Task<IReadOnlyList<string>> ReadAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        var dump = new List<string>();
        const string Tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname !~ '^(pg_|information)' ORDER BY 1";
        foreach (var table in await QueryAsync(Tables))
        {
            dump.AddRange(await QueryAsync($"SELECT j.value FROM {table} AS t, json_each_text(to_json(t)) AS j"));
        }

        return dump;

        async Task<List<string>> QueryAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var values = new List<string>();
            while (await reader.ReadAsync(cancellationToken))
            {
                values.Add(await reader.IsDBNullAsync(0, cancellationToken) ? "" : reader.GetString(0));
            }

            return values;
        }
    }
}
