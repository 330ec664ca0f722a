using System.Text;

namespace Actors.Api.V1;

/// <summary>Comma-separated values by RFC 4180, that a spreadsheet can open without running anything.</summary>
internal sealed class Csv
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds a line.</summary>
    /// <param name="cells">Its cells; null is an empty one.</param>
    public void Line(IEnumerable<string?> cells) => _text.AppendJoin(',', cells.Select(cell => Cell(cell ?? ""))).Append("\r\n");

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>One cell. What a spreadsheet would take for a formula gets an apostrophe in front, which makes it text.</summary>
    public static string Cell(string value)
    {
        var text = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠' ? "'" + value : value;
        return text.AsSpan().ContainsAny("\",\r\n'") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
