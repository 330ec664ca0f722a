using System.Net.Sockets;
using System.Text;

namespace Actors.Api.Tests;

/// <summary>A path that a server would shorten before it is looked at, such as that of a device called <c>..</c>.</summary>
public sealed class DotSegmentsTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Theory]
    [InlineData("/v1/users/1/devices/..", true)]
    [InlineData("/v1/users/1/devices/%2e%2e", true)]
    [InlineData("/v1/users/1/devices/.%2E?limit=0", true)]
    [InlineData("/v1/users/1/./devices/phone", true)]
    [InlineData("/%2e", true)]
    [InlineData("http://127.0.0.1/v1/../v1", true)]
    [InlineData("/v1/users/1/devices/...", false)]
    [InlineData("/v1/users/1/devices/.phone", false)]
    [InlineData("/v1/users/1/devices/a..b", false)]
    [InlineData("/v1/users/1/devices/%2e%2e%2e", false)]
    [InlineData("/v1/audit?limit=/../", false)]
    [InlineData("/v24.0/1/messages", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    public void They_are_found_however_they_are_written(string target, bool found) => Assert.Equal(found, DotSegments.AreIn(target));

    [Theory]
    [InlineData("..")]
    [InlineData("%2e%2e")]
    [InlineData("phone/%2E./..")]
    public async Task To_remove_a_device_of_that_name_erases_nobody(string device)
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        await node.OptInAsync(business, user, "utility");
        var before = await node.CallAsync("GET", $"/v1/users/{user}", node.TokenOf(user));
        var answer = await SendAsync($"DELETE /v1/users/{user}/devices/{device}", node.TokenOf(user));
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"bad_request\"", answer, StringComparison.Ordinal);
        Assert.Equal(before.Text, (await node.CallAsync("GET", $"/v1/users/{user}", node.TokenOf(user))).Text);
    }

    [Fact]
    public async Task The_Cloud_API_s_paths_refuse_them_in_their_own_words()
    {
        var business = await node.NewBusinessAsync();
        var answer = await SendAsync($"POST /v24.0/{business.Number}/x/%2e%2e/messages", business.Token);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":100", answer, StringComparison.Ordinal);
    }

    /// <summary>Byte for byte: a client library would shorten the path itself.</summary>
    private async Task<string> SendAsync(string line, string token)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(node.Address.Host, node.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
