using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Actors.Bench.Scenarios;

namespace Actors.Bench.Faults;

/// <summary>A silo joins two others under load: how activations and commits spread over the three, second by second.</summary>
internal sealed partial class Joining(Cluster cluster, int rate, int users) : IDisposable
{
    // Who has moved is in memory where they were, too, until idle for two minutes (looked at twice a minute): the third silo stays until that is over, so
    // that whoever the others lose when it leaves is somebody whom it took along.
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(30), After = TimeSpan.FromSeconds(215), Gone = TimeSpan.FromSeconds(15);
    private static readonly string[] Colors = ["#1f6feb", "#d29922", "#2da44e"];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly List<double>[] _activations = [[], [], []];
    private readonly List<double>[] _commits = [[], [], []];

    /// <summary>Runs it; the page for bench/results, its plot, and what wasn't as promised.</summary>
    public async Task<(string Page, string Plot, IReadOnlyList<string> Missed)> RunAsync(string command, string plotName)
    {
        var settings = new Settings
        {
            Scenario = Scenario.All.Single(scenario => scenario.Name == "steady"),
            Url = cluster.Url,
            Seconds = 86_400,
            Rate = rate,
            Users = users,
            Timeout = TimeSpan.FromSeconds(15),
            Patience = TimeSpan.FromSeconds(120),
        };
        await cluster.ReadyAsync();
        var newcomer = cluster.Silos[^1];
        await cluster.TakeAwayAsync(newcomer);
        var (joined, left) = (0, 0);
        var verdict = await Run.ExecuteAsync(
            settings, Identity.WithKey(cluster.SigningKey), TextWriter.Null, report: null, command: "", CancellationToken.None, async _ =>
            {
                using var ends = new CancellationTokenSource();
                var sampling = SampleAsync(ends.Token);
                await Task.Delay(Before, TimeProvider.System, CancellationToken.None);
                cluster.BringBack(newcomer);
                await cluster.BackAsync(newcomer);
                joined = _activations[0].Count;
                await Task.Delay(After, TimeProvider.System, CancellationToken.None);
                left = _activations[0].Count;
                await cluster.TakeAwayAsync(newcomer);
                await Task.Delay(Gone, TimeProvider.System, CancellationToken.None);
                await ends.CancelAsync();
                cluster.BringBack(newcomer);
                await sampling;
            });
        return (Page(verdict, joined, left, command, plotName), Plot(), [.. Missed(verdict, joined, left)]);
    }

    private IEnumerable<string> Missed(Verdict verdict, int joined, int left)
    {
        // Not of all that are in memory: who has moved is still there where they were, too, until they have been idle for two minutes.
        var third = _activations[2][joined + 60] / users;
        if (third < 0.25)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"a minute after it joined the third silo had {third:0.00} of the users in memory, wanted 0.25");
        }

        var (had, kept) = Kept(left);
        if (kept < had * 0.99)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"of {had} users the others kept {kept} when it left, wanted 0.99 of them");
        }

        if (verdict.Violations.Count > 0 || verdict.Summary.Unknown > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{verdict.Violations.Count} violations, {verdict.Summary.Unknown} sends without an answer for good, wanted none");
        }
    }

    /// <summary>Users that the first two silos had in memory before the third one left, and the fewest of them afterwards.</summary>
    private (double Had, double Kept) Kept(int left)
    {
        var first = _activations.Take(2).ToList();
        var had = first.Sum(list => list[left - 1]);
        return (had, Math.Min(had, Enumerable.Range(left, _activations[0].Count - left).Min(at => first.Sum(list => list[at]))));
    }

    public void Dispose() => _http.Dispose();

    private async Task SampleAsync(CancellationToken stop)
    {
        var last = new (double Activations, double Commits)?[_commits.Length];
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                for (var silo = 0; silo < _commits.Length; silo++)
                {
                    // Where one isn't there it has nothing; where it is late, what it had.
                    var read = await ReadAsync(cluster.Silos[silo]) ?? (cluster.Silos[silo].IsThere ? last[silo] : null);
                    _activations[silo].Add(read?.Activations ?? 0);
                    _commits[silo].Add(read is { } now && last[silo] is { } before ? Math.Max(0, now.Commits - before.Commits) : 0);
                    last[silo] = read;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // All that was asked for is there.
        }
    }

    /// <summary>A silo's users in memory, and its commits since its start; nothing while it isn't there.</summary>
    private async Task<(double Activations, double Commits)?> ReadAsync(Node silo)
    {
        try
        {
            var text = await _http.GetStringAsync(new Uri(silo.Url!, "/metrics"));
            return (Sum(Activations().Matches(text)), Sum(Commits().Matches(text)));
        }
        catch (Exception gone) when (gone is HttpRequestException or OperationCanceledException)
        {
            return null;
        }

        static double Sum(MatchCollection lines) => lines.Sum(line => double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    private string Page(Verdict verdict, int joined, int left, string command, string plot)
    {
        var text = new StringBuilder("# A silo joins under load\n\n");
        Line(text, $"`{command}`, {Environment.ProcessorCount} cores, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}. Two silos, two API nodes, PostgreSQL,");
        Line(text, $"HAProxy and the load generator on one machine; {rate} sends/s to {users} users. After {joined} s a third silo is ready. ![]({plot})");
        Line(text, $"");
        Line(text, $"| seconds since it is ready | users on silo 1, 2, 3 | commits/s on silo 1, 2, 3 |");
        Line(text, $"|---:|---:|---:|");
        foreach (var after in (int[])[-5, 5, 10, 20, 30, 45, 60, 120, 210])
        {
            var at = Math.Min(joined + after, left - 3);   // a busy machine takes fewer samples than one a second
            string Row(List<double>[] values, Func<List<double>, double> of) => string.Join(", ", values.Select(of).Select(value => $"{value:0}"));
            Line(text, $"| {after} | {Row(_activations, list => list[at])} | {Row(_commits, list => list.Skip(at - 2).Take(5).Average())} |");
        }

        Line(text, $"");
        var (had, kept) = Kept(left);
        Line(text, $"After {left} s it is told to stop again: of {had} users that the others have in memory they keep {kept}.");
        Line(text, $"");
        var sends = verdict.Summary;
        Line(text, $"Sends: {sends.Sent}, p99 {sends.P99:0} ms, longest {sends.Max:0} ms, {sends.Unknown} without an answer for good,");
        Line(text, $"{verdict.Violations.Count} violations.");
        return text.ToString();

        static void Line(StringBuilder page, FormattableString line) => page.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private string Plot()
    {
        Curve[] Of(List<double>[] values) => [.. values.Select((list, silo) => new Curve($"silo {silo + 1}", Colors[silo], list))];
        var charts = new[] { Chart.Draw("users", Of(_activations)), Chart.Draw("commits/s", Of(_commits)) };
        var placed = charts.Select((chart, row) =>
            chart.Replace("<svg ", $"<svg x=\"0\" y=\"{row * 260}\" width=\"960\" height=\"240\" ", StringComparison.Ordinal));
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 500" font-family="sans-serif" font-size="11">
            <rect width="960" height="500" fill="white"/>
            {string.Join('\n', placed)}
            </svg>

            """;
    }

    [GeneratedRegex("^orleans_grains\\{[^\n]*grain_type=\"user\"[^\n]*\\} ([0-9.e+]+)( [0-9]+)?$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Activations();

    [GeneratedRegex("^ledger_commits_total[^\n]* ([0-9.e+]+)( [0-9]+)?$", RegexOptions.Multiline)]
    private static partial Regex Commits();
}
