namespace Actors.Contracts;

/// <summary>Lets messages expire that nobody was delivered in time: one activation for all nodes. Key: 0.</summary>
[Alias("actors.expiry")]
public interface IExpiryGrain : IGrainWithIntegerKey
{
    /// <summary>Starts it where it doesn't run.</summary>
    [Alias("wake")]
    Task WakeAsync();
}
