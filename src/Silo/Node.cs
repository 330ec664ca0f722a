using Actors.Api;
using Actors.Api.Hosting;
using Actors.Api.Operations;
using Actors.Grains;
using Actors.Grains.Webhooks;
using Actors.Ledger;

namespace Actors.Silo;

/// <summary>The node: a silo and the API in one process.</summary>
public static class Node
{
    /// <summary>
    /// Silent until the node has started. Orleans' watchdog belongs to them: its first look takes what hasn't begun yet for stalled since the machine was
    /// started, and warns of a deadlock of hours.
    /// </summary>
    private static readonly string[] StartLogs =
    [
        "Microsoft.Extensions.Hosting.Internal.Host", "Orleans.Runtime.Silo", "Orleans.Runtime.SiloLifecycleSubject", "Orleans.Runtime.Watchdog",
    ];

    /// <summary>Puts a node together; running it is the caller's.</summary>
    /// <param name="args">Configuration, as on the command line.</param>
    /// <param name="services">Replaces services, for tests.</param>
    /// <exception cref="ConfigurationException">The configuration is wrong.</exception>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddLogLevels();
        var settings = NodeSettings.Read(builder.Configuration);
        var policy = PolicyConfiguration.Read(builder.Configuration);
        DataDirectory.Create(settings.DataDirectory);
        if (settings.Cluster is null)
        {
            SigningKey.Provide(builder.Configuration, settings.DataDirectory);
        }

        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls(NodeSettings.DefaultUrl);
        }

        // What goes wrong at the start is told once, by who started the node: in a sentence, or with the whole exception.
        WebApplication? node = null;
        foreach (var category in StartLogs)
        {
            builder.Logging.AddFilter(
                category, level => level >= LogLevel.Warning && node?.Lifetime.ApplicationStarted.IsCancellationRequested == true);
        }

        builder.Services.AddDiscreetLogs();
        builder.WebHost.UseActorsServer();
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(policy);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(30) + (settings.Cluster?.DrainWait ?? TimeSpan.Zero));
        SteppedClock.AddTo(builder.Services);
        services?.Invoke(builder.Services);
        builder.UseOrleans(silo =>
        {
            if (settings.Cluster is { } cluster)
            {
                ClusterNode.Configure(silo, settings, cluster);
            }
            else
            {
                SingleNode.Configure(silo, settings);
            }

            GrainCalls.Configure(silo);
            silo.AddActorsGrains(Grains(settings));
        });
        try
        {
            builder.UseOrleans(silo => silo.Watch(builder.Configuration));
            if (settings.Cluster is { } member)
            {
                builder.Services.AddClusterMember(member, GrainsHosting.IsJoining);
            }

            builder.Services.AddActorsApi(builder.Configuration);
        }
        catch (InvalidOperationException wrong)
        {
            throw new ConfigurationException(wrong.Message);
        }

        node = builder.Build();
        node.MapActorsApi(settings.ServesApi);
        return node;
    }

    private static GrainsSettings Grains(NodeSettings settings)
    {
        var grains = settings.ConnectionString is { } connection
            ? GrainsSettings.Postgres(connection, settings.OtherServers)
            : GrainsSettings.Sqlite(settings.DataDirectory);
        return grains with
        {
            KeyMark = settings.Cluster?.KeyMark,
            AdoptKey = settings.Cluster?.AdoptKey ?? false,
            Webhooks = new WebhookSettings { AllowHttp = settings.WebhooksAllowHttp, AllowPrivate = settings.WebhooksAllowPrivate },
            Ledger = new LedgerSettings
            {
                QueueMax = settings.QueueMax,
                BatchMax = settings.BatchMax,
                Retention = settings.Retention,
                ContentRetention = settings.ContentRetention,
            },
        };
    }
}
