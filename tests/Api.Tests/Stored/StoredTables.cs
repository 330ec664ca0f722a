using System.Data.Common;
using System.Text;
using Actors.Grains;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Actors.Api.Tests.Stored;

/// <summary>A row of a table: its values by column; null for NULL.</summary>
internal sealed record StoredRow(string Table, IReadOnlyDictionary<string, object?> Values)
{
    /// <summary>A value under one of the names that the databases have for it.</summary>
    public object? this[params string[] names] => Values[names.First(Values.ContainsKey)];

    /// <summary>What a value says as text: of bytes, the text that they may be.</summary>
    public static string Text(object value) => value is byte[] bytes
        ? Encoding.Latin1.GetString(bytes) : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Every table that a node's databases have by their own catalogs, with columns and rows. Of the state of slow grains each type is one.</summary>
internal static class StoredTables
{
    public const string GrainState = "grain_state/";

    public static async Task<(Dictionary<string, string[]> Columns, List<StoredRow> Rows)> ReadAsync(GrainsSettings settings)
    {
        var (columns, rows) = (new Dictionary<string, string[]>(), new List<StoredRow>());
        if (settings.Directory is { } directory)
        {
            foreach (var file in Directory.EnumerateFiles(directory, "*.db"))
            {
                await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
                await AddAsync(
                    connection,
                    """
                    SELECT t.name AS name, '"' || t.name || '"' AS path, c.name AS part FROM sqlite_schema t, pragma_table_xinfo(t.name) c
                    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
                    """,
                    columns,
                    rows);
            }
        }
        else
        {
            // A part of a table is in the table.
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await AddAsync(
                connection,
                """
                SELECT c.relname::text AS name, format('%I.%I', n.nspname, c.relname) AS path, a.attname::text AS part
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
                WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND n.nspname !~ '^(pg_|information_schema)' AND a.attnum > 0
                    AND NOT a.attisdropped
                """,
                columns,
                rows);
        }

        return (columns, rows);
    }

    private static async Task AddAsync(DbConnection connection, string catalog, Dictionary<string, string[]> columns, List<StoredRow> rows)
    {
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var found = (await ReadAsync(connection, "catalog", catalog)).Select(row => row.Values.Values.Select(value => (string)value!).ToArray()).ToArray();
        Assert.NotEmpty(found);
        foreach (var table in found.GroupBy(one => (Name: one[0], Path: one[1])))
        {
            Assert.True(columns.TryAdd(table.Key.Name, [.. table.Select(one => one[2])]), $"two tables have the name {table.Key.Name}");
            rows.AddRange((await ReadAsync(connection, table.Key.Name, $"SELECT * FROM {table.Key.Path}"))
                .Select(row => row.Table == "grain_state" ? row with { Table = GrainState + row["grain_type"] } : row));
        }
    }

    private static async Task<List<StoredRow>> ReadAsync(DbConnection connection, string table, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of tables, from the database itself.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<StoredRow>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add(new StoredRow(
                table,
                Enumerable.Range(0, reader.FieldCount).Select(i => (Name: reader.GetName(i), Value: reader.IsDBNull(i) ? null : reader.GetValue(i)))
                    .DistinctBy(one => one.Name).ToDictionary(one => one.Name, one => one.Value)));
        }

        return rows;
    }
}
