using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Actors.Api.Graph.Management;

/// <summary>Where a page of a list starts and how long it is. Cursors are opaque to the outside.</summary>
/// <param name="After">The id that the page starts behind; 0 for the first page.</param>
/// <param name="Limit">Most entries, 1 to 1,000.</param>
internal readonly record struct Paging(long After, int Limit)
{
    private const int LimitDefault = 100;
    private const int LimitMax = 1_000;

    /// <summary>Reads <c>limit</c> and <c>after</c> from the query.</summary>
    public static GraphError? TryRead(HttpContext context, out Paging paging)
    {
        paging = default;
        var query = context.Request.Query;
        var limit = LimitDefault;
        if (query["limit"] is [{ } text] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= LimitMax))
        {
            return GraphError.Invalid($"limit: it must be a number from 1 to {LimitMax}");
        }

        if (query.ContainsKey("before"))
        {
            return GraphError.Invalid("before: lists are paged forwards only; use after");
        }

        var after = 0L;
        if (query["after"] is [{ Length: > 0 } cursor] && !TryDecode(cursor, out after))
        {
            return GraphError.Invalid("after: it is no cursor of this list");
        }

        paging = new(after, limit);
        return null;
    }

    /// <summary>Writes the member <c>paging</c>; the address of the next page is there when there is one. It never holds a token.</summary>
    public void Write(Utf8JsonWriter writer, HttpContext context, long first, long last, bool more)
    {
        if (last == 0)
        {
            return;
        }

        writer.WriteStartObject("paging");
        writer.WriteStartObject("cursors");
        writer.WriteString("before", Encode(first));
        writer.WriteString("after", Encode(last));
        writer.WriteEndObject();
        if (more)
        {
            var request = context.Request;
            var kept = request.Query.Where(p => p.Key is not ("after" or "limit" or "access_token"));
            var query = QueryString.Create(kept).Add("limit", Limit.ToString(CultureInfo.InvariantCulture)).Add("after", Encode(last));
            writer.WriteString("next", $"{request.Scheme}://{request.Host}{request.PathBase}{request.Path}{query}");
        }

        writer.WriteEndObject();
    }

    private static string Encode(long id) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture)));

    private static bool TryDecode(string cursor, out long id)
    {
        id = 0;
        Span<byte> text = stackalloc byte[32];
        return cursor.Length <= 32 && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, text, out var length)
            && long.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out id);
    }
}
