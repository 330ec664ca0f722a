namespace Actors.Ledger.Tests;

/// <summary>A node's clocks, apart from each other: the monotonic one, and the wall clock, which may be stepped.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private static readonly DateTimeOffset Start = Given.At().ToDateTimeOffset();
    private long _ticks;

    /// <summary>How far the wall clock was stepped.</summary>
    public TimeSpan Step { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => Start + new TimeSpan(_ticks) + Step;

    public void Pass(double milliseconds) => _ticks += (long)(milliseconds * TimeSpan.TicksPerMillisecond);
}
