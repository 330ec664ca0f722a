using System.Text.Json;

namespace Actors.Api.Graph;

/// <summary>
/// Reads the members of a management body: total, and silent but for the first fault, which sticks. The send path has its own reader, which also writes.
/// </summary>
internal sealed class JsonFields
{
    /// <summary>The first thing that is wrong; null while nothing is.</summary>
    public GraphError? Fault { get; private set; }

    /// <summary>Notes what is wrong, unless something was before.</summary>
    public void Fail(GraphError fault) => Fault ??= fault;

    /// <summary>Reads a body; half of a surrogate pair somewhere in it is a fault like others.</summary>
    public static GraphError? Read(JsonElement body, Action<JsonFields, JsonElement> read)
    {
        var fields = new JsonFields();
        if (body.ValueKind != JsonValueKind.Object)
        {
            return GraphError.Invalid("The body must be a JSON object.");
        }

        try
        {
            read(fields, body);
            return fields.Fault;
        }
        catch (InvalidOperationException)
        {
            return GraphError.Invalid("The body has a string with half of a surrogate pair.");
        }
    }

    /// <summary>Whether a member is there; <c>null</c> means absent.</summary>
    public static bool Has(JsonElement from, string name, out JsonElement value) =>
        from.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Requires <c>messaging_product: "whatsapp"</c>.</summary>
    public void Product(JsonElement body)
    {
        if (!Has(body, "messaging_product", out var product) || product.ValueKind != JsonValueKind.String || !product.ValueEquals("whatsapp"))
        {
            Fail(GraphError.Invalid("messaging_product: it is required and must be \"whatsapp\""));
        }
    }

    /// <summary>A text of at most <paramref name="max"/> characters; null when it isn't there or after a fault.</summary>
    public string? Text(JsonElement from, string path, string name, int max)
    {
        if (!Has(from, name, out var value))
        {
            return null;
        }

        return Text(value, Join(path, name), max);
    }

    /// <summary>A value that must be a text of at most <paramref name="max"/> characters; null after a fault.</summary>
    public string? Text(JsonElement value, string path, int max)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(GraphError.Invalid(path + ": it must be a string"));
            return null;
        }

        var text = value.GetString()!;
        if (text.Length > max || text.Contains('\0', StringComparison.Ordinal))
        {
            Fail(GraphError.Invalid($"{path}: it must have at most {max} characters, none of them U+0000"));
            return null;
        }

        return text;
    }

    /// <summary>A text that must be there and not be empty.</summary>
    public string? RequiredText(JsonElement from, string path, string name, int max)
    {
        var text = Text(from, path, name, max);
        if (string.IsNullOrEmpty(text))
        {
            Fail(GraphError.Invalid(Join(path, name) + ": it is required"));
            return null;
        }

        return text;
    }

    /// <summary>The entries of a list of at most <paramref name="max"/>; none when it isn't there or after a fault.</summary>
    public IEnumerable<(JsonElement Value, string Path)> List(JsonElement from, string path, string name, int max)
    {
        if (!Has(from, name, out var value))
        {
            return [];
        }

        var listPath = Join(path, name);
        if (value.ValueKind != JsonValueKind.Array)
        {
            Fail(GraphError.Invalid(listPath + ": it must be a list"));
            return [];
        }

        if (value.GetArrayLength() > max)
        {
            Fail(GraphError.Invalid($"{listPath}: it must have at most {max} entries"));
            return [];
        }

        return value.EnumerateArray().Select((entry, index) => (entry, $"{listPath}[{index}]"));
    }

    /// <summary>The entries of a list of objects; another entry is a fault and left out.</summary>
    public IEnumerable<(JsonElement Value, string Path)> Objects(JsonElement from, string path, string name, int max)
    {
        foreach (var (value, entryPath) in List(from, path, name, max))
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                yield return (value, entryPath);
            }
            else
            {
                Fail(GraphError.Invalid(entryPath + ": it must be an object"));
            }
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : path + "." + name;
}
