namespace Actors.Contracts;

/// <summary>Reads the ledger in its order and counts, by half hour, what happened. Key: 0. One for all nodes.</summary>
[Alias("actors.analytics")]
public interface IAnalyticsGrain : IGrainWithIntegerKey
{
    /// <summary>Starts it where it doesn't run. Every node says so now and then.</summary>
    /// <returns>The place of the log up to which everything is counted, durably.</returns>
    [Alias("wake")]
    Task<long> WakeAsync();
}
