using System.Net;
using System.Text.Json.Nodes;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>Real API nodes learn the shadow policy from the silos, and whichever is asked shows the sum of what all have counted.</summary>
[Collection(LocalCluster.OneAtATime)]
public sealed class ShadowSumTests
{
    private const string Path = "/v1/policy/shadow";
    private const int Senders = 8, Each = 25;

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task Whichever_node_is_asked_shows_what_all_have_counted_also_once_they_have_ended(string signal)
    {
        await using var cluster = await LocalCluster.StartAsync(
            "--Policy:Throughput:Default", "100000", "--Policy:PairRate:Interval", "00:00:00", "--Policy:Templates:AutoApprove", "true");
        var platform = cluster.Platform;
        var set = await platform.CallAsync(
            HttpMethod.Put, Path, platform.OperatorToken, JsonNode.Parse("""{"changes":{"Messages:UndeliveredMax":"1","Throughput:Default":"90000"}}"""));
        Assert.Equal(HttpStatusCode.OK, set.Status);
        await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System);   // all nodes have heard of it
        var business = await platform.RegisterAsync("Corner Shop");
        await platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Your order is paid.");
        await platform.OptInAsync(business, Enumerable.Range(0, Senders).Select(index => 34600300000L + index), TimeProvider.System.GetUtcNow());
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            for (var number = 0; number < Each; number++)
            {
                var answer = await platform.SendAsync(business, TestPlatform.Template(34600300000L + sender, "receipt"), $"{sender}-{number}");
                Assert.Equal(200, answer.Status);
            }
        }));

        // The first to each user passes, the others wait for it to be delivered under the shadow.
        const long All = Senders * Each;
        await ShowAsync(All);
        foreach (var api in new[] { 1, 2 })
        {
            // Each has counted some of it.
            var metrics = await cluster.Http.GetStringAsync(new Uri(cluster.ApiAddress(api), "/metrics"));
            Assert.Contains("policy_shadow_sends", metrics, StringComparison.Ordinal);
        }

        // What the one that ends has just counted: all of it is told where it is told to stop, and what of its last seconds it hadn't told is lost where not.
        using var http = new HttpClient { BaseAddress = cluster.ApiAddress(1) };
        var first = new TestPlatform(http, platform.OperatorToken);
        for (var number = 0; number < Each; number++)
        {
            await first.SendAsync(business, TestPlatform.Template(34600300000L, "receipt"), $"late-{number}");
        }

        await LocalCluster.SignalAsync(signal, cluster.Api(1));
        await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System);
        if (signal == "TERM")
        {
            await ShowAsync(All + Each);
        }
        else
        {
            var (status, left) = await platform.CallAsync(HttpMethod.Get, Path, platform.OperatorToken);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.InRange((long)left["sends"]!, All, All + Each);
        }

        async Task ShowAsync(long sends)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            for (var inARow = 0; inARow < 4;)
            {
                var (status, shadow) = await platform.CallAsync(HttpMethod.Get, Path, platform.OperatorToken);
                var isAll = status == HttpStatusCode.OK && (long)shadow["sends"]! == sends && (long)shadow["untried"]! == 0
                    && shadow["differ"] is JsonArray { Count: 1 } differ && (long)differ[0]!["sends"]! == sends - Senders;
                inARow = isAll ? inARow + 1 : 0;
                Assert.False(patience.IsCancellationRequested, shadow.ToJsonString());
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }
    }
}
