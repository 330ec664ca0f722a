using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Actors.Api.Operations;

/// <summary>Metrics in Prometheus' text format, gathered from .NET meters.</summary>
internal static class MetricsApi
{
    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", (MeterExport export) => TypedResults.Text(export.Read(), "text/plain; version=0.0.4; charset=utf-8"))
            .WithTags("Operations").WithName("GetMetrics")
            .WithSummary("Metrics in Prometheus' text format").Produces<string>(200, "text/plain");
}

/// <summary>
/// Listens to the meters of this process that are worth showing: our own, the runtime's and the server's. Their labels are bounded. Not the framework's
/// meter of requests: listening to it costs each request more than it tells.
/// </summary>
internal sealed class MeterExport : IDisposable
{
    private static readonly string[] Meters = ["System.Runtime", "Microsoft.AspNetCore.Server.Kestrel"];
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _reading = new();

    public MeterExport()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Actors.", StringComparison.Ordinal) || Meters.Contains(instrument.Meter.Name))
            {
                var family = _families.GetOrAdd(MetricFamily.NameOf(instrument), static (_, i) => new MetricFamily(i), instrument);
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, value, labels, family) => ((MetricFamily)family!).Measure(value, labels));
        _listener.SetMeasurementEventCallback<long>((_, value, labels, family) => ((MetricFamily)family!).Measure(value, labels));
        _listener.SetMeasurementEventCallback<int>((_, value, labels, family) => ((MetricFamily)family!).Measure(value, labels));
        _listener.Start();
    }

    /// <summary>Everything that was measured, as text.</summary>
    public string Read()
    {
        lock (_reading)
        {
            foreach (var family in _families.Values.Where(f => f.IsObserved))
            {
                family.Forget();
            }

            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var (_, family) in _families.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                family.Write(text);
            }

            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
