using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Actors.Bench.Load;

/// <summary>A child process that is ended with the run, whatever happens.</summary>
internal sealed partial class Child : IAsyncDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private readonly Process _process;
    private readonly int _signal;
    private readonly Queue<string> _lastLines = new();

    private Child(Process process, int signal) => (_process, _signal) = (process, signal);

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>The last lines that it wrote.</summary>
    public string LastLines
    {
        get
        {
            lock (_lastLines)
            {
                return string.Join('\n', _lastLines);
            }
        }
    }

    /// <summary>Starts a program that runs until it is disposed.</summary>
    /// <param name="interrupt">Whether it ends quickly by SIGINT (PostgreSQL) instead of SIGTERM.</param>
    public static Child Start(string file, IEnumerable<string> arguments, bool interrupt = false)
    {
        var process = new Process { StartInfo = Info(file, arguments) };
        var child = new Child(process, interrupt ? Interrupt : Terminate);
        process.OutputDataReceived += child.Keep;
        process.ErrorDataReceived += child.Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => child.Kill();
        return child;
    }

    /// <summary>Runs a program to its end and gives what it wrote.</summary>
    public static async Task<string> RunAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(Info(file, arguments))!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{file} {arguments.FirstOrDefault()} failed: {await errors}{output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = kill(_process.Id, _signal);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Kill();
            }
        }

        _process.Dispose();
    }

    private static ProcessStartInfo Info(string file, IEnumerable<string> arguments) =>
        new(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/tmp" };

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_lastLines)
        {
            _lastLines.Enqueue(line.Data ?? "");
            while (_lastLines.Count > 40)
            {
                _lastLines.Dequeue();
            }
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}

/// <summary>What the system knows of processes.</summary>
internal static class Processes
{
    private const double TicksPerSecond = 100;

    // Places in /proc/<id>/stat, counted from the state.
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int SystemTime = 12;
    private const int EndedUserTime = 13;
    private const int EndedSystemTime = 14;
    private const int Resident = 21;

    /// <summary>Processor time of a process.</summary>
    public static TimeSpan ProcessorTime(int process) => Seconds(Stat(process) is { } stat ? Number(stat, UserTime) + Number(stat, SystemTime) : 0);

    /// <summary>Processor time of a process and of all its children, the ended ones included.</summary>
    public static TimeSpan FamilyTime(int process)
    {
        var sum = Stat(process) is { } own ? Number(own, UserTime) + Number(own, SystemTime) + Number(own, EndedUserTime) + Number(own, EndedSystemTime) : 0;
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && Stat(id) is { } stat && Number(stat, Parent) == process)
            {
                sum += Number(stat, UserTime) + Number(stat, SystemTime);
            }
        }

        return Seconds(sum);
    }

    /// <summary>Memory of a process that is in RAM, in MB.</summary>
    public static double ResidentMegabytes(int process) => Number(Stat(process) ?? [], Resident) * Environment.SystemPageSize / 1e6;

    /// <summary>How many descriptors a process may open; where it can't be raised, the hard limit is what this one's children have, too.</summary>
    public static int Descriptors() => int.TryParse(
        File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[4],
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out var number) ? number : int.MaxValue;

    private static TimeSpan Seconds(long ticks) => TimeSpan.FromSeconds(ticks / TicksPerSecond);

    private static long Number(string[] stat, int field) =>
        field < stat.Length ? long.Parse(stat[field], CultureInfo.InvariantCulture) : 0;

    /// <summary>The fields behind the name, the state first; null when the process has ended.</summary>
    private static string[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
