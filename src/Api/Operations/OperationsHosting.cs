using Microsoft.Extensions.DependencyInjection.Extensions;
using Scalar.AspNetCore;

namespace Actors.Api.Operations;

/// <summary>What watches and describes the node. Open to everybody who reaches it: it says nothing of anyone.</summary>
internal static class OperationsHosting
{
    private const string OnlyThisNode =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "frame-ancestors 'none'; form-action 'none'; base-uri 'none'";

    public static IServiceCollection AddOperations(this IServiceCollection services, TelemetrySettings telemetry)
    {
        services.AddTelemetry(telemetry);
        services.AddSingleton<SendMetrics>();
        services.AddSingleton<RequestTimes>();
        services.AddSingleton(_ => new HotBusinesses(SendMetrics.MeterName));
        services.TryAddSingleton(new Joining(() => false));
        services.AddSingleton<Readiness>();
        services.AddOpenApi("v1", ApiDescription.Configure);
        return services;
    }

    /// <summary>Health and metrics.</summary>
    public static void MapWatch(this IEndpointRouteBuilder routes)
    {
        routes.MapHealth();
        routes.MapPrometheusScrapingEndpoint("/metrics").WithTags("Operations").WithName("GetMetrics")
            .WithSummary("Metrics in Prometheus' text format").WithMetadata(new ProducesResponseTypeMetadata(200, typeof(string), ["text/plain"]));
    }

    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapWatch();
        routes.MapOpenApi("/openapi/{documentName}.json");

        routes.MapReference();
    }

    /// <summary>
    /// The rendered reference. Everything that the page needs comes from this node: it works without the internet, and the browser is told to ask nobody else.
    /// </summary>
    private static void MapReference(this IEndpointRouteBuilder routes)
    {
        var endpoints = routes.MapScalarApiReference("/docs", page => page
            .WithTitle("Actors")
            .WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .AddPreferredSecuritySchemes(ApiDescription.Bearer)
            .HideDeveloperTools()
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp());
        endpoints.Finally(endpoint =>
        {
            var page = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                context.Response.Headers.ContentSecurityPolicy = OnlyThisNode;
                return page(context);
            };
        });
    }
}
