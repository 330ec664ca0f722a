using System.Diagnostics;
using Actors.Tests;

namespace Actors.Cluster.Tests.Processes;

/// <summary>A node that is configured otherwise than a running cluster doesn't join it, and says why; the cluster goes on.</summary>
[Collection(LocalCluster.OneAtATime)]
public sealed class StrangerTests
{
    private const string OtherKey = "another key, of which nobody else knows";

    [Fact]
    public async Task A_node_with_another_key_or_policy_does_not_join()
    {
        await using var cluster = await LocalCluster.StartAsync("--Policy:Templates:AutoApprove", "true");
        var key = await File.ReadAllTextAsync(cluster.SigningKeyFile);
        var port = LocalCluster.FreeRange();
        string[] silo = [
            "--Storage:Provider", "postgres", "--Data:Directory", TestNode.NewDataDirectory(),
            "--Cluster:SiloPort", $"{port + 6_001}", "--Cluster:GatewayPort", $"{port + 6_101}",
        ];

        // The key.
        var (exit, said) = await StartAsync("Silo", cluster, OtherKey, [.. silo, "--Policy:Templates:AutoApprove", "true"]);
        Assert.True(exit == 2 && said.Contains("--Cluster:AdoptKey true", StringComparison.Ordinal), $"{exit}: {said}");
        (exit, said) = await StartAsync("Api", cluster, OtherKey, []);
        Assert.True(exit == 2 && said.Contains("Auth:SigningKey", StringComparison.Ordinal), $"{exit}: {said}");

        // The policy.
        (exit, said) = await StartAsync("Silo", cluster, key, [.. silo, "--Policy:Templates:AutoApprove", "true", "--Policy:MarketingCap:PerWeek", "7"]);
        Assert.True(exit == 2 && said.Contains("MarketingCap:PerWeek", StringComparison.Ordinal), $"{exit}: {said}");

        // Nothing of it was felt.
        var business = await cluster.Platform.RegisterAsync("Corner Shop");
        await cluster.Platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Your order is paid.");
        await cluster.Platform.OptInAsync(business, [34600700000], TimeProvider.System.GetUtcNow());
        Assert.Equal(200, (await cluster.Platform.SendAsync(business, TestPlatform.Template(34600700000, "receipt"), "once")).Status);
    }

    /// <summary>Starts a node that is to end by itself.</summary>
    private static async Task<(int Exit, string Said)> StartAsync(string program, LocalCluster cluster, string key, string[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [
            Path.Combine(LocalCluster.Root(), "artifacts", "bin", program, LocalCluster.Configuration().ToLowerInvariant(), $"Actors.{program}.dll"),
            "--urls", "http://127.0.0.1:0", "--Cluster:Mode", "postgres", "--ConnectionStrings:Actors", cluster.Connection, .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Auth__SigningKey"] = key;
        using var node = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            var (output, errors) = (node.StandardOutput.ReadToEndAsync(limit.Token), node.StandardError.ReadToEndAsync(limit.Token));
            await node.WaitForExitAsync(limit.Token);
            return (node.ExitCode, await output + await errors);
        }
        finally
        {
            node.Kill();   // nothing, where it has ended
        }
    }
}
