namespace Actors.Bench.Scenarios;

/// <summary>Microseconds since the run began, never backwards.</summary>
internal sealed class Clock
{
    private readonly long _start = TimeProvider.System.GetTimestamp();

    public long Now => (long)TimeProvider.System.GetElapsedTime(_start).TotalMicroseconds;

    /// <summary>Microseconds of a second.</summary>
    public const long Second = 1_000_000;
}
