using System.Collections.Frozen;
using Npgsql;

namespace Actors.Bench.Peer;

/// <summary>Numbers and approved templates, read once: they don't change while a measurement runs.</summary>
internal sealed class BusinessDirectory
{
    private readonly FrozenDictionary<long, long> _businesses;
    private readonly FrozenDictionary<(long Business, string Name, string Language), (long Id, short Category)> _templates;

    private BusinessDirectory(Dictionary<long, long> businesses, Dictionary<(long, string, string), (long, short)> templates) =>
        (_businesses, _templates) = (businesses.ToFrozenDictionary(), templates.ToFrozenDictionary());

    public static async Task<BusinessDirectory> ReadAsync(NpgsqlDataSource database)
    {
        var businesses = new Dictionary<long, long>();
        await using (var command = database.CreateCommand("select phone_number, business from businesses"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                businesses.Add(reader.GetInt64(0), reader.GetInt64(1));
            }
        }

        var templates = new Dictionary<(long, string, string), (long, short)>();
        await using (var command = database.CreateCommand("select business, name, language, id, category from templates where approved"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                templates.Add((reader.GetInt64(0), reader.GetString(1), reader.GetString(2)), (reader.GetInt64(3), reader.GetInt16(4)));
            }
        }

        return new(businesses, templates);
    }

    /// <summary>The business that owns a number; 0 for none.</summary>
    public long BusinessOf(long number) => _businesses.GetValueOrDefault(number);

    public bool TryFind(long business, string name, string language, out long template, out short category)
    {
        var found = _templates.TryGetValue((business, name, language), out var entry);
        (template, category) = entry;
        return found;
    }
}
