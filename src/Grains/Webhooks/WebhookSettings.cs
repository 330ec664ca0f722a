using System.Net;

namespace Actors.Grains.Webhooks;

/// <summary>What requests to webhooks may do, and how many go on at once.</summary>
public sealed record WebhookSettings
{
    /// <summary>Whether addresses may be http, too. Section <c>Webhooks:AllowHttp</c>.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Whether private and loopback addresses may be called. Section <c>Webhooks:AllowPrivate</c>.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Requests under way on this node.</summary>
    public int AtOnce { get; init; } = 256;

    /// <summary>Of those, requests of one business; of these at most half may be of queues that are slow, and at least one.</summary>
    public int AtOncePerBusiness { get; init; } = 8;

    /// <summary>Of those, requests of queues that took longer than <see cref="SuspectAfter"/> lately.</summary>
    public int AtOnceSuspect { get; init; } = 64;

    /// <summary>Whose tries take longer is suspected to go on like that.</summary>
    public TimeSpan SuspectAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Updates per second, over all queues of this node that have more than a delivery to tell, while the ledger is busy.</summary>
    public int BusyPace { get; init; } = 12_000;

    /// <summary>Commits that wait in the ledger, above which it counts as busy.</summary>
    public int BusyFrom { get; init; } = 64;

    /// <summary>Within this time there is a connection, or there is none.</summary>
    public TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Within this time a receiver has answered, from the beginning on.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A queue that isn't long is looked at again after this time: many small deliveries become fewer.</summary>
    public TimeSpan Gap { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest time between two looks at the clock while a next try waits for its time.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>So often it is looked who has webhooks, and woken who has something left: the node that they ran on may have died.</summary>
    public TimeSpan FeedRound { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Finds the addresses of a name. It can't be told to stop: the system's own can't either.</summary>
    public Func<string, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;
}
