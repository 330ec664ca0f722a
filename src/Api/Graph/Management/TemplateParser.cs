using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Actors.Api.Leases;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Api.Graph.Management;

/// <summary>Reads what a business submits as a template. Whether it is well made is the linter's to say.</summary>
internal sealed class TemplateParser
{
    private const int TextMax = 32_768;
    private readonly JsonFields _fields;
    private TemplateHeader? _header;
    private string? _body;
    private ImmutableArray<string> _bodyExamples = [];
    private string? _footer;
    private ImmutableArray<TemplateButton> _buttons = [];

    private TemplateParser(JsonFields fields) => _fields = fields;

    /// <summary>Reads a body; the fault is null exactly when the draft is good.</summary>
    /// <param name="edited">The template that is edited: what can't change comes from it. Null for a new one.</param>
    public static GraphError? Parse(JsonElement body, TemplateView? edited, out TemplateDraft? draft)
    {
        TemplateDraft? read = null;
        var fault = JsonFields.Read(body, (fields, root) => read = new TemplateParser(fields).Read(root, edited));
        draft = fault is null ? read : null;
        return fault;
    }

    private TemplateDraft? Read(JsonElement body, TemplateView? edited)
    {
        var name = edited?.Content.Name ?? _fields.RequiredText(body, "", "name", 512);
        if (name is not null && !TemplateNames.IsOne(name))
        {
            _fields.Fail(GraphError.Invalid("name: it must have 1 to 512 characters out of a-z, 0-9 and underscore"));
        }

        var language = edited?.Content.Language ?? _fields.RequiredText(body, "", "language", 32);
        var category = edited is not null && !JsonFields.Has(body, "category", out _) ? edited.Content.Category : CategoryOf(body);
        var format = edited is not null && !JsonFields.Has(body, "parameter_format", out _) ? edited.Content.ParameterFormat : FormatOf(body);
        var life = LifeOf(body, edited is not null && edited.Content.Category == category ? edited.Content.Life : null);
        if (!JsonFields.Has(body, "components", out var components))
        {
            _fields.Fail(GraphError.Invalid("components: it is required"));
            return null;
        }

        var seen = new HashSet<string>();
        foreach (var (component, path) in _fields.Objects(body, "", "components", 16))
        {
            var type = _fields.RequiredText(component, path, "type", 64)?.ToUpperInvariant();
            if (type is not null && !seen.Add(type))
            {
                _fields.Fail(GraphError.Invalid(path + ".type: there is such a component already"));
            }

            Component(component, path, type, category);
        }

        if (_body is null)
        {
            _fields.Fail(GraphError.Invalid("components: there must be one of type BODY"));
        }

        if (_fields.Fault is not null)
        {
            return null;
        }

        var content = new TemplateContent
        {
            Name = name!,
            Language = language!,
            Category = category,
            ParameterFormat = format,
            Header = _header,
            Body = _body!,
            BodyExamples = _bodyExamples,
            Footer = _footer,
            Buttons = _buttons,
            Life = life,
        };
        return new(content, Compact(components));
    }

    private void Component(JsonElement component, string path, string? type, Category category)
    {
        switch (type)
        {
            case "HEADER":
                _header = Header(component, path);
                break;
            case "BODY":
                // The platform words the body of one-time codes.
                _body = category == Category.Authentication ? _fields.Text(component, path, "text", TextMax) ?? "" : Wording(component, path);
                _bodyExamples = Examples(component, path, "body_text", "body_text_named_params");
                break;
            case "FOOTER":
                _footer = category == Category.Authentication ? _fields.Text(component, path, "text", TextMax) : Wording(component, path);
                break;
            case "BUTTONS":
                _buttons = [.. _fields.Objects(component, path, "buttons", 32).Select(b => Button(b.Value, b.Path))];
                break;
            case null:
                break;
            default:
                _fields.Fail(GraphError.Invalid(path + ".type: it is none of HEADER, BODY, FOOTER, BUTTONS"));
                break;
        }
    }

    private string? Wording(JsonElement component, string path) => _fields.RequiredText(component, path, "text", TextMax);

    private TemplateHeader Header(JsonElement component, string path)
    {
        var format = _fields.RequiredText(component, path, "format", 64)?.ToUpperInvariant() switch
        {
            "TEXT" or null => HeaderFormat.Text,
            "IMAGE" => HeaderFormat.Image,
            "VIDEO" => HeaderFormat.Video,
            "DOCUMENT" => HeaderFormat.Document,
            "LOCATION" => HeaderFormat.Location,
            _ => Unknown(path + ".format", "TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION", HeaderFormat.Text),
        };
        var text = format == HeaderFormat.Text ? _fields.RequiredText(component, path, "text", TextMax) : null;
        var examples = format == HeaderFormat.Text
            ? Examples(component, path, "header_text", "header_text_named_params")
            : Examples(component, path, "header_handle", "header_handle");
        return new(format, text, examples.IsEmpty ? null : examples[0]);
    }

