using Npgsql;

namespace Actors.Bench.Faults;

/// <summary>PostgreSQL's connections, of which somebody else takes all.</summary>
internal static class Connections
{
    private const string Greedy = ";Pooling=false;Application Name=greedy";

    /// <summary>All that is free is taken; then what the nodes' pools have open is ended, again and again, and taken before they have it again.</summary>
    public static async Task<string> UseUpAsync(Ground ground)
    {
        const int AtOnce = 20;
        await using var first = await Fault.ReachAsync(ground.Cluster.Connection + Greedy);
        var taken = new List<NpgsqlConnection>();
        DateTimeOffset? until = null;
        try
        {
            while (until is null || TimeProvider.System.GetUtcNow() < until)
            {
                var more = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => TakeAsync(ground.Cluster.Connection + Greedy)));
                taken.AddRange(more.OfType<NpgsqlConnection>());
                if (more.Contains(null))
                {
                    until ??= TimeProvider.System.GetUtcNow() + (TimeSpan.FromSeconds(5) * ground.Length);
                    await using var end = new NpgsqlCommand(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'greedy'",
                        first);
                    await end.ExecuteNonQueryAsync();
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
                }
            }
        }
        finally
        {
            foreach (var connection in taken)
            {
                await connection.DisposeAsync();
            }
        }

        return $"{taken.Count} taken";
    }

    /// <summary>One more connection, also of the superuser's last ones: that is who the nodes are here. Null where there is none left.</summary>
    private static async Task<NpgsqlConnection?> TakeAsync(string connectionString)
    {
        var one = new NpgsqlConnection(connectionString);
        try
        {
            await one.OpenAsync();
            return one;
        }
        catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            await one.DisposeAsync();
            return null;
        }
    }
}
