using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Actors.Tests;

/// <summary>The real node, as a process of its own: what a user starts, and what an outage kills.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(60);
    private static readonly string _program = ProgramPath();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output;
    private readonly Task _drained;
    private bool _isDisposed;

    private TestNode(Process process, ConcurrentQueue<string> output, Task drained, Uri address)
    {
        (_process, _output, _drained, Address) = (process, output, drained, address);
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 256 })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary>Signs all tokens of this test run, so that they hold over restarts and need not be asked for again.</summary>
    public static string SigningKey { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(48));

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>A client without a token.</summary>
    public HttpClient Http { get; }

    /// <summary>How much processor time it took from the process's start to ready.</summary>
    public TimeSpan StartWork { get; private set; }

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>All that it printed.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>An empty folder of its own for a node's data; it goes when the tests end.</summary>
    public static string NewDataDirectory()
    {
        var folder = Directory.CreateTempSubdirectory("actors-test-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        };
        return folder;
    }

    /// <summary>Starts a node and waits until it is ready.</summary>
    /// <param name="data">Its data directory.</param>
    /// <param name="settings">Further settings, as <c>Section:Key=value</c>.</param>
    public static async Task<TestNode> StartAsync(string data, params string[] settings)
    {
        // The port was free when it was looked for; somebody else may have taken it since: then once more, with another one.
        for (var isLast = false; ; isLast = true)
        {
            var node = Launch(data, settings);
            try
            {
                await node.ReadyAsync();
                node.StartWork = node._process.TotalProcessorTime;
                return node;
            }
            catch (Exception) when (!isLast && node.Output.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                await node.DisposeAsync();
            }
            catch
            {
                await node.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Starts a node that is expected to stop by itself; gives its exit code and what it printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string data, params string[] settings)
    {
        await using var node = Launch(data, settings);
        return (await node.ExitAsync(), node.Output);
    }

    /// <summary>Prints a token with the node's own command.</summary>
    /// <param name="who">What follows <c>token</c>, for example <c>operator</c> and a name.</param>
    public static async Task<string> TokenAsync(params string[] who)
    {
        var (process, output, drained) = StartProcess(["token", .. who], Settings(NewDataDirectory(), []));
        using (process)
        {
            await process.WaitForExitAsync().WaitAsync(_startLimit);
            await drained;
            Assert.True(process.ExitCode == 0, string.Join('\n', output));
            return output.Last(line => line.Length > 0);
        }
    }

    /// <summary>Ends it at once, as a power cut would: no handler runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(_startLimit);
    }

    /// <summary>Asks it to stop, as an init system (TERM) or Ctrl-C (INT) does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(string signal = "TERM")
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return await ExitAsync();
    }

    /// <summary>Waits until <c>/health/ready</c> says so.</summary>
    public async Task ReadyAsync()
    {
        using var limit = new CancellationTokenSource(_startLimit);
        while (true)
        {
            Assert.False(_process.HasExited, $"the node ended by itself:\n{Output}");
            try
            {
                using var answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative), limit.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                Assert.False(limit.IsCancellationRequested, $"the node is not ready after {_startLimit} ({e.Message}):\n{Output}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_isDisposed)
        {
            return;   // by whoever started it in vain: that is what is to be told
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static TestNode Launch(string data, string[] settings)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var (process, output, drained) = StartProcess(["--urls", address.ToString().TrimEnd('/')], Settings(data, settings));
        return new TestNode(process, output, drained, address);
    }

    private static string[] Settings(string data, string[] settings) =>
        [$"Data:Directory={data}", $"Auth:SigningKey={SigningKey}", .. settings];

    private static (Process Process, ConcurrentQueue<string> Output, Task Drained) StartProcess(string[] arguments, string[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [_program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var setting in settings.Select(setting => setting.Split('=', 2)))
        {
            // By environment, not by argument: a signing key doesn't belong in the list of processes.
            start.Environment[setting[0].Replace(":", "__", StringComparison.Ordinal)] = setting[1];
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("the node could not be started");
        process.StandardInput.Close();
        var output = new ConcurrentQueue<string>();
        return (process, output, Task.WhenAll(DrainAsync(process.StandardOutput, output), DrainAsync(process.StandardError, output)));
    }

    private static async Task DrainAsync(StreamReader reader, ConcurrentQueue<string> output)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            output.Enqueue(line);
        }
    }

    private async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(_startLimit);
        await _drained.WaitAsync(_startLimit);
        return _process.ExitCode;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>The node as built beside the tests: artifacts/bin/Silo, the same configuration.</summary>
    private static string ProgramPath()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(here.Parent?.Parent?.FullName ?? "", "Silo", here.Name, "Actors.Silo.dll");
    }
}
