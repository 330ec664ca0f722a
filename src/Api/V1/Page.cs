using System.Globalization;

namespace Actors.Api.V1;

/// <summary>What a caller asks of a list.</summary>
/// <param name="After">The place behind which to go on; null from the start.</param>
/// <param name="Limit">At most so many, 1 to <see cref="LimitMax"/>.</param>
internal readonly record struct Page(long? After, int Limit)
{
    public const int LimitDefault = 100;
    public const int LimitMax = 1_000;

    /// <summary>Reads <c>after</c> and <c>limit</c>, and refuses parameters that this list doesn't know.</summary>
    /// <param name="query">The query.</param>
    /// <param name="kind">The list.</param>
    /// <param name="checks">Takes what is wrong.</param>
    /// <param name="known">The list's own parameters beside these two.</param>
    public static Page Read(IQueryCollection query, CursorKind kind, Checks checks, params ReadOnlySpan<string> known)
    {
        foreach (var (name, values) in query)
        {
            if (name is not ("after" or "limit") && !known.Contains(name, StringComparer.Ordinal))
            {
                checks.Add(name, "there is no such parameter");
            }
            else if (values.Count > 1)
            {
                checks.Add(name, "it is given more than once");
            }
        }

        long? after = null;
        if (query["after"] is [{ Length: > 0 } cursor])
        {
            if (Cursor.TryDecode(kind, cursor, out var place))
            {
                after = place;
            }
            else
            {
                checks.Add("after", "it must be a cursor that this list gave as next");
            }
        }

        var limit = LimitDefault;
        if (query["limit"] is [{ Length: > 0 } number]
            && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > LimitMax))
        {
            checks.Add("limit", string.Create(CultureInfo.InvariantCulture, $"it must be a whole number from 1 to {LimitMax}"));
        }

        return new Page(after, limit);
    }
}
