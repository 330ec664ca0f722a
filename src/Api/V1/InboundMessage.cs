using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Actors.Api.V1;

/// <summary>A message that the user writes to a business's number: the object that <c>type</c> names must be there, and no other.</summary>
/// <param name="To">Id of the number, or the number itself.</param>
/// <param name="Type">text, button, interactive, reaction, image, video, audio, document, sticker or location.</param>
/// <param name="ClientId">1 to 255 characters; the same one again gives the same message.</param>
/// <param name="Context">The message that this one answers.</param>
internal sealed record InboundRequest(
    string To,
    string Type,
    string? ClientId = null,
    InboundContext? Context = null,
    InboundText? Text = null,
    InboundButton? Button = null,
    InboundInteractive? Interactive = null,
    InboundReaction? Reaction = null,
    InboundMedia? Image = null,
    InboundMedia? Video = null,
    InboundMedia? Audio = null,
    InboundMedia? Document = null,
    InboundMedia? Sticker = null,
    InboundLocation? Location = null);

/// <param name="MessageId">Id of the message that is answered.</param>
internal sealed record InboundContext(string MessageId);

/// <param name="Body">1 to 4,096 characters.</param>
internal sealed record InboundText(string Body);

/// <param name="Payload">What the business put behind the button: at most 256 characters.</param>
/// <param name="Text">The button's label: at most 25 characters.</param>
internal sealed record InboundButton(string Text, string? Payload = null);

/// <param name="Type">button_reply or list_reply.</param>
internal sealed record InboundInteractive(string Type, InboundChoice? ButtonReply = null, InboundChoice? ListReply = null);

/// <param name="Id">At most 256 characters.</param>
/// <param name="Title">At most 24 characters.</param>
/// <param name="Description">At most 72 characters; only of a list.</param>
internal sealed record InboundChoice(string Id, string Title, string? Description = null);

/// <param name="MessageId">Id of the message reacted to.</param>
/// <param name="Emoji">At most 32 characters; empty takes the reaction back.</param>
internal sealed record InboundReaction(string MessageId, string Emoji);

/// <param name="Link">Where it is.</param>
/// <param name="Caption">At most 1,024 characters.</param>
/// <param name="Filename">At most 240 characters.</param>
internal sealed record InboundMedia(string Link, string? Caption = null, string? Filename = null);

/// <param name="Latitude">-90 to 90.</param>
/// <param name="Longitude">-180 to 180.</param>
internal sealed record InboundLocation(double Latitude, double Longitude, string? Name = null, string? Address = null);

/// <summary>A user's message, checked.</summary>
/// <param name="Text">What STOP and START words are read from; null where there is none.</param>
/// <param name="IsReaction">Whether it is a reaction.</param>
/// <param name="Content">As it is stored: the Cloud API's shape.</param>
internal sealed record InboundMessage(string? Text, bool IsReaction, ReadOnlyMemory<byte> Content)
{
    /// <summary>What a message can answer.</summary>
    public const string AnswerRule = "it must be the id of a message between this user and this business";

    private const string Types = "text, button, interactive, reaction, image, video, audio, document, sticker, location";

    /// <summary>Checks the message; null when something was added to <paramref name="checks"/>.</summary>
    /// <param name="isMessage">Whether an id is one of this user's messages.</param>
    public static InboundMessage? From(InboundRequest request, Func<string, bool> isMessage, Checks checks)
    {
        checks.Text("client_id", request.ClientId, 255);
        if (request.Context is { } context && !isMessage(context.MessageId))
        {
            checks.Add("context.message_id", AnswerRule);
        }

        (string Name, object? Value)[] parts =
        [
            ("text", request.Text), ("button", request.Button), ("interactive", request.Interactive), ("reaction", request.Reaction),
            ("image", request.Image), ("video", request.Video), ("audio", request.Audio), ("document", request.Document), ("sticker", request.Sticker),
            ("location", request.Location),
        ];
        var named = Array.Find(parts, p => p.Name == request.Type);
        if (named.Name is null)
        {
            checks.Add("type", $"it must be one of {Types}");
            return null;
        }

        foreach (var part in parts)
        {
            if (part.Value is not null && part.Name != request.Type)
            {
                checks.Add(part.Name, $"it must not be there: type is {request.Type}");
            }
        }

        if (named.Value is null)
        {
            checks.Add(request.Type, "it is required");
            return null;
        }

        var text = Check(request.Type, named.Value, isMessage, checks);
        return checks.Hold ? new InboundMessage(text, request.Type == "reaction", Write(request.Type, named.Value, request.Context)) : null;
    }