    private TemplateButton Button(JsonElement button, string path)
    {
        var type = _fields.RequiredText(button, path, "type", 64)?.ToUpperInvariant() switch
        {
            "QUICK_REPLY" or null => ButtonType.QuickReply,
            "URL" => ButtonType.Url,
            "PHONE_NUMBER" => ButtonType.PhoneNumber,
            "COPY_CODE" => ButtonType.CopyCode,
            "OTP" => ButtonType.Otp,
            _ => Unknown(path + ".type", "QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE, OTP", ButtonType.QuickReply),
        };

        // Codes are copied under a label of the platform's.
        var text = type is ButtonType.Otp or ButtonType.CopyCode
            ? _fields.Text(button, path, "text", TextMax) ?? "Copy code"
            : _fields.RequiredText(button, path, "text", TextMax);
        var url = type == ButtonType.Url ? _fields.RequiredText(button, path, "url", TextMax) : null;
        var phone = type == ButtonType.PhoneNumber ? _fields.RequiredText(button, path, "phone_number", 64) : null;
        string? example = null;
        if (JsonFields.Has(button, "example", out var given))
        {
            example = given.ValueKind == JsonValueKind.Array
                ? _fields.List(button, path, "example", 1).Select(e => _fields.Text(e.Value, e.Path, TextMax)).FirstOrDefault()
                : _fields.Text(given, path + ".example", TextMax);
        }

        return new(type, text ?? "", url, phone, example);
    }

    /// <summary>Samples for variables: a list, a list in a list, or <c>name=value</c> from a list of named ones.</summary>
    private ImmutableArray<string> Examples(JsonElement component, string path, string positional, string named)
    {
        if (!JsonFields.Has(component, "example", out var example))
        {
            return [];
        }

        if (example.ValueKind != JsonValueKind.Object)
        {
            _fields.Fail(GraphError.Invalid(path + ".example: it must be an object"));
            return [];
        }

        var examplePath = path + ".example";
        if (named != positional && JsonFields.Has(example, named, out _))
        {
            return [.. _fields.Objects(example, examplePath, named, 64).Select(e =>
                $"{_fields.RequiredText(e.Value, e.Path, "param_name", 512)}={_fields.RequiredText(e.Value, e.Path, "example", TextMax)}")];
        }

        var samples = ImmutableArray.CreateBuilder<string>();
        foreach (var (value, valuePath) in _fields.List(example, examplePath, positional, 64))
        {
            if (value.ValueKind == JsonValueKind.Array)
            {
                samples.AddRange(value.EnumerateArray().Take(64).Select(inner => _fields.Text(inner, valuePath, TextMax) ?? ""));
                break;   // one set of samples is looked at
            }

            samples.Add(_fields.Text(value, valuePath, TextMax) ?? "");
        }

        return samples.ToImmutable();
    }

    private Category CategoryOf(JsonElement body) => _fields.RequiredText(body, "", "category", 64)?.ToUpperInvariant() switch
    {
        "UTILITY" or null => Category.Utility,
        "MARKETING" => Category.Marketing,
        "AUTHENTICATION" => Category.Authentication,
        _ => Unknown("category", "UTILITY, MARKETING, AUTHENTICATION", Category.Utility),
    };

    private ParameterFormat FormatOf(JsonElement body) => _fields.Text(body, "", "parameter_format", 64)?.ToUpperInvariant() switch
    {
        "POSITIONAL" or null => ParameterFormat.Positional,
        "NAMED" => ParameterFormat.Named,
        _ => Unknown("parameter_format", "POSITIONAL, NAMED", ParameterFormat.Positional),
    };

    /// <summary>How long its messages wait for their delivery. Whether the category may have that is the linter's to say.</summary>
    private TimeSpan? LifeOf(JsonElement body, TimeSpan? otherwise)
    {
        const string Name = "message_send_ttl_seconds";
        if (!JsonFields.Has(body, Name, out var value))
        {
            return otherwise;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var seconds))
        {
            return seconds == -1 ? MessageLife.Standard : TimeSpan.FromSeconds(seconds);
        }

        _fields.Fail(GraphError.Invalid(Name + ": it must be a whole number of seconds, or -1 for 30 days"));
        return null;
    }

    private T Unknown<T>(string path, string known, T instead)
    {
        _fields.Fail(GraphError.Invalid($"{path}: it is none of {known}"));
        return instead;
    }

    private static byte[] Compact(JsonElement components)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            components.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
