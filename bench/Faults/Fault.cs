using System.Globalization;
using Npgsql;

namespace Actors.Bench.Faults;

/// <summary>Something that goes wrong.</summary>
/// <param name="Name">Its name on the command line and in the report.</param>
/// <param name="What">In words.</param>
internal sealed record Fault(string Name, string What)
{
    /// <summary>Brings it about, and takes it back where it doesn't end by itself. What it was done to, for the log.</summary>
    public required Func<Ground, Task<string>> ActAsync { get; init; }

    /// <summary>Whether it needs every node in a network of its own.</summary>
    public bool NeedsWire { get; init; }

    /// <summary>Whether it needs a database on a disk that can be filled.</summary>
    public bool NeedsDisk { get; init; }

    /// <summary>Whether it needs another build.</summary>
    public bool NeedsBuilds { get; init; }

    /// <summary>Whether it is done to the database: two at once would be in each other's way.</summary>
    public bool IsOfDatabase { get; init; }

    /// <summary>Whether it can be had wherever a cluster can.</summary>
    public bool NeedsNothing => !NeedsWire && !NeedsDisk && !NeedsBuilds;

    /// <summary>Whether another one has to wait until this one is over.</summary>
    public bool IsInTheWayOf(Fault other) => other == this || (other.IsOfDatabase && IsOfDatabase);

    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30), Freeze = TimeSpan.FromSeconds(20), Cut = TimeSpan.FromSeconds(20);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("silo-kill", "kill -9 of a silo") { ActAsync = ground => KillAsync(ground.Any(ground.Cluster.Silos)) },
        new("silo-loss", "kill -9 of a silo, which stays away for 20 s") { ActAsync = LoseAsync },
        new("api-kill", "kill -9 of an API node") { ActAsync = ground => KillAsync(ground.Any(ground.Cluster.Apis)) },
        new("rolling-restart", "all five nodes are told to stop and started again, one after the other") { ActAsync = RestartAllAsync },
        new("silo-hang", "SIGSTOP of a silo for 30 s") { ActAsync = ground => HangAsync(ground, ground.Any(ground.Cluster.Silos)) },
        new("api-hang", "SIGSTOP of an API node for 30 s") { ActAsync = ground => HangAsync(ground, ground.Any(ground.Cluster.Apis)) },
        new("database-kill", "kill -9 of PostgreSQL, started again at once") { ActAsync = KillDatabaseAsync, IsOfDatabase = true },
        new("database-restart", "fast restart of PostgreSQL") { ActAsync = RestartDatabaseAsync, IsOfDatabase = true },
        new("database-freeze", "all of PostgreSQL stopped for 20 s") { ActAsync = FreezeDatabaseAsync, IsOfDatabase = true },
        new("database-lock", "a lock on users and events for 5 s: commits wait") { ActAsync = LockDatabaseAsync, IsOfDatabase = true },
        new("pool-used-up", "others take every connection that PostgreSQL has, and those of all nodes end, for 5 s")
        {
            ActAsync = Connections.UseUpAsync, IsOfDatabase = true,
        },
        new("clock-forward", "a node's clock an hour ahead for 20 s, then back") { ActAsync = ground => StepAsync(ground, "3600") },
        new("clock-back", "a node's clock an hour behind for 20 s, then back") { ActAsync = ground => StepAsync(ground, "-3600") },
        new("net-slow", "every packet between all processes 200 ms late for 20 s, 1 % lost") { ActAsync = SlowAsync, NeedsWire = true },
        new("cut-silos", "two silos don't reach each other for 20 s")
        {
            ActAsync = ground => CutAsync(ground, ground.Any(ground.Cluster.Silos), null, both: true), NeedsWire = true,
        },
        new("cut-silos-one-way", "one silo doesn't reach another for 20 s, which reaches it")
        {
            ActAsync = ground => CutAsync(ground, ground.Any(ground.Cluster.Silos), null, both: false), NeedsWire = true,
        },
        new("cut-database", "a silo and the database don't reach each other for 20 s")
        {
            ActAsync = ground => CutAsync(ground, ground.Any(ground.Cluster.Silos), ground.Cluster.Database, both: true), NeedsWire = true,
        },
        new("cut-to-database", "a silo doesn't reach the database for 20 s, which reaches it")
        {
            ActAsync = ground => CutAsync(ground, ground.Any(ground.Cluster.Silos), ground.Cluster.Database, both: false), NeedsWire = true,
        },
        new("cut-from-database", "the database doesn't reach a silo for 20 s, which reaches it")
        {
            ActAsync = ground => CutAsync(ground, ground.Cluster.Database, ground.Any(ground.Cluster.Silos), both: false), NeedsWire = true,
        },
        new("upgrade", "all five nodes, one after the other, become another build, or go back; both answer side by side meanwhile")
        {
            ActAsync = UpgradeAsync, NeedsBuilds = true,
        },
        new("disk-full", "PostgreSQL's disk is full for 10 s") { ActAsync = FillAsync, NeedsDisk = true, IsOfDatabase = true },
    ];

    private static async Task<string> KillAsync(Node node)
    {
        await node.SignalAsync("KILL");
        return node.Name;
    }

    private static async Task<string> LoseAsync(Ground ground)
    {
        var node = ground.Any(ground.Cluster.Silos);
        ground.Cluster.LeaveAway(node);
        await node.SignalAsync("KILL");
        await ground.WaitAsync(TimeSpan.FromSeconds(20));
        ground.Cluster.BringBack(node);
        return node.Name;
    }

    private static async Task<string> RestartAllAsync(Ground ground)
    {
        foreach (var node in ground.Cluster.Silos.Concat(ground.Cluster.Apis))
        {
            await Cluster.EndAsync(node);
            await ground.Cluster.BackAsync(node);
        }

        return "";
    }

    /// <summary>Back again where the cluster has become this build already.</summary>
    private static async Task<string> UpgradeAsync(Ground ground)
    {
        var nodes = ground.Cluster.Silos.Concat(ground.Cluster.Apis).ToList();
        var (from, to) = nodes[0].Runs(ground.Builds!.Value.Before) ? ground.Builds.Value : (ground.Builds.Value.After, ground.Builds.Value.Before);
        foreach (var node in nodes)
        {
            node.Become(from, to);
            await Cluster.EndAsync(node);
            await ground.Cluster.BackAsync(node);
            await ground.WaitAsync(TimeSpan.FromSeconds(10));
        }

        return $"to {to}";
    }

    private static async Task<string> HangAsync(Ground ground, Node node)
    {
        await node.SignalAsync("STOP");
        await ground.WaitAsync(Hang);
        await node.SignalAsync("CONT");
        return node.Name;
    }

    private static async Task<string> KillDatabaseAsync(Ground ground)
    {
        var family = await ground.Cluster.Database.FamilyAsync();
        await ground.Cluster.Database.SignalAsync("KILL");

        // A new one doesn't start while a process of the old one has its memory.
        while (family.Any(process => Directory.Exists($"/proc/{process}")))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        ground.Cluster.Database.Start();
        return "";
    }

    private static async Task<string> RestartDatabaseAsync(Ground ground)
    {
        await ground.Cluster.Database.SignalAsync("INT");
        while (ground.Cluster.Database.IsThere)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        ground.Cluster.Database.Start();
        return "";
    }

    private static async Task<string> FreezeDatabaseAsync(Ground ground)
    {
        var family = await ground.Cluster.Database.FamilyAsync();
        foreach (var process in family)
        {
            await Commands.TryAsync("kill", "-STOP", $"{process}");
        }

        await ground.WaitAsync(Freeze);
        foreach (var process in family)
        {
            await Commands.TryAsync("kill", "-CONT", $"{process}");
        }

        return "";
    }

    private static async Task<string> LockDatabaseAsync(Ground ground)
    {
        await using var connection = await ReachAsync(ground.Cluster.Connection + ";Pooling=false");
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("LOCK TABLE ledger.users, ledger.events IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await command.ExecuteNonQueryAsync();
        await ground.WaitAsync(TimeSpan.FromSeconds(5));
        return "";
    }

    /// <summary>It may just have been started again.</summary>
    public static async Task<NpgsqlConnection> ReachAsync(string connectionString)
    {
        while (true)
        {
            var connection = new NpgsqlConnection(connectionString);
            try
            {
                await connection.OpenAsync();
                return connection;
            }
            catch (NpgsqlException)
            {
                await connection.DisposeAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
            }
        }
    }

    private static async Task<string> StepAsync(Ground ground, string by)
    {
        var node = ground.Any([.. ground.Cluster.Silos, .. ground.Cluster.Apis]);
        await File.WriteAllTextAsync(ground.Cluster.ClockOf(node), by);
        await ground.WaitAsync(TimeSpan.FromSeconds(20));
        var seen = await ground.Cluster.ClockAsync(node);
        await File.WriteAllTextAsync(ground.Cluster.ClockOf(node), "0");
        return seen is { } off && Math.Abs(off - double.Parse(by, CultureInfo.InvariantCulture)) > 60
            ? throw new InvalidOperationException($"{node.Name}'s clock should be {by} s off, and is {Math.Round(off)} s off.")
            : node.Name;
    }

    private static async Task<string> SlowAsync(Ground ground)
    {
        ground.Wire!.Slow(TimeSpan.FromMilliseconds(200), loss: 0.01);
        await ground.WaitAsync(Cut);
        ground.Wire.Slow(TimeSpan.Zero, loss: 0);
        return "";
    }

    private static async Task<string> CutAsync(Ground ground, Node from, Node? to, bool both)
    {
        var other = to ?? ground.Any([.. ground.Cluster.Silos.Where(silo => silo != from)]);
        ground.Wire!.Cut(from.Name, other.Name, isCut: true, both);
        await ground.WaitAsync(Cut);
        ground.Wire.Cut(from.Name, other.Name, isCut: false, both);
        return $"{from.Name} to {other.Name}";
    }

    private static async Task<string> FillAsync(Ground ground)
    {
        var filler = Path.Combine(ground.Cluster.Folder, "pg", "filler");
        foreach (var size in (string[])["1M", "4k", "512"])   // ends with what is asked for: no space
        {
            await Commands.TryAsync("dd", "if=/dev/zero", $"of={filler}", $"bs={size}", "oflag=append", "conv=notrunc");
        }

        if (new DriveInfo(Path.GetDirectoryName(filler)!).AvailableFreeSpace > 4_096)
        {
            throw new InvalidOperationException("The disk should be full, and isn't.");
        }

        await ground.WaitAsync(TimeSpan.FromSeconds(10));
        File.Delete(filler);
        await ground.WaitAsync(TimeSpan.FromSeconds(1));
        if (!ground.Cluster.Database.IsThere)
        {
            ground.Cluster.Database.Start();   // it ends where it can't write its log
        }

        return "";
    }
}
