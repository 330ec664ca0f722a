using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Users;

namespace Actors.Grains.Webhooks;

/// <summary>What a user wrote: <c>messages</c> with <c>messages</c>.</summary>
/// <remarks>Stored contents have the shape of sends; a few parts are named otherwise on this way.</remarks>
internal static class InboundUpdate
{
    /// <summary>Writes the members of the value.</summary>
    /// <param name="json">In the value's object.</param>
    /// <param name="line">The event of a user's message.</param>
    /// <param name="messages">The message, and the one that it answers, as far as they are kept.</param>
    /// <param name="wamid">Makes and reads ids.</param>
    public static void Write(Utf8JsonWriter json, LedgerEvent line, TellableMessages messages, Wamid wamid)
    {
        var happened = line.Event;
        json.WriteNumber(happened.PhoneNumber);
        json.WriteContact(line.User);
        json.WriteStartArray("messages"u8);
        json.WriteStartObject();
        json.WriteString("from"u8, WebhookJson.Digits(line.User));
        json.WriteString("id"u8, wamid.Encode(line.User, happened.Message));
        json.WriteString("timestamp"u8, WebhookJson.Digits(WebhookJson.Seconds(happened.At)));
        if (messages.Of(line) is { Content.IsEmpty: false } message)
        {
            using var content = JsonDocument.Parse(message.Content);
            WriteContext(json, content.RootElement, message.Business, messages, wamid);
            WriteContent(json, content.RootElement);
        }
        else
        {
            json.WriteString("type"u8, "unsupported"u8);
            json.WriteError(131051, "Message type unknown", "What the user wrote is no longer kept.");
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>The message that is answered and who wrote it. One of another business is none of this one's business.</summary>
    private static void WriteContext(Utf8JsonWriter json, JsonElement content, long business, TellableMessages messages, Wamid wamid)
    {
        if (!content.TryGetProperty("context", out var context)
            || context.Word("message_id") is not { } id
            || !wamid.TryDecode(id, out var of, out var number)
            || messages.Find(of, number) is not { } answered
            || answered.Business != business)
        {
            return;
        }

        json.WriteStartObject("context"u8);
        if (answered.Direction == Direction.ToUser)
        {
            // Left out where users answer themselves: a client takes whoever stands here for the business.
            json.WriteString("from"u8, WebhookJson.Digits(FictionalNumbers.Of(answered.PhoneNumber)));
        }

        json.WriteString("id"u8, id);
        json.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter json, JsonElement content)
    {
        var type = content.Word("type") ?? throw new InvalidDataException("A stored message has no type.");
        json.WriteString("type"u8, type);
        var part = content.GetProperty(type);
        json.WriteStartObject(type);
        foreach (var member in part.EnumerateObject())
        {
            switch (type, member.Name)
            {
                case ("image" or "video" or "audio" or "document" or "sticker", "link"):
                    json.WriteString("url"u8, member.Value.GetString());
                    break;
                case ("reaction", "emoji") when member.Value.ValueEquals(""u8):
                    break; // The Cloud API has a reaction that is taken back without one.
                default:
                    member.WriteTo(json);
                    break;
            }
        }

        if (type == "button" && part.Word("payload") is null)
        {
            // A button that was sent with no payload gives its label.
            json.WriteString("payload"u8, part.Word("text"));
        }

        json.WriteEndObject();
    }
}
