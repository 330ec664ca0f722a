using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Actors.Bench.Faults;

/// <summary>
/// A cluster as <c>deploy/local-cluster</c> starts it, looked after as an orchestrator would: a node that has ended is started again two seconds later.
/// </summary>
internal sealed partial class Cluster : IAsyncDisposable
{
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(2);

    private readonly Process _script;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(3) };
    private readonly ConcurrentDictionary<Node, bool> _away = [];
    private Task _caring = Task.CompletedTask;

    private Cluster(Process script, Uri url, string key, string connection, string folder, IReadOnlyList<Node> silos, IReadOnlyList<Node> apis, Node database)
    {
        (_script, Url, SigningKey, Connection, Folder, Silos, Apis, Database) = (script, url, key, connection, folder, silos, apis, database);
    }

    /// <summary>The balancer's address.</summary>
    public Uri Url { get; }

    public string SigningKey { get; }

    /// <summary>How PostgreSQL is reached from here.</summary>
    public string Connection { get; }

    /// <summary>Where its logs and its database are.</summary>
    public string Folder { get; }

    public IReadOnlyList<Node> Silos { get; }

    public IReadOnlyList<Node> Apis { get; }

    /// <summary>PostgreSQL's first process.</summary>
    public Node Database { get; }

    /// <summary>The nodes' clocks: the seconds that a node's file says are added to its time.</summary>
    public string ClockOf(Node node) => Path.Combine(Folder, node.Name + ".clock");

    /// <summary>How far a silo's clock is off, in seconds, as it says itself; null where it doesn't say, or is no silo.</summary>
    public async Task<double?> ClockAsync(Node node)
    {
        if (!Silos.Contains(node))
        {
            return null;
        }

        try
        {
            var text = await _http.GetStringAsync(new Uri(node.Url!, "/metrics"));
            return ClockLine().Match(text) is { Success: true } line ? -double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture) : null;
        }
        catch (Exception gone) when (gone is HttpRequestException or OperationCanceledException)
        {
            return null;   // another fault was done to it meanwhile
        }
    }

    /// <summary>Starts one and waits until all of it is ready.</summary>
    /// <param name="root">The project's folder.</param>
    /// <param name="options">Further words for the script.</param>
    public static async Task<Cluster> StartAsync(string root, string folder, IReadOnlyList<string> options)
    {
        var start = new ProcessStartInfo(Path.Combine(root, "deploy", "local-cluster"), ["--folder", folder, "--until-eof", .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var script = Process.Start(start)!;
        while (await script.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("Stop with", StringComparison.Ordinal))
        {
        }

        _ = script.StandardOutput.ReadToEndAsync();
        var file = Path.Combine(folder, "cluster.env");
        var facts = !script.HasExited && File.Exists(file)
            ? (await File.ReadAllLinesAsync(file)).Select(one => one.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim('\''))
            : throw new InvalidOperationException($"The cluster didn't start; see {folder}.");
        async Task<List<Node>> NodesAsync(string kind)
        {
            var nodes = new List<Node>();
            for (var number = 1; facts.TryGetValue($"{kind}{number}_PID", out var process); number++)
            {
                var name = $"{kind.ToLowerInvariant()}{number}";
                nodes.Add(await Node.OfAsync(
                    name, int.Parse(process, CultureInfo.InvariantCulture), new Uri(facts[$"{kind}{number}_URL"]), Path.Combine(folder, name + ".log")));
            }

            return nodes;
        }

        var user = Environment.UserName == "root" ? "postgres" : null;
        var database = await Node.OfAsync(
            "database", int.Parse(facts["POSTGRES_PID"], CultureInfo.InvariantCulture), url: null, Path.Combine(folder, "pg", "log"), user);
        var key = await File.ReadAllTextAsync(facts["SIGNING_KEY_FILE"]);
        var cluster = new Cluster(
            script, new Uri(facts["URL"]), key, facts["POSTGRES_CONNECTION"], folder, await NodesAsync("SILO"), await NodesAsync("API"), database);
        cluster._caring = Task.Run(cluster.CareAsync);
        return cluster;
    }

    /// <summary>Tells a node to stop, and leaves it so.</summary>
    public async Task TakeAwayAsync(Node node)
    {
        LeaveAway(node);
        await EndAsync(node);
    }

    /// <summary>Doesn't start a node again that ends.</summary>
    public void LeaveAway(Node node) => _away[node] = true;

    /// <summary>Starts a node that was taken away.</summary>
    public void BringBack(Node node)
    {
        node.Start();
        _away.TryRemove(node, out _);
    }

    /// <summary>Tells a node to stop, and waits until it has.</summary>
    public static async Task EndAsync(Node node)
    {
        await node.SignalAsync("TERM");
        while (node.IsThere)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>Waits until every node is ready.</summary>
    public async Task ReadyAsync()
    {
        foreach (var node in Silos.Concat(Apis))
        {
            await BackAsync(node);
        }
    }

    /// <summary>Waits until a node is ready.</summary>
    public async Task BackAsync(Node node)
    {
        while (!await IsReadyAsync(node))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _caring;
        foreach (var node in Apis.Concat(Silos))
        {
            await node.SignalAsync("CONT");
            await node.SignalAsync("KILL");
        }

        foreach (var process in await Database.FamilyAsync())
        {
            await Commands.TryAsync("kill", "-CONT", $"{process}");
        }

        await Database.SignalAsync("QUIT");
        _script.StandardInput.Close();
        await _script.WaitForExitAsync();
        _script.Dispose();
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task CareAsync()
    {
        var endedAt = new Dictionary<Node, long>();
        while (!_stopping.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, _stopping.Token));
            foreach (var node in Silos.Concat(Apis).Where(node => !node.IsThere && !_away.ContainsKey(node)))
            {
                if (endedAt.TryAdd(node, TimeProvider.System.GetTimestamp()) || TimeProvider.System.GetElapsedTime(endedAt[node]) < RestartAfter)
                {
                    continue;
                }

                endedAt.Remove(node);
                node.Start();
            }

            foreach (var node in endedAt.Keys.Where(node => node.IsThere).ToList())
            {
                endedAt.Remove(node);   // somebody else has started it
            }
        }
    }

    private async Task<bool> IsReadyAsync(Node node)
    {
        try
        {
            return (await _http.GetAsync(new Uri(node.Url!, "/health/ready"))).IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The storage's clock less the node's.</summary>
    [GeneratedRegex("^ledger_clock_offset_seconds[^\n]* (-?[0-9.e+]+)( [0-9]+)?$", RegexOptions.Multiline)]
    private static partial Regex ClockLine();
}
