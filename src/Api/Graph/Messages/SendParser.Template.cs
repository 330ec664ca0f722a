using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Actors.Policy.Templates;

namespace Actors.Api.Graph.Messages;

/// <summary>Templates and their parameters. Whether the parameters fit the template is the policy's to say.</summary>
internal sealed partial class SendParser
{
    private const int ParameterMax = 32_768;

    private TemplateUse? Template(JsonElement body)
    {
        if (!Object(body, ""u8, "template"u8, required: true, out var template))
        {
            return null;
        }

        _to.WriteStartObject("template"u8);
        var name = WriteRequired(template, "template"u8, "name"u8, 512);
        string? code = null;
        if (Object(template, "template"u8, "language"u8, required: true, out var language))
        {
            _to.WriteStartObject("language"u8);
            code = WriteRequired(language, "template.language"u8, "code"u8, 32);
            _to.WriteEndObject();
        }

        ImmutableArray<SentComponent> sent = [];
        if (List(template, "template"u8, "components"u8, 0, 32, out var components) && components.GetArrayLength() > 0)
        {
            var all = ImmutableArray.CreateBuilder<SentComponent>(components.GetArrayLength());
            _to.WriteStartArray("components"u8);
            foreach (var component in components.EnumerateArray())
            {
                all.Add(Component(component, all.Count));
            }

            _to.WriteEndArray();
            sent = all.MoveToImmutable();
        }

        _to.WriteEndObject();
        return name is null || code is null ? null : new(name, code, sent);
    }

    private SentComponent Component(JsonElement component, int at)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"template.components[{at}]");
        if (!Entry(component, path))
        {
            return default;
        }

        var utf8 = Encoding.UTF8.GetBytes(path);
        var type = Lower(Required(component, utf8, "type"u8, 64));
        var subType = Lower(Optional(component, utf8, "sub_type"u8, 64));
        var index = type == "button" ? Index(component, utf8) : 0;
        _to.WriteStartObject();
        _to.WriteString("type"u8, type);
        if (type == "button")
        {
            _to.WriteString("sub_type"u8, subType);
            _to.WriteNumber("index"u8, index);
        }

        ImmutableArray<SentParameter> sent = [];
        if (List(component, utf8, "parameters"u8, 0, 128, out var parameters) && parameters.GetArrayLength() > 0)
        {
            var all = ImmutableArray.CreateBuilder<SentParameter>(parameters.GetArrayLength());
            _to.WriteStartArray("parameters"u8);
            foreach (var parameter in parameters.EnumerateArray())
            {
                all.Add(Parameter(parameter, path, all.Count));
            }

            _to.WriteEndArray();
            sent = all.MoveToImmutable();
        }

        _to.WriteEndObject();
        return new(type ?? "", subType, index, sent);
    }

    /// <summary>A button's index: a number in some clients, a text in most.</summary>
    private int Index(JsonElement component, ReadOnlySpan<byte> path)
    {
        if (!Has(component, "index"u8, out var value))
        {
            Fail(GraphError.Missing(Path(path, "index"u8)));
            return 0;
        }

        var text = value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null };
        if (text is [>= '0' and <= '9'])
        {
            return text[0] - '0';
        }

        Fail(GraphError.Value(Path(path, "index"u8), "it must be a number from 0 to 9"));
        return 0;
    }

    private SentParameter Parameter(JsonElement parameter, string componentPath, int at)
    {
        if (parameter.ValueKind != JsonValueKind.Object)
        {
            Fail(GraphError.Invalid($"{componentPath}.parameters[{at}]: it must be an object"));
            return default;
        }

        Span<byte> buffer = stackalloc byte[64];
        Utf8.TryWrite(buffer, CultureInfo.InvariantCulture, $"{componentPath}.parameters[{at}]", out var length);
        ReadOnlySpan<byte> path = buffer[..length];
        _to.WriteStartObject();
        var kind = Lower(Required(parameter, path, "type"u8, 64));
        _to.WriteString("type"u8, kind);
        var name = WriteOptional(parameter, path, "parameter_name"u8, 512);
        var text = ParameterText(parameter, path, kind);
        _to.WriteEndObject();
        return new(kind ?? "", name, text);
    }

    private string? ParameterText(JsonElement parameter, ReadOnlySpan<byte> path, string? kind)
    {
        switch (kind)
        {
            case "text":
                return WriteRequired(parameter, path, "text"u8, ParameterMax);
            case "payload":
                return WriteRequired(parameter, path, "payload"u8, 512);
            case "coupon_code":
                return WriteRequired(parameter, path, "coupon_code"u8, 64);
            case "image" or "video" or "document":
                var name = Encoding.UTF8.GetBytes(kind);
                return Object(parameter, path, name, required: true, out var media)
                    ? MediaObject(media, Encoding.UTF8.GetBytes(Path(path, name)), name, kind) : null;
            case "location":
                if (Object(parameter, path, "location"u8, required: true, out var location))
                {
                    LocationObject(location, Encoding.UTF8.GetBytes(Path(path, "location"u8)));
                }

                return null;
            case "currency" or "date_time":
                return Fallback(parameter, path, Encoding.UTF8.GetBytes(kind));
            default:
                return null;   // no template of ours takes it: the policy says so
        }
    }

    private string? Fallback(JsonElement parameter, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        if (!Object(parameter, path, name, required: true, out var value))
        {
            return null;
        }

        var valuePath = Encoding.UTF8.GetBytes(Path(path, name));
        _to.WriteStartObject(name);
        var text = WriteRequired(value, valuePath, "fallback_value"u8, ParameterMax);
        WriteOptional(value, valuePath, "code"u8, 3);
        if (Has(value, "amount_1000"u8, out var amount))
        {
            if (amount.ValueKind == JsonValueKind.Number && amount.TryGetInt64(out var thousandths))
            {
                _to.WriteNumber("amount_1000"u8, thousandths);
            }
            else
            {
                Fail(GraphError.Invalid(Path(valuePath, "amount_1000"u8) + ": it must be a whole number"));
            }
        }

        _to.WriteEndObject();
        return text;
    }

    /// <summary>Letter case varies in clients.</summary>
    private static string? Lower(string? text) => text is "header" or "body" or "button" or "text" ? text : text?.ToLowerInvariant();
}
