using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Actors.Contracts;
using Actors.Grains;
using Actors.Ledger;
using Actors.Policy.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.Stored;

/// <summary>
/// What is stored of a person, table by table as the database's own catalog lists them, against what the person is shown; and what is left of somebody erased.
/// Whoever adds a table, a column or a member of the record has to say here where the export shows it, or why it doesn't.
/// </summary>
public abstract class ExportedTablesTests<TNode>(TNode node) : IClassFixture<TNode>
    where TNode : FullNode
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private GrainsSettings Settings => node.Services.GetRequiredService<GrainsSettings>();

    [Fact]
    public async Task Everything_that_is_stored_of_a_person_stands_in_their_export_and_nothing_is_left_of_somebody_erased()
    {
        var life = new FullLife(node);
        await life.LiveAsync();
        while (!(await StoredTables.ReadAsync(Settings)).Rows.Exists(row => row.Table == "expiries" && Names(row, life)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }

        var export = await node.CallAsync("GET", $"/v1/users/{NodeFixture.User(life.User)}/export", node.TokenOf(life.User));
        Assert.Equal(200, export.Status);
        var wamid = await node.Services.GetRequiredService<Wamids>().GetAsync();
        var values = new ExportedValues(life.User, wamid, export.Body);
        var (columns, rows) = await StoredTables.ReadAsync(Settings);
        var hashes = HashesOf(life, rows);

        // Each kind of grain that stores a state, whether this life made one or not.
        var kinds = ExportedValues.OfNobody.Keys.Concat(ExportedValues.NotShown.Keys)
            .Count(table => table.StartsWith(StoredTables.GrainState, StringComparison.Ordinal));
        Assert.Equal(typeof(GrainsSettings).Assembly.GetTypes().Count(type => type.BaseType?.Name == "OutboxState"), kinds);
        Assert.All(columns.Keys.Concat(rows.Select(row => row.Table)).Distinct(), table => Assert.Empty(Unknown(table, columns)));
        foreach (var row in rows)
        {
            if (ExportedValues.OfNobody.ContainsKey(row.Table))
            {
                Assert.True(!Names(row, life), $"{row.Table} names the person");
            }
            else if (Names(row, life) || IsHashed(row, hashes))
            {
                Shown(values, row, Part(export.Body, wamid, life.User, row));
            }
        }

        Assert.Empty(values.Unproven(columns.SelectMany(table => table.Value.Select(column => $"{table.Key}.{column}"))));
        await LeavesNothingAsync(life, hashes);
    }

    private async Task LeavesNothingAsync(FullLife life, HashSet<string> hashes)
    {
        var erased = await node.CallAsync("DELETE", $"/v1/users/{NodeFixture.User(life.User)}", node.TokenOf(life.User));
        Assert.True(erased.Status == 200, erased.Text);
        var ledger = node.Services.GetRequiredService<UserLedger>();
        var now = ledger.Clock.Now + TimeSpan.FromDays(8);
        foreach (var one in await ledger.Store.ReadErasuresAsync(now, Cancel))
        {
            foreach (var business in one.BlockLists)
            {
                await node.Services.GetRequiredService<IGrainFactory>().GetGrain<IBlockListGrain>(business).NoteAsync([one.User], blocked: false);
            }

            await ledger.Store.KeepBlockListsAsync(one, [], Cancel);
        }

        await ledger.Store.RewriteErasedAsync(now, Cancel);
        await ledger.Store.ForgetErasedAsync(now - Erasure.TombstoneLife, Cancel);
        var (_, rows) = await StoredTables.ReadAsync(Settings);
        Assert.Empty(rows.Where(row => Names(row, life)).Select(row => row.Table).Distinct());
        Assert.Equal(["audit", "withdrawals"], rows.Where(row => IsHashed(row, hashes)).Select(row => row.Table).Distinct().Order());
    }

    /// <summary>Of a table that isn't in the lists as a whole the columns that aren't either: nobody has said where they are shown.</summary>
    private static IEnumerable<string> Unknown(string table, Dictionary<string, string[]> columns) =>
        ExportedValues.OfNobody.ContainsKey(table) || ExportedValues.NotShown.ContainsKey(table)
            ? []
            : columns.GetValueOrDefault(table, ["*"]).Select(column => $"{table}.{column}").Where(column => !ExportedValues.IsKnown(column));

    private static void Shown(ExportedValues values, StoredRow row, JsonElement? part)
    {
        foreach (var (column, value) in row.Values)
        {
            Assert.True(
                ExportedValues.NotShown.ContainsKey(row.Table) || part is null || values.Holds(part.Value, $"{row.Table}.{column}", value),
                $"{row.Table}.{column} is {(value is null ? null : StoredRow.Text(value))}, and is not in {part}");
        }
    }

    /// <summary>The part of the export that a row's values have to stand in; null where others tell of it.</summary>
    private static JsonElement? Part(JsonElement export, Wamid wamid, long user, StoredRow row)
    {
        switch (row.Table)
        {
            case "messages":
                return One("messages", "id", wamid.Encode(user, (long)row["number"]!));
            case "consents":
                return export.GetProperty("consent_log").EnumerateArray().Single(one => one.GetProperty("entry").GetInt64() == Number(row["number"]));
            case "events":
                // What the messages tell with their times, and what an earlier life left in the log for some minutes.
                var at = new Policy.Instant(Number(row["at"])).ToString();
                return ExportedValues.IsOfMessages(row["kind"]!)
                    ? null
                    : export.GetProperty("events").EnumerateArray()
                        .First(one => one.GetProperty("at").ValueEquals(at) && one.GetProperty("kind").ValueEquals(ExportedValues.KindOf(row["kind"]!)));
            case "withdrawals" or "erasures":
                return export.GetProperty("earlier_life");
            default:
                return export;
        }

        JsonElement One(string list, string name, string id) =>
            export.GetProperty(list).EnumerateArray().Single(one => one.GetProperty(name).ValueEquals(id));
    }

    /// <summary>Whether any value is the person's number, or says what only theirs say.</summary>
    private static bool Names(StoredRow row, FullLife life) => row.Values.Values.Any(value =>
        (value is long number && number == life.User)
        || (value is string or byte[] && life.Words.Any(word => StoredRow.Text(value).Contains(word, StringComparison.Ordinal))));

    private static bool IsHashed(StoredRow row, HashSet<string> hashes) => row.Values.Values.Any(value =>
        (value is byte[] bytes && hashes.Contains(Convert.ToHexStringLower(bytes))) || (value is string text && hashes.Contains(text)));

    /// <summary>What stands for the person after an erasure, alone and with each business, in hexadecimal digits.</summary>
    private static HashSet<string> HashesOf(FullLife life, IEnumerable<StoredRow> rows)
    {
        var secret = (byte[])rows.Single(row => row.Table == "secrets" && (string)row["name"]! == "erasure")["value"]!;
        return [.. life.Businesses.Append(0).Select(Hash)];

        string Hash(long business)
        {
            var text = new byte[2 * sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(text, life.User);
            BinaryPrimitives.WriteInt64BigEndian(text.AsSpan(sizeof(long)), business);
            return Convert.ToHexStringLower(HMACSHA256.HashData(secret, text));
        }
    }

    private static long Number(object? value) => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
}

public sealed class SqliteExportedTablesTests(SqliteFullNode node) : ExportedTablesTests<SqliteFullNode>(node);

public sealed class PostgresExportedTablesTests(PostgresFullNode node) : ExportedTablesTests<PostgresFullNode>(node);
