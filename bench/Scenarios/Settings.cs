using System.Globalization;

namespace Actors.Bench.Scenarios;

/// <summary>What a run does.</summary>
internal sealed record Settings
{
    public required Scenario Scenario { get; init; }

    public required Uri Url { get; init; }

    /// <summary>Seconds of load, 1 to 86,400.</summary>
    public int Seconds { get; init; } = 30;

    /// <summary>Calls per second, 1 to 100,000, open loop: they are due at random times that no answer holds back. Null for a closed loop.</summary>
    public int? Rate { get; init; } = 200;

    /// <summary>
    /// Calls under way at once, 1 to 10,000: all that a closed loop has; where an open loop has so many, what is due waits, and that counts as latency.
    /// </summary>
    public int Connections { get; init; } = 512;

    /// <summary>The same seed makes the same choices.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Businesses, 2 to 100; the last one may open 250 users and send 80 a second only.</summary>
    public int Businesses { get; init; } = 4;

    /// <summary>Users, 10 to 1,000,000. cold-users and opt-out-storm have as many as they need.</summary>
    public int Users { get; init; } = 1_000;

    /// <summary>The first user's number: country code 999 is assigned to nobody. Another million for each run, so that no cap is used up before it.</summary>
    public long FirstUser { get; init; } = NewUsers();

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call is repeated until it is answered for good.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Connection string of the PostgreSQL that is to be slowed; null for none.</summary>
    public string? SlowDatabase { get; init; }

    public Thresholds Thresholds { get; init; } = new();

    /// <summary>Calls that a run can have at most: what fresh users are counted by.</summary>
    public int Calls => (int)Math.Min(500_000, (Rate ?? 2_000) * (long)Seconds * 11 / 10);

    private static long NewUsers() => 9_990_000_000_000 + (Random.Shared.Next(10_000) * 1_000_000L);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scenario.Name} against {Url}: {(Rate is { } rate ? $"{rate} calls/s (open loop)" : $"{Connections} connections (closed loop)")} for {Seconds} s, "
        + $"{Businesses} businesses, {Users} users from {FirstUser} on, seed {Seed}");
}

/// <summary>What the run has to reach. Null asks nothing.</summary>
internal sealed record Thresholds
{
    /// <summary>Sends per second that were answered for good, on average.</summary>
    public double? MinRate { get; init; }

    /// <summary>Milliseconds from when a send was due to its answer for good, 99th percentile.</summary>
    public double? P99 { get; init; }

    /// <summary>Sends refused for load: busy until the patience was over, or over the number's throughput (130429).</summary>
    public long? MaxRefusedForLoad { get; init; }

    /// <summary>Sends without an answer for good.</summary>
    public long? MaxUnknown { get; init; }

    /// <summary>Milliseconds without an accepted send, the longest.</summary>
    public double? MaxSilence { get; init; }

    /// <summary>Which were missed, and by how much.</summary>
    public IEnumerable<string> Missed(Summary summary)
    {
        if (summary.AnsweredPerSecond < MinRate)
        {
            yield return Line("--min-rate", MinRate.Value, summary.AnsweredPerSecond, "sends/s");
        }

        if (summary.P99 > P99)
        {
            yield return Line("--p99", P99.Value, summary.P99, "ms");
        }

        if (summary.RefusedForLoad > MaxRefusedForLoad)
        {
            yield return Line("--max-refused-for-load", MaxRefusedForLoad.Value, summary.RefusedForLoad, "sends");
        }

        if (summary.Unknown > MaxUnknown)
        {
            yield return Line("--max-unknown", MaxUnknown.Value, summary.Unknown, "sends");
        }

        if (summary.Silence > MaxSilence)
        {
            yield return Line("--max-silence", MaxSilence.Value, summary.Silence, "ms");
        }
    }

    private static string Line(string threshold, double asked, double was, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{threshold} {asked:0.#}: {was:0.#} {unit}, off by {Math.Abs(was - asked):0.#}");
}
