using System.Globalization;
using System.Text.Json.Nodes;

namespace Actors.Bench.Load;

/// <summary>Tells the plain peer about businesses and users, straight in its database.</summary>
internal static class PeerSetup
{
    /// <summary>Its pool: the best of 8, 16, 32, 64 and 128 on two cores.</summary>
    public const int Connections = 32;

    public static Sender Sender(int business, string key)
    {
        var id = 1_000_000_000_000_000 + (business * 1_000_000L);
        var claims = new JsonObject
        {
            ["aud"] = "actors",
            ["exp"] = TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeSeconds(),
            ["role"] = "business",
            ["sub"] = id.ToString(CultureInfo.InvariantCulture),
            ["scope"] = "send",
        };
        return new(id, id + 1_000_000_000_000_000, Jwt.Sign(claims, key));
    }

    public static async Task FillAsync(Postgres postgres, string database, Population population)
    {
        for (var business = 0; business < population.Businesses; business++)
        {
            var sender = Sender(business, Jwt.NewKey());
            await postgres.ExecuteAsync(database, $"""
                insert into businesses values ({sender.PhoneNumber}, {sender.Id});
                insert into templates values
                    ({sender.Id + 2_000_000_000_000_000}, {sender.Id}, 'order_update', 'en_US', 1, true),
                    ({sender.Id + 2_000_000_000_000_001}, {sender.Id}, 'spring_offer', 'en_US', 3, true);
                """);
        }

        var lastWaId = population.WaId(population.Users - 1);
        await postgres.ExecuteAsync(database, $"insert into users (id) select generate_series({population.FirstWaId}, {lastWaId})");
        await using var connection = new Npgsql.NpgsqlConnection(postgres.ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using (var rows = await connection.BeginBinaryImportAsync(
            "copy relations (user_id, business, utility, marketing, window_from) from stdin (format binary)"))
        {
            object now = TimeProvider.System.GetUtcNow().UtcDateTime;
            for (var user = 0; user < population.Users; user++)
            {
                for (var business = 0; business < population.Businesses; business++)
                {
                    if (population[user, business] is not Allowed.Nothing and var allowed)
                    {
                        await rows.WriteRowAsync(
                            default,
                            population.WaId(user),
                            Sender(business, "").Id,
                            allowed.HasFlag(Allowed.Utility),
                            allowed.HasFlag(Allowed.Marketing),
                            allowed.HasFlag(Allowed.Window) ? now : DBNull.Value);
                    }
                }
            }

            await rows.CompleteAsync();
        }

        await postgres.ExecuteAsync(database, "analyze");
    }
}
