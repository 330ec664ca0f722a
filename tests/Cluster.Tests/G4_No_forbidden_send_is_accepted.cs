using Actors.Cluster.Tests.Silos;
using Actors.Tests;

namespace Actors.Cluster.Tests;

/// <summary>
/// G4: no send whose request arrives at any node after the answer to a restriction, lock, template pause or token revocation, and that this forbids, is
/// accepted. On several nodes under full load, while nodes die, and half of the sends by leases that nobody takes back.
/// </summary>
public sealed class G4_No_forbidden_send_is_accepted(TestPostgres postgres) : IClassFixture<TestPostgres>
{
    private const int Nodes = 3;
    private const int AtOnce = 6;

    private static bool IsLong => Environment.GetEnvironmentVariable("ACTORS_LONG") == "1";

    [Fact]
    public async Task By_any_node_after_the_answer_to_what_forbids_it_though_nodes_are_killed()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ACTORS_SEED"), out var given) ? given : Random.Shared.Next();
        Console.WriteLine($"ACTORS_SEED={seed} repeats what is forbidden");
        var (lives, kills) = IsLong ? (600, 40) : (24, 2);
        await using var cluster = await SiloCluster.StartAsync(postgres.ConnectionString, Nodes);
        var careers = Enumerable.Range(0, lives).Select(i => new Career(cluster, seed + i)).ToArray();
        var (next, lived) = (-1, 0);
        var living = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var i && i < lives)
            {
                await careers[i].LiveAsync();
                Interlocked.Increment(ref lived);
            }
        }));
        for (var kill = 1; kill <= kills; kill++)
        {
            while (Volatile.Read(ref lived) < lives * kill / (kills + 1) && !living.IsCompleted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }

            await cluster.ReplaceAsync(cluster.Any());
        }

        await living;
        Console.WriteLine($"forbidden {careers.Sum(career => career.Forbidden)} times, {careers.Sum(career => career.Races)} sends under way");
        Assert.Empty(careers.SelectMany(career => career.Broken));
        Assert.True(careers.Sum(career => career.Forbidden) >= lives * 8, "too little was forbidden");
        Assert.True(careers.Sum(career => career.Races) >= lives * 40, "too few sends were under way");
    }
}
