using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Actors.Api.Graph.Messages;

/// <summary>The parser's reading of single fields: total, and silent but for the first fault. Names are made into text only for a fault.</summary>
internal sealed partial class SendParser
{
    private void Fail(GraphError fault) => _fault ??= fault;

    /// <summary>Whether a field is there; <c>null</c> means absent.</summary>
    private static bool Has(JsonElement from, ReadOnlySpan<byte> name, out JsonElement value) =>
        from.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private bool Object(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, bool required, out JsonElement value)
    {
        if (!Has(from, name, out value))
        {
            if (required)
            {
                Fail(GraphError.Missing(Path(path, name)));
            }

            return false;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        Fail(GraphError.Invalid(Path(path, name) + ": it must be an object"));
        return false;
    }

    private bool List(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, int min, int max, out JsonElement value)
    {
        if (!Has(from, name, out value))
        {
            if (min > 0)
            {
                Fail(GraphError.Missing(Path(path, name)));
            }

            return false;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Fail(GraphError.Invalid(Path(path, name) + ": it must be a list"));
            return false;
        }

        if (value.GetArrayLength() < min || value.GetArrayLength() > max)
        {
            Fail(GraphError.Value(Path(path, name), $"it must have {min} to {max} entries"));
            return false;
        }

        return true;
    }

    /// <summary>An entry of a list, which must be an object.</summary>
    private bool Entry(JsonElement entry, string path)
    {
        if (entry.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        Fail(GraphError.Invalid(path + ": it must be an object"));
        return false;
    }

    /// <summary>A text that must be there, 1 to <paramref name="max"/> characters; null after a fault.</summary>
    private string? Required(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, int max)
    {
        if (!Has(from, name, out var value))
        {
            Fail(GraphError.Missing(Path(path, name)));
            return null;
        }

        var text = Checked(value, path, name, max);
        if (text is { Length: 0 })
        {
            Fail(GraphError.Value(Path(path, name), "it must not be empty"));
            return null;
        }

        return text;
    }

    /// <summary>A text that may be there, at most <paramref name="max"/> characters; null when it isn't, or after a fault.</summary>
    private string? Optional(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, int max) =>
        Has(from, name, out var value) ? Checked(value, path, name, max) : null;

    /// <summary>Writes a text that must be there.</summary>
    private string? WriteRequired(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, int max)
    {
        var text = Required(from, path, name, max);
        _to.WriteString(name, text);
        return text;
    }

    /// <summary>Writes a text that may be there.</summary>
    private string? WriteOptional(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, int max)
    {
        var text = Optional(from, path, name, max);
        if (text is not null)
        {
            _to.WriteString(name, text);
        }

        return text;
    }

    /// <summary>Writes an object that holds nothing but a text.</summary>
    /// <param name="path">Path of the object itself.</param>
    private void WriteTextObject(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, int max, bool required)
    {
        if (Object(from, path[..^(name.Length + 1)], name, required, out var value))
        {
            _to.WriteStartObject(name);
            WriteRequired(value, path, "text"u8, max);
            _to.WriteEndObject();
        }
    }

    private void WriteFlag(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        if (!Has(from, name, out var value))
        {
            return;
        }

        // Many clients send flags as text.
        bool? flag = value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when bool.TryParse(value.GetString(), out var written) => written,
            _ => null,
        };
        if (flag is { } known)
        {
            _to.WriteBoolean(name, known);
        }
        else
        {
            Fail(GraphError.Invalid(Path(path, name) + ": it must be true or false"));
        }
    }

    private void WriteNumber(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, double min, double max)
    {
        if (!Has(from, name, out var value))
        {
            Fail(GraphError.Missing(Path(path, name)));
            return;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : "";
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            _to.WriteNumber(name, number);
        }
        else
        {
            Fail(GraphError.Value(Path(path, name), string.Create(CultureInfo.InvariantCulture, $"it must be a number from {min} to {max}")));
        }
    }

    /// <summary>Writes a web address that must be there; gives it.</summary>
    private string? WriteLink(JsonElement from, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        var link = WriteRequired(from, path, name, 2_048);
        if (link is not null && !WebAddress.IsOne(link))
        {
            Fail(GraphError.Value(Path(path, name), "it must be an address that starts with http:// or https://"));
        }

        return link;
    }

    private string? String(ReadOnlySpan<byte> name, JsonElement value) => Checked(value, ""u8, name, 64);

    private string? Checked(JsonElement value, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, int max)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(GraphError.Invalid(Path(path, name) + ": it must be a string"));
            return null;
        }

        var text = value.GetString()!;
        if (text.Length > max)
        {
            Fail(GraphError.Value(Path(path, name), $"it has {text.Length} characters; at most {max} are allowed"));
            return null;
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            Fail(GraphError.Value(Path(path, name), "it contains the character U+0000"));
            return null;
        }

        return text;
    }

    private static string Path(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name) =>
        path.IsEmpty ? Encoding.UTF8.GetString(name) : Encoding.UTF8.GetString(path) + "." + Encoding.UTF8.GetString(name);
}
