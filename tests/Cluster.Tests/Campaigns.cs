using System.Collections.Concurrent;

[assembly: AssemblyFixture(typeof(Actors.Cluster.Tests.Campaigns))]

namespace Actors.Cluster.Tests;

/// <summary>The campaigns of this test run: each is fought once, and every guarantee looks at what it left behind.</summary>
public sealed class Campaigns
{
    private readonly ConcurrentDictionary<Victim, Lazy<Task<Evidence>>> _campaigns = new();

    /// <summary>The evidence of one campaign; fights it when nobody has yet.</summary>
    public async Task<Evidence> OfAsync(Victim victim)
    {
        if (Stage.Missing(victim) is { } missing)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", missing);
            Assert.Skip(missing);
        }

        var evidence = await _campaigns.GetOrAdd(victim, which => new Lazy<Task<Evidence>>(() => new KillCampaign(which).RunAsync())).Value;
        Console.WriteLine($"ACTORS_SEED={evidence.Seed} repeats this campaign");
        return evidence;
    }
}
