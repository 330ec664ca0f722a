using System.Diagnostics.Metrics;
using Actors.Ledger;
using Actors.Policy;

namespace Actors.Grains;

/// <summary>What counting for analytics tells of itself: meter <c>Actors.Analytics</c>, on the node that it runs on. No personal data.</summary>
internal sealed class AnalyticsMetrics : IDisposable
{
    private readonly Meter _meter = new("Actors.Analytics");
    private readonly UserLedger _ledger;
    private readonly Counter<long> _read;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _failures;
    private readonly Lock _lock = new();
    private bool _runs;
    private long _saved;
    private long _readTo;
    private Instant _newestRead;
    private Instant? _oldestUnsaved;

    public AnalyticsMetrics(UserLedger ledger)
    {
        _ledger = ledger;
        _read = _meter.CreateCounter<long>("analytics.events.read", "{event}", "Events of the log that were read.");
        _rows = _meter.CreateCounter<long>("analytics.rows.written", "{row}", "Counts that were added to, each once for each time that they are stored.");
        _failures = _meter.CreateCounter<long>("analytics.failures", "{failure}", "What failed and was tried again, by what it was.");
        _meter.CreateObservableGauge("analytics.lag", () => Here(() => Lag().TotalSeconds), "s", "Age of the oldest event that isn't counted.");
        _meter.CreateObservableGauge("analytics.behind", () => Here(Behind), "{place}", "Places of the log that are final and not counted.");
    }

    /// <summary>Age of the oldest event that isn't counted durably; zero when all are.</summary>
    public TimeSpan Lag()
    {
        lock (_lock)
        {
            // What isn't read yet is no older than the newest that is: the log is in the order of time but for moments.
            var oldest = _oldestUnsaved ?? (_ledger.Horizon > _readTo ? _newestRead : null);
            var lag = oldest is { } since ? _ledger.Clock.Now - since : TimeSpan.Zero;
            return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
        }
    }

    /// <summary>Where it stands after a page.</summary>
    /// <param name="events">Events of the page.</param>
    /// <param name="upTo">The place behind it.</param>
    /// <param name="newest">When the newest event happened that was read; the time where nothing is left to read.</param>
    /// <param name="oldestUnsaved">When the oldest event happened that was read and isn't stored; null where there is none.</param>
    public void Read(int events, long upTo, Instant newest, Instant? oldestUnsaved)
    {
        _read.Add(events);
        lock (_lock)
        {
            (_runs, _readTo, _newestRead, _oldestUnsaved) = (true, upTo, newest, oldestUnsaved);
        }
    }

    /// <summary>Everything up to a place is stored.</summary>
    public void Saved(long place, int rows)
    {
        _rows.Add(rows);
        lock (_lock)
        {
            (_runs, _saved, _oldestUnsaved) = (true, place, null);
        }
    }

    public void Failed(string what) => _failures.Add(1, KeyValuePair.Create("what", (object?)what));

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
            return Math.Max(0, _ledger.Horizon - _saved);
        }
    }

    private IEnumerable<Measurement<T>> Here<T>(Func<T> measure) where T : struct => _runs ? [new Measurement<T>(measure())] : [];
}
