using System.Globalization;
using System.Net;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>What a cluster tells those who watch it, and nobody else.</summary>
[Collection(LocalCluster.OneAtATime)]
public sealed class WatchedClusterTests
{
    private const long User = 34600700000;

    [Fact]
    public async Task A_send_is_one_trace_over_all_nodes_and_each_node_sends_its_metrics_under_its_own_name()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var cluster = await LocalCluster.StartAsync(
            "--Policy:Templates:AutoApprove", "true", "--Telemetry:Otlp", collector.Address, "--Telemetry:TraceShare", "1",
            "--OTEL_METRIC_EXPORT_INTERVAL", "2000", "--OTEL_BSP_SCHEDULE_DELAY", "500");
        var business = await cluster.Platform.RegisterAsync("Corner Shop");
        await cluster.Platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Your order is paid.");
        await cluster.Platform.OptInAsync(business, [User], TimeProvider.System.GetUtcNow());
        Assert.Equal(200, (await cluster.Platform.SendAsync(business, TestPlatform.Template(User, "receipt"), "once")).Status);

        string[] apis = [.. Enumerable.Range(1, cluster.Apis.Count).Select(number => NameOf(cluster.Api(number)))];
        string[] silos = [.. Enumerable.Range(1, cluster.Silos.Count).Select(number => NameOf(cluster.Silo(number)))];
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!IsWhole(collector.Spans, apis, silos))
        {
            Assert.False(limit.IsCancellationRequested, $"no trace from a request to its commit: {string.Join('\n', collector.Spans)}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }

        while (!collector.Measured.Order().SequenceEqual(apis.Concat(silos).Order()))
        {
            Assert.False(limit.IsCancellationRequested, $"metrics came from {string.Join(", ", collector.Measured)} alone");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }

        // Through the balancer nobody sees them: the largest businesses are named there.
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(cluster, new Uri(cluster.Http.BaseAddress!, "/metrics")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(cluster, new Uri(cluster.ApiAddress(1), "/metrics")));
    }

    /// <summary>Whether a send's commit on a silo follows, span by span, from a request to an API node.</summary>
    private static bool IsWhole(IReadOnlyCollection<CollectedSpan> spans, string[] apis, string[] silos) => spans
        .Where(span => span.Name == "ledger.commit" && silos.Contains(span.Node))
        .Any(commit =>
        {
            var trace = spans.Where(span => span.Trace == commit.Trace).ToLookup(span => span.Id);
            var at = commit;
            while (trace[at.Parent].FirstOrDefault() is { } parent)
            {
                at = parent;
            }

            return at is { Parent: "", Name: "POST /{number}/messages" } && apis.Contains(at.Node);
        });

    private static string NameOf(int process) => string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{process}");

    private static async Task<HttpStatusCode> StatusAsync(LocalCluster cluster, Uri address)
    {
        using var answer = await cluster.Http.GetAsync(address);
        return answer.StatusCode;
    }
}
