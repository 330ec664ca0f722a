using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Actors.Api.V1;

namespace Actors.Api.Inbox;

/// <summary>Writes server-sent events. A connection that takes nothing for a while is cut: what it missed it gets when it comes again.</summary>
internal sealed class EventOutput(HttpContext context, long user)
{
    /// <summary>Bytes after which what was written is sent on, so that a long inbox isn't gathered in memory.</summary>
    private const int Portion = 32 * 1024;

    // Milliseconds after which a device whose connection is lost comes again.
    private const int RetryMin = 1_000;
    private const int RetryMax = 5_000;

    // A machine's matter: how long a connection may take nothing.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly JsonWriterOptions AsInPages = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly PipeWriter _writer = context.Response.BodyWriter;
    private int _unsent;

    /// <summary>When something was sent last, as a timestamp of the machine.</summary>
    public long SentAt { get; private set; } = TimeProvider.System.GetTimestamp();

    /// <summary>Whether something waits to be sent.</summary>
    public bool HasMore => _unsent > 0;

    /// <summary>Whether it should be sent before more is written.</summary>
    public bool IsFull => _unsent >= Portion;

    /// <summary>Begins the answer.</summary>
    public Task<bool> OpenAsync()
    {
        var response = context.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";   // for proxies that would gather a page first

        // Where a node stops, its devices don't come back all at once.
        Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: {Random.Shared.Next(RetryMin, RetryMax + 1)}\n\n")));
        return SendAsync();
    }

    /// <summary>A comment: the connection lives.</summary>
    public void Beat() => Write(":\n\n"u8);

    /// <summary>A message.</summary>
    public void Message(in StreamPlace place, InboxMessage message) => Event(place, "message"u8, message, V1Json.Strict.InboxMessage);

    /// <summary>How far a message has come.</summary>
    public void Status(in StreamPlace place, InboxStatus status) => Event(place, "status"u8, status, V1Json.Strict.InboxStatus);

    /// <summary>Sends what was written; false when the connection is lost.</summary>
    public async Task<bool> SendAsync()
    {
        _unsent = 0;
        SentAt = TimeProvider.System.GetTimestamp();
        try
        {
            var sending = _writer.FlushAsync(context.RequestAborted);
            var sent = sending.IsCompleted ? await sending : await sending.AsTask().WaitAsync(Patience, TimeProvider.System, context.RequestAborted);
            return !sent.IsCompleted;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or IOException)
        {
            context.Abort();
            return false;
        }
    }

    private void Event<T>(in StreamPlace place, ReadOnlySpan<byte> name, T data, JsonTypeInfo<T> type)
    {
        Write("id: "u8);
        Span<byte> id = stackalloc byte[64];
        Write(id[..Encoding.ASCII.GetBytes(place.ToId(user), id)]);
        Write("\nevent: "u8);
        Write(name);
        Write("\ndata: "u8);

        // JSON as it is written here has no line breaks: one line of data is all of it.
        using (var json = new Utf8JsonWriter(_writer, AsInPages))
        {
            JsonSerializer.Serialize(json, data, type);
            json.Flush();
            _unsent += (int)json.BytesCommitted;
        }

        Write("\n\n"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _writer.Write(bytes);
        _unsent += bytes.Length;
    }
}
