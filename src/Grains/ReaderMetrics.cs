using System.Diagnostics.Metrics;
using Actors.Ledger;
using Actors.Policy;

namespace Actors.Grains;

/// <summary>What a reader of the whole log tells of itself, on the node that it runs on: how much it reads, how far it lags. No personal data.</summary>
internal abstract class ReaderMetrics : IDisposable
{
    private readonly UserLedger _ledger;
    private readonly Counter<long> _read;
    private readonly Counter<long> _failures;
    private readonly Lock _lock = new();
    private bool _runs;
    private long _place;
    private long _readTo;
    private Instant _newestRead;
    private Instant? _oldestPending;

    /// <param name="ledger">Whose log is read.</param>
    /// <param name="name">What the instruments begin with.</param>
    /// <param name="done">What an event is when it needs to be read no more.</param>
    protected ReaderMetrics(UserLedger ledger, string name, string done)
    {
        _ledger = ledger;
        Meter = new Meter("Actors." + char.ToUpperInvariant(name[0]) + name[1..]);
        _read = Meter.CreateCounter<long>($"{name}.events.read", "{event}", "Events of the log that were read.");
        _failures = Meter.CreateCounter<long>($"{name}.failures", "{failure}", "What failed and was tried again, by what it was.");
        Meter.CreateObservableGauge($"{name}.lag", () => Here(() => Lag().TotalSeconds), "s", $"Age of the oldest event that isn't {done}.");
        Meter.CreateObservableGauge($"{name}.behind", () => Here(Behind), "{place}", $"Places of the log that are final and not {done}.");
    }

    protected Meter Meter { get; }

    /// <summary>Age of the oldest event that isn't done with durably; zero when all are.</summary>
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

    /// <summary>A page was read.</summary>
    /// <param name="events">How many events are in it.</param>
    /// <param name="upTo">The place behind it.</param>
    /// <param name="newest">When the newest event happened that was read; the time where nothing is left to read.</param>
    public void Read(int events, long upTo, Instant newest)
    {
        _read.Add(events);
        lock (_lock)
        {
            (_runs, _readTo, _newestRead) = (true, upTo, newest);
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

    /// <summary>Everything up to a place is done with durably.</summary>
    /// <param name="place">The place.</param>
    /// <param name="oldest">When the oldest event happened that was read and isn't done with; null when there is none.</param>
    public void Stands(long place, Instant? oldest)
    {
        lock (_lock)
        {
            (_runs, _place, _oldestPending) = (true, place, oldest);
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

    public void Dispose() => Meter.Dispose();

    private long Behind()
    {
        lock (_lock)
        {
            return Math.Max(0, _ledger.Horizon - _place);
        }
    }

    private IEnumerable<Measurement<T>> Here<T>(Func<T> measure) where T : struct => _runs ? [new Measurement<T>(measure())] : [];
}

/// <summary>What folding tells of itself: meter <c>Actors.Fold</c>.</summary>
internal sealed class FoldMetrics : ReaderMetrics
{
    private readonly Counter<long> _folded;

    public FoldMetrics(UserLedger ledger) : base(ledger, "fold", "folded") =>
        _folded = Meter.CreateCounter<long>("fold.events.folded", "{event}", "Events that a business or a template has taken.");

    public void Folded(int events) => _folded.Add(events);
}

/// <summary>What counting for analytics tells of itself: meter <c>Actors.Analytics</c>.</summary>
internal sealed class AnalyticsMetrics : ReaderMetrics
{
    private readonly Counter<long> _rows;

    public AnalyticsMetrics(UserLedger ledger) : base(ledger, "analytics", "counted") => _rows = Meter.CreateCounter<long>(
        "analytics.rows.written", "{row}", "Counts that were added to, each once for each time that they are stored.");

    public void Stored(int rows) => _rows.Add(rows);
}