    /// <summary>Hash of a client id: of one business, for users' messages. Cryptographic, as those of a business's keys.</summary>
    public static ulong KeyOf(long business, string clientId) => Hash([.. BitConverter.GetBytes(business), (byte)'u', .. Encoding.UTF8.GetBytes(clientId)]);

    /// <summary>Hash of what the message says and where it goes.</summary>
    public ulong BodyFor(long phoneNumber) => Hash([.. BitConverter.GetBytes(phoneNumber), .. Content.Span]);

    private static ulong Hash(byte[] bytes) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(bytes));

    private static string? Check(string type, object value, Func<string, bool> isMessage, Checks checks)
    {
        switch (value)
        {
            case InboundText text:
                checks.Text("text.body", text.Body, 4_096, lines: true);
                return text.Body;
            case InboundButton button:
                checks.Text("button.payload", button.Payload, 256, lines: true);
                checks.Text("button.text", button.Text, 25);
                return button.Text;
            case InboundInteractive interactive:
                return Check(interactive, checks);
            case InboundReaction reaction:
                if (!isMessage(reaction.MessageId))
                {
                    checks.Add("reaction.message_id", AnswerRule);
                }

                if (reaction.Emoji.Length > 0)
                {
                    checks.Text("reaction.emoji", reaction.Emoji, 32);
                }

                return null;
            case InboundMedia media:
                checks.Url(type + ".link", media.Link);
                checks.Text(type + ".caption", media.Caption, 1_024, lines: true);
                checks.Text(type + ".filename", media.Filename, 240);
                return null;
            case InboundLocation location:
                Range(checks, "location.latitude", location.Latitude, 90);
                Range(checks, "location.longitude", location.Longitude, 180);
                checks.Text("location.name", location.Name, 256);
                checks.Text("location.address", location.Address, 256);
                return null;
            default:
                throw new ArgumentException($"{value.GetType().Name} is no part of a message.", nameof(value));
        }
    }

    private static string? Check(InboundInteractive interactive, Checks checks)
    {
        var (field, choice, other) = interactive.Type switch
        {
            "button_reply" => ("interactive.button_reply", interactive.ButtonReply, interactive.ListReply),
            "list_reply" => ("interactive.list_reply", interactive.ListReply, interactive.ButtonReply),
            _ => ("", null, null),
        };
        if (field.Length == 0)
        {
            checks.Add("interactive.type", "it must be one of button_reply, list_reply");
            return null;
        }

        if (other is not null)
        {
            checks.Add("interactive", "it must hold the one reply that its type names");
        }

        if (choice is null)
        {
            checks.Add(field, "it is required");
            return null;
        }

        checks.Text(field + ".id", choice.Id, 256);
        checks.Text(field + ".description", choice.Description, 72);
        checks.Text(field + ".title", choice.Title, 24);
        return choice.Title;
    }

    private static void Range(Checks checks, string field, double value, double bound)
    {
        if (!(Math.Abs(value) <= bound))
        {
            checks.Add(field, FormattableString.Invariant($"it must lie between -{bound} and {bound}"));
        }
    }

    private static ReadOnlyMemory<byte> Write(string type, object value, InboundContext? context)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WritePropertyName(type);
        JsonSerializer.Serialize(writer, value, V1Json.Strict.GetTypeInfo(value.GetType())!);
        if (context is not null)
        {
            writer.WritePropertyName("context");
            JsonSerializer.Serialize(writer, context, V1Json.Strict.InboundContext);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
