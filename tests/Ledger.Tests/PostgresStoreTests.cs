using Actors.Ledger.Tests.Conformance;
using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>What every store promises, by PostgreSQL.</summary>
public sealed class PostgresStoreTests : LedgerStoreConformance
{
    private readonly TestPostgres _postgres = new();

    public override async ValueTask InitializeAsync()
    {
        await _postgres.InitializeAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    protected override async Task<IReadOnlyList<string>> DumpAsync()
    {
        await using var connection = new NpgsqlConnection(_postgres.ConnectionString);
        await connection.OpenAsync(Cancel);
        var dump = new List<string>();
        const string Tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname !~ '^(pg_|information)' ORDER BY 1";
        foreach (var table in await ReadAsync(Tables))
        {
            dump.AddRange(await ReadAsync($"SELECT j.value FROM {table} AS t, json_each_text(to_json(t)) AS j"));
        }

        return dump;

        async Task<List<string>> ReadAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await using var reader = await command.ExecuteReaderAsync(Cancel);
            var values = new List<string>();
            while (await reader.ReadAsync(Cancel))
            {
                values.Add(await reader.IsDBNullAsync(0, Cancel) ? "" : reader.GetString(0));
            }

            return values;
        }
    }

    protected override Task<ILedgerStore> OpenAsync() =>
        Task.FromResult<ILedgerStore>(new PostgresLedgerStore(_postgres.ConnectionString, TimeProvider.System, NullLogger.Instance));
}
