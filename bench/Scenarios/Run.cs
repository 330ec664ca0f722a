using System.Globalization;
using Actors.Bench.Scenarios.Checks;

namespace Actors.Bench.Scenarios;

/// <summary>What a run left: the figures, what didn't hold, and what wasn't reached.</summary>
/// <param name="History">What the verdict is about.</param>
internal sealed record Verdict(Summary Summary, IReadOnlyList<Violation> Violations, IReadOnlyList<string> Missed, History History)
{
    public const int Fine = 0, Violated = 2, TooSlow = 3;

    public int ExitCode => Violations.Count > 0 ? Violated : Missed.Count > 0 ? TooSlow : Fine;
}

/// <summary>One run from its set-up to its verdict.</summary>
internal static class Run
{
    private const int Shown = 20;

    /// <param name="output">What people read while it runs.</param>
    /// <param name="report">The HTML file; null for none.</param>
    /// <param name="command">How it was started, for the report.</param>
    /// <param name="stop">Ends the load early; what was made is checked all the same.</param>
    /// <param name="beside">Runs beside the load, whose end ends the load; null for nothing.</param>
    public static async Task<Verdict> ExecuteAsync(
        Settings settings, Identity identity, TextWriter output, string? report, string command, CancellationToken stop, Func<Clock, Task>? beside = null)
    {
        var scenario = settings.Scenario;
        using var platform = new Platform(settings.Url, identity, settings.Connections, settings.Timeout, settings.Patience);
        if (scenario.NeedsUsers && !platform.HasUsers)
        {
            throw new InvalidOperationException($"{scenario.Name} speaks for users: it needs the platform's signing key.");
        }

        // A storm needs users who haven't stopped yet; cold users are as many as sends.
        var users = scenario.Spread == Spread.Fresh ? settings.Calls : scenario.IsStorm ? Math.Max(settings.Users, settings.Calls / 4) : settings.Users;
        await output.WriteLineAsync($"{settings with { Users = users }}");
        var rules = await Stage.RulesAsync(platform);
        var stage = await Stage.SetAsync(platform, settings, users, oneEach: scenario.Spread == Spread.Fresh);
        await output.WriteLineAsync($"set up: {stage.Acts.Count} opt-ins and open windows");

        var clock = new Clock();
        var meter = new Meter(clock);
        using var generator = new Generator(settings, stage, new Calls(platform, stage), meter, clock);
        await using (settings.SlowDatabase is { } database ? await DatabaseBrake.StartAsync(database) : null)
        {
            await using var display = new Display(meter, generator, output);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var other = beside?.Invoke(clock) ?? Task.CompletedTask;
            var load = generator.RunAsync(ended.Token);
            if (beside is not null)
            {
                await Task.WhenAny(other, load);
                await ended.CancelAsync();
            }

            await load;
            await other;
        }

        var summary = meter.Sum(settings.Seconds);
        var history = await HistoryAsync(platform, rules, stage, generator);
        var verdict = new Verdict(summary, Checker.Check(history), [.. settings.Thresholds.Missed(summary)], history);
        await TellAsync(output, history, verdict);
        if (report is not null)
        {
            await File.WriteAllTextAsync(report, ReportPage.Write(settings with { Users = users }, command, meter, history, verdict), CancellationToken.None);
            await output.WriteLineAsync($"report: {report}");
        }

        return verdict;
    }

    private static async Task<History> HistoryAsync(Platform platform, Rules rules, Stage stage, Generator generator)
    {
        var reading = new LogReading(platform);
        var promised = generator.Sends.Select(send => send.Wamid).OfType<string>().ToHashSet();
        var log = await reading.ReadAsync(stage.Senders, promised);
        var orphans = log.Where(line => line is { Kind: LineKind.Accepted, Message: { } message } && !promised.Contains(message));
        return new History
        {
            Rules = rules,
            Senders = stage.Senders,
            Sends = [.. generator.Sends],
            Acts = [.. stage.Acts, .. generator.Acts],
            Log = log,
            Keys = await reading.KeysAsync(stage.Senders, orphans),
        };
    }

    private static async Task TellAsync(TextWriter output, History history, Verdict verdict)
    {
        var summary = verdict.Summary;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"sends: {summary.Sent}, {summary.AnsweredPerSecond:0.0}/s answered for good; {summary.Accepted} accepted, {summary.Refused} refused by rules, "
            + $"{summary.RefusedForLoad} for load, {summary.Unknown} unknown; {summary.Repeats} attempts repeated"));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"latency: p50 {summary.P50:0.0} ms, p99 {summary.P99:0.0} ms, max {summary.Max:0.0} ms; longest silence {summary.Silence:0} ms"));
        await output.WriteLineAsync($"log: {history.Log.Count} events of {history.Senders.Count} businesses");
        foreach (var (guarantee, proves, _) in Checker.All)
        {
            var found = verdict.Violations.Count(violation => violation.Guarantee == guarantee);
            await output.WriteLineAsync($"{guarantee} {(found == 0 ? "holds" : $"VIOLATED {found} times")}: {proves}");
        }

        foreach (var violation in verdict.Violations.Take(Shown))
        {
            await output.WriteLineAsync($"  {violation}");
        }

        foreach (var missed in verdict.Missed)
        {
            await output.WriteLineAsync($"MISSED {missed}");
        }
    }
}
