using System.Globalization;
using Actors.Bench.Scenarios;

namespace Actors.Bench.Faults;

/// <summary>A fault as it was brought about under load.</summary>
/// <param name="At">When, in microseconds of the run's clock.</param>
/// <param name="EndedAt">When it was taken back, or had happened.</param>
/// <param name="Next">When the next one began, or the load ended: what is counted to this one.</param>
/// <param name="Victim">To what it was done.</param>
internal sealed record Injected(Fault Fault, long At, long EndedAt, long Next, string Victim)
{
    /// <summary>A call that took so long, or had to be repeated, was touched by it.</summary>
    private const long Touched = Clock.Second;

    private const long Near = 15 * Clock.Second;

    /// <summary>Whether a call had nothing to do with the silo that it was done to; null where it was no single silo, or nobody could say.</summary>
    public Func<Call, bool>? IsElsewhere { get; init; }

    /// <summary>
    /// Of calls that had nothing to do with the silo, begun within 15 s of the fault: the longest, in seconds, those over a quarter of a second, and all. Null
    /// where it isn't known.
    /// </summary>
    public (double Worst, int Late, int All)? Elsewhere { get; init; }

    /// <summary>Seconds from the fault until the last call that it touched was answered for good; 0 where none was.</summary>
    public double Recovery { get; init; }

    /// <summary>The longest that a call took, in seconds.</summary>
    public double Worst { get; init; }

    /// <summary>Calls that it touched, of all that began within it.</summary>
    public (int Touched, int All) Calls { get; init; }

    /// <summary>With what the run has seen of it.</summary>
    public Injected Seen(IEnumerable<Call> calls)
    {
        // What began just before the next one was touched by that, if at all.
        var within = calls.Where(call => call.Ended >= At && call.Began < Next - Touched).ToList();
        var touched = within.Where(call => call.Ended - call.Began >= Touched || call.Repeats > 0).ToList();
        return this with
        {
            Recovery = touched.Count == 0 ? 0 : (double)(touched.Max(call => call.Ended) - At) / Clock.Second,
            Worst = Longest(within),
            Elsewhere = IsElsewhere is null ? null : SeenElsewhere([.. within.Where(call => call.Began < At + Near && IsElsewhere(call))]),
            Calls = (touched.Count, within.Count),
        };
    }

    private static (double Worst, int Late, int All) SeenElsewhere(IReadOnlyList<Call> calls) =>
        (Longest(calls), calls.Count(call => call.Ended - call.Began > Clock.Second / 4), calls.Count);

    private static double Longest(IEnumerable<Call> calls) => (double)calls.Select(call => call.Ended - call.Began).DefaultIfEmpty().Max() / Clock.Second;
}

/// <summary>What a campaign came to.</summary>
/// <param name="Unknown">Calls without an answer for good within their patience.</param>
internal sealed record CampaignResult(IReadOnlyList<Injected> Faults, IReadOnlyList<string> Violations, int Calls, int Unknown);

/// <summary>Load, faults one after the other, and the checker over all that really happened.</summary>
/// <param name="calm">How long there is load without a fault, before each one and behind the last.</param>
internal sealed class Campaign(Ground ground, int rate, TimeSpan calm, TextWriter output)
{
    /// <summary>One run: these faults in this order, under the load of a whole life.</summary>
    /// <param name="storm">Whether the next one comes after the calm alone, whatever the one before still does.</param>
    public async Task<CampaignResult> RunAsync(IReadOnlyList<Fault> faults, int seed, bool storm)
    {
        var injected = new List<Injected>();
        var settings = new Settings
        {
            Scenario = Scenario.All.Single(scenario => scenario.Name == "life"),
            Url = ground.Cluster.Url,
            Seconds = 86_400,
            Rate = rate,
            Users = 600,
            Seed = seed,
            Timeout = TimeSpan.FromSeconds(15),
            Patience = TimeSpan.FromSeconds(120),
        };
        await ground.Cluster.ReadyAsync();
        await using var homes = ground.Wire is null && !storm ? await Homes.StartAsync(ground.Cluster.Connection) : null;
        var verdict = await Run.ExecuteAsync(
            settings,
            Identity.WithKey(ground.Cluster.SigningKey),
            TextWriter.Null,
            report: null,
            command: "",
            CancellationToken.None,
            clock => InjectAsync(faults, injected, clock, storm, async () => homes is null ? null : await homes.AskAsync()));
        var calls = verdict.History.Sends.Concat<Call>(verdict.History.Acts.Where(act => act.Ended > 0)).ToList();
        var seen = injected.ConvertAll(one => one.Seen(calls));
        foreach (var one in seen.Where(_ => !storm))
        {
            var elsewhere = one.Elsewhere is { } other
                ? string.Create(CultureInfo.InvariantCulture, $", elsewhere {other.Worst:0.00} s, {other.Late} of {other.All} over 0.25 s") : "";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{one.Fault.Name,-18} {one.Victim,-18} recovered after {one.Recovery:0.0} s; worst answer {one.Worst:0.0} s"
                + $"{elsewhere}; {one.Calls.Touched} of {one.Calls.All} calls touched"));
        }

        foreach (var violation in verdict.Violations)
        {
            await output.WriteLineAsync($"  VIOLATION {violation}");
        }

        var unknown = calls.Count(call => call.Outcome is Outcome.Unknown or Outcome.Busy);
        await output.WriteLineAsync($"{seen.Count} faults, {calls.Count} calls, {unknown} without an answer for good, {verdict.Violations.Count} violations");
        return new CampaignResult(seen, [.. verdict.Violations.Select(violation => $"{violation}")], calls.Count, unknown);
    }

    private async Task InjectAsync(
        IReadOnlyList<Fault> faults, List<Injected> injected, Clock clock, bool storm, Func<Task<Lives?>> lives)
    {
        await Task.Delay(calm, TimeProvider.System);
        var underWay = new List<(Fault Fault, Task<Injected> Done)>();
        foreach (var fault in faults)
        {
            if (!storm)
            {
                // Behind the calm: a silo that hung is ready for a moment before it hears that it is dead, and starts again.
                await ground.Cluster.ReadyAsync();
            }

            // What would be in its way is waited for.
            while (underWay.Find(other => !other.Done.IsCompleted && other.Fault.IsInTheWayOf(fault)) is { Done: { } inTheWay })
            {
                await inTheWay;
            }

            underWay.Add((fault, ActAsync(fault, clock, await lives())));
            if (!storm)
            {
                await underWay[^1].Done;
            }

            await Task.Delay(calm, TimeProvider.System);
        }

        injected.AddRange(await Task.WhenAll(underWay.Select(other => other.Done)));
        await ground.Cluster.ReadyAsync();
        await Task.Delay(calm, TimeProvider.System);
        for (var i = 0; i < injected.Count; i++)
        {
            injected[i] = injected[i] with { Next = i + 1 < injected.Count ? injected[i + 1].At : clock.Now };
        }
    }

    private async Task<Injected> ActAsync(Fault fault, Clock clock, Lives? lives)
    {
        var at = clock.Now;
        var victim = await fault.ActAsync(ground);
        var port = ground.Cluster.Silos.SingleOrDefault(silo => silo.Name == victim)?.SiloPort;
        return new Injected(fault, at, clock.Now, 0, victim)
        {
            IsElsewhere = port is { } there && lives is not null ? call => lives.AreElsewhere(call, there) : null,
        };
    }
}
