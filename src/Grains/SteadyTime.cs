using Microsoft.Extensions.DependencyInjection;

namespace Actors.Grains;

/// <summary>
/// The time at which the process started, and what has gone by since on the monotonic clock: nobody sets it. Orleans notes when idle activations are due by a
/// wall clock; where that one is set ahead and then back, it refuses each new activation until the time comes round again.
/// </summary>
internal sealed class SteadyTime : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _startedAt = System.GetTimestamp();

    /// <summary>Gives it to the part of Orleans that ends idle activations, and to nothing else.</summary>
    public static void AddTo(IServiceCollection services) =>
        services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.ActivationManagement, new SteadyTime());

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + System.GetElapsedTime(_startedAt);
}
