using System.Net;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>A node that is told to stop says so first, answers on until balancers have noticed, and is gone soon.</summary>
[Collection(LocalCluster.OneAtATime)]
public sealed class DrainTests
{
    private const long FirstUser = 34600600000;

    /// <summary>So long is promised. On a machine that does nothing else it is little more than Cluster:DrainWait, 3 s.</summary>
    private static readonly TimeSpan _drainedWithin = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Told_to_stop_a_node_is_unready_first_answers_on_and_is_gone_soon()
    {
        await using var cluster = await LocalCluster.StartAsync("--Policy:Templates:AutoApprove", "true", "--Policy:Throughput:Default", "100000");
        var business = await cluster.Platform.RegisterAsync("Corner Shop");
        await cluster.Platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Your order is paid.");
        await cluster.Platform.OptInAsync(business, Enumerable.Range(0, 4).Select(index => FirstUser + index), TimeProvider.System.GetUtcNow());

        var user = FirstUser;   // one for each message
        foreach (var (address, process, name) in new[] { (cluster.ApiAddress(1), cluster.Api(1), "api1"), (cluster.Silos[1], cluster.Silo(2), "silo2") })
        {
            using var http = new HttpClient { BaseAddress = address };
            var told = TimeProvider.System.GetTimestamp();
            await LocalCluster.SignalAsync("TERM", process);
            while (await StatusAsync(http, "/health/ready") != HttpStatusCode.ServiceUnavailable)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(told) < _drainedWithin, "it never said that it isn't ready");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }

            // It isn't ready, and does all the same what it is asked: an API node itself, a silo through the others.
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/health/live"));
            var platform = address == cluster.ApiAddress(1) ? new TestPlatform(http, cluster.Platform.OperatorToken) : cluster.Platform;
            Assert.Equal(200, (await platform.SendAsync(business, TestPlatform.Template(user++, "receipt"), $"at-the-end-of-{process}")).Status);
            while (LocalCluster.Runs(process))
            {
                Assert.True(TimeProvider.System.GetElapsedTime(told) < _drainedWithin, $"{address} still runs");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }

            Console.WriteLine($"{address} was gone {TimeProvider.System.GetElapsedTime(told).TotalSeconds:0.0} s after it was told to stop");

            Assert.DoesNotContain("Unhandled exception", await cluster.ReadLogAsync(name), StringComparison.Ordinal);

            // It has given back what it held of the number's throughput: another node has it at once.
            Assert.Equal(200, (await cluster.Platform.SendAsync(business, TestPlatform.Template(user++, "receipt"), $"without-{process}")).Status);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }
}
