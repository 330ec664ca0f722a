using System.Diagnostics.Metrics;
using System.Text.Json;
using Actors.Contracts;
using Actors.Policy.Sends;

namespace Actors.Api.Sends;

/// <summary>What the shadow policy counts on this node: meter <c>Actors.Policy</c>. Labels are closed lists.</summary>
internal sealed class ShadowMetrics : IDisposable
{
    private const string None = "accepted";
    private readonly Meter _meter = new("Actors.Policy");
    private readonly PolicyBook _book;

    public ShadowMetrics(PolicyBook book)
    {
        _book = book;
        _meter.CreateObservableGauge(
            "policy.shadow.sends", Read, "{send}", "Sends since the shadow policy was set: how they were decided, and how it would have decided them.");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Read() => (_book.Shadow?.Counts() ?? []).Select(count => new Measurement<long>(
        count.Sends, new("decided", Name(count.Decided)), new KeyValuePair<string, object?>("shadow", Name(count.Shadow))));

    private static string Name(Reason? reason) => reason is { } why ? JsonNamingPolicy.SnakeCaseLower.ConvertName(why.ToString()) : None;
}
