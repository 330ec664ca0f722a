using System.Text;
using System.Text.Json.Nodes;

namespace Actors.Cluster.Tests.Malformed;

/// <summary>A request as it goes on the wire: whatever was done to it.</summary>
public sealed record Request
{
    /// <summary>The call that it was made from.</summary>
    public required Endpoint From { get; init; }

    /// <summary>Method.</summary>
    public required string Method { get; set; }

    /// <summary>Path and query, escaped or not.</summary>
    public required string Path { get; set; }

    /// <summary>The header's whole value; null for none.</summary>
    public string? Authorization { get; set; }

    /// <summary>Content type; null for none.</summary>
    public string? Type { get; set; }

    /// <summary>Body; null for none.</summary>
    public byte[]? Body { get; set; }

    /// <summary>The body as a tree whose members can be broken one by one; null when there is none, or it is no JSON any more.</summary>
    public JsonNode? Tree { get; set; }

    /// <summary>What stands for JSON that no tree can hold, and that JSON.</summary>
    public Dictionary<string, string> Marks { get; } = [];

    /// <summary>Further headers, unchecked.</summary>
    public List<(string Name, string Value)> Headers { get; } = [];

    /// <summary>What was done to it, for whoever reads a failure.</summary>
    public List<string> Breaks { get; } = [];

    /// <summary>Makes the body's text from the tree.</summary>
    public void RenderTree() => Body = Encoding.UTF8.GetBytes(
        Marks.Aggregate(Tree!.ToJsonString(), (text, mark) => text.Replace($"\"{mark.Key}\"", mark.Value, StringComparison.Ordinal)));

    /// <summary>As a message for a client that checks nothing that it can leave to the server.</summary>
    public HttpRequestMessage ToMessage(Uri address)
    {
        var uri = new Uri(address.ToString().TrimEnd('/') + Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(Method), uri);
        if (Authorization is not null)
        {
            message.Headers.TryAddWithoutValidation("Authorization", Authorization);
        }

        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            if (Type is not null)
            {
                message.Content.Headers.TryAddWithoutValidation("Content-Type", Type);
            }
        }

        foreach (var (name, value) in Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Method} {Cut(Path)} {Type} [{string.Join(", ", Breaks)}] {Cut(Body is null ? "" : Encoding.Latin1.GetString(Body))}";

    private static string Cut(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
