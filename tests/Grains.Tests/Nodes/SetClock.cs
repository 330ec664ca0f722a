namespace Actors.Grains.Tests.Nodes;

/// <summary>A node's clock that a test sets forward: wall clock and monotonic clock move together, timers run as ever.</summary>
internal sealed class SetClock : TimeProvider
{
    private long _ahead;

    /// <summary>How far it was set forward.</summary>
    public TimeSpan Ahead => new(Interlocked.Read(ref _ahead));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Interlocked.Read(ref _ahead);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;

    /// <summary>Sets it forward.</summary>
    public void Pass(TimeSpan length) => Interlocked.Add(ref _ahead, length.Ticks);
}
