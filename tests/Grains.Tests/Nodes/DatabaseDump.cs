using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Actors.Grains.Tests.Nodes;

/// <summary>Everything that a database holds, value by value: of the ledger and of the slow-changing grains.</summary>
internal static class DatabaseDump
{
    /// <summary>Every value of every table as text; bytes as the text that they may be.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(IDatabase database)
    {
        var dump = new List<string>();
        if (database.Settings.Directory is { } directory)
        {
            foreach (var file in Directory.EnumerateFiles(directory, "*.db"))
            {
                await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
                await AddAsync(dump, connection, "SELECT '\"' || name || '\"' FROM sqlite_schema WHERE type = 'table'");
            }
        }
        else
        {
            await using var connection = new NpgsqlConnection(database.Settings.ConnectionString);
            await AddAsync(
                dump, connection, "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname !~ '^(pg_|information)'");
        }

        return dump;
    }

    private static async Task AddAsync(List<string> dump, DbConnection connection, string tables)
    {
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var names = new List<string>();
        await ReadAsync(names, connection, tables);
        Assert.NotEmpty(names);
        foreach (var name in names)
        {
            await ReadAsync(dump, connection, $"SELECT * FROM {name}");
        }
    }

    private static async Task ReadAsync(List<string> values, DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of tables, from the database itself.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            for (var column = 0; column < reader.FieldCount; column++)
            {
                values.Add(reader.GetValue(column) is byte[] bytes
                    ? Encoding.Latin1.GetString(bytes) : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture) ?? "");
            }
        }
    }
}
