namespace Actors.Api;

/// <summary>Which of the two families of calls a path belongs to; they differ in how they say errors.</summary>
internal enum Family
{
    /// <summary>The Cloud API's wire format.</summary>
    Graph,

    /// <summary>Our own <c>/v1</c>: problem+json.</summary>
    V1,

    /// <summary>Health, metrics, description: for people and machines that watch.</summary>
    Operations,
}

/// <summary>Tells the families apart by the first segment of the path.</summary>
internal static class Families
{
    private static readonly string[] Operations = ["health", "metrics", "openapi", "docs", "orleans"];

    /// <summary>The family of a path. Anything unknown is Graph, which has its own way to say that there is nothing.</summary>
    public static Family Of(PathString path)
    {
        var text = path.Value.AsSpan().TrimStart('/');
        var end = text.IndexOf('/');
        var first = end < 0 ? text : text[..end];
        if (first.Length == 2 && first.Equals("v1", StringComparison.OrdinalIgnoreCase))
        {
            return Family.V1;
        }

        if (first.Length == 0)
        {
            return Family.Operations;
        }

        if (char.IsAsciiLetter(first[0]) && !(first[0] is 'v' or 'V'))
        {
            foreach (var name in Operations)
            {
                if (first.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return Family.Operations;
                }
            }
        }

        return Family.Graph;
    }
}
