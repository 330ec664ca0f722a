using System.Globalization;
using Actors.Bench.Faults;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>
/// The short form of the campaigns of <c>bench/Faults</c>: every fault that needs no rights over the machine, once, under load, on a cluster of real
/// processes (not the rolling restart, which takes as long as all others together); then the checker over all that really happened.
/// </summary>
[Collection(LocalCluster.OneAtATime)]
public sealed class FaultsTests
{
    [Fact]
    public async Task Whatever_fails_nothing_is_lost_doubled_or_let_through()
    {
        LocalCluster.RequireParts();
        var output = new StringWriter(CultureInfo.InvariantCulture);
        await using var cluster = await Bench.Faults.Cluster.StartAsync(LocalCluster.Root(), TestNode.NewDataDirectory(), [
            "--no-build", "--configuration", LocalCluster.Configuration(), "--clocks",
            "--port", LocalCluster.FreeRange().ToString(CultureInfo.InvariantCulture),
            "--", "--Policy:Templates:AutoApprove", "true", "--Policy:PairRate:Interval", "00:00:00"]);
        var ground = new Ground(cluster, Wire: null, new Random(1)) { Length = 0.3 };
        var faults = Fault.All.Where(fault => fault.NeedsNothing && fault.Name != "rolling-restart").ToList();
        var result = await new Campaign(ground, rate: 40, TimeSpan.FromSeconds(2), output).RunAsync(faults, seed: 1, storm: false);
        Assert.True(result.Violations.Count == 0, $"{output}");
        Assert.True(result.Unknown == 0, $"{output}");
        Assert.Equal(faults, result.Faults.Select(one => one.Fault));
        Assert.InRange(result.Calls, 500, int.MaxValue);
    }
}
