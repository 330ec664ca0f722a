using System.Net.Sockets;
using System.Text;
using Actors.Tests;

namespace Actors.Cluster.Tests.Malformed;

/// <summary>What isn't even HTTP, or says one thing and does another: answered with a 4xx or closed, and the node goes on.</summary>
public sealed class BrokenHttpTests(BrokenHttpTests.Running running) : IClassFixture<BrokenHttpTests.Running>
{
    private static readonly TimeSpan _endsWithin = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("\0\0\0\0\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\nHost: a\r\n\r\n")]
    [InlineData("GET /v1/audit HTTP/1.1\r\n\r\n")]
    [InlineData("GET /v1/audit HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /v1/audit HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n")]
    [InlineData("GET /v1/audit HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n")]
    [InlineData("GET /\u0001 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST /v1/businesses HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /v1/businesses HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("POST /v1/businesses HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{}")]
    [InlineData("POST /v1/businesses HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("POST /v1/businesses HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}")]
    [InlineData("POST /v1/businesses HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n{}")]
    [InlineData("POST /v1/businesses HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: the unexpected\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task A_connection_ends(string text)
    {
        var answer = await SayAsync(Encoding.Latin1.GetBytes(text));
        // 505 is the web server's word for a version of HTTP that there isn't, and no failure of ours.
        Assert.True(
            answer.Length == 0
            || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal)
            || answer.StartsWith("HTTP/1.1 505", StringComparison.Ordinal)
            || answer[0] == '\0',
            answer);
        using var health = await running.Node.Http.GetAsync(new Uri("/health/live", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(health.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData(100_000, 1)]
    [InlineData(10, 5_000)]
    public async Task Headers_beyond_all_bounds_are_refused(int length, int count)
    {
        var headers = string.Concat(Enumerable.Range(0, count).Select(number => $"X-{number}: {new string('h', length)}\r\n"));
        var answer = await SayAsync(Encoding.Latin1.GetBytes($"GET /v1/audit HTTP/1.1\r\nHost: a\r\n{headers}\r\n"));
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 431", StringComparison.Ordinal), answer);
    }

    /// <summary>Says it, says that nothing more comes, and gives what is heard until the end.</summary>
    private async Task<string> SayAsync(byte[] bytes)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(_endsWithin);
        await socket.ConnectAsync(running.Node.Address.Host, running.Node.Address.Port, limit.Token);
        var heard = new StringBuilder();
        try
        {
            await socket.SendAsync(bytes, limit.Token);
            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4_096];
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
            {
                heard.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            Assert.False(limit.IsCancellationRequested);   // closed in the middle of it: an answer, too
        }

        return heard.ToString();
    }

    /// <summary>One node for all of them: it must outlive each.</summary>
    public sealed class Running : IAsyncLifetime
    {
        public TestNode Node { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Node = await TestNode.StartAsync(TestNode.NewDataDirectory());

        public ValueTask DisposeAsync() => Node.DisposeAsync();
    }
}
