using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Actors.Bench.Faults;

/// <summary>
/// A process of the cluster: a silo, an API node, or PostgreSQL's first. It is known by its id and can be started again as it was, from what the system
/// says of it: its words, environment, folder and network.
/// </summary>
internal sealed class Node
{
    private readonly Dictionary<string, string> _environment;
    private readonly string _folder;
    private readonly string? _network;
    private readonly string? _user;
    private readonly string _log;
    private string[] _words;

    private Node(
        string name, int process, Uri? url, string log, string[] words, Dictionary<string, string> environment, string folder, string? network, string? user)
    {
        (Name, Process, Url, _log, _words, _environment, _folder, _network, _user) = (name, process, url, log, words, environment, folder, network, user);
    }

    public string Name { get; }

    /// <summary>Its process id, of the newest start.</summary>
    public int Process { get; private set; }

    /// <summary>Where it says whether it is ready; null where it doesn't.</summary>
    public Uri? Url { get; }

    /// <summary>Whether it runs, hung or not.</summary>
    public bool IsThere
    {
        get
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{Process}/stat");
                return stat[(stat.LastIndexOf(')') + 2)] is not ('Z' or 'X');
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or IOException)
            {
                return false;
            }
        }
    }

    /// <summary>What there is to know of a running process.</summary>
    /// <param name="log">Where it writes to when it is started again.</param>
    /// <param name="user">Whom it runs as; null for whoever runs this.</param>
    public static async Task<Node> OfAsync(string name, int process, Uri? url, string log, string? user = null)
    {
        static string[] Split(string text) => text.TrimEnd('\0').Split('\0');
        var words = Split(await File.ReadAllTextAsync($"/proc/{process}/cmdline"));
        var environment = Split(await File.ReadAllTextAsync($"/proc/{process}/environ")).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1]);
        var folder = new FileInfo($"/proc/{process}/cwd").ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        var network = (await Commands.ReadAsync("ip", "netns", "identify", $"{process}")).Trim();
        return new Node(name, process, url, log, words, environment, folder, network.Length == 0 ? null : network, user);
    }

    /// <summary>The port by which the other silos know it; null where it is no silo.</summary>
    public int? SiloPort => _environment.TryGetValue("Cluster__SiloPort", out var port) ? int.Parse(port, CultureInfo.InvariantCulture) : null;

    /// <summary>Something of its environment from the next start on.</summary>
    public void Set(string name, string value) => _environment[name] = value;

    /// <summary>Whether its program lies in a folder.</summary>
    public bool Runs(string folder) => Array.Exists(_words, word => word.StartsWith(folder + '/', StringComparison.Ordinal));

    /// <summary>Another build of its program from the next start on.</summary>
    public void Become(string from, string to) =>
        _words = [.. _words.Select(word => word.StartsWith(from + '/', StringComparison.Ordinal) ? to + word[from.Length..] : word)];

    /// <summary>Sends it a signal; nothing where it is gone.</summary>
    public Task SignalAsync(string signal) => Commands.TryAsync("kill", $"-{signal}", $"{Process}");

    /// <summary>Its process and those that it has started.</summary>
    public async Task<IReadOnlyList<int>> FamilyAsync() =>
        [Process, .. (await Commands.ReadAsync("pgrep", "-P", $"{Process}")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    /// <summary>Starts it again as it was.</summary>
    public void Start()
    {
        List<string> words = [];
        if (_network is not null)
        {
            words.AddRange(["ip", "netns", "exec", _network]);
        }

        if (_user is not null)
        {
            words.AddRange(["setpriv", $"--reuid={_user}", $"--regid={_user}", "--clear-groups", "--"]);
        }

        words.AddRange(_words);

        // By a shell, for the sake of the log only; it becomes the program.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" </dev/null >>\"$ACTORS_LOG\" 2>&1", "sh", .. words]) { WorkingDirectory = _folder };
        start.Environment.Clear();
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["ACTORS_LOG"] = _log;
        Process = System.Diagnostics.Process.Start(start)!.Id;
    }
}

/// <summary>Programs of the system.</summary>
internal static class Commands
{
    /// <summary>Runs one, which must succeed.</summary>
    public static async Task RunAsync(params string[] words)
    {
        if (await TryAsync(words) is { Length: > 0 } wrong)
        {
            throw new InvalidOperationException($"{string.Join(' ', words)}: {wrong}");
        }
    }

    /// <summary>Runs one; gives what it said where it failed, else nothing.</summary>
    public static async Task<string> TryAsync(params string[] words)
    {
        var (code, _, errors) = await CallAsync(words);
        return code == 0 ? "" : $"{code} {errors}";
    }

    /// <summary>What one prints, whether it succeeds or not.</summary>
    public static async Task<string> ReadAsync(params string[] words) => (await CallAsync(words)).Output;

    private static async Task<(int Code, string Output, string Errors)> CallAsync(string[] words)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.StandardOutputEncoding = Encoding.UTF8;
        using var process = System.Diagnostics.Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
