using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Actors.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Actors.Cluster.Tests.Processes;

/// <summary>What <c>deploy/haproxy.cfg</c> lets through, and how long it waits: in front of a server that answers everything, as late as it is told.</summary>
public sealed class BalancerTests : IAsyncLifetime
{
    private static readonly TimeSpan _late = TimeSpan.FromSeconds(24);

    private WebApplication? _node;
    private Process? _balancer;
    private Uri _address = null!;

    public async ValueTask InitializeAsync()
    {
        if (!LocalCluster.OnPath("haproxy"))
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", "No haproxy.");
            Assert.Skip("No haproxy: apt-get install haproxy.");
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _node = builder.Build();
        _node.Run(async context =>
        {
            if (context.Request.Query.ContainsKey("late"))
            {
                await Task.Delay(_late, TimeProvider.System, context.RequestAborted);
            }

            await context.Response.WriteAsync("from the node");
        });
        await _node.StartAsync();

        var port = FreePort();
        _address = new Uri($"http://127.0.0.1:{port}");
        var folder = TestNode.NewDataDirectory();
        Directory.CreateDirectory(folder);
        var lines = (await File.ReadAllLinesAsync(Path.Combine(LocalCluster.Root(), "deploy", "haproxy.cfg")))
            .TakeWhile(line => !line.StartsWith("resolvers", StringComparison.Ordinal)).Where(line => !line.StartsWith("  server", StringComparison.Ordinal))
            .Select(line => line.Split(" resolvers ")[0].Replace("bind :5080", $"bind 127.0.0.1:{port}", StringComparison.Ordinal))
            .Select(line => line.Replace("maxconn 16384", "maxconn 1024", StringComparison.Ordinal))   // as many files as a test may open
            .Append($"  server node {new Uri(_node.Urls.Single()).Authority}");
        var file = Path.Combine(folder, "haproxy.cfg");
        await File.WriteAllLinesAsync(file, lines);
        var program = File.Exists("/usr/sbin/haproxy") ? "/usr/sbin/haproxy" : "haproxy";
        _balancer = Process.Start(new ProcessStartInfo(program, ["-f", file, "-q", "-db"]))!;
        while (await StatusAsync(HttpMethod.Get, "/v1/ready") != HttpStatusCode.OK)
        {
            Assert.False(_balancer.HasExited, "haproxy ended by itself");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_balancer is not null)
        {
            _balancer.Kill();
            await _balancer.WaitForExitAsync();
            _balancer.Dispose();
        }

        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("/metrics", 403)]
    [InlineData("/metrics/", 403)]
    [InlineData("/METRICS?name=api", 403)]
    [InlineData("/%6detrics", 403)]
    [InlineData("//metrics", 403)]
    [InlineData("http://platform/metrics", 403)]
    [InlineData("/orleans", 403)]
    [InlineData("/Orleans/DashboardCounters", 403)]
    [InlineData("/orlean%73/", 403)]
    [InlineData("/./metrics", 400)]
    [InlineData("/v1/../metrics", 400)]
    [InlineData("/v1/%2e%2E/metrics", 400)]
    [InlineData("/..", 400)]
    [InlineData("/v1/metrics", 200)]
    [InlineData("/v1/...", 200)]
    [InlineData("/metricsx", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/v25.0/123/messages", 200)]
    public async Task Who_comes_through_the_balancer_sees_neither_metrics_nor_the_dashboard(string target, int status)
    {
        // As it is, without what HttpClient makes of an address.
        using var connection = new TcpClient();
        await connection.ConnectAsync(_address.Host, _address.Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: platform\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(connection.GetStream());
        Assert.StartsWith($"HTTP/1.1 {status} ", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_hangs_keeps_a_caller_for_twenty_seconds_and_streams_and_imports_for_longer()
    {
        var stream = StatusAsync(HttpMethod.Get, "/v1/users/1/inbox?late", "text/event-stream");
        var import = StatusAsync(HttpMethod.Post, "/v1/businesses/1/opt-ins?late", content: "application/x-ndjson; charset=utf-8");
        var since = TimeProvider.System.GetTimestamp();
        Assert.Equal(HttpStatusCode.GatewayTimeout, await StatusAsync(HttpMethod.Post, "/v25.0/123/messages?late", content: "application/json"));
        Assert.InRange(TimeProvider.System.GetElapsedTime(since).TotalSeconds, 19, 23);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await stream, await import));
    }

    private async Task<HttpStatusCode?> StatusAsync(HttpMethod method, string path, string? accept = null, string? content = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(method, new Uri(_address, path));
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (content is not null)
        {
            request.Content = new ByteArrayContent("{}"u8.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", content);
        }

        try
        {
            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
