using HdrHistogram;

namespace Actors.Bench.Scenarios;

/// <summary>One second of a run, by when answers came.</summary>
internal sealed class Second
{
    // Microseconds to two minutes; two digits keep a second at a few kilobytes.
    public LongHistogram Latency { get; } = NewHistogram();

    public int Accepted { get; set; }

    public int Refused { get; set; }

    public int Busy { get; set; }

    public int Unknown { get; set; }

    public int Repeats { get; set; }

    public int Acts { get; set; }

    public static LongHistogram NewHistogram() => new(120 * Clock.Second, 2);
}

/// <summary>What a whole run came to. Latencies are milliseconds from when a send was due to its answer for good.</summary>
/// <param name="Sent">Sends in all.</param>
/// <param name="RefusedForLoad">Busy until the patience was over, or over the number's throughput.</param>
/// <param name="Unknown">Without an answer for good.</param>
/// <param name="Repeats">Attempts beyond the first.</param>
/// <param name="Silence">The longest time in which nothing was accepted.</param>
internal sealed record Summary(
    int Sent,
    int Accepted,
    int Refused,
    int RefusedForLoad,
    int Unknown,
    int Repeats,
    double AnsweredPerSecond,
    double P50,
    double P99,
    double Max,
    double Silence);

/// <summary>Counts answers by the second. Safe for all threads.</summary>
internal sealed class Meter(Clock clock)
{
    /// <summary>Over the throughput of the number.</summary>
    private const int ThroughputCode = 130429;

    private readonly Lock _lock = new();
    private readonly List<Second> _seconds = [];
    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly LongHistogram _latency = Second.NewHistogram();
    private long _lastAccepted;
    private long _silence;
    private int _throughput;

    /// <summary>All seconds so far; each is final once the next one is there.</summary>
    public IReadOnlyList<Second> Seconds
    {
        get
        {
            lock (_lock)
            {
                return [.. _seconds];
            }
        }
    }

    /// <summary>How many calls ended how, in words.</summary>
    public IReadOnlyDictionary<string, int> Outcomes => _outcomes;

    /// <summary>Counts a send.</summary>
    /// <param name="due">When it was due, microseconds.</param>
    public void Count(Send send, long due)
    {
        lock (_lock)
        {
            var second = At(send.Ended);
            second.Repeats += send.Repeats;
            switch (send.Outcome)
            {
                case Outcome.Done:
                    second.Accepted++;
                    _silence = Math.Max(_silence, send.Ended - _lastAccepted);
                    _lastAccepted = Math.Max(_lastAccepted, send.Ended);
                    break;
                case Outcome.Refused:
                    second.Refused++;
                    _throughput += send.Code == ThroughputCode ? 1 : 0;
                    break;
                case Outcome.Busy:
                    second.Busy++;
                    break;
                case Outcome.Unknown:
                    second.Unknown++;
                    break;
            }

            if (send.Outcome is Outcome.Done or Outcome.Refused)
            {
                var took = Math.Clamp(send.Ended - due, 1, 120 * Clock.Second);
                second.Latency.RecordValue(took);
                _latency.RecordValue(took);
            }

            Note("send", send);
        }
    }

    /// <summary>Counts a user's act.</summary>
    public void Count(Act act)
    {
        lock (_lock)
        {
            At(act.Ended).Acts++;
            Note(act.Kind.ToString(), act);
        }
    }

    /// <summary>What it came to.</summary>
    /// <param name="seconds">How long load was made.</param>
    public Summary Sum(int seconds)
    {
        lock (_lock)
        {
            var (accepted, refused) = (_seconds.Sum(second => second.Accepted), _seconds.Sum(second => second.Refused));
            var (busy, unknown) = (_seconds.Sum(second => second.Busy), _seconds.Sum(second => second.Unknown));
            return new(
                accepted + refused + busy + unknown,
                accepted,
                refused,
                busy + _throughput,
                unknown,
                _seconds.Sum(second => second.Repeats),
                (accepted + refused) / (double)seconds,
                Milliseconds(_latency, 50),
                Milliseconds(_latency, 99),
                Milliseconds(_latency, 100),
                Math.Max(_silence, (seconds * Clock.Second) - _lastAccepted) / 1_000.0);
        }
    }

    public static double Milliseconds(LongHistogram latency, double percentile) =>
        latency.TotalCount == 0 ? 0 : latency.GetValueAtPercentile(percentile) / 1_000.0;

    /// <summary>The clock's second that runs now.</summary>
    public int Running => (int)(clock.Now / Clock.Second);

    private Second At(long time)
    {
        while (_seconds.Count <= time / Clock.Second)
        {
            _seconds.Add(new Second());
        }

        return _seconds[(int)(time / Clock.Second)];
    }

    private void Note(string what, Call call)
    {
        var how = call.Outcome == Outcome.Done ? "done" : call.Outcome == Outcome.Refused ? $"refused {call.Code}" : $"{call.Outcome} {call.Code}";
        var key = $"{what}: {how}";
        _outcomes[key] = _outcomes.GetValueOrDefault(key) + 1;
    }
}
