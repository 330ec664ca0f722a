using Orleans.Storage;

namespace Actors.Grains.Tests.Nodes;

/// <summary>The real storage of slow-changing grains, failing where a test wants it to.</summary>
internal sealed class FaultyGrainStorage(IGrainStorage inner) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforeWrite { get; set; } = () => Task.CompletedTask;

    public Func<Task> AfterWrite { get; set; } = () => Task.CompletedTask;

    public static Task Lost() => throw new IOException("the test's connection is lost");

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await BeforeRead();
        await inner.ReadStateAsync(stateName, grainId, grainState);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await BeforeWrite();
        await inner.WriteStateAsync(stateName, grainId, grainState);
        await AfterWrite();
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);

    public void Participate(ISiloLifecycle observer) => ((ILifecycleParticipant<ISiloLifecycle>)inner).Participate(observer);
}
