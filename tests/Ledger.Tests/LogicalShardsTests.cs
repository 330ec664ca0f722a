namespace Actors.Ledger.Tests;

/// <summary>Where a user's shard is, for ever.</summary>
public sealed class LogicalShardsTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 721)]
    [InlineData(491_700_000_001, 175)]
    [InlineData(long.MaxValue, 686)]
    public void A_users_shard_never_changes(long user, int shard) => Assert.Equal(shard, LogicalShards.Of(user));

    [Fact]
    public void Neighbouring_numbers_are_spread_evenly()
    {
        var counts = new int[LogicalShards.Count];
        for (var user = 491_700_000_000; user < 491_700_000_000 + 200_000; user++)
        {
            counts[LogicalShards.Of(user)]++;
        }

        // 195 are expected in each; five standard deviations are 70.
        Assert.InRange(counts.Min(), 125, 195);
        Assert.InRange(counts.Max(), 195, 265);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void A_hundred_million_users_are_spread_evenly_over_servers(int servers)
    {
        const int Users = 100_000_000;
        var counts = new int[LogicalShards.Count];
        for (var user = 4_915_100_000_000; user < 4_915_100_000_000 + Users; user++)
        {
            counts[LogicalShards.Of(user)]++;
        }

        // As the first start gives shards to servers; docs/scale.md counts on a hundredth.
        var perServer = counts.Select((count, shard) => (count, shard)).GroupBy(one => one.shard % servers, one => (double)one.count);
        Assert.All(perServer, server => Assert.InRange(server.Sum() * servers / Users, 0.99, 1.01));
    }
}
