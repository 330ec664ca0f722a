using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>Every query of every dashboard has data once a cluster has had some load: asked of a real Prometheus that scrapes real nodes.</summary>
[Collection(LocalCluster.OneAtATime)]
public sealed partial class DashboardQueriesTests
{
    private const int Users = 40;
    private const string OrZero = " or vector(0)";

    /// <summary>
    /// What counts what should never happen has no line until it does: a query for it is empty here, and shows 0 by itself. That the names are right is
    /// another test's matter (Api.Tests, TelemetryTests).
    /// </summary>
    private static readonly string[] _mayNeverHappen =
        ["ledger_failures_total", "orleans_app_requests_timedout_total", "orleans_catalog_activation_concurrent_registration_attempts_total"];

    [Fact]
    public async Task After_a_load_every_query_of_every_dashboard_has_data()
    {
        await using var cluster = await LocalCluster.StartAsync(
            "--Policy:Throughput:Default", "100000", "--Policy:PairRate:Interval", "00:00:00", "--Policy:Templates:AutoApprove", "true",
            "--Webhooks:AllowHttp", "true", "--Webhooks:AllowPrivate", "true");
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var prometheus = await Prometheus.StartAsync(cluster);
        var business = await cluster.Platform.RegisterAsync("Corner Shop");
        await cluster.Platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Your order is paid.");
        await cluster.Platform.OptInAsync(business, Enumerable.Range(0, Users).Select(index => 34600300000 + index), TimeProvider.System.GetUtcNow());

        await cluster.Platform.OkAsync(HttpMethod.Post, $"/v25.0/{business.Id}/subscribed_apps", business.Token, new JsonObject
        {
            ["override_callback_uri"] = receiver.Address.AbsoluteUri,
            ["verify_token"] = WebhookReceiver.VerifyToken,
        });

        // Half of them go to people who never opted in: they are refused, and that is shown, too.
        var limit = TimeProvider.System.GetTimestamp();
        for (var number = 0; TimeProvider.System.GetElapsedTime(limit) < TimeSpan.FromSeconds(12); number++)
        {
            await cluster.Platform.SendAsync(business, TestPlatform.Template(34600300000 + (number % (Users * 2)), "receipt"), $"{number}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            if (number % 100 == 0)
            {
                // Nobody sends codes here: an answer of the kind 5xx.
                var enrolment = new JsonObject { ["user"] = "34600300000" };
                Assert.Equal(501, (int)(await cluster.Platform.CallAsync(HttpMethod.Post, "/v1/enrolments", cluster.Platform.OperatorToken, enrolment)).Status);
            }
        }

        var empty = new List<string>();
        foreach (var (dashboard, panel, query) in Queries(business.Id))
        {
            // A value that isn't one (0 / 0, a quantile of nothing) shows as a gap.
            // Nor does a 0 that stands for nothing count, but where nothing is to be hoped for.
            var mayBeEmpty = _mayNeverHappen.Any(name => query.Contains(name, StringComparison.Ordinal));
            var value = await prometheus.AskAsync(mayBeEmpty ? query : query.Replace(OrZero, "", StringComparison.Ordinal));
            if (value is null || double.IsNaN(value.Value))
            {
                empty.Add($"{dashboard}, {panel}: {query}");
            }
        }

        Assert.Empty(empty);
        Assert.Empty(await prometheus.FailingRulesAsync());
        Assert.Null(await prometheus.AskAsync("api_sends_totals"));   // what isn't there has none
    }

    private static IEnumerable<(string Dashboard, string Panel, string Query)> Queries(string business)
    {
        var files = Directory.GetFiles(Path.Combine(LocalCluster.Root(), "deploy", "grafana", "dashboards"), "*.json");
        Assert.NotEmpty(files);
        return files.SelectMany(file => JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]!.AsArray().Select(target => (
                Path.GetFileName(file), (string)panel["title"]!, ((string)target!["expr"]!).Replace("$business", business, StringComparison.Ordinal)))));
    }

    /// <summary>A Prometheus of our own that looks at the cluster's nodes each second.</summary>
    private sealed partial class Prometheus : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly HttpClient _http;

        private Prometheus(Process process, int port) =>
            (_process, _http) = (process, new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") });

        public static async Task<Prometheus> StartAsync(LocalCluster cluster)
        {
            if (!LocalCluster.OnPath("prometheus"))
            {
                Assert.False(Environment.GetEnvironmentVariable("CI") == "true", "No prometheus.");
                Assert.Skip("No prometheus: apt-get install prometheus.");
            }

            var folder = TestNode.NewDataDirectory();
            Directory.CreateDirectory(folder);
            var deployed = Path.Combine(LocalCluster.Root(), "deploy", "prometheus");
            File.Copy(Path.Combine(deployed, "alerts.yml"), Path.Combine(folder, "alerts.yml"));
            await File.WriteAllTextAsync(
                Path.Combine(folder, "prometheus.yml"), Configuration(await File.ReadAllTextAsync(Path.Combine(deployed, "prometheus.yml")), cluster));
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            var start = new ProcessStartInfo("prometheus", [
                "--config.file", Path.Combine(folder, "prometheus.yml"), "--storage.tsdb.path", Path.Combine(folder, "data"),
                "--web.listen-address", $"127.0.0.1:{port}", "--log.level", "warn"]);
            var prometheus = new Prometheus(Process.Start(start)!, port);
            while (!await prometheus.IsReadyAsync())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }

            return prometheus;
        }

        /// <summary>The one that is deployed, for other nodes, and with a look each second.</summary>
        private static string Configuration(string deployed, LocalCluster cluster)
        {
            var jobs = Job().Matches(deployed).Select(match => match.Groups["name"].Value).ToList();
            Assert.Equal(["silo", "api"], jobs);
            return Job().Replace(deployed.Replace("interval: 5s", "interval: 1s", StringComparison.Ordinal), match =>
            {
                var nodes = match.Groups["name"].Value == "silo" ? cluster.Silos : cluster.Apis;
                return match.Groups["head"].Value + string.Join(", ", nodes.Select(node => $"\"{node.Authority}\"")) + "]";
            });
        }

        /// <summary>Alerts that can't be evaluated.</summary>
        public async Task<IEnumerable<string>> FailingRulesAsync()
        {
            var rules = JsonNode.Parse(await _http.GetStringAsync(new Uri("/api/v1/rules", UriKind.Relative)))!["data"]!["groups"]!.AsArray()
                .SelectMany(group => group!["rules"]!.AsArray()).ToList();
            Assert.NotEmpty(rules);
            return rules.Where(rule => (string)rule!["health"]! != "ok").Select(rule => $"{rule}");
        }

        [GeneratedRegex(@"(?<head>- job_name: (?<name>\w+)\s+static_configs:\s+- targets: \[)[^\]]*\]")]
        private static partial Regex Job();

        /// <summary>The first value; null where there is none.</summary>
        public async Task<double?> AskAsync(string query)
        {
            using var answer = await _http.GetAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative));
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{query}: {text}");
            var result = JsonNode.Parse(text)!["data"]!["result"]!.AsArray();
            return result.Count == 0 ? null : double.Parse((string)result[0]!["value"]![1]!, CultureInfo.InvariantCulture);
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        private async Task<bool> IsReadyAsync()
        {
            Assert.False(_process.HasExited, "prometheus ended by itself");
            try
            {
                return (await _http.GetAsync(new Uri("/-/ready", UriKind.Relative))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
