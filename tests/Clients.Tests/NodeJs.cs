using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Sdk;

[assembly: AssemblyFixture(typeof(Actors.Clients.Tests.NodeJs))]

namespace Actors.Clients.Tests;

/// <summary>Node.js with the four clients, installed once per test run from the lock file.</summary>
public sealed class NodeJs : IAsyncLifetime
{
    private static readonly string _source = Path.Combine(AppContext.BaseDirectory, "node");

    /// <summary>Under artifacts/, so that a further run finds it and a clean tree forgets it.</summary>
    private static readonly string _installed = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "clients"));

    private string? _missing;

    public async ValueTask InitializeAsync()
    {
        try
        {
            await RunAsync("node", ["--version"], "");
            await InstallAsync();
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            // Each test reports it: skipped on a developer's machine, failed where CI=true.
            _missing = $"Node.js with the clients can't be had: {e.Message}";
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs a client's script and gives its steps by name.</summary>
    public async Task<IReadOnlyDictionary<string, JsonNode>> PlayAsync(string script, JsonObject scenario)
    {
        if (_missing is not null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", _missing);
            throw new XunitException(_missing);
        }

        var output = await RunAsync("node", [Path.Combine(_installed, script)], scenario.ToJsonString());
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!).ToDictionary(step => (string)step["step"]!);
    }

    private static async Task InstallAsync()
    {
        Directory.CreateDirectory(_installed);
        var stamp = Path.Combine(_installed, "installed.json");
        var wanted = await File.ReadAllTextAsync(Path.Combine(_source, "package-lock.json"));
        foreach (var file in Directory.EnumerateFiles(_source))
        {
            File.Copy(file, Path.Combine(_installed, Path.GetFileName(file)), overwrite: true);
        }

        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp) != wanted)
        {
            File.Delete(stamp);
            await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"], "");
            await File.WriteAllTextAsync(stamp, wanted);
        }
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Directory.Exists(_installed) ? _installed : _source,
        }) ?? throw new InvalidOperationException($"{program} could not be started");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {arguments[0]}: {await errors}");
    }
}
