using System.Globalization;
using System.Net;
using System.Text;
using Actors.Bench.Scenarios.Checks;

namespace Actors.Bench.Scenarios;

/// <summary>The report of a run: one HTML file that needs nothing else.</summary>
internal static class ReportPage
{
    private const string Style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:1000px;padding:0 1em;color:#222}
        table{border-collapse:collapse}td,th{padding:.2em .8em .2em 0;text-align:left;vertical-align:top}
        code{background:#f3f3f3;padding:.1em .3em;overflow-wrap:anywhere}svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:#555}
        .bad{color:#b00020;font-weight:600}.good{color:#1b7f3b;font-weight:600}
        """;

    public static string Write(Settings settings, string command, Meter meter, History history, Verdict verdict)
    {
        var seconds = meter.Seconds;
        var summary = verdict.Summary;
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Load: {Text(settings.Scenario.Name)}</title><style>{Style}</style>
            <h1>{Text(settings.Scenario.Name)}</h1>
            <p>{Text(settings.Scenario.What)}</p>
            <p>{Text(settings.ToString())}<br><code>{Text(command)}</code></p>
            <h2>Verdict</h2><table>

            """);
        foreach (var (guarantee, proves, _) in Checker.All)
        {
            var found = verdict.Violations.Count(violation => violation.Guarantee == guarantee);
            page.Append(Row(guarantee, found == 0 ? "<span class=good>holds</span>" : $"<span class=bad>violated {found} times</span>", Text(proves)));
        }

        page.Append("</table>\n");
        page.Append(List(verdict.Violations.Take(100).Select(violation => violation.ToString())));
        page.Append(verdict.Missed.Count == 0 ? "<p>No threshold was missed.</p>\n" : List(verdict.Missed.Select(missed => $"missed {missed}")));
        page.Append("<h2>Figures</h2><table>\n");
        foreach (var (name, value) in Figures(summary, history))
        {
            page.Append(Row(name, value));
        }

        page.Append("</table>\n<h2>Sends per second</h2>\n");
        page.Append(Chart.Draw(
            "sends/s",
            new("accepted", "#1b7f3b", [.. seconds.Select(second => (double)second.Accepted)]),
            new("refused by rules", "#c77700", [.. seconds.Select(second => (double)second.Refused)]),
            new("busy or unknown", "#b00020", [.. seconds.Select(second => (double)second.Busy + second.Unknown)]),
            new("attempts repeated", "#7a3cc2", [.. seconds.Select(second => (double)second.Repeats)])));
        page.Append("<h2>Latency</h2>\n<p>From when a send was due to its answer for good.</p>\n");
        page.Append(Chart.Draw(
            "ms",
            new("p50", "#1f5fbf", [.. seconds.Select(second => Meter.Milliseconds(second.Latency, 50))]),
            new("p99", "#c77700", [.. seconds.Select(second => Meter.Milliseconds(second.Latency, 99))]),
            new("max", "#b00020", [.. seconds.Select(second => Meter.Milliseconds(second.Latency, 100))])));
        page.Append("<h2>Outcomes</h2><table>\n");
        foreach (var (outcome, count) in meter.Outcomes)
        {
            page.Append(Row(Text(outcome), count.ToString(CultureInfo.InvariantCulture)));
        }

        return page.Append("</table></html>\n").ToString();
    }

    private static IEnumerable<(string Name, string Value)> Figures(Summary summary, History history)
    {
        yield return ("sends", summary.Sent.ToString(CultureInfo.InvariantCulture));
        yield return ("answered for good", summary.AnsweredPerSecond.ToString("0.0", CultureInfo.InvariantCulture) + "/s");
        yield return ("accepted", summary.Accepted.ToString(CultureInfo.InvariantCulture));
        yield return ("refused by rules", summary.Refused.ToString(CultureInfo.InvariantCulture));
        yield return ("refused for load", summary.RefusedForLoad.ToString(CultureInfo.InvariantCulture));
        yield return ("unknown", summary.Unknown.ToString(CultureInfo.InvariantCulture));
        yield return ("attempts repeated", summary.Repeats.ToString(CultureInfo.InvariantCulture));
        yield return ("latency", string.Create(CultureInfo.InvariantCulture, $"p50 {summary.P50:0.0} ms, p99 {summary.P99:0.0} ms, max {summary.Max:0.0} ms"));
        yield return ("longest silence", string.Create(CultureInfo.InvariantCulture, $"{summary.Silence:0} ms without an accepted send"));
        yield return ("events in the log", history.Log.Count.ToString(CultureInfo.InvariantCulture));
    }

    private static string Row(params string[] cells) => $"<tr>{string.Concat(cells.Select(cell => $"<td>{cell}</td>"))}</tr>\n";

    private static string List(IEnumerable<string> lines) => $"<ul>{string.Concat(lines.Select(line => $"<li class=bad>{Text(line)}</li>"))}</ul>\n";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
