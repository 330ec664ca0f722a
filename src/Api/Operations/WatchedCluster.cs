namespace Actors.Api.Operations;

/// <summary>What a silo, and a client of one, need so that the API can show what happens in them.</summary>
public static class WatchedCluster
{
    /// <summary>Traces go on in grains, and the dashboard is fed; nothing is added where neither is configured.</summary>
    /// <exception cref="InvalidOperationException">The configuration is wrong; the message says what to write.</exception>
    public static void Watch(this ISiloBuilder silo, IConfiguration configuration)
    {
        if (TelemetrySettings.From(configuration).Traces)
        {
            silo.AddActivityPropagation();
        }

        if (HttpSettings.From(configuration).Dashboard)
        {
            Orleans.Dashboard.ServiceCollectionExtensions.AddDashboard(silo, DashboardApi.Configure);
        }
    }

    /// <summary>The same for an API node.</summary>
    /// <exception cref="InvalidOperationException">The configuration is wrong; the message says what to write.</exception>
    public static void Watch(this IClientBuilder client, IConfiguration configuration)
    {
        if (TelemetrySettings.From(configuration).Traces)
        {
            client.AddActivityPropagation();
        }

        if (HttpSettings.From(configuration).Dashboard)
        {
            Orleans.Dashboard.ServiceCollectionExtensions.AddDashboard(client, DashboardApi.Configure);
        }
    }
}
