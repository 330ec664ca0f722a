namespace Actors.Grains;

/// <summary>The run of this process, for who must know whether something was done in it or in one before.</summary>
internal sealed class ThisRun
{
    /// <summary>Another one each time that a process starts.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>When it had what is durable for itself, as a timestamp of <see cref="TimeProvider.System"/>.</summary>
    public long StartedAt { get; private set; } = TimeProvider.System.GetTimestamp();

    /// <summary>It has begun: from here on no process before this can have done anything.</summary>
    public void Begin() => StartedAt = TimeProvider.System.GetTimestamp();
}
