using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using Actors.Contracts;

namespace Actors.Api.Graph.Messages;

/// <summary>
/// Reads the body of a send: checks its shape and writes the message as it will be stored, in one pass and in a fixed order, so that two bodies that mean
/// the same are stored the same. The first fault sticks; what is read behind it is thrown away.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "one for each thread, for as long as the thread lives; the writer holds nothing but memory")]
internal sealed partial class SendParser
{
    /// <summary>Most bytes of a stored message.</summary>
    public const int ContentBytesMax = 64 * 1024;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static SendParser? _mine;

    private readonly ArrayBufferWriter<byte> _buffer = new(2_048);
    private readonly Utf8JsonWriter _to;
    private Wamid _ids = null!;
    private long _user;
    private ParsedAnswer? _answered;
    private GraphError? _fault;

    private SendParser() => _to = new(_buffer, Compact);

    /// <summary>Reads a body; the fault is null exactly when the body is good.</summary>
    public static GraphError? Parse(JsonElement body, SendEdge edge, Wamid ids, out ParsedBody parsed)
    {
        var parser = _mine ??= new();
        try
        {
            parser._ids = ids;
            parser._user = 0;
            parser._answered = null;
            parser._fault = null;
            parser._buffer.ResetWrittenCount();
            parser._to.Reset();
            parsed = parser.Body(body, edge);
            return parser._fault;
        }
        catch (InvalidOperationException)
        {
            // The only way a string of a well-formed document can't be read: half of a surrogate pair.
            parsed = default;
            return GraphError.Invalid("The body has a string with half of a surrogate pair.");
        }
        finally
        {
            if (parser._buffer.Capacity > 2 * ContentBytesMax)
            {
                _mine = null;
            }
        }
    }

    private ParsedBody Body(JsonElement body, SendEdge edge)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            Fail(GraphError.Invalid("The body must be a JSON object."));
            return default;
        }

        if (!Has(body, "messaging_product"u8, out var product) || product.ValueKind != JsonValueKind.String || !product.ValueEquals("whatsapp"u8))
        {
            Fail(GraphError.Invalid("messaging_product: it is required and must be \"whatsapp\""));
        }

        if (Has(body, "status"u8, out var status) && edge == SendEdge.Messages)
        {
            return new(null, Read(body, status));
        }

        var input = Recipient(body);
        var type = Has(body, "type"u8, out var named) ? String("type"u8, named) : "text";
        if (edge == SendEdge.MarketingMessages)
        {
            MarketingOptions(body, type);
        }

        var callbackData = Optional(body, ""u8, "biz_opaque_callback_data"u8, 512);
        _to.WriteStartObject();
        _to.WriteString("type"u8, type);
        Context(body, type);
        var template = Message(body, type);
        _to.WriteEndObject();
        _to.Flush();
        if (_buffer.WrittenCount > ContentBytesMax)
        {
            Fail(GraphError.Invalid("The message is larger than 65536 bytes."));
        }

        return _fault is null ? new(new(input, _user, _buffer.WrittenSpan.ToArray(), callbackData, template, _answered), null) : default;
    }

    private TemplateUse? Message(JsonElement body, string? type)
    {
        switch (type)
        {
            case "text":
                Text(body);
                break;
            case "image" or "video" or "audio" or "document" or "sticker":
                Media(body, type);
                break;
            case "location":
                Location(body);
                break;
            case "contacts":
                Contacts(body);
                break;
            case "reaction":
                Reaction(body);
                break;
            case "interactive":
                Interactive(body);
                break;
            case "template":
                return Template(body);
            case null:
                break;
            default:
                Fail(new(131051, 400, "Unsupported message type", "type: it is none of text, image, video, audio, document, sticker, location, contacts, "
                    + "reaction, interactive, template"));
                break;
        }

        return null;
    }

    /// <summary>The recipient as given; sets the wa_id.</summary>
    private string Recipient(JsonElement body)
    {
        if (Has(body, "recipient_identity_key_hash"u8, out _))
        {
            Fail(GraphError.Invalid("recipient_identity_key_hash: identity checks are not supported"));
        }

        if (Has(body, "recipient_type"u8, out var kind) && !(kind.ValueKind == JsonValueKind.String && kind.ValueEquals("individual"u8)))
        {
            Fail(GraphError.Invalid("recipient_type: it must be \"individual\"; groups are not supported"));
        }

        if (!Has(body, "to"u8, out var to))
        {
            Fail(Has(body, "recipient"u8, out _)
                ? GraphError.Invalid("recipient: business-scoped user ids are not supported; give the phone number in to")
                : GraphError.Missing("to"));
            return "";
        }

        var input = to.ValueKind switch
        {
            JsonValueKind.String => to.GetString()!,
            JsonValueKind.Number => to.GetRawText(),
            _ => "",
        };
        if (!PhoneDigits.TryParse(input, out _user))
        {
            Fail(GraphError.Value("to", "it must be a full phone number with its country code: 7 to 15 digits; +, blanks, dashes and brackets are accepted"));
        }

        return input;
    }

    private void MarketingOptions(JsonElement body, string? type)
    {
        if (type is not null and not "template")
        {
            Fail(GraphError.Invalid("type: the message must be a template message"));
        }

        if (Has(body, "product_policy"u8, out var policy) && String("product_policy"u8, policy) is not (null or "CLOUD_API_FALLBACK" or "STRICT"))
        {
            Fail(GraphError.Value("product_policy", "it must be CLOUD_API_FALLBACK or STRICT"));
        }

        if (Has(body, "message_activity_sharing"u8, out var sharing) && sharing.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fail(GraphError.Invalid("message_activity_sharing: it must be true or false"));
        }
    }

    private void Context(JsonElement body, string? type)
    {
        if (!Object(body, ""u8, "context"u8, required: false, out var context))
        {
            return;
        }

        if (type == "reaction")
        {
            Fail(GraphError.Invalid("context: a reaction has none; reaction.message_id says what it is about"));
        }

        _to.WriteStartObject("context"u8);
        MessageId(context, "context"u8);
        _to.WriteEndObject();
    }

    private ParsedRead? Read(JsonElement body, JsonElement status)
    {
        if (String("status"u8, status) is not (null or "read"))
        {
            Fail(GraphError.Value("status", "it must be \"read\""));
        }

        if (Object(body, ""u8, "typing_indicator"u8, required: false, out var typing)
            && !(Has(typing, "type"u8, out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("text"u8)))
        {
            Fail(GraphError.Value("typing_indicator.type", "it must be \"text\""));
        }

        if (Required(body, ""u8, "message_id"u8, 256) is not { } id)
        {
            return null;
        }

        if (!_ids.TryDecode(id, out var user, out var message))
        {
            Fail(GraphError.Value("message_id", "there is no such message"));
        }

        return new(user, message);
    }

    /// <summary>Writes a message id that must be one of this conversation.</summary>
    private void MessageId(JsonElement from, ReadOnlySpan<byte> path)
    {
        if (Required(from, path, "message_id"u8, 256) is not { } id)
        {
            return;
        }

        var isTheirs = _ids.TryDecode(id, out var user, out var number) && user == _user;
        _answered = new(Path(path, "message_id"u8), number);
        if (!isTheirs)
        {
            Fail(_answered.Nothing);
        }

        _to.WriteString("message_id"u8, id);
    }
}
