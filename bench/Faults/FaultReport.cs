using System.Globalization;
using System.Text;

namespace Actors.Bench.Faults;

/// <summary>What campaigns came to, as a page of bench/results.</summary>
internal static class FaultReport
{
    /// <param name="results">Of faults by themselves, one kind each.</param>
    /// <param name="storms">Of faults one into the other.</param>
    public static string Write(IReadOnlyList<CampaignResult> results, IReadOnlyList<CampaignResult> storms, string command)
    {
        var text = new StringBuilder("# Faults\n\n");
        Line(text, $"`{command}`, {Environment.ProcessorCount} cores, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}.");
        Line(text, $"Three silos, two API nodes, PostgreSQL and HAProxy as processes on one machine, under the load of whole lives; calls are repeated");
        Line(text, $"with their keys until they are answered for good. After each run the checker reads the event log from outside.");
        Line(text, $"Recovery: from the fault until");
        Line(text, $"the last call that took over a second, or had to be repeated, was answered for good. A node that has ended is started again 2 s later.");
        Line(text, $"Elsewhere: calls within 15 s whose user, and for sends and opt-ins everything of whose business, lived on other silos.");
        Line(text, $"");
        Line(text, $"| fault | what | times | recovery: median, worst | worst answer | elsewhere: worst; over 0.25 s | calls touched | violations |");
        Line(text, $"|---|---|---:|---:|---:|---:|---:|---:|");
        foreach (var result in results)
        {
            var (fault, times) = (result.Faults[0].Fault, result.Faults.Select(one => one.Recovery).Order().ToList());
            var (touched, all) = (result.Faults.Sum(one => one.Calls.Touched), result.Faults.Sum(one => one.Calls.All));
            var worst = result.Faults.Max(one => one.Worst);
            var others = result.Faults.Where(one => one.Elsewhere is not null).Select(one => one.Elsewhere!.Value).ToList();
            var elsewhere = others.Count == 0 ? "" : string.Create(
                CultureInfo.InvariantCulture, $"{others.Max(one => one.Worst):0.00} s; {others.Sum(one => one.Late)} of {others.Sum(one => one.All)}");
            var recovery = string.Create(CultureInfo.InvariantCulture, $"{times[times.Count / 2]:0.0} s, {times[^1]:0.0} s");
            var calls = $"{touched} of {all}";
            Line(
                text,
                $"| `{fault.Name}` | {fault.What} | {times.Count} | {recovery} | {worst:0.0} s | {elsewhere} | {calls} | {result.Violations.Count} |");
        }

        Line(text, $"");
        if (storms.Count > 0)
        {
            var (faults, calls, violations) = Sum(storms);
            Line(text, $"One into the other, at random, every 3 s: {faults} faults in {storms.Count} runs, {calls} calls, {violations} violations.");
            Line(text, $"");
        }

        List<CampaignResult> together = [.. results, .. storms];
        var (allFaults, allCalls, allViolations) = Sum(together);
        var open = together.Sum(result => result.Unknown);
        Line(text, $"In all: **{allFaults} faults, {allCalls} calls, {open} without an answer for good within two minutes, {allViolations} violations**");
        Line(text, $"of G1, G2, G3, G5, G6, G7.");
        foreach (var violation in together.SelectMany(result => result.Violations))
        {
            Line(text, $"- {violation}");
        }

        return text.ToString();
    }

    private static (int Faults, int Calls, int Violations) Sum(IReadOnlyList<CampaignResult> results) =>
        (results.Sum(result => result.Faults.Count), results.Sum(result => result.Calls), results.Sum(result => result.Violations.Count));

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
