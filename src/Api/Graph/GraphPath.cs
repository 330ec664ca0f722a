namespace Actors.Api.Graph;

/// <summary>What hangs on a node.</summary>
internal enum GraphEdge
{
    /// <summary>The node itself.</summary>
    Node,

    /// <summary>Sends.</summary>
    Messages,

    /// <summary>Sends of marketing templates.</summary>
    MarketingMessages,

    /// <summary>A number's profile.</summary>
    Profile,

    /// <summary>The business's own block list.</summary>
    BlockUsers,

    /// <summary>A business's templates.</summary>
    Templates,

    /// <summary>A business's numbers.</summary>
    PhoneNumbers,

    /// <summary>Webhook subscription.</summary>
    SubscribedApps,

    /// <summary>Counts of a business's templates.</summary>
    TemplateAnalytics,

    /// <summary>Ends a template's pause.</summary>
    Unpause,
}

/// <summary>A Graph path: <c>/{version}/{id}/{edge}</c>, version and edge may be missing.</summary>
internal readonly record struct GraphPath(long Id, GraphEdge Edge)
{
    /// <summary>Reads a path; false when it is none of ours.</summary>
    public static bool TryParse(ReadOnlySpan<char> path, out GraphPath parsed)
    {
        parsed = default;
        path = path.TrimStart('/');
        if (path.EndsWith('/'))
        {
            path = path[..^1];
        }

        var first = Next(ref path);
        if (IsVersion(first))
        {
            first = Next(ref path);
        }

        if (!TryReadId(first, out var id))
        {
            return false;
        }

        var edge = Next(ref path);
        if (!path.IsEmpty || EdgeOf(edge) is not { } known)
        {
            return false;
        }

        parsed = new(id, known);
        return true;
    }

    /// <summary>Reads an id: decimal, below 2^53, without zeros in front.</summary>
    public static bool TryReadId(ReadOnlySpan<char> text, out long id)
    {
        id = 0;
        if (text.Length is 0 or > 16 || text[0] is < '1' or > '9')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            id = (id * 10) + (c - '0');
        }

        return id < 1L << 53;
    }

    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf('/');
        var segment = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return segment;
    }

    /// <summary><c>vN</c> or <c>vN.N</c>; <c>v1</c> never comes here.</summary>
    private static bool IsVersion(ReadOnlySpan<char> text)
    {
        if (text.Length is < 2 or > 8 || text[0] is not ('v' or 'V'))
        {
            return false;
        }

        var dot = text.IndexOf('.');
        return dot < 0 ? IsDigits(text[1..]) : IsDigits(text[1..dot]) && IsDigits(text[(dot + 1)..]);
    }

    private static bool IsDigits(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');

    private static GraphEdge? EdgeOf(ReadOnlySpan<char> edge) => edge switch
    {
        "messages" => GraphEdge.Messages,
        "" => GraphEdge.Node,
        "marketing_messages" => GraphEdge.MarketingMessages,
        "whatsapp_business_profile" => GraphEdge.Profile,
        "block_users" => GraphEdge.BlockUsers,
        "message_templates" => GraphEdge.Templates,
        "phone_numbers" => GraphEdge.PhoneNumbers,
        "subscribed_apps" => GraphEdge.SubscribedApps,
        "template_analytics" => GraphEdge.TemplateAnalytics,
        "unpause" => GraphEdge.Unpause,
        _ => null,
    };
}
