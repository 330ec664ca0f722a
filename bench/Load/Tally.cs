using HdrHistogram;

namespace Actors.Bench.Load;

/// <summary>What one measured stretch of load gave. Latencies in microseconds, from the intended send time.</summary>
internal sealed class Tally
{
    private const long LatencyMax = 120_000_000;

    public long Accepted { get; private set; }

    public long Other { get; private set; }

    public long Overloaded { get; private set; }

    public long Violations { get; private set; }

    public long Lost { get; set; }

    /// <summary>Requests of an open loop that were due but found no free connection for a second or more.</summary>
    public long SentLate { get; set; }

    public TimeSpan Length { get; set; }

    public LongHistogram Latencies { get; } = new(1, LatencyMax, 3);

    /// <summary>Time to a 503.</summary>
    public LongHistogram RefusalLatencies { get; } = new(1, LatencyMax, 3);

    public long Answers => Accepted + Other + Overloaded + Violations;

    public double AcceptedPerSecond => Accepted / Length.TotalSeconds;

    public void Add(Verdict verdict, long nanoseconds)
    {
        var microseconds = Math.Clamp(nanoseconds / 1_000, 1, LatencyMax);
        switch (verdict)
        {
            case Verdict.Accepted:
                Accepted++;
                Latencies.RecordValue(microseconds);
                break;
            case Verdict.Other:
                Other++;
                break;
            case Verdict.Overloaded:
                Overloaded++;
                RefusalLatencies.RecordValue(microseconds);
                break;
            case Verdict.Violation:
                Violations++;
                break;
        }
    }

    public void Add(Tally other)
    {
        Accepted += other.Accepted;
        Other += other.Other;
        Overloaded += other.Overloaded;
        Violations += other.Violations;
        Lost += other.Lost;
        SentLate += other.SentLate;
        Length += other.Length;
        Latencies.Add(other.Latencies);
        RefusalLatencies.Add(other.RefusalLatencies);
    }

    /// <summary>A percentile of the accepted sends' latency in milliseconds.</summary>
    public double Percentile(double percentile) => Of(Latencies, percentile);

    /// <summary>A percentile of the time to a 503 in milliseconds.</summary>
    public double RefusalPercentile(double percentile) => Of(RefusalLatencies, percentile);

    private static double Of(LongHistogram histogram, double percentile) =>
        histogram.TotalCount == 0 ? 0 : histogram.GetValueAtPercentile(percentile) / 1_000.0;
}
