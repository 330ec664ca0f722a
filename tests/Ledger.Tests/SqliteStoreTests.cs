using System.Globalization;
using Actors.Ledger.Tests.Conformance;
using Microsoft.Data.Sqlite;

namespace Actors.Ledger.Tests;

/// <summary>What every store promises, by SQLite.</summary>
public sealed class SqliteStoreTests : LedgerStoreConformance
{
    private readonly TestDirectory _directory = new();

    protected override Task<ILedgerStore> OpenAsync() => Task.FromResult<ILedgerStore>(new SqliteLedgerStore(_directory.Path, TimeProvider.System));

    protected override async Task<IReadOnlyList<string>> DumpAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.Path, "ledger.db")};Pooling=False");
        await connection.OpenAsync(Cancel);
        var dump = new List<string>();
        foreach (var table in await ReadAsync("SELECT name FROM sqlite_schema WHERE type = 'table'"))
        {
            dump.AddRange(await ReadAsync($"SELECT * FROM {table}"));
        }

        return dump;

        async Task<List<string>> ReadAsync(string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await using var reader = await command.ExecuteReaderAsync(Cancel);
            var values = new List<string>();
            while (await reader.ReadAsync(Cancel))
            {
                for (var column = 0; column < reader.FieldCount; column++)
                {
                    values.Add(reader.GetValue(column) is byte[] bytes
                        ? Convert.ToHexString(bytes) : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture) ?? "");
                }
            }

            return values;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }
}
