using System.Diagnostics.Metrics;
using Actors.Ledger;
using Actors.Policy;

namespace Actors.Grains;

/// <summary>What folding tells of itself: meter <c>Actors.Fold</c>, on the node that it runs on. No personal data.</summary>
internal sealed class FoldMetrics : IDisposable
{
    private readonly Meter _meter = new("Actors.Fold");
    private readonly UserLedger _ledger;
    private readonly Counter<long> _read;
    private readonly Counter<long> _folded;
    private readonly Counter<long> _failures;
    private readonly Lock _lock = new();
    private bool _runs;
    private long _place;
    private long _readTo;
    private Instant _newestRead;
    private Instant? _oldestPending;

    public FoldMetrics(UserLedger ledger)
    {
        _ledger = ledger;
        _read = _meter.CreateCounter<long>("fold.events.read", "{event}", "Events of the log that were read.");
        _folded = _meter.CreateCounter<long>("fold.events.folded", "{event}", "Events that a business or a template has taken.");
        _failures = _meter.CreateCounter<long>("fold.failures", "{failure}", "What failed and was tried again, by what it was.");
        _meter.CreateObservableGauge("fold.lag", () => Here(() => Lag().TotalSeconds), "s", "Age of the oldest event that isn't folded.");
        _meter.CreateObservableGauge("fold.behind", () => Here(Behind), "{place}", "Places of the log that are final and not folded.");
    }

    /// <summary>Age of the oldest event that isn't folded; zero when all are.</summary>
    public TimeSpan Lag()
    {
        lock (_lock)
        {
            // What isn't read yet is no older than the newest that is: the log is in the order of time but for moments.
            var oldest = _oldestPending ?? (_ledger.Horizon > _readTo ? _newestRead : null);
            var lag = oldest is { } since ? _ledger.Clock.Now - since : TimeSpan.Zero;
            return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
        }
    }

    public void Read(long upTo, IReadOnlyList<LedgerEvent> events)
    {
        _read.Add(events.Count);
        lock (_lock)
        {
            _runs = true;
            _readTo = upTo;
            _newestRead = events.Count > 0 ? events[^1].Event.At : _ledger.Clock.Now;
        }
    }

    /// <summary>Until just now there was nothing to read: what there is now is new.</summary>
    public void WasCaughtUp()
    {
        lock (_lock)
        {
            _newestRead = _ledger.Clock.Now;
        }
    }

    public void Folded(int events) => _folded.Add(events);

    public void Failed(string what) => _failures.Add(1, KeyValuePair.Create("what", (object?)what));

    /// <summary>Everything up to this place is folded.</summary>
    /// <param name="place">The place.</param>
    /// <param name="oldest">When the oldest event happened that was read and isn't folded; null when there is none.</param>
    public void Stands(long place, Instant? oldest)
    {
        lock (_lock)
        {
            (_place, _oldestPending) = (place, oldest);
        }
    }

    /// <summary>It no longer runs here.</summary>
    public void Stopped()
    {
        lock (_lock)
        {
            _runs = false;
        }
    }

    public void Dispose() => _meter.Dispose();

    private long Behind()
    {
        lock (_lock)
        {
            return Math.Max(0, _ledger.Horizon - _place);
        }
    }

    private IEnumerable<Measurement<T>> Here<T>(Func<T> measure) where T : struct => _runs ? [new Measurement<T>(measure())] : [];
}
