using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Actors.Bench.Load;

/// <summary>One table of what was measured, with the machine's shape.</summary>
internal static class Report
{
    private static readonly (string Title, Func<Session, Result, FormattableString> Cell)[] s_columns =
    [
        ("target", (_, result) => $"{result.Target.Name}"),
        ("load", (_, result) => $"{result.Load}"),
        ("accepted/s", (_, result) => $"{result.PerSecond:0}"),
        ("rounds", (_, result) => $"{string.Join(' ', result.Rounds.Select(round => (long)round))}"),
        ("× floor", (session, result) => $"{Ratio(session, result, TargetKind.Floor):0.00}"),
        ("× peer", (session, result) => $"{Ratio(session, result, TargetKind.Peer):0.00}"),
        ("p50 ms", (_, result) => $"{result.Total.Percentile(50):0.0}"),
        ("p99 ms", (_, result) => $"{result.Total.Percentile(99):0.0}"),
        ("p99.9 ms", (_, result) => $"{result.Total.Percentile(99.9):0.0}"),
        ("other answers", (_, result) => $"{result.Total.Other}"),
        ("503", (_, result) => $"{result.Total.Overloaded}"),
        ("p99 to 503, ms", (_, result) => $"{(result.Total.Overloaded == 0 ? null : result.Total.RefusalPercentile(99)):0.0}"),
        ("lost", (_, result) => $"{result.Total.Lost}"),
        ("wrong", (_, result) => $"{result.Total.Violations}"),
        ("µs generator", (_, result) => $"{result.Microseconds(result.Generator):0.0}"),
        ("µs server", (_, result) => $"{result.Microseconds(result.Server):0.0}"),
        ("µs database", (_, result) => $"{result.Microseconds(result.Database):0.0}"),
        ("µs receiver", (_, result) => $"{(result.Updates.Count == 0 ? null : result.Microseconds(result.Receiver)):0.0}"),
        ("updates/s", (_, result) => $"{(result.Updates.Count == 0 ? null : Result.Median(result.Updates)):0}"),
        ("RAM, MB", (_, result) => $"{result.ResidentMax:0}"),
    ];

    public static string Make(Session session, string command)
    {
        var settings = session.Settings;
        var mix = settings.Mix;
        var text = new StringBuilder();
        Line($"# {command}");
        Line($"");
        Line($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}. Load generator, servers and database together on one machine: {Machine()}.");
        Line($"PostgreSQL {session.Postgres.Version}, fsync and synchronous_commit on; {string.Join(", ", Postgres.Settings)}.");
        Line($"");
        Line($"{settings.Users} users of {settings.Businesses} businesses, spread {mix.Spread.ToString().ToLowerInvariant()};");
        Line($"{1 - mix.Service - mix.Marketing:P0} utility templates, {mix.Service:P0} texts into a window, {mix.Marketing:P0} marketing templates;");
        Line($"{mix.Keyed:P0} with an idempotency key, {mix.Repeated:P0} of those used again; {mix.New:P0} to users who opt in just before.");
        Line($"Seed {settings.Seed}, {settings.WarmUp} s of warm-up, {settings.Rounds} rounds, {settings.Seconds} s in all for each.");
        Line($"");
        Line($"What is measured is the accepted send, so the node's rules that would refuse it are configured out of the way:");
        Line($"`{string.Join(' ', NodeSetup.OutOfTheWay)}`.");
        Line($"Each business's messaging limit is 100,000 users in 24 hours, more than are written to; with more users than that it has none.");
        Line($"The peer has no such rules. Consent, window, keys and marketing cap hold in both; the floor decides and stores nothing.");
        Line($"");
        Line($"| {string.Join(" | ", s_columns.Select(column => column.Title))} |");
        Line($"|---|---|{string.Concat(s_columns.Skip(2).Select(_ => "---:|"))}");
        foreach (var result in session.Results)
        {
            Line($"| {string.Join(" | ", s_columns.Select(column => column.Cell(session, result).ToString(CultureInfo.InvariantCulture)))} |");
        }

        Line($"");
        Promises(session, Line);
        Line($"`accepted/s` is the median of the rounds. Latencies run from the intended send time. µs: processor time for each answer.");
        Line($"`wrong`: answers that the user's history doesn't allow.");
        Line($"");
        session.Notes.ForEach(note => Line($"{note}"));
        foreach (var target in session.Targets.Where(target => target.Checker.Violations > 0))
        {
            Line($"");
            Line($"{target.Name}: {target.Checker.Violations} wrong answers, warm-up included, such as:");
            foreach (var example in target.Checker.Examples)
            {
                Line($"- {example}");
            }
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>What the project promises of these figures, beside what came.</summary>
    private static void Promises(Session session, Action<FormattableString> line)
    {
        var promises = new List<FormattableString>();
        foreach (var result in session.Results)
        {
            var (floor, peer) = (Ratio(session, result, TargetKind.Floor), Ratio(session, result, TargetKind.Peer));
            switch (result.Target.Kind, result.Load)
            {
                case (TargetKind.Postgres, _) when floor is not null:
                    promises.Add($"| PostgreSQL × floor | at least 0.30 | {floor:0.00} |");
                    promises.Add($"| PostgreSQL × peer | at least 3 | {peer:0.00} |");
                    break;
                case (TargetKind.Sqlite, _) when floor is not null:
                    promises.Add($"| SQLite × floor | at least 0.15 | {floor:0.00} |");
                    break;
                case (TargetKind.Postgres, _) when peer is not null:
                    promises.Add($"| users not in memory × peer | at least 1.5 | {peer:0.00} |");
                    break;
                case (_, var load) when load.StartsWith(Figures.Half, StringComparison.Ordinal):
                    promises.Add($"| p99 at half load | at most 20 ms | {result.Total.Percentile(99):0.0} ms |");
                    promises.Add($"| refusals at half load | none | {result.Total.Overloaded} |");
                    break;
                case (_, var load) when result.Goodput.Count > 0:
                    promises.Add($"| goodput, {load} | at least 80 % of the maximum before and after | {Result.Median(result.Goodput):P0} |");
                    break;
            }
        }

        if (promises.Count > 0)
        {
            line($"| what | promised | measured |");
            line($"|---|---|---:|");
            promises.ForEach(line);
            line($"");
        }
    }

    private static double? Ratio(Session session, Result result, TargetKind to)
    {
        var other = session.Results.Find(other => other.Target.Kind == to && other.Load == result.Load);
        return other is null || other == result || other.PerSecond == 0 ? null : result.PerSecond / other.PerSecond;
    }

    private static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30);
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores ({model}), {memory:0} GiB, {RuntimeInformation.OSDescription}, Linux {kernel}, .NET {Environment.Version}");
    }
}
