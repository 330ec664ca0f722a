using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>
/// A cluster of real processes as <c>deploy/local-cluster</c> starts it: PostgreSQL, silos, API nodes, a balancer. It ends with this process, too.
/// </summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    /// <summary>The collection of all tests that have one: six processes each, and more than one would have too little of the machine.</summary>
    public const string OneAtATime = "clusters of processes";

    private static readonly TimeSpan _startLimit = TimeSpan.FromMinutes(4);

    private readonly Process _script;
    private readonly Task<string> _errors;
    private readonly Dictionary<string, string> _facts;

    private LocalCluster(Process script, Task<string> errors, Dictionary<string, string> facts)
    {
        (_script, _errors, _facts) = (script, errors, facts);
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 256 })
        {
            BaseAddress = new Uri(facts["URL"]),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary>Reaches the balancer.</summary>
    public HttpClient Http { get; }

    /// <summary>An operator's view of it.</summary>
    public TestPlatform Platform { get; private set; } = null!;

    /// <summary>Why it can't be had here; null when it can.</summary>
    public static string? Missing() => PostgresServer.FindBinaries() is null ? "No PostgreSQL server programs."
        : !OnPath("haproxy") ? "No haproxy: apt-get install haproxy."
        : null;

    /// <summary>Skips the test where one can't be had here, or fails it where one must be had.</summary>
    public static void RequireParts()
    {
        if (Missing() is { } missing)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", missing);
            Assert.Skip(missing);
        }
    }

    /// <summary>Starts one and waits until all of it is ready.</summary>
    /// <param name="settings">Go to every silo and API node, as on the command line.</param>
    public static async Task<LocalCluster> StartAsync(params string[] settings)
    {
        RequireParts();
        var folder = TestNode.NewDataDirectory();
        var start = new ProcessStartInfo(Path.Combine(Root(), "deploy", "local-cluster"), [
            "--no-build", "--configuration", Configuration(), "--port", FreeRange().ToString(CultureInfo.InvariantCulture),
            "--folder", folder, "--until-eof", "--", .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        var script = Process.Start(start)!;
        var errors = script.StandardError.ReadToEndAsync();
        var output = new List<string>();
        using var limit = new CancellationTokenSource(_startLimit);
        while (await script.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            output.Add(line);
            if (line.StartsWith("Stop with", StringComparison.Ordinal))
            {
                break;
            }
        }

        if (!File.Exists(Path.Combine(folder, "cluster.env")) || !output.Exists(line => line.StartsWith("Stop with", StringComparison.Ordinal)))
        {
            await script.WaitForExitAsync(limit.Token);
            Assert.Fail($"the cluster didn't start: {string.Join('\n', output)}\n{await errors}");
        }

        var facts = (await File.ReadAllLinesAsync(Path.Combine(folder, "cluster.env"), limit.Token))
            .Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim('\''));
        var cluster = new LocalCluster(script, errors, facts);
        cluster.Platform = new TestPlatform(cluster.Http, await cluster.OperatorTokenAsync());
        await cluster.WarmUpAsync();
        return cluster;
    }

    /// <summary>The first call runs everything for the first time, which can take longer than a call may where the machine has other work.</summary>
    private async Task WarmUpAsync()
    {
        using var limit = new CancellationTokenSource(_startLimit);
        var somebody = new JsonObject { ["name"] = "Somebody", ["country"] = "ES", ["accept_terms"] = true };
        while ((int)(await Platform.CallAsync(HttpMethod.Post, "/v1/businesses", Platform.OperatorToken, somebody.DeepClone())).Status >= 300)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, limit.Token);
        }
    }

    /// <summary>Process id of a silo, from 1.</summary>
    public int Silo(int number) => int.Parse(_facts[$"SILO{number}_PID"], CultureInfo.InvariantCulture);

    /// <summary>The port by which other silos know one, from 1: <c>deploy/local-cluster</c> puts it 5,980 above that of its HTTP.</summary>
    public int SiloPort(int number) => new Uri(_facts[$"SILO{number}_URL"]).Port + 5_980;

    /// <summary>Process id of an API node, from 1.</summary>
    public int Api(int number) => int.Parse(_facts[$"API{number}_PID"], CultureInfo.InvariantCulture);

    /// <summary>Where the silos answer: health and metrics.</summary>
    public IReadOnlyList<Uri> Silos => UrlsOf("SILO");

    /// <summary>Where the API nodes answer.</summary>
    public IReadOnlyList<Uri> Apis => UrlsOf("API");

    /// <summary>Address of an API node, from 1.</summary>
    public Uri ApiAddress(int number) => new(_facts[$"API{number}_URL"]);

    /// <summary>The key of its tokens.</summary>
    public string SigningKeyFile => _facts["SIGNING_KEY_FILE"];

    /// <summary>Its database.</summary>
    public string Connection => _facts["POSTGRES_CONNECTION"];

    /// <summary>Sends a signal to a process of it.</summary>
    public static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>What a node has written so far, such as <c>api1</c>.</summary>
    public Task<string> ReadLogAsync(string node) =>
        File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(_facts["SIGNING_KEY_FILE"])!, $"{node}.log"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _script.StandardInput.Close();
        using var limit = new CancellationTokenSource(_startLimit);
        await _script.WaitForExitAsync(limit.Token);
        var (code, errors) = (_script.ExitCode, await _errors);
        _script.Dispose();
        Assert.True(code == 0, $"the cluster ended with code {code}: {errors}");

        // PostgreSQL says that it has ended, by its file, a moment before it has.
        var isOver = TimeProvider.System.GetTimestamp();
        while (Running() is { } left)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(isOver) < TimeSpan.FromSeconds(10), $"{left} still runs");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }

        string? Running() => _facts.Where(fact => fact.Key.EndsWith("_PID", StringComparison.Ordinal))
            .FirstOrDefault(fact => Runs(int.Parse(fact.Value, CultureInfo.InvariantCulture))).Key;
    }

    /// <summary>Whether a process is there.</summary>
    public static bool Runs(int process)
    {
        try
        {
            var state = File.ReadAllText($"/proc/{process}/stat");
            return state[state.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private List<Uri> UrlsOf(string kind) =>
    [
        .. _facts.Where(fact => fact.Key.StartsWith(kind, StringComparison.Ordinal) && fact.Key.EndsWith("_URL", StringComparison.Ordinal))
            .Select(fact => new Uri(fact.Value)),
    ];

    private async Task<string> OperatorTokenAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Root(), "artifacts", "bin", "Silo", Configuration().ToLowerInvariant(), "Actors.Silo.dll"),
            "token", "operator", "tests"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["Auth__SigningKey"] = await File.ReadAllTextAsync(_facts["SIGNING_KEY_FILE"]);
        using var process = Process.Start(start)!;
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        return lines[^1];
    }

    internal static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>The build that the tests are of.</summary>
    internal static string Configuration() => new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name;

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Actors.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests aren't in the project's folder");
        }

        return folder.FullName;
    }

    /// <summary>The script takes ports around this one and 6,000 above it.</summary>
    internal static int FreeRange()
    {
        while (true)
        {
            var port = Random.Shared.Next(200, 260) * 100;
            int[] some = [port, port + 1, port + 2, port + 21, port + 22, port + 23, port + 6_001, port + 6_101];
            if (some.All(IsFree))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
