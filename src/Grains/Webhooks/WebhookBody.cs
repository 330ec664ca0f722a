using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Actors.Grains.Webhooks;

/// <summary>The body of a delivery, in the Cloud API's envelope, in borrowed memory: it is good until it is disposed.</summary>
internal sealed class WebhookBody : IBufferWriter<byte>, IDisposable
{
    /// <summary>What the envelope adds to an update at most.</summary>
    public const int PerUpdate = 160;

    /// <summary>What it has beside them at most.</summary>
    public const int Envelope = 256;

    private byte[] _buffer;
    private int _length;

    private WebhookBody(int size) => _buffer = ArrayPool<byte>.Shared.Rent(size);

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Writes it. The same updates give the same bytes.</summary>
    /// <param name="business">The business's id.</param>
    /// <param name="field">Their field.</param>
    /// <param name="updates">The updates, in order.</param>
    public static WebhookBody Write(long business, string field, IReadOnlyList<WebhookUpdate> updates)
    {
        var body = new WebhookBody(1_024 + updates.Sum(update => update.Value.Length + PerUpdate));
        var id = business.ToString(CultureInfo.InvariantCulture);
        using var json = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("object", "whatsapp_business_account");
        json.WriteStartArray("entry");
        if (field is WebhookFields.Messages or WebhookFields.UserPreferences)
        {
            StartEntry(json, id);
            foreach (var update in updates)
            {
                WriteChange(json, update);
            }

            EndEntry(json);
        }
        else
        {
            // These say when they happened outside of what they say.
            foreach (var update in updates)
            {
                StartEntry(json, id, update.At.Milliseconds / 1_000);
                WriteChange(json, update);
                EndEntry(json);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return body;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _buffer.AsSpan(_length);
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void StartEntry(Utf8JsonWriter json, string id, long? time = null)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        if (time is { } seconds)
        {
            json.WriteNumber("time", seconds);
        }

        json.WriteStartArray("changes");
    }

    private static void EndEntry(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteChange(Utf8JsonWriter json, WebhookUpdate update)
    {
        json.WriteStartObject();
        json.WritePropertyName("value");
        json.WriteRawValue(update.Value, skipInputValidation: true);
        json.WriteString("field", update.Field);
        json.WriteEndObject();
    }

    private void Grow(int sizeHint)
    {
        var least = Math.Max(sizeHint, 1);
        if (_buffer.Length - _length >= least)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + least));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
