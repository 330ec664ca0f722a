using System.Globalization;
using Actors.Api.Operations;
using Actors.Contracts;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Actors.Api.Tests.Operations;

/// <summary>Which businesses a node shows, as an exporter of OpenTelemetry gets them.</summary>
public sealed class HotBusinessesTests : IDisposable
{
    private const string MeterName = "Tests.HotBusinesses";   // not the nodes' that share this process

    private readonly Lines _lines = new();
    private readonly HotBusinesses _hot = new(MeterName);
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _provider;

    public HotBusinessesTests()
    {
        _reader = new BaseExportingMetricReader(_lines);
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter(MeterName).AddReader(_reader).Build();
    }

    public void Dispose()
    {
        _provider.Dispose();
        _reader.Dispose();
        _lines.Dispose();
        _hot.Dispose();
    }

    [Fact]
    public void However_many_businesses_were_once_the_largest_the_present_ones_are_shown()
    {
        for (var business = 1; business <= 5_000; business++)
        {
            Send(business, 100 + (business / 10));
            var shown = Look();
            Assert.Equal(100 + (business / 10), shown.GetValueOrDefault($"{business} accepted", -1));
            Assert.InRange(shown.Count, 1, HotBusinesses.Shown * 2);
        }
    }

    [Fact]
    public void What_was_counted_goes_on_when_the_instrument_is_made_anew()
    {
        const int Always = 7;
        for (var round = 1; round <= 2_000; round++)
        {
            Send(Always, 5_000);
            Send(1_000 + round, 100);
            Assert.Equal(5_000L * round, Look()[$"{Always} accepted"]);
        }
    }

    [Fact]
    public void Who_is_shown_stays_until_another_one_sends_clearly_more()
    {
        for (var business = 1; business <= HotBusinesses.Shown; business++)
        {
            Send(business, 100);
        }

        Look();
        for (var business = 1; business <= HotBusinesses.Shown; business++)
        {
            Send(business, 100);
            Send(100 + business, 120);
        }

        Send(200, 1_000);
        var shown = Look();
        Assert.Contains("200 accepted", shown.Keys);
        Assert.Equal(HotBusinesses.Shown - 1, Enumerable.Range(1, HotBusinesses.Shown).Count(business => shown.ContainsKey($"{business} accepted")));
    }

    private void Send(long business, int sends)
    {
        for (var send = 0; send < sends; send++)
        {
            _hot.Ended(business, SendOutcome.Accepted);
        }
    }

    private Dictionary<string, long> Look()
    {
        Assert.True(_reader.Collect());
        return _lines.Last;
    }

    /// <summary>What an exporter would send, by business and outcome.</summary>
    private sealed class Lines : BaseExporter<Metric>
    {
        public Dictionary<string, long> Last { get; private set; } = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            Last = [];
            foreach (var metric in batch)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    var labels = new List<string>();
                    foreach (var label in point.Tags)
                    {
                        labels.Add(Convert.ToString(label.Value, CultureInfo.InvariantCulture)!);
                    }

                    Last.Add(string.Join(' ', labels), point.GetSumLong());
                }
            }

            return ExportResult.Success;
        }
    }
}
