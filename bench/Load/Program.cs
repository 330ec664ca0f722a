// The load generator and its side-by-side runner. It measures and it checks, but it is no test: no figure fails it, only a wrong answer does (exit code 2).
using System.CommandLine;
using System.Globalization;
using Actors.Bench.Load;

var users = new Option<int>("--users") { Description = "Users, each with every business.", DefaultValueFactory = _ => 20_000 };
var businesses = new Option<int>("--businesses") { Description = "Businesses.", DefaultValueFactory = _ => 3 };
var connections = new Option<int>("--connections") { Description = "Connections of a closed loop.", DefaultValueFactory = _ => 256 };
var seconds = new Option<int>("--seconds") { Description = "Measured seconds for each target and load.", DefaultValueFactory = _ => 30 };
var rounds = new Option<int>("--rounds") { Description = "Rounds into which they are cut; targets take turns.", DefaultValueFactory = _ => 3 };
var warmUp = new Option<int>("--warmup") { Description = "Seconds of load before anything counts.", DefaultValueFactory = _ => 20 };
var seed = new Option<int>("--seed") { Description = "Same seed, same requests.", DefaultValueFactory = _ => 1 };
var spread = new Option<Spread>("--spread") { Description = "Whom sends go to.", DefaultValueFactory = _ => Spread.Uniform };
var service = new Option<double>("--service") { Description = "Share of texts into a window.", DefaultValueFactory = _ => 0.2 };
var marketing = new Option<double>("--marketing") { Description = "Share of marketing templates.", DefaultValueFactory = _ => 0.02 };
var keyed = new Option<double>("--keyed") { Description = "Share of sends with an idempotency key.", DefaultValueFactory = _ => 0.1 };
var repeated = new Option<double>("--repeated") { Description = "Share of those whose key is used again.", DefaultValueFactory = _ => 0.05 };
var fresh = new Option<double>("--new") { Description = "Share of new users, who opt in just before (our node only).", DefaultValueFactory = _ => 0 };
var targets = new Option<TargetKind[]>("--targets")
{
    Description = "Which targets.",
    DefaultValueFactory = _ => [TargetKind.Floor, TargetKind.Peer, TargetKind.Postgres, TargetKind.Sqlite],
    AllowMultipleArgumentsPerToken = true,
};
var target = new Option<TargetKind>("--target") { Description = "Which target.", DefaultValueFactory = _ => TargetKind.Postgres };
var coldUsers = new Option<int>("--cold-users")
{
    Description = "Users of the cold figure; a quarter of them warms the programs up.",
    DefaultValueFactory = _ => 400_000,
};
var before = new Option<string?>("--before") { Description = "Actors.Silo.dll of the other build, for versus." };
var changes = new Option<string>("--changes")
{
    Description = "Numbers of the shadow policy, as JSON.",
    DefaultValueFactory = _ => """{"MarketingCap:PerDay":"3"}""",
};
var rate = new Option<int>("--rate") { Description = "Sends per second while the backlog is delivered.", DefaultValueFactory = _ => 3_000 };
var backlog = new Option<int>("--backlog") { Description = "Updates that wait when the webhooks begin.", DefaultValueFactory = _ => 600_000 };
var reported = new Option<bool>("--reported")
{
    Description = "Whether devices go on reporting while the backlog is delivered.",
    DefaultValueFactory = _ => true,
};
var lives = new Option<bool>("--lives") { Description = "Whether devices report what is sent as delivered and then as read." };
var checks = new Option<bool>("--checks") { Description = "Whether the receiver checks signatures and order.", DefaultValueFactory = _ => true };
var name = new Option<string?>("--name") { Description = "Name of the report in bench/results; none is written without it." };
var build = new Option<bool>("--build") { Description = "Build the programs first.", DefaultValueFactory = _ => true };

var root = new RootCommand("Measures the node beside a floor and a plain peer, and checks every answer.");
Command("compare", "Warm throughput of all targets, taking turns.", [targets], (session, parsed) => Figures.CompareAsync(session, parsed.GetValue(targets)!));
Command("cold", "Users that are not in memory, beside the peer.", [targets, coldUsers], (session, parsed) =>
    Figures.ColdAsync(session, [.. parsed.GetValue(targets)!.Where(kind => kind != TargetKind.Floor)], parsed.GetValue(coldUsers)));
