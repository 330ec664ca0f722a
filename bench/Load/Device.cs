using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Actors.Bench.Load;

/// <summary>A connected device: a socket, or a share of one, a small buffer, and an eye for the ids of messages.</summary>
internal sealed class Device(int user, DeviceArrivals arrivals) : IDisposable
{
    /// <summary>Devices of one source address: there are some 28,000 ports for each.</summary>
    private const int OfOneAddress = 10_000;

    private const int LineMax = 256;

    private readonly byte[] _line = new byte[LineMax];
    private Socket? _socket;
    private HttpResponseMessage? _shared;
    private Stream? _stream;
    private int _length;
    private bool _isMessage;

    /// <summary>Whether the node has ended it.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Opens its stream as one of several on an HTTP/2 connection.</summary>
    public async Task OpenSharedAsync(HttpClient http, long waId, string token)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/users/{waId}/inbox");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _shared = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        _shared.EnsureSuccessStatusCode();
        _stream = await _shared.Content.ReadAsStreamAsync();
    }

    /// <summary>Connects and waits until the stream is open.</summary>
    public async Task OpenAsync(IPEndPoint node, long waId, string token)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(1 + (user / OfOneAddress))]), 0));
        await _socket.ConnectAsync(node);
        await _socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/users/{waId}/inbox HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\nAuthorization: Bearer {token}\r\n\r\n"));
        var buffer = new byte[1_024];
        var answer = "";
        while (!answer.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await _socket.ReceiveAsync(buffer);
            answer += read > 0 ? Encoding.ASCII.GetString(buffer, 0, read) : throw new InvalidOperationException($"No stream: {answer}");
        }

        if (!answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"No stream: {answer}");
        }
    }

    /// <summary>Listens until the connection ends.</summary>
    public async Task ListenAsync()
    {
        var buffer = new byte[2_048];
        try
        {
            while (await (_stream?.ReadAsync(buffer) ?? _socket!.ReceiveAsync(buffer.AsMemory())) is var read and > 0)
            {
                Read(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or HttpRequestException)
        {
            // It is over.
        }

        HasEnded = true;
    }

    public void Dispose()
    {
        _shared?.Dispose();
        _socket?.Dispose();
    }

    /// <summary>Of each line only the beginning matters, and sizes of chunks stand between lines.</summary>
    private void Read(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            if (one != '\n')
            {
                if (_length < LineMax)
                {
                    _line[_length++] = one;
                }

                continue;
            }

            var line = _line.AsSpan(0, _length);
            _length = 0;
            if (line.StartsWith("event: "u8))
            {
                _isMessage = line.StartsWith("event: message"u8);
            }
            else if (_isMessage && line.StartsWith("data: {\"id\":\""u8))
            {
                var id = line["data: {\"id\":\"".Length..];
                arrivals.Came(Encoding.ASCII.GetString(id[..id.IndexOf((byte)'"')]), user);
            }
        }
    }
}
