using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Actors.Api.Operations;

/// <summary>Metrics and traces, by OpenTelemetry: shown at <c>/metrics</c>, and sent to a collector where one is configured.</summary>
internal static class Telemetry
{
    private const string Orleans = "Microsoft.Orleans";

    /// <summary>
    /// Our own, the runtime's, the server's connections, and some of Orleans'. Their labels are bounded. Not the framework's meter of requests: it costs each
    /// request more than it tells.
    /// </summary>
    private static readonly string[] Meters = ["Actors.*", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", Orleans];

    /// <summary>What of Orleans' some two hundred instruments is read by an alert or a dashboard. The others would be paid for with every call.</summary>
    public static readonly HashSet<string> OfOrleans =
    [
        "orleans-grains", "orleans-catalog-activation-created", "orleans-catalog-activation-destroyed", "orleans-catalog-activation-failed-to-activate",
        "orleans-catalog-activation-concurrent-registration-attempts", "orleans-app-requests-timedout", "orleans-messaging-rejected",
        "orleans-messaging-expired", "orleans-scheduler-long-running-turns", "orleans-runtime-total-physical-memory",
    ];

    private static readonly ExplicitBucketHistogramConfiguration Sizes = new() { Boundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] };

    private static readonly ExplicitBucketHistogramConfiguration Seconds =
        new() { Boundaries = [.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10] };

    public static void AddTelemetry(this IServiceCollection services, TelemetrySettings settings)
    {
        services.AddSingleton(settings);
        // Several nodes may be on one machine: a collector tells them apart by this alone.
        var instance = $"{Environment.MachineName}:{Environment.ProcessId}";
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("actors", serviceInstanceId: instance));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters).AddView(View).AddPrometheusExporter(
                exporter => (exporter.ScrapeResponseCacheDurationMilliseconds, exporter.ScopeInfoEnabled) = (0, false));
            if (settings.Otlp is { } to)
            {
                metrics.AddOtlpExporter((exporter, _) => Address(exporter, to, "v1/metrics"));
            }
        });
        if (settings.Traces)
        {
            // A caller's headers begin no trace here and join none: how many are made is our own decision. What calls what inside is passed on.
            services.AddSingleton<DistributedContextPropagator>(new InsidePropagator());
            telemetry.WithTracing(traces => traces
                .AddSource("Microsoft.AspNetCore", "Microsoft.Orleans.Application", "Actors.*")
                .SetSampler(new RequestSampler(settings.TraceShare))
                .AddProcessor(new TraceScrubber())
                .AddOtlpExporter(exporter => Address(exporter, settings.Otlp!, "v1/traces")));
        }
    }

    /// <summary>Gives a trace's first span the name of what was called, and none to what only watches.</summary>
    public static void UseTraces(this WebApplication app) => app.Use(next => async context =>
    {
        if (Activity.Current is not { IsAllDataRequested: true } span)
        {
            await next(context);
            return;
        }

        if (Families.Of(context.Request.Path) == Family.Operations)
        {
            (span.IsAllDataRequested, span.ActivityTraceFlags) = (false, span.ActivityTraceFlags & ~ActivityTraceFlags.Recorded);
            await next(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? context.GetEndpoint()?.DisplayName ?? "";
            span.DisplayName = $"{context.Request.Method} {route}";
            span.SetTag("http.request.method", context.Request.Method).SetTag("http.route", route);
            span.SetTag("http.response.status_code", context.Response.StatusCode);
        }
    });

    private static MetricStreamConfiguration? View(Instrument instrument) =>
        instrument.Meter.Name == Orleans && !OfOrleans.Contains(instrument.Name) ? MetricStreamConfiguration.Drop
        : !instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal) ? null
        : instrument.Unit == "s" ? Seconds : Sizes;

    private static void Address(OtlpExporterOptions exporter, Uri to, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(to.AbsoluteUri.TrimEnd('/') + "/" + path);
    }

    /// <summary>Passes a trace on between grains, and takes none from, nor gives any to, whoever is outside.</summary>
    private sealed class InsidePropagator : DistributedContextPropagator
    {
        private readonly DistributedContextPropagator _inside = CreateDefaultPropagator();

        public override IReadOnlyCollection<string> Fields => _inside.Fields;

        // Orleans passes its request's context, and nothing for the carrier; a server its headers.
        public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
        {
            if (carrier is null)
            {
                _inside.Inject(activity, carrier, setter);
            }
        }

        public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
        {
            (traceId, traceState) = (null, null);
            if (carrier is null)
            {
                _inside.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
            }
        }

        public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
    }

    /// <summary>A trace begins with a request, by chance; what follows from it is in it. What grains do by themselves is in none.</summary>
    private sealed class RequestSampler(double share) : Sampler
    {
        private const string Request = "Microsoft.AspNetCore.Hosting.HttpRequestIn";
        private readonly TraceIdRatioBasedSampler _chance = new(share);

        public override SamplingResult ShouldSample(in SamplingParameters parameters)
        {
            var parent = parameters.ParentContext;
            return parent.TraceId != default ? new SamplingResult(parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
                : parameters.Name == Request ? _chance.ShouldSample(parameters)
                : new SamplingResult(false);
        }
    }
}
