using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Actors.Bench.Tests;

/// <summary>Passes everything on to a node, and back; but the first accepted message that is read from any log is in it twice.</summary>
internal sealed class LyingProxy : IDisposable
{
    private readonly HttpClient _node;
    private readonly HttpListener _listener = new();
    private string? _message;

    public LyingProxy(Uri node)
    {
        _node = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = node };
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
        }

        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = Task.Run(ListenAsync);
    }

    public Uri Address { get; }

    /// <summary>The message about which it has lied.</summary>
    public string Message => _message ?? throw new InvalidOperationException("It has told no lie yet.");

    public void Dispose()
    {
        ((IDisposable)_listener).Dispose();
        _node.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                var call = await _listener.GetContextAsync();
                _ = Task.Run(() => PassAsync(call));
            }
        }
        catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(HttpListenerContext call)
    {
        using var request = new HttpRequestMessage(new HttpMethod(call.Request.HttpMethod), call.Request.RawUrl);
        if (call.Request.HasEntityBody)
        {
            request.Content = new StreamContent(call.Request.InputStream);
        }

        foreach (var name in call.Request.Headers.AllKeys.OfType<string>().Where(name => name is not ("Host" or "Connection" or "Transfer-Encoding")))
        {
            _ = request.Headers.TryAddWithoutValidation(name, call.Request.Headers[name])
                || request.Content?.Headers.TryAddWithoutValidation(name, call.Request.Headers[name]) == true;
        }

        using var answer = await _node.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (call.Request.Url!.AbsolutePath.EndsWith("/events", StringComparison.Ordinal))
        {
            body = Doubled(body);
        }

        call.Response.StatusCode = (int)answer.StatusCode;
        call.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        call.Response.ContentLength64 = body.Length;
        await call.Response.OutputStream.WriteAsync(body);
        call.Response.Close();
    }

    private byte[] Doubled(byte[] body)
    {
        var page = JsonNode.Parse(body)!;
        if (page["events"] is JsonArray lines && lines.FirstOrDefault(line => (string?)line!["kind"] == "accepted") is { } accepted)
        {
            var message = (string)accepted["message"]!;
            if (Interlocked.CompareExchange(ref _message, message, null) is null || _message == message)
            {
                lines.Insert(accepted.GetElementIndex(), accepted.DeepClone());
            }
        }

        return System.Text.Encoding.UTF8.GetBytes(page.ToJsonString());
    }
}
