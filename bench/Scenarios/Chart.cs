using System.Globalization;
using System.Net;
using System.Text;

namespace Actors.Bench.Scenarios;

/// <summary>A line of a chart: one value a second.</summary>
internal sealed record Curve(string Name, string Color, IReadOnlyList<double> Values);

/// <summary>Draws values over seconds as SVG.</summary>
internal static class Chart
{
    private const int Width = 960, Height = 240, Left = 60, Top = 24, Bottom = 22;
    private const int Lines = 4;

    /// <param name="unit">Of the values; the scale goes from 0 to the highest one.</param>
    public static string Draw(string unit, params Curve[] curves)
    {
        var seconds = Math.Max(2, curves.Max(curve => curve.Values.Count));
        var top = Math.Max(1, curves.SelectMany(curve => curve.Values).DefaultIfEmpty().Max());
        double X(int second) => Left + ((Width - Left) * second / (double)(seconds - 1));
        double Y(double value) => Height - Bottom - ((Height - Bottom - Top) * value / top);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(unit)}\">\n");
        for (var line = 0; line <= Lines; line++)
        {
            var value = top * line / Lines;
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{Left}" x2="{Width}" y1="{Y(value):0.0}" y2="{Y(value):0.0}" stroke="#ddd"/>
                <text x="0" y="{Y(value) + 4:0.0}">{value:0.#} {unit}</text>

                """);
        }

        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{Left}" y="{Height - 4}">0 s</text><text x="{Width}" y="{Height - 4}" text-anchor="end">{seconds} s</text>

            """);
        for (var index = 0; index < curves.Length; index++)
        {
            var curve = curves[index];
            var points = string.Join(' ', curve.Values.Select((value, second) =>
                string.Create(CultureInfo.InvariantCulture, $"{X(second):0.0},{Y(value):0.0}")));
            svg.Append(CultureInfo.InvariantCulture, $"""
                <polyline fill="none" stroke="{curve.Color}" stroke-width="1.5" points="{points}"/>
                <rect x="{Left + (index * 160)}" y="4" width="10" height="10" fill="{curve.Color}"/>
                <text x="{Left + (index * 160) + 15}" y="13">{curve.Name}</text>

                """);
        }

        return svg.Append("</svg>\n").ToString();
    }
}
