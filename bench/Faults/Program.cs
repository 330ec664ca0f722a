// Breaks a cluster on purpose while it is under load, and has the checker prove afterwards that nothing was lost, doubled or let through.
// Exit code: 0 fine, 1 could not run, 2 violations, or calls that nobody ever answered for good.
using System.CommandLine;
using Actors.Bench.Faults;

var each = new Option<int>("--each") { Description = "How often each fault is brought about by itself, for its figures.", DefaultValueFactory = _ => 3 };
var storm = new Option<int>("--storm")
{
    Description = "Faults that then come one after the other, at random, each into what the one before has left.",
    DefaultValueFactory = _ => 0,
};
var kinds = new Option<string[]>("--kinds") { Description = "Which faults; all that can be had here by default.", AllowMultipleArgumentsPerToken = true };
var rate = new Option<int>("--rate") { Description = "Calls per second.", DefaultValueFactory = _ => 60 };
var calm = new Option<double>("--calm") { Description = "Seconds of load without a fault, before each.", DefaultValueFactory = _ => 8 };
var seed = new Option<int>("--seed") { Description = "The same seed makes the same choices.", DefaultValueFactory = _ => 1 };
var wired = new Option<bool>("--network") { Description = "Each process in a network of its own, so that it can be cut: as root." };
var disk = new Option<bool>("--disk") { Description = "The database on a disk of 1.5 GB that can be filled: as root." };
var before = new Option<string?>("--before")
{
    Description = "Another build to begin with, which the fault \"upgrade\" turns into this one: artifacts/bin of the other checkout.",
};
var more = new Option<string[]>("--setting")
{
    Description = "One more for every silo and API node, such as Cluster:Directory=local.",
    AllowMultipleArgumentsPerToken = true,
};
var port = new Option<int>("--port") { Description = "The balancer's; the nodes take ports near it.", DefaultValueFactory = _ => 21_500 };
var join = new Option<bool>("--join") { Description = "Instead of faults: two silos under load, which a third one joins." };
var joinUsers = new Option<int>("--users") { Description = "Users of --join.", DefaultValueFactory = _ => 6_000 };
var release = new Option<string>("--configuration") { Description = "The build.", DefaultValueFactory = _ => "Release" };
var name = new Option<string?>("--name") { Description = "Name of the report in bench/results; none is written without it." };
var root = new RootCommand("A cluster of processes, load, and everything that can go wrong.");
foreach (var option in (Option[])[each, storm, kinds, rate, calm, seed, wired, disk, before, more, port, join, joinUsers, release, name])
{
    root.Options.Add(option);
}

