using System.Diagnostics;
using System.Globalization;

namespace Actors.Tests;

/// <summary>
/// A PostgreSQL server in a temporary folder, durable as in production, on a socket of its own. It ends, and its folder goes, when this process ends
/// in whatever way: a small shell waits for the end of the pipe that this process holds.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>Waits for the end of its input, ends the server at once (its data goes, too), then removes the folder.</summary>
    private const string Guardian =
        """
        read line
        server="$(head -n 1 "$1/data/postmaster.pid")" && kill -QUIT "$server" && while kill -0 "$server"; do sleep 0.1; done
        rm -rf "$1"
        """;

    private readonly string _binaries;
    private readonly string _folder;
    private readonly string[] _settings;
    private Process? _guardian;

    private PostgresServer(string binaries, string folder, string[] settings) => (_binaries, _folder, _settings) = (binaries, folder, settings);

    /// <summary>Where the server is, with all that goes with it. Goes at the end.</summary>
    public string Folder => _folder;

    /// <summary>Of the server's own database.</summary>
    public string ConnectionString => $"Host={_folder};Username=postgres;Database=postgres";

    /// <summary>Starts a server; the binaries must be there (<see cref="FindBinaries"/>).</summary>
    /// <param name="settings">More of them, such as <c>fsync=off</c>.</param>
    public static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"actors-pg-{Guid.NewGuid():N}"[..20]);
        var server = new PostgresServer(FindBinaries()!, folder, settings);
        try
        {
            await RunAsync("/bin/mkdir", "-m", "700", folder);
            server._guardian = Process.Start(As("/bin/sh", "-c", Guardian, "sh", folder))!;
            await RunAsync(
                Path.Combine(server._binaries, "initdb"),
                "-D", Path.Combine(folder, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions");
            await server.BootAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where <c>initdb</c> and <c>pg_ctl</c> are; null when they are nowhere.</summary>
    public static string? FindBinaries()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return path
            .Concat(FromPgConfig(path))
            .Concat(FromDebian())
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
    }

    /// <summary>The process id of the server.</summary>
    public async Task<int> ReadProcessIdAsync()
    {
        var lines = await RunAsync("/usr/bin/head", "-n", "1", Path.Combine(_folder, "data", "postmaster.pid"));
        return int.Parse(lines, CultureInfo.InvariantCulture);
    }

    /// <summary>The process ids of the server and of all its processes.</summary>
    public async Task<IReadOnlyList<int>> ReadProcessIdsAsync()
    {
        var server = await ReadProcessIdAsync();
        var children = await RunAsync("/bin/ps", "-o", "pid=", "--ppid", server.ToString(CultureInfo.InvariantCulture));
        return [server, .. children.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>Sends a signal to one of its processes.</summary>
    public static async Task SignalAsync(string signal, int pid) => await RunAsync("/bin/kill", $"-{signal}", pid.ToString(CultureInfo.InvariantCulture));

    /// <summary>Kills the server and all its processes without a warning, as a power cut would.</summary>
    public async Task KillAsync()
    {
        // Stopped first, it begins no process that would outlive it.
        await SignalAsync("STOP", await ReadProcessIdAsync());
        await RunAsync("/bin/kill", ["-KILL", .. (await ReadProcessIdsAsync()).Select(pid => pid.ToString(CultureInfo.InvariantCulture))]);
    }

    /// <summary>Starts the server, also after <see cref="KillAsync"/>; returns when it takes connections.</summary>
    public async Task BootAsync()
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        var settings = new[] { "listen_addresses=", $"unix_socket_directories={_folder}", "max_connections=300", "fsync=on", "log_min_messages=warning" }
            .Concat(_settings).Select(setting => $"-c {setting}");
        while (true)
        {
            try
            {
                await RunAsync(
                    Path.Combine(_binaries, "pg_ctl"),
                    "start", "-w", "-s", "-t", "120",
                    "-D", Path.Combine(_folder, "data"), "-l", Path.Combine(_folder, "log"), "-o", string.Join(' ', settings));
                return;
            }
            catch (InvalidOperationException e)
            {
                // Processes of a killed server may still be about to end; on a busy disk its recovery takes long, and isn't begun again meanwhile.
                if (await IsReadyAsync())
                {
                    return;
                }

                if (TimeProvider.System.GetElapsedTime(startedAt) > TimeSpan.FromMinutes(3))
                {
                    var log = await RunAsync("/usr/bin/tail", "-n", "40", Path.Combine(_folder, "log"));
                    throw new InvalidOperationException($"PostgreSQL doesn't start: {e.Message}\n{log}", e);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System);
            }
        }
    }

    /// <summary>
    /// Runs a shell script in the server's folder, as the server's user; it ends with the first command that fails. PostgreSQL's programs find the server, and
    /// the variable DATA says where its data is.
    /// </summary>
    /// <param name="script">What to run.</param>
    /// <param name="variables">More of them, such as <c>UNTIL=now</c>.</param>
    /// <returns>What it has written.</returns>
    public Task<string> RunScriptAsync(string script, params string[] variables) => RunAsync(
        "/usr/bin/env",
        [
            "-C", Folder, $"PATH={string.Join(':', [_binaries, .. FromDebian(), "/usr/bin", "/bin"])}",
            $"PGHOST={Folder}", "PGUSER=postgres", $"DATA={Path.Combine(Folder, "data")}", .. variables,
            "/bin/sh", "-eu", "-c", script,
        ]);

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            await RunAsync(Path.Combine(_binaries, "pg_isready"), "-q", "-h", _folder);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_guardian is { } guardian)
        {
            guardian.StandardInput.Close();
            await guardian.WaitForExitAsync();
            guardian.Dispose();
        }
    }

    private static IEnumerable<string> FromDebian() => (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [])
        .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
        .Select(folder => Path.Combine(folder, "bin"));

    private static IEnumerable<string> FromPgConfig(string[] path)
    {
        if (path.Select(folder => Path.Combine(folder, "pg_config")).FirstOrDefault(File.Exists) is not { } program)
        {
            return [];
        }

        using var process = Process.Start(new ProcessStartInfo(program, "--bindir") { RedirectStandardOutput = true })!;
        var folder = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return [folder];
    }

    /// <summary>PostgreSQL doesn't run as root: then it runs as the user that its package made.</summary>
    private static ProcessStartInfo As(params string[] command)
    {
        string[] all = Environment.UserName == "root" ? ["/usr/sbin/runuser", "-u", "postgres", "--", .. command] : command;
        return new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(As([program, .. arguments]))!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {await output}{await error}");
    }
}
