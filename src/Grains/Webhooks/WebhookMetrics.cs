using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Webhooks;

namespace Actors.Grains.Webhooks;

/// <summary>What webhooks tell of themselves: meter <c>Actors.Webhooks</c>, on the node that delivers. No personal data, and no business.</summary>
internal sealed class WebhookMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly ConcurrentDictionary<long, Instant> _oldest = new();
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _updates;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _erased;

    public WebhookMetrics(UserLedger ledger, OutgoingGate gate)
    {
        _meter = new Meter("Actors.Webhooks", version: null, tags: null, scope: this);   // whose it is, where a process has several nodes
        _deliveries = _meter.CreateCounter<long>("webhooks.deliveries", "{delivery}", "Tries to deliver, by how they ended.");
        _updates = _meter.CreateCounter<long>("webhooks.updates", "{update}", "Updates that were delivered.");
        _parked = _meter.CreateCounter<long>("webhooks.parked", "{delivery}", "Deliveries that were parked.");
        _erased = _meter.CreateCounter<long>("webhooks.erased", "{update}", "Updates that weren't told, since their user was erased before.");
        _failures = _meter.CreateCounter<long>("webhooks.failures", "{failure}", "What failed here and was tried again, by what it was.");
        _meter.CreateObservableGauge("webhooks.under_way", () => gate.UnderWay, "{delivery}", "Deliveries under way.");
        _meter.CreateObservableGauge("webhooks.backlogs", () => _oldest.Count, "{business}", "Businesses with deliveries that haven't arrived.");
        _meter.CreateObservableGauge("webhooks.lag", () => Lag(ledger.Clock), "s", "Age of the oldest update that has a number and hasn't arrived.");
    }

    public void Tried(AttemptResult result, int updates)
    {
        _deliveries.Add(1, KeyValuePair.Create("outcome", (object?)WordOf(result.Outcome)));
        if (result.Outcome == AttemptOutcome.Delivered)
        {
            _updates.Add(updates);
        }
    }

    public void Parked(int deliveries) => _parked.Add(deliveries);

    public void Erased(long updates) => _erased.Add(updates);

    public void Failed(string what) => _failures.Add(1, KeyValuePair.Create("what", (object?)what));

    /// <summary>A business has deliveries that haven't arrived, the oldest since then; or none.</summary>
    public void Stands(long business, Instant? oldest)
    {
        if (oldest is { } since)
        {
            _oldest[business] = since;
        }
        else
        {
            _oldest.TryRemove(business, out _);
        }
    }

    public void Dispose() => _meter.Dispose();

    private static string WordOf(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Delivered => "delivered",
        AttemptOutcome.Refused => "refused",
        AttemptOutcome.TimedOut => "timed_out",
        AttemptOutcome.Dropped => "dropped",
        AttemptOutcome.Unreachable => "unreachable",
        AttemptOutcome.Forbidden => "forbidden",
        AttemptOutcome.Unreadable => "unreadable",
        AttemptOutcome.Lost => "lost",
    };

    private double Lag(LedgerClock clock)
    {
        var lag = _oldest.IsEmpty ? TimeSpan.Zero : clock.Now - _oldest.Values.Min();
        return Math.Max(0, lag.TotalSeconds);
    }
}
