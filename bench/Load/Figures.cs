using System.Globalization;

namespace Actors.Bench.Load;

/// <summary>The figures of the project's promise, each a way of offering load.</summary>
internal static class Figures
{
    // How loads are called; the report knows its promises by them.
    public const string Half = "half of its maximum";
    public const string Flood = "1.5 × its maximum";
    public const string Crowd = "three times the connections";
    public const string Before = "its own maximum";

    /// <summary>Seconds of a load before it counts: the connections of each round are new.</summary>
    private const double Settle = 2;

    /// <summary>Seconds that no run lasts: it ends when every user had their send.</summary>
    private const double Enough = 3_600;

    public static readonly Mix Cold = new(Service: 0, Marketing: 0, Keyed: 0, Repeated: 0, New: 0, Spread.Once);

    /// <summary>Warm throughput, all targets alternately in the same run, so that noise hits all alike.</summary>
    public static Task CompareAsync(Session session, IReadOnlyList<TargetKind> kinds) =>
        TakeTurnsAsync(session, [.. kinds.Select(kind => (kind, (string?)null))]);

    /// <summary>Two builds of the node, alternately: what a change is worth, also on a machine that isn't quiet.</summary>
    /// <param name="before">The other build's Actors.Silo.dll.</param>
    public static Task VersusAsync(Session session, TargetKind kind, string before, bool reported) =>
        TakeTurnsAsync(session, [(kind, before), (kind, null)], reported: reported);

    /// <summary>The node beside itself with a shadow policy: what it costs to try numbers on every send.</summary>
    /// <param name="changes">The shadow's numbers, as JSON.</param>
    public static async Task ShadowAsync(Session session, TargetKind kind, string changes)
    {
        await TakeTurnsAsync(session, [(kind, null), (kind, null)], async target =>
        {
            if (session.Targets.Count == 2)
            {
                target.Name = "with a shadow";
                await NodeSetup.ShadowAsync(target, changes);
            }
        });
        Session.Say(await NodeSetup.ShadowCountsAsync(session.Targets[1]));
    }

