using System.Globalization;
using System.Text.Json.Nodes;
using Actors.Bench.Faults;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>
/// The short form of the campaigns of <c>bench/Faults</c>: every fault that can be had here, but for partitions, once, under load, on a cluster of real
/// processes; then the checker over all that really happened.
/// </summary>
[Collection(LocalCluster.OneAtATime)]
public sealed class FaultsTests
{
    /// <summary>
    /// A call to a silo that was killed ends 0.2 s after its connection and is made again. Without that it takes its whole time limit, 5 s: so this can't be
    /// kept by a machine that is slow only where it is slow each time.
    /// </summary>
    private const double KilledWithin = 4.5;

    [Fact]
    public async Task Whatever_fails_nothing_is_lost_doubled_or_let_through()
    {
        LocalCluster.RequireParts();
        var output = new StringWriter(CultureInfo.InvariantCulture);

        // A late and lossy network needs one for each process, which needs rights over the machine.
        using var wire = await Wire.CanBeHadAsync() ? await Wire.StartForClusterAsync() : null;
        string[] network = wire is null ? [] : ["--network", Wire.Prefix];
        await using var cluster = await Bench.Faults.Cluster.StartAsync(LocalCluster.Root(), TestNode.NewDataDirectory(), [
            "--no-build", "--configuration", LocalCluster.Configuration(), "--clocks", .. network,
            "--port", LocalCluster.FreeRange().ToString(CultureInfo.InvariantCulture),
            "--", "--Policy:Templates:AutoApprove", "true", "--Policy:PairRate:Interval", "00:00:00"]);
        var ground = new Ground(cluster, wire, new Random(1)) { Length = 0.5 };
        var faults = Fault.All.Where(fault => fault.NeedsNothing || (wire is not null && fault.Name == "net-slow")).ToList();
        var result = await new Campaign(ground, rate: 40, TimeSpan.FromSeconds(2), output).RunAsync(faults, seed: 1, storm: false);
        Console.WriteLine(output);
        Assert.True(result.Violations.Count == 0, $"{output}");
        Assert.True(result.Unknown == 0, $"{output}");
        Assert.Equal(faults, result.Faults.Select(one => one.Fault));
        Assert.InRange(result.Calls, 500, int.MaxValue);

        // What is meant to hurt has done so, and not for long.
        Assert.All(
            result.Faults.Where(one => one.Fault.IsOfDatabase || one.Fault.Name == "net-slow"),
            one => Assert.True(one.Calls.Touched > 0, one.Fault.Name));
        var killed = result.Faults.Where(one => one.Fault.Name is "silo-kill" or "silo-loss").Min(one => one.Worst);
        Assert.True(killed < KilledWithin, $"after a kill an answer took {killed} s each time: {output}");
        await IsReadyOnlyWhenItHasJoinedAsync(cluster, cluster.Silos[^1]);
    }

    /// <summary>A rolling restart waits for readiness: the next silo may go only when this one has all of its users.</summary>
    private static async Task IsReadyOnlyWhenItHasJoinedAsync(Bench.Faults.Cluster cluster, Node silo)
    {
        await cluster.ReadyAsync();
        await cluster.TakeAwayAsync(silo);
        cluster.BringBack(silo);
        using var http = new HttpClient { BaseAddress = silo.Url };
        var said = new List<string?>();
        while (said.Count == 0 || said[^1] is not null)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
                said.Add((string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["reason"]);
            }
            catch (HttpRequestException)
            {
                // It doesn't listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal("joining", said[0]);
        Assert.InRange(said.Count(reason => reason == "joining"), 30, int.MaxValue);
    }
}
