using Actors.Api.Auth;
using Actors.Api.Enrolments;
using Actors.Api.Graph;
using Actors.Api.Graph.Management;
using Actors.Api.Graph.Messages;
using Actors.Api.Hosting;
using Actors.Api.Inbox;
using Actors.Api.Leases;
using Actors.Api.Operations;
using Actors.Api.Sends;
using Actors.Api.V1;
using Actors.Contracts;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Actors.Api;

/// <summary>Puts the API into a host that can reach the grains: a silo, or a client of a cluster.</summary>
public static class ApiHosting
{
    /// <summary>Registers what the API needs. The host registers the <see cref="PolicyBook"/> and the grain factory.</summary>
    /// <exception cref="InvalidOperationException">The configuration is wrong; the message says what to write.</exception>
    public static IServiceCollection AddActorsApi(this IServiceCollection services, IConfiguration configuration)
    {
        var auth = AuthSettings.From(configuration);
        var http = HttpSettings.From(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(auth);
        services.AddSingleton(http);
        if (auth.SigningKey is not null)
        {
            services.AddSingleton<TokenIssuer>();
        }

        services.AddSingleton<TokenReader>();
        services.TryAddSingleton(new DeadNodes(areThere: false));
        services.TryAddSingleton<ClusterTime>();
        services.AddSingleton<UserGrains>();
        services.AddSingleton<LeaseCache>();
        services.AddSingleton<Quotas>();
        services.AddSingleton<Wamids>();
        services.AddEnrolments(EnrolmentSettings.From(configuration));
        services.AddSingleton<Access>();
        services.AddSingleton<Throughputs>();
        services.AddSingleton<TriedLimits>();
        services.AddSingleton<Trials>();
        services.AddSingleton<ShadowReports>();
        services.AddHostedService(provider => provider.GetRequiredService<ShadowReports>());
        services.AddSingleton<Sender>();
        services.AddSingleton<RefusalCounts>();
        services.AddHostedService<RefusalReports>();
        services.AddSingleton<MessagesEdge>();
        services.AddSingleton<NumberNode>();
        services.AddSingleton<BusinessNode>();
        services.AddSingleton<TemplatesEdge>();
        services.AddSingleton<BlockListEdge>();
        services.AddSingleton<TemplateAnalyticsEdge>();
        services.AddSingleton<SubscribedAppsEdge>();
        services.AddSingleton<GraphPipeline>();
        services.AddSingleton(services => new InFlightGate(http.InFlightMax, services.GetRequiredService<RequestTimes>()));
        services.AddSingleton<AccessLog>();
        if (http.AccessLog)
        {
            services.AddHostedService(provider => provider.GetRequiredService<AccessLog>());
        }

        services.AddInboxStreams();
        services.AddV1();
        services.AddOperations(TelemetrySettings.From(configuration));
        return services;
    }

    /// <summary>Builds the pipeline and maps every endpoint.</summary>
    /// <param name="app">The program.</param>
    /// <param name="all">False for nothing but health and metrics.</param>
    public static WebApplication MapActorsApi(this WebApplication app, bool all = true)
    {
        if (app.Services.GetRequiredService<TelemetrySettings>().Traces)
        {
            app.UseTraces();
        }

        if (!all)
        {
            app.UseRouting();
            app.MapWatch();
            return app;
        }

        var gate = app.Services.GetRequiredService<InFlightGate>();
        app.Use(next => context => gate.PassAsync(context, next));
        if (app.Services.GetRequiredService<HttpSettings>().AccessLog)
        {
            var log = app.Services.GetRequiredService<AccessLog>();
            app.Use(next => context => log.NoteAsync(context, next));
        }

        app.Use(next => context => Failures.HandleAsync(context, next));
        app.Use(next => context => DotSegments.HandleAsync(context, next));
        var deadNodes = app.Services.GetRequiredService<DeadNodes>();
        app.Use(next => context => deadNodes.HandleAsync(context, next));
        var graph = app.Services.GetRequiredService<GraphPipeline>();
        app.Use(next => context => Families.Of(context.Request.Path) == Family.Graph ? graph.AnswerAsync(context) : next(context));
        var hasDashboard = app.Services.GetRequiredService<HttpSettings>().Dashboard;
        if (hasDashboard)
        {
            app.UseDashboard();
        }

        app.UseRouting();
        app.UseUnmatched();
        app.UseAccess();
        app.MapV1();
        app.MapOperations();
        if (hasDashboard)
        {
            app.MapDashboard();
        }

        return app;
    }

    /// <summary>What no endpoint under <c>/v1</c> takes: 404, 405 and 415 as problems. Runs before access: there is nothing to keep anyone from.</summary>
    private static void UseUnmatched(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is null)
        {
            await Problems.NotFound("There is nothing at this address.").ExecuteAsync(context);
        }
        else if (context.GetEndpoint() is { DisplayName: "405 HTTP Method Not Supported" } endpoint)
        {
            await endpoint.RequestDelegate!(context);   // sets Allow
            await Problems.MethodNotAllowed.ExecuteAsync(context);
        }
        else if (context.GetEndpoint() is { DisplayName: "415 HTTP Unsupported Media Type" })
        {
            await Problems.WrongContentType("application/json, or as what else the description of this call names").ExecuteAsync(context);
        }
        else
        {
            await next(context);
        }
    });
}
