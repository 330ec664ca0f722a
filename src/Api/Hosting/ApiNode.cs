using Actors.Api.Operations;
using Actors.Api.Sends;
using Actors.Contracts;

namespace Actors.Api.Hosting;

/// <summary>A process that answers HTTP for a cluster and holds no grains. Any number of them can come and go.</summary>
public static class ApiNode
{
    private const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>Every key of the sections that belong to this program; another key in one of these sections stops the start.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. ClusterSettings.Keys, .. ApiConfiguration.Keys];

    /// <summary>Puts one together; running it is the caller's.</summary>
    /// <param name="args">Configuration, as on the command line.</param>
    /// <exception cref="ConfigurationException">The configuration is wrong.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var configuration = builder.Configuration;
        configuration.AddLogLevels();
        configuration.RefuseUnknownKeys(Keys);
        var cluster = ClusterSettings.Read(configuration) ?? throw new ConfigurationException(
            "This program is a part of a cluster: write --Cluster:Mode postgres. A single node answers by itself: dotnet run --project src/Silo.");
        if (string.IsNullOrEmpty(configuration["urls"]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        SteppedClock.AddTo(builder.Services);
        builder.Services.AddDiscreetLogs();
        builder.WebHost.UseActorsServer();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(30) + cluster.DrainWait);
        try
        {
            builder.UseOrleansClient(client =>
            {
                ClusterClient.Configure(client, cluster);
                client.Watch(configuration);
            });

            // Behind the client: the follower's start waits for an answer of the silos, and services start one after the other.
            builder.Services.AddHostedService<GatewayWatch>();
            builder.Services.AddSingleton(services =>
            {
                var grains = services.GetRequiredService<IGrainFactory>();
                return new PolicyBook(() => PolicyFollower.ReadNumbersAsync(grains));
            });
            builder.Services.AddHostedService<PolicyFollower>();
            builder.Services.AddHostedService<KeyCheck>();
            builder.Services.AddHostedService(services => services.GetRequiredService<Throughputs>());
            builder.Services.AddClusterMember(cluster);
            builder.Services.AddActorsApi(configuration);
        }
        catch (InvalidOperationException wrong)
        {
            throw new ConfigurationException(wrong.Message);
        }

        return builder.Build().MapActorsApi();
    }
}
