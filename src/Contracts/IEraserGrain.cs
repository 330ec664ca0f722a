namespace Actors.Contracts;

/// <summary>Takes those who were erased out of the log, and their tombstones away. Key: 0: one activation for all nodes.</summary>
[Alias("actors.eraser")]
public interface IEraserGrain : IGrainWithIntegerKey
{
    /// <summary>Starts it where it doesn't run.</summary>
    [Alias("wake")]
    Task WakeAsync();
}
