using System.Net;
using System.Net.Sockets;
using System.Text;
using Actors.Api.Inbox;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.Inbox;

/// <summary>Devices that take what they get slowly or not at all, with more for them than all buffers on the way hold.</summary>
public sealed class SlowDeviceTests(SlowDeviceTests.GenerousNode node) : IClassFixture<SlowDeviceTests.GenerousNode>, IDisposable
{
    private const int Messages = 400, Deaf = 8;

    // Who takes nothing is cut after 10 s: whoever had to wait for one of them would wait longer than this.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    // As it comes on the wire each of these characters is six: some 24 KB a message, 9 MB in all. A socket holds 4 MB at most.
    private static readonly string Text = string.Concat(Enumerable.Repeat("\U0001F600", 2_000));

    private readonly long _user = NodeFixture.NewUser();
    private readonly List<Socket> _sockets = [];

    private string Me => $"/v1/users/{_user}";

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    [Fact]
    public async Task Devices_that_take_nothing_are_cut_and_hold_up_nobody_and_one_resumes_where_it_was()
    {
        var (business, other) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        await node.WriteAsync(other, business);
        await using var device = await StreamClient.OpenAsync(node, other);
        await SendAllAsync(business);
        for (var deaf = 0; deaf < Deaf; deaf++)
        {
            await ListenAsync(null);
        }

        var streams = node.Services.GetRequiredService<InboxStreams>();
        Assert.Equal(1 + Deaf, streams.Count);

        var (sent, longest) = (0, TimeSpan.Zero);
        while (streams.Count > 1)
        {
            // Everybody else gets what is theirs all the while, and at once.
            Assert.Equal(200, (await node.SendTextAsync(business, other, $"{sent}")).Status);
            var acceptedAt = TimeProvider.System.GetTimestamp();
            Assert.Equal($"{sent++}", (await device.NextAsync()).Text);
            var took = TimeProvider.System.GetElapsedTime(acceptedAt);
            longest = took > longest ? took : longest;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, streams.Count);
        Assert.True(longest < Soon, $"a device waited {longest} for its message");
        Assert.NotEqual(0, sent);
        await using var first = await StreamClient.OpenAsync(node, _user);
        var got = await first.NextAsync(4);
        await using var again = await StreamClient.OpenAsync(node, _user, lastId: got[^1].Id);
        var rest = await again.NextAsync(Messages - 4);
        Assert.Equal(Messages, got.Concat(rest).Select(e => e.Message).Distinct().Count());
    }

    [Fact]
    public async Task A_stream_that_has_much_to_write_ends_with_its_device_all_the_same()
    {
        var business = await node.NewBusinessAsync();
        foreach (var name in new[] { "phone", "watch" })
        {
            Assert.Equal(200, (await node.CallAsync("PUT", $"{Me}/devices/{name}", node.TokenOf(_user))).Status);
        }

        await SendAllAsync(business);
        var slow = await ListenAsync("phone");
        await using var watch = await StreamClient.OpenAsync(node, _user, "watch");
        foreach (var name in new[] { "phone", "watch" })
        {
            Assert.Equal(200, (await node.CallAsync("DELETE", $"{Me}/devices/{name}", node.TokenOf(_user))).Status);
        }

        // The other one was told later, and so the slow one was told, too, if it listens at all.
        await watch.Ended;
        var (bytes, buffer) = (0L, new byte[64 * 1024]);
        while (await slow.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is var read and > 0)
        {
            bytes += read;
        }

        Assert.InRange(bytes, 1, Messages * 12L * 2_000 * 3 / 4);
    }

    /// <summary>A device with a small buffer that doesn't read what it gets.</summary>
    private async Task<Socket> ListenAsync(string? device)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        _sockets.Add(socket);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, node.Address.Port));
        var query = device is null ? "" : "?device=" + device;
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {Me}/inbox{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: text/event-stream\r\n"
            + $"Authorization: Bearer {node.TokenOf(_user)}\r\n\r\n"));
        var first = new byte[1];
        Assert.Equal(1, await socket.ReceiveAsync(first));
        return socket;
    }

    private async Task SendAllAsync(TestBusiness business)
    {
        await node.WriteAsync(_user, business);
        await Parallel.ForAsync(0, Messages, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            var sent = await node.SendTextAsync(business, _user, Text);
            Assert.True(sent.Status == 200, sent.Text);
        });
    }

    /// <summary>A node at which a business may write to a user as fast as it likes.</summary>
    public sealed class GenerousNode : NodeFixture
    {
        protected override string[] Arguments => ["--Policy:PairRate:Burst", "10000", "--Policy:Throughput:Default", "100000"];
    }
}