    private static async Task TakeTurnsAsync(
        Session session, IReadOnlyList<(TargetKind Kind, string? OtherNode)> targets, Func<Target, Task>? prepare = null, bool reported = false)
    {
        var settings = session.Settings;
        var offer = new Offer(settings.Connections);
        var measured = new List<(Result Result, Workload Workload)>();
        var warm = new List<long>();
        foreach (var (kind, otherNode) in targets)
        {
            var target = await session.AddAsync(kind, settings.Users, settings.Businesses, windows: true, otherNode);
            await (prepare?.Invoke(target) ?? Task.CompletedTask);
            var devices = reported ? await Session.DevicesAsync(target, offer) : null;
            session.WarmUp(target, offer, settings.Mix, settings.WarmUp, devices);
            var load = $"{settings.Connections} connections{(reported ? ", delivered and read" : "")}";
            measured.Add((session.NewResult(target, load), session.Workload(target, offer, settings.Mix, devices)));
            warm.Add(target.Checker.Openings);
        }

        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var (result, workload) in measured)
            {
                session.Measure(result, workload, offer, (double)settings.Seconds / settings.Rounds);
            }
        }

        foreach (var ((result, _), before) in measured.Zip(warm))
        {
            session.Notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Target.Name}: {result.Target.Checker.Openings - before} of {result.Total.Accepted} accepted sends opened a conversation.\n"));
        }
    }

    /// <summary>Users that are not in memory: each send goes to another one.</summary>
    public static async Task ColdAsync(Session session, IReadOnlyList<TargetKind> kinds, int users)
    {
        var rounds = session.Settings.Rounds;
        var offer = new Offer(session.Settings.Connections);
        var measured = new List<(Result Result, Workload Workload)>();
        foreach (var kind in kinds)
        {
            var target = await session.AddAsync(kind, users, businesses: 1, windows: false);

            // The setup has brought every user into memory. After a new start only the programs are warmed up, by the first quarter of the users.
            await target.RestartAsync();
            var workload = session.Workload(target, offer, Cold);
            var result = new Result(target, $"utility templates, each to another of {users} users of one business");
            workload.LimitTo(users / 4);
            session.Measure(result, workload, offer, Enough);
            measured.Add((session.NewResult(target, result.Load), workload));
        }

        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (result, workload) in measured)
            {
                workload.LimitTo((users / 4) + (int)(users * 0.75 * round / rounds));
                session.Measure(result, workload, offer, Enough);
            }
        }
    }

    /// <summary>One business that makes 80 % of all sends, in turns with the same load spread evenly.</summary>
    public static async Task HotAsync(Session session, TargetKind kind)
    {
        const double Share = 0.8;
        var settings = session.Settings.Businesses > 1 ? session.Settings : throw new ArgumentException("It takes two businesses.");
        var offer = new Offer(settings.Connections);
        var target = await session.AddAsync(kind, settings.Users, settings.Businesses, windows: true);
        var hot = settings.Mix with { Hot = Share };
        session.WarmUp(target, offer, settings.Mix, settings.WarmUp);
        session.WarmUp(target, offer, hot, settings.WarmUp / 2);
        var loads = new[] { ("even", settings.Mix), ("80 % of it one business's", hot) }
            .Select(load => (Result: session.NewResult(target, load.Item1), Workload: session.Workload(target, offer, load.Item2))).ToList();
        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var (result, workload) in loads)
            {
                session.Measure(result, workload, offer, (double)settings.Seconds / settings.Rounds);
            }
        }

        var ratio = loads[1].Result.PerSecond / loads[0].Result.PerSecond;
        session.Notes.Add(string.Create(
            CultureInfo.InvariantCulture, $"One business with 80 % of the sends: {ratio:0.00} x the throughput of even traffic."));
    }

    /// <summary>Open loop at half of the node's own maximum: latency.</summary>
    public static async Task HalfAsync(Session session, TargetKind kind)
    {
        var (target, maximum) = await MaximumAsync(session, kind);
        var max = maximum.PerSecond;
        var offer = new Offer(session.Settings.Connections, Rate: max / 2);
        session.WarmUp(target, offer, session.Settings.Mix, 5);
        var result = session.NewResult(target, $"{Half}, open loop of {max / 2:0}/s");
        session.Measure(result, session.Workload(target, offer, session.Settings.Mix), offer, session.Settings.Seconds);
    }

    /// <summary>
    /// More than it can: an open loop at 1.5 times the maximum measured just before, and three times the connections that do as Retry-After says.
    /// </summary>
    public static async Task OverloadAsync(Session session, TargetKind kind)
    {
        const int FloodConnections = 4_096;
        var settings = session.Settings;
        var (target, maximum) = await MaximumAsync(session, kind);
        var polite = new Offer(settings.Connections * 3, HonoursRetryAfter: true);
        Offer Flooding() => new(FloodConnections, Rate: maximum.Rounds[^1] * 1.5);
        session.WarmUp(target, Flooding(), settings.Mix, settings.WarmUp);
        session.WarmUp(target, polite, settings.Mix, (int)Settle);
        Maximum(session, target, maximum);
        var flooded = session.NewResult(target, $"{Flood}, open loop over {FloodConnections} connections");
        var patient = session.NewResult(target, $"{Crowd}, {polite.Connections} connections that honour Retry-After");

        // In turns with the maximum itself, each held against those before and after it: the machine's speed changes by a quarter within minutes.
        for (var round = 0; round < settings.Rounds; round++)
        {
            var seconds = (double)settings.Seconds / settings.Rounds;
            foreach (var (result, offer) in new[] { (flooded, Flooding()), (patient, polite) })
            {
                var before = maximum.Rounds[^1];
                session.Measure(result, session.Workload(target, offer, settings.Mix), offer, seconds, Settle);
                Maximum(session, target, maximum);
                result.Goodput.Add(result.Rounds[^1] / ((before + maximum.Rounds[^1]) / 2));
            }
        }
    }

    /// <summary>A target that is warm, and what it can do in a closed loop; the one of an earlier figure where there is one.</summary>
    private static async Task<(Target Target, Result Maximum)> MaximumAsync(Session session, TargetKind kind)
    {
        var settings = session.Settings;
        var offer = new Offer(settings.Connections);
        var target = session.Targets.FirstOrDefault(target => target.Kind == kind && target.Population.Businesses == settings.Businesses);
        if (target is null)
        {
            target = await session.AddAsync(kind, settings.Users, settings.Businesses, windows: true);
            session.WarmUp(target, offer, settings.Mix, settings.WarmUp);
        }

        var maximum = session.NewResult(target, $"{Before}, {settings.Connections} connections");
        Maximum(session, target, maximum);
        return (target, maximum);
    }

    private static void Maximum(Session session, Target target, Result maximum)
    {
        var offer = new Offer(session.Settings.Connections);
        session.Measure(maximum, session.Workload(target, offer, session.Settings.Mix), offer, Math.Min(6, session.Settings.Seconds));
    }
}
