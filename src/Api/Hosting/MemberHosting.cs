using Actors.Api.Operations;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Actors.Api.Hosting;

/// <summary>What the programs that answer requests have in common.</summary>
public static class MemberHosting
{
    private static readonly Dictionary<string, string?> LogLevels = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",

        // Their lines have whole paths, with people's numbers, or the names of grains, which are such numbers.
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
        ["Logging:LogLevel:Orleans"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
    };

    /// <summary>What is logged where the configuration says nothing.</summary>
    public static void AddLogLevels(this IConfigurationBuilder configuration) =>
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = LogLevels });

    /// <summary>No log holds what Orleans prints of calls: it has people's numbers in it.</summary>
    public static void AddDiscreetLogs(this IServiceCollection services)
    {
        services.AddSingleton<LoggerFactory>();
        services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(s => new DiscreetLogs(s.GetRequiredService<LoggerFactory>())));
    }

    /// <summary>Sets the server up for many small requests.</summary>
    public static IWebHostBuilder UseActorsServer(this IWebHostBuilder host) => host
        .ConfigureKestrel(server => server.AddServerHeader = false)
        .UseSockets(sockets =>
        {
            // Nothing of ours blocks a thread, so a request is read, taken or refused, and answered where its bytes arrived, without two turns in the
            // thread pool's queue; and the buffer is there before the bytes, which saves a system call. Under a flood that is half of what a refusal costs.
            sockets.UnsafePreferInlineScheduling = true;
            sockets.WaitForDataBeforeAllocatingBuffer = false;
        });

    /// <summary>Adds what a process does because there are others; before everything of the API.</summary>
    /// <param name="isJoining">Of a silo: whether it has yet to get users; null for an API node, which has none.</param>
    public static IServiceCollection AddClusterMember(
        this IServiceCollection services, ClusterSettings settings, Func<IServiceProvider, bool>? isJoining = null)
    {
        if (isJoining is not null)
        {
            services.AddSingleton(s => new Joining(() => isJoining(s)));
        }

        services.AddSingleton(settings);
        services.AddSingleton(new DeadNodes(areThere: true));
        services.AddHostedService<Draining>();
        return services;
    }
}

/// <summary>
/// Between being told to stop and taking no more requests: says that it isn't ready, and answers on, for as long as balancers take to notice.
/// </summary>
internal sealed class Draining(ClusterSettings settings) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.Delay(settings.DrainWait, TimeProvider.System, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
