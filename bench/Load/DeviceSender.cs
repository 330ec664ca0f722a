using System.Net.Sockets;
using System.Text;

namespace Actors.Bench.Load;

/// <summary>
/// Sends texts into windows and marketing templates outside of them, one after the other on each of its connections, as many a second as it is told.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="arrivals">What is known of messages.</param>
/// <param name="marketing">Share of the marketing templates, which count: each is noted as handed out before it goes to a device.</param>
internal sealed class DeviceSender(Target node, DeviceArrivals arrivals, double marketing)
{
    private const int Connections = 64;

    private long _next;
    private long _nextOffer = -1;

    /// <summary>Answers that were no accept.</summary>
    public long Refused { get; private set; }

    /// <summary>The first of them.</summary>
    public string? Example { get; private set; }

    /// <summary>Sends for so long, to random users.</summary>
    public async Task RunAsync(int rate, TimeSpan length, int seed)
    {
        var start = TimeProvider.System.GetTimestamp();
        var end = (long)(rate * length.TotalSeconds);
        _next = 0;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => Task.Run(async () =>
        {
            var random = new Random((seed * Connections) + connection);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(node.Endpoint);
            var buffer = new byte[8_192];
            while (Interlocked.Increment(ref _next) is var ticket && ticket <= end)
            {
                var due = TimeSpan.FromSeconds((double)ticket / rate) - TimeProvider.System.GetElapsedTime(start);
                if (due > TimeSpan.FromMilliseconds(1))
                {
                    await Task.Delay(due, TimeProvider.System);
                }

                if (random.NextDouble() < marketing)
                {
                    await SendOfferAsync(socket, buffer);
                }
                else
                {
                    await SendTextAsync(socket, random.Next(node.Population.Users), buffer);
                }
            }
        })));
    }

    private Task SendTextAsync(Socket socket, int user, byte[] buffer) => SendAsync(
        socket,
        user,
        node.Senders[node.Population.WindowOf(user)],
        $$$"""{"messaging_product":"whatsapp","to":"{{{node.Population.WaId(user)}}}","type":"text","text":{"body":"Your parcel has left."}}""",
        buffer);

    /// <summary>To one user after the other, from businesses to which they didn't write: so no cap refuses it, twice all users long.</summary>
    private Task SendOfferAsync(Socket socket, byte[] buffer)
    {
        var (users, businesses) = (node.Population.Users, node.Population.Businesses);
        while (true)
        {
            var turn = Interlocked.Increment(ref _nextOffer);
            var user = (int)(turn % users);
            var business = (int)((node.Population.WindowOf(user) + 1 + (turn / users)) % businesses);
            if (node.Population[user, business].HasFlag(Allowed.Marketing))
            {
                return SendAsync(
                    socket,
                    user,
                    node.Senders[business],
                    $$$"""{"messaging_product":"whatsapp","to":"{{{node.Population.WaId(user)}}}","type":"template","template":{"name":"spring_offer","""
                    + """ "language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"SPRING"}]}]}}""",
                    buffer);
            }
        }
    }

    private async Task SendAsync(Socket socket, int user, Sender sender, string body, byte[] buffer)
    {
        var at = TimeProvider.System.GetTimestamp();
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v24.0/{sender.PhoneNumber}/messages HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {sender.Token}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        var length = 0;
        do
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            length += read > 0 ? read : throw new InvalidOperationException("The node ended a connection.");
        }
        while (!IsWhole(buffer.AsSpan(0, length)));

        var answer = buffer.AsSpan(0, length);
        var place = answer.IndexOf("\"id\":\"wamid."u8);
        if (place < 0)
        {
            lock (arrivals)
            {
                Refused++;
                Example ??= Encoding.ASCII.GetString(answer);
            }

            return;
        }

        var id = answer[(place + "\"id\":\"".Length)..];
        arrivals.Sent(Encoding.ASCII.GetString(id[..id.IndexOf((byte)'"')]), user, at);
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        var named = answer.IndexOf("Content-Length: "u8);
        if (head < 0 || named < 0 || named > head)
        {
            return head >= 0 && named < 0 && answer.EndsWith("0\r\n\r\n"u8);
        }

        var number = answer[(named + "Content-Length: ".Length)..];
        return answer.Length >= head + 4 + int.Parse(number[..number.IndexOf((byte)'\r')], System.Globalization.CultureInfo.InvariantCulture);
    }
}
