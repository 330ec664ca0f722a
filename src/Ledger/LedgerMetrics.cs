using System.Diagnostics.Metrics;

namespace Actors.Ledger;

/// <summary>What the ledger tells of itself: meter <c>Actors.Ledger</c>. No personal data.</summary>
internal sealed class LedgerMetrics : IDisposable
{
    public const string MeterName = "Actors.Ledger";

    private static readonly KeyValuePair<string, object?>[] OutcomeTags =
        [.. Enum.GetNames<CommitOutcome>().Select(name => KeyValuePair.Create("outcome", (object?)name.ToLowerInvariant()))];

    private readonly Meter _meter = new(MeterName);

    // By outcome; counted here and read when somebody looks: there is one for each send.
    private readonly long[] _commits = new long[OutcomeTags.Length];
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _commitSeconds;
    private readonly Histogram<int> _readBatchSize;
    private readonly Counter<long> _clockJumps;
    private readonly Counter<long> _failures;

    public LedgerMetrics(UserLedger ledger)
    {
        _batchSize = _meter.CreateHistogram<int>("ledger.batch.size", "{commit}", "Commits of one transaction.");
        _commitSeconds = _meter.CreateHistogram<double>("ledger.commit.duration", "s", "Time of one transaction, from the batch's start until it is durable.");
        _readBatchSize = _meter.CreateHistogram<int>("ledger.read.batch.size", "{row}", "Users, or messages, read with one query.");
        _meter.CreateObservableCounter(
            "ledger.commits",
            () => _commits.Select((_, outcome) => new Measurement<long>(Interlocked.Read(ref _commits[outcome]), OutcomeTags[outcome])),
            "{commit}",
            "Commits by outcome.");
        _clockJumps = _meter.CreateCounter<long>("ledger.clock.jumps", "{jump}", "Confirmed jumps of the storage's clock.");
        _failures = _meter.CreateCounter<long>("ledger.failures", "{failure}", "Failed round trips to the storage, by what was tried.");
        _meter.CreateObservableGauge("ledger.queue.length", () => ledger.QueueLength, "{commit}", "Commits that wait or are being written.");
        _meter.CreateObservableGauge("ledger.horizon", () => ledger.Horizon, "{place}", "The highest final place of the event log, as last seen.");
        _meter.CreateObservableGauge(
            "ledger.clock.offset", () => ledger.Clock.OffsetFromWall.TotalSeconds, "s", "The storage's clock less the node's wall clock.");
        _meter.CreateObservableGauge("ledger.clock.error", () => ledger.Clock.Error.TotalSeconds, "s", "Bound of the error of the ledger's time.");
        _meter.CreateObservableGauge(
            "ledger.clock.trusted", () => ledger.Clock.IsTrusted ? 1 : 0, description: "1 while the ledger's time can be trusted, else 0.");
    }

    public void Flushed(int commits, TimeSpan duration)
    {
        _batchSize.Record(commits);
        _commitSeconds.Record(duration.TotalSeconds);
    }

    public void Ended(CommitOutcome outcome) => Interlocked.Increment(ref _commits[(int)outcome]);

    public void Read(string what, int rows) => _readBatchSize.Record(rows, KeyValuePair.Create("what", (object?)what));

    public void ClockJumped() => _clockJumps.Add(1);

    public void Failed(string what) => _failures.Add(1, KeyValuePair.Create("what", (object?)what));

    public void Dispose() => _meter.Dispose();
}
