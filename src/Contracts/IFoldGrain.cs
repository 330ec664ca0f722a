namespace Actors.Contracts;

/// <summary>Reads the ledger in its order and hands businesses and templates what concerns their quality. Key: 0. One for all nodes.</summary>
[Alias("actors.fold")]
public interface IFoldGrain : IGrainWithIntegerKey
{
    /// <summary>Starts it where it doesn't run. Every node says so now and then.</summary>
    /// <returns>The place of the log up to which everything is folded, durably.</returns>
    [Alias("wake")]
    Task<long> WakeAsync();

    /// <summary>Starts it, too, and asks for one grain alone, since others may lag behind.</summary>
    /// <returns>The place of the log up to which this business's messaging limit has every opening, durably.</returns>
    [Alias("limit-place")]
    Task<long> LimitPlaceAsync(long business);
}