root.SetAction(async (parsed, stop) =>
{
    var project = Repository();
    var folder = Path.Combine("/tmp", $"actors-faults-{Environment.ProcessId}");
    Directory.CreateDirectory(folder);
    var database = Path.Combine(folder, "pg");
    if (parsed.GetValue(disk))
    {
        Directory.CreateDirectory(database);
        await Commands.RunAsync("mount", "-t", "tmpfs", "-o", "size=1500m", "actors-faults", database);
    }

    var isFine = false;
    using var wire = parsed.GetValue(wired) ? await Wire.StartForClusterAsync() : null;
    try
    {
        string[] network = wire is null ? [] : ["--network", Wire.Prefix];
        string[] other = parsed.GetValue(before) is { } bin ? ["--bin", Path.GetFullPath(bin).TrimEnd('/')] : [];
        string[] words = ["--configuration", parsed.GetValue(release)!, "--port", $"{parsed.GetValue(port)}", "--clocks", .. network, .. other];
        string[] policy = ["--Policy:Templates:AutoApprove", "true", "--Policy:PairRate:Interval", "00:00:00"];
        var set = (parsed.GetValue(more) ?? []).Select(setting => $"--{setting}");
        if (other.Length > 0)
        {
            // local-cluster builds nothing then, and what the nodes become has to be there.
            await Commands.RunAsync("dotnet", "build", Path.Combine(project, "src", "Silo"), "-c", parsed.GetValue(release)!, "-v", "q");
        }

        await using var cluster = await Cluster.StartAsync(project, folder, [.. words, "--", .. policy, .. set]);
        var command = $"dotnet run --project bench/Faults -- {string.Join(' ', args)}";
        var file = parsed.GetValue(name) is { } given ? Path.Combine(project, "bench", "results", given) : null;
        if (parsed.GetValue(join))
        {
            using var joining = new Joining(cluster, parsed.GetValue(rate), parsed.GetValue(joinUsers));
            var (page, plot, missed) = await joining.RunAsync(command, $"{Path.GetFileName(file)}.svg");
            Console.WriteLine(page);
            if (file is not null)
            {
                await File.WriteAllTextAsync(file + ".md", page, stop);
                await File.WriteAllTextAsync(file + ".svg", plot, stop);
            }

            foreach (var line in missed)
            {
                await Console.Error.WriteLineAsync(line);
            }

            isFine = missed.Count == 0;
            return isFine ? 0 : 2;
        }

        var ground = new Ground(cluster, wire, new Random(parsed.GetValue(seed)))
        {
            Builds = other.Length > 0 ? (other[1], Path.Combine(project, "artifacts", "bin")) : null,
        };
        var chosen = Fault.All.Where(fault => (!fault.NeedsWire || wire is not null)
            && (!fault.NeedsBuilds || ground.Builds is not null) && (!fault.NeedsDisk || parsed.GetValue(disk))).ToList();
        if (parsed.GetValue(kinds) is { Length: > 0 } named)
        {
            var unknown = named.Where(one => !chosen.Exists(fault => fault.Name == one)).ToList();
            if (unknown.Count > 0)
            {
                var there = chosen.Select(fault => fault.Name);
                throw new InvalidOperationException($"not to be had: {string.Join(", ", unknown)}; there are {string.Join(", ", there)}.");
            }

            chosen = [.. chosen.Where(fault => named.Contains(fault.Name))];
        }

        var campaign = new Campaign(ground, parsed.GetValue(rate), TimeSpan.FromSeconds(parsed.GetValue(calm)), Console.Out);
        var results = new List<CampaignResult>();
        foreach (var fault in chosen.Where(_ => parsed.GetValue(each) > 0))
        {
            results.Add(await campaign.RunAsync([.. Enumerable.Repeat(fault, parsed.GetValue(each))], parsed.GetValue(seed), storm: false));
        }

        // In parts, so that the log of each stays small enough to be read.
        var stormy = new Campaign(ground, parsed.GetValue(rate), TimeSpan.FromSeconds(3), Console.Out);
        var storms = new List<CampaignResult>();
        foreach (var part in Enumerable.Range(0, parsed.GetValue(storm)).Chunk(20))
        {
            storms.Add(await stormy.RunAsync([.. part.Select(_ => chosen[ground.Random.Next(chosen.Count)])], part[0] + 2, storm: true));
        }

        var report = FaultReport.Write(results, storms, command);
        Console.WriteLine(report);
        if (file is not null)
        {
            await File.WriteAllTextAsync(file + ".md", report, stop);
        }

        isFine = results.Concat(storms).All(result => result.Violations.Count == 0 && result.Unknown == 0);
        return isFine ? 0 : 2;
    }
    catch (Exception cannot) when (cannot is InvalidOperationException or IOException)
    {
        await Console.Error.WriteLineAsync(cannot.Message);
        return 1;
    }
    finally
    {
        if (parsed.GetValue(disk))
        {
            await Commands.TryAsync("umount", "-l", database);
        }

        if (isFine)
        {
            Directory.Delete(folder, recursive: true);
        }
        else
        {
            await Console.Error.WriteLineAsync($"What the nodes have logged is in {folder}.");
        }
    }
});
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

static string Repository()
{
    var folder = new DirectoryInfo(AppContext.BaseDirectory);
    while (!File.Exists(Path.Combine(folder.FullName, "Actors.sln")))
    {
        folder = folder.Parent ?? throw new InvalidOperationException("the program isn't in the project's folder");
    }

    return folder.FullName;
}
