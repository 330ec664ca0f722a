using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace Actors.Api.Json;

/// <summary>A body that was read, or the problem with it; never both.</summary>
internal readonly record struct Read<T>(T? Value, Problem? Problem)
    where T : class;

/// <summary>
/// Reads a JSON body under <c>/v1</c> strictly: a field that isn't known is named, a field given twice is refused, <c>null</c> means absent, and whatever
/// is wrong is a 4xx.
/// </summary>
internal static class JsonBody
{
    /// <summary>Largest body.</summary>
    public const int BytesMax = 256 * 1024;

    /// <summary>Deepest nesting.</summary>
    public const int DepthMax = 32;

    /// <summary>Makes a source-generated context strict; pass it the options of the context's constructor.</summary>
    public static JsonSerializerOptions Options() => new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        MaxDepth = DepthMax,
    };

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = DepthMax };

    /// <summary>Reads the whole body as one object.</summary>
    public static async ValueTask<Read<T>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (!IsJson(context.Request.ContentType))
        {
            return new(null, Problems.WrongContentType("application/json"));
        }

        if (context.Request.ContentLength > BytesMax)
        {
            return new(null, Problems.TooLarge(BytesMax));
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > BytesMax)
            {
                reader.AdvanceTo(read.Buffer.End);
                return new(null, Problems.TooLarge(BytesMax));
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return Parse(body, type);
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Reads one object, such as a line of a stream.</summary>
    public static Read<T> Parse<T>(ReadOnlyMemory<byte> utf8, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return new(null, Problems.MalformedJson("The body must be a JSON object."));
            }

            var faults = new List<(string, string)>();
            var clean = new ArrayBufferWriter<byte>(Math.Max(utf8.Length, 16));
            using (var writer = new Utf8JsonWriter(clean))
            {
                Copy(root, type, "", writer, faults);
            }

            if (faults.Count > 0)
            {
                return new(null, Problems.Invalid(string.Join("; ", faults.Select(f => $"{f.Item1}: {f.Item2}")), faults));
            }

            var value = JsonSerializer.Deserialize(clean.WrittenSpan, type);
            return new(value, value is null ? Problems.MalformedJson("The body must be a JSON object.") : null);
        }
        catch (JsonException e) when (e.Path is { Length: > 0 } path and not "$")
        {
            return new(null, Problems.Invalid(Field(path), "it is not a value of the right kind"));
        }
        catch (JsonException e)
        {
            return new(null, Problems.MalformedJson(Sentence(e)));
        }
        catch (InvalidOperationException)
        {
            return new(null, Problems.MalformedJson("A string contains half of a surrogate pair, or bytes that are not UTF-8."));
        }
    }

    /// <summary>Whether a content type is JSON in UTF-8.</summary>
    public static bool IsJson(string? contentType) => IsUtf8(contentType, "application/json");

    /// <summary>
    /// Whether a content type is the given one and doesn't say that it is anything but UTF-8: JSON has no other encoding, and what claims one isn't guessed at.
    /// </summary>
    public static bool IsUtf8(string? contentType, string mediaType)
    {
        if (mediaType.Equals(contentType, StringComparison.OrdinalIgnoreCase))
        {
            return true;   // nearly always, and nothing to take apart
        }

        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Copies an object without its nulls, and notes what is unknown, missing or can't be stored.</summary>
    private static void Copy(JsonElement from, JsonTypeInfo? type, string path, Utf8JsonWriter to, List<(string, string)> faults)
    {
        switch (from.ValueKind)
        {
            case JsonValueKind.Object:
                CopyObject(from, type is { Kind: JsonTypeInfoKind.Object } ? type : null, path, to, faults);
                break;
            case JsonValueKind.Array:
                to.WriteStartArray();
                var index = 0;
                var element = type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } of } ? type.Options.GetTypeInfo(of) : null;
                foreach (var item in from.EnumerateArray())
                {
                    Copy(item, element, $"{path}[{index++}]", to, faults);
                }

                to.WriteEndArray();
                break;
            case JsonValueKind.String:
                var text = from.GetString()!;
                if (text.Contains('\0', StringComparison.Ordinal))
                {
                    faults.Add((path, "it contains the character U+0000"));
                }

                to.WriteStringValue(text);
                break;
            default:
                from.WriteTo(to);
                break;
        }
    }

    private static void CopyObject(JsonElement from, JsonTypeInfo? type, string path, Utf8JsonWriter to, List<(string, string)> faults)
    {
        to.WriteStartObject();
        foreach (var member in from.EnumerateObject())
        {
            var memberPath = path.Length == 0 ? member.Name : path + "." + member.Name;
            var property = type?.Properties.FirstOrDefault(p => p.Name == member.Name);
            if (type is not null && property is null)
            {
                faults.Add((Shorten(memberPath), "there is no such field"));
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                to.WritePropertyName(member.Name);
                Copy(member.Value, property is null ? null : type!.Options.GetTypeInfo(property.PropertyType), memberPath, to, faults);
            }
        }

        foreach (var property in type?.Properties.Where(p => p.IsRequired) ?? [])
        {
            if (!from.TryGetProperty(property.Name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                faults.Add((path.Length == 0 ? property.Name : path + "." + property.Name, "it is required"));
            }
        }

        to.WriteEndObject();
    }

    private static string Field(string path) => Shorten(path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path);

    private static string Shorten(string path) => path.Length <= 128 ? path : path[..128] + "…";

    private static string Sentence(JsonException e) => new StringBuilder("The body is not well-formed JSON")
        .Append(e.LineNumber is { } line ? $" at line {line + 1}, byte {e.BytePositionInLine + 1}" : "")
        .Append(e.Message.Contains("uplicate", StringComparison.Ordinal) ? ": a field is given twice." : ".").ToString();
}
