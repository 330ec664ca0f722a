using System.Diagnostics.Metrics;
using Actors.Api.Operations;

namespace Actors.Api.Tests.Operations;

/// <summary>.NET instruments as Prometheus' text.</summary>
public sealed class MeterExportTests : IDisposable
{
    private readonly MeterExport _export = new();
    private readonly Meter _meter = new("Actors.Tests");

    public void Dispose()
    {
        _export.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void A_counter_is_a_total_for_each_set_of_labels()
    {
        var counter = _meter.CreateCounter<long>("t1.done", "{thing}", "Things done.");
        counter.Add(2, new KeyValuePair<string, object?>("outcome", "good"));
        counter.Add(3, new KeyValuePair<string, object?>("outcome", "good"));
        counter.Add(1, new("outcome", "ba\"d"), new KeyValuePair<string, object?>("why", null));

        var text = _export.Read();

        Assert.Contains("# HELP t1_done_total Things done.\n# TYPE t1_done_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("t1_done_total{outcome=\"good\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("t1_done_total{outcome=\"ba\\\"d\",why=\"\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_counts_each_value_in_its_bucket_and_all_above()
    {
        var histogram = _meter.CreateHistogram<double>("t2.duration", "s");
        histogram.Record(0.001);
        histogram.Record(0.0011);
        histogram.Record(99);

        var text = _export.Read();

        Assert.Contains("t2_duration_seconds_bucket{le=\"0.0005\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("t2_duration_seconds_bucket{le=\"0.001\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("t2_duration_seconds_bucket{le=\"0.002\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("t2_duration_seconds_bucket{le=\"10\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("t2_duration_seconds_bucket{le=\"+Inf\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("t2_duration_seconds_count 3\n", text, StringComparison.Ordinal);
        Assert.Contains("t2_duration_seconds_sum 99.0021\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_observed_is_what_it_is_now()
    {
        var lengths = new Dictionary<string, int> { ["a"] = 3, ["b"] = 4 };
        _meter.CreateObservableGauge(
            "t3.length", () => lengths.Select(l => new Measurement<int>(l.Value, new KeyValuePair<string, object?>("queue", l.Key))));
        _meter.CreateObservableCounter("t3.seen", () => 7L);
        Assert.Contains("t3_length{queue=\"b\"} 4\n", _export.Read(), StringComparison.Ordinal);
        lengths.Remove("b");

        var text = _export.Read();

        Assert.Contains("# TYPE t3_length gauge\nt3_length{queue=\"a\"} 3\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("queue=\"b\"", text, StringComparison.Ordinal);
        Assert.Contains("t3_seen_total 7\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_meter_of_somebody_else_is_not_shown()
    {
        using var other = new Meter("Other");
        other.CreateCounter<long>("t4.done").Add(1);

        Assert.DoesNotContain("t4_done", _export.Read(), StringComparison.Ordinal);
    }
}
