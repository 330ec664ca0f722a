using Orleans.Configuration;
using Orleans.Messaging;

namespace Actors.Api.Hosting;

/// <summary>An API node: it holds no grains, and reaches those of the silos by their gateways.</summary>
internal static class ClusterClient
{
    public static void Configure(IClientBuilder client, ClusterSettings cluster)
    {
        client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.Id, ClusterSettings.ServiceId));
        client.Services.AddSingleton(new MembershipSource(cluster.ConnectionString));
        client.UseAdoNetClustering(builder => builder.Configure<MembershipSource>((o, source) => (o.Invariant, o.DataSource) = ("Npgsql", source.Source)));
        client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
        client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromMilliseconds(250));
        client.Configure<ConnectionOptions>(o => o.OpenConnectionTimeout = TimeSpan.FromSeconds(2));
        UseAnsweringGateways(client.Services);
        client.AddGatewayCountChangedHandler(static services =>
        {
            var nodes = services.GetRequiredService<DeadNodes>();
            return (_, count) =>
            {
                if (count.NumberOfConnectedGateways < count.PreviousNumberOfConnectedGateways)
                {
                    nodes.ConnectionEnded();
                }
            };
        });
        client.UseConnectionRetryFilter<PatientStart>();
        if (cluster.Tls is { } tls)
        {
            client.UseTls(tls.Configure);
        }
    }

    private static void UseAnsweringGateways(IServiceCollection services)
    {
        var listed = services.Last(service => service.ServiceType == typeof(IGatewayListProvider));
        services.Remove(listed);
        services.AddSingleton<QuietGateways>();
        services.AddSingleton(provider => new AnsweringGateways(
            (IGatewayListProvider)ActivatorUtilities.CreateInstance(provider, listed.ImplementationType!),
            provider.GetRequiredService<QuietGateways>(),
            provider.GetRequiredService<DeadNodes>(),
            provider.GetRequiredService<ILogger<AnsweringGateways>>()));
        services.AddSingleton<IGatewayListProvider>(provider => provider.GetRequiredService<AnsweringGateways>());
    }
}

/// <summary>The silos may start after this node, and the database after the silos: it waits for them, and isn't ready meanwhile.</summary>
internal sealed partial class PatientStart(ILogger<PatientStart> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        LogWaits(logger, exception.GetType().Name);
        await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        return true;
    }

    [LoggerMessage(EventId = 4901, Level = LogLevel.Warning, Message = "No silo can be reached yet ({Failure}); it is tried again")]
    private static partial void LogWaits(ILogger logger, string failure);
}
