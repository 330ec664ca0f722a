namespace Actors.Api.V1;

/// <summary>One line of a body, with its place.</summary>
/// <param name="Number">From 1; empty lines count, but aren't given.</param>
/// <param name="Bytes">Without its end.</param>
internal readonly record struct JsonLine(int Number, ReadOnlyMemory<byte> Bytes);

/// <summary>Cuts a body into lines. Ends are LF or CRLF; the last line may go without.</summary>
internal static class JsonLines
{
    public static IEnumerable<JsonLine> Split(ReadOnlyMemory<byte> body)
    {
        for (var number = 1; !body.IsEmpty; number++)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = (end < 0 ? body : body[..end]).TrimEnd((byte)'\r');
            body = end < 0 ? default : body[(end + 1)..];
            if (line.Span.ContainsAnyExcept(" \t\r"u8))
            {
                yield return new JsonLine(number, line);
            }
        }
    }
}