Command("cluster", "Three silos and two API nodes beside the single node, taking turns.", [], async (session, _) =>
{
    await Figures.CompareAsync(session, [TargetKind.Postgres, TargetKind.Cluster]);
    var ratio = session.Results[1].PerSecond / session.Results[0].PerSecond;
    session.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"The cluster: {ratio:0.00} x the single node."));
});
Command("hot", "One business that makes 80 % of all sends, in turns with even traffic.", [target], (session, parsed) =>
    Figures.HotAsync(session, parsed.GetValue(target)));
Command("footprint", "What a user, an event and a send take: memory, disk and write-ahead log.", [coldUsers], (session, parsed) =>
    Footprint.MeasureAsync(session, parsed.GetValue(coldUsers)));
Command("half", "Latency at half of the target's own maximum.", [target], (session, parsed) => Figures.HalfAsync(session, parsed.GetValue(target)));
Command("overload", "More load than the target can take.", [target], (session, parsed) => Figures.OverloadAsync(session, parsed.GetValue(target)));
Command("versus", "Two builds of the node, taking turns.", [target, before, lives], (session, parsed) => Figures.VersusAsync(
    session, parsed.GetValue(target), parsed.GetValue(before) ?? throw new ArgumentException("versus needs --before."), parsed.GetValue(lives)));
Command("shadow", "The node beside itself with a shadow policy, taking turns.", [target, changes], (session, parsed) =>
    Figures.ShadowAsync(session, parsed.GetValue(target), parsed.GetValue(changes)!));
Command("webhooks", "A backlog of webhooks delivered while sends go on.", [target, rate, backlog, reported, checks], (session, parsed) =>
    LifeFigures.WebhooksAsync(
        session, parsed.GetValue(target), parsed.GetValue(rate), parsed.GetValue(backlog), parsed.GetValue(reported), parsed.GetValue(checks)));
Command("life", "The whole life of a message, and the share of each part of it.", [target, checks], (session, parsed) =>
    LifeFigures.LifeAsync(session, parsed.GetValue(target), parsed.GetValue(checks)));
Command("all", "Every figure, one after the other.", [coldUsers], async (session, parsed) =>
{
    await Figures.CompareAsync(session, [TargetKind.Floor, TargetKind.Peer, TargetKind.Postgres, TargetKind.Sqlite]);
    await Figures.HalfAsync(session, TargetKind.Postgres);
    await Figures.OverloadAsync(session, TargetKind.Postgres);
    await Figures.ColdAsync(session, [TargetKind.Peer, TargetKind.Postgres], parsed.GetValue(coldUsers));
});
root.Subcommands.Add(DeviceFigures.Command(seconds, warmUp, seed, target, build, name, $"dotnet run --project bench/Load -- {string.Join(' ', args)}"));
return await root.Parse(args).InvokeAsync();

void Command(string title, string description, Option[] more, Func<Session, ParseResult, Task> figure)
{
    var command = new Command(title, description);
    Option[] common = [users, businesses, connections, seconds, rounds, warmUp, seed, spread, service, marketing, keyed, repeated, fresh, name, build];
    foreach (var option in common.Concat(more))
    {
        command.Options.Add(option);
    }

    command.SetAction(async (parsed, cancel) =>
    {
        var settings = new Settings
        {
            Users = parsed.GetValue(users),
            Businesses = parsed.GetValue(businesses),
            Connections = parsed.GetValue(connections),
            Seconds = parsed.GetValue(seconds),
            WarmUp = parsed.GetValue(warmUp),
            Rounds = parsed.GetValue(rounds),
            Seed = parsed.GetValue(seed),
            Mix = new(
                Service: parsed.GetValue(service),
                Marketing: parsed.GetValue(marketing),
                Keyed: parsed.GetValue(keyed),
                Repeated: parsed.GetValue(repeated),
                New: parsed.GetValue(fresh),
                Spread: parsed.GetValue(spread)),
        };
        await using var session = await Session.StartAsync(settings, parsed.GetValue(build));
        await figure(session, parsed);
        var report = Report.Make(session, $"dotnet run --project bench/Load -- {string.Join(' ', args)}");
        Console.WriteLine(report);
        if (parsed.GetValue(name) is { } file)
        {
            await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", file + ".md"), report, cancel);
        }

        return session.Targets.Any(checkedTarget => checkedTarget.Checker.Violations > 0) ? 2 : 0;
    });
    root.Subcommands.Add(command);
}
