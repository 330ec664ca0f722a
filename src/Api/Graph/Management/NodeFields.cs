using System.Text.Json;

namespace Actors.Api.Graph.Management;

/// <summary>The fields that a kind of node has, and which of them a call gets. The id is always among them.</summary>
/// <typeparam name="T">What is known of one node.</typeparam>
/// <param name="byDefault">Names of the fields that are given when none is asked for.</param>
/// <param name="fields">Every field: its name, and what writes its value; one that writes nothing is left out.</param>
internal sealed class NodeFields<T>(string[] byDefault, Dictionary<string, Action<Utf8JsonWriter, T>> fields)
{
    private const int NamesMax = 64;

    /// <summary>Reads the query's <c>fields</c>; a fault names the one that there isn't.</summary>
    public GraphError? TryRead(HttpContext context, out string[] names)
    {
        names = byDefault;
        string? text = context.Request.Query["fields"];
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var asked = new List<string>();
        foreach (var name in Split(text))
        {
            if (!fields.ContainsKey(name) || asked.Count == NamesMax)
            {
                return GraphError.Invalid($"fields: there is no field {(name.Length <= 64 ? name : name[..64] + "…")}");
            }

            if (!asked.Contains(name))
            {
                asked.Add(name);
            }
        }

        names = [.. asked];
        return null;
    }

    /// <summary>Writes one node as an object.</summary>
    public void Write(Utf8JsonWriter writer, T node, string[] names)
    {
        writer.WriteStartObject();
        foreach (var name in names)
        {
            fields[name](writer, node);
        }

        if (!names.Contains("id") && fields.TryGetValue("id", out var id))
        {
            id(writer, node);
        }

        writer.WriteEndObject();
    }

    /// <summary>Names at the top level; what stands in brackets behind one is about its parts, and all parts are given.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                var name = text[start..i];
                var end = name.AsSpan().IndexOfAny('{', '.', '(');
                name = (end < 0 ? name : name[..end]).Trim();
                start = i + 1;
                if (name.Length > 0)
                {
                    yield return name;
                }
            }
            else
            {
                depth += text[i] is '{' or '(' ? 1 : text[i] is '}' or ')' ? -1 : 0;
            }
        }
    }
}
