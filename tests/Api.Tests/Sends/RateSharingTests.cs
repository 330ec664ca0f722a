using CsCheck;

namespace Actors.Api.Tests.Sends;

/// <summary>A number's throughput over several nodes: exact from above, whatever happens to messages, nodes, lenders and clocks.</summary>
public sealed class RateSharingTests
{
    [Fact]
    public void No_sliding_second_over_all_nodes_holds_more_than_the_throughput() =>
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[1, 4], Gen.Int[1, 50]).Sample((seed, nodes, level) =>
            Assert.Null(new RateWorld(seed, nodes, level).Run(200)));

    /// <summary>Otherwise the world above would show nothing.</summary>
    [Fact]
    public void In_the_simulated_world_sends_are_accepted()
    {
        var world = new RateWorld(seed: 1, nodes: 3, level: 40);
        Assert.Null(world.Run(2_000));
        Assert.InRange(world.Accepted, 500, int.MaxValue);
    }
}
