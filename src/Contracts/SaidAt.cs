using Actors.Policy;

namespace Actors.Contracts;

/// <summary>
/// When a user's word was said, by the ledger's time, where the node that passes it on knows that: so a silo that was away for a while doesn't take it up
/// behind a newer one. It goes with the call, beside its arguments.
/// </summary>
public static class SaidAt
{
    private const string Key = "actors.said-at";

    /// <summary>Of the call under way; null where nobody has said.</summary>
    public static Instant? Current => RequestContext.Get(Key) is long milliseconds ? new Instant(milliseconds) : null;

    /// <summary>What was begun in time may take its time.</summary>
    public static void Forget() => RequestContext.Remove(Key);

    /// <summary>Goes with the calls that are made from here on, in this flow.</summary>
    public static void Set(Instant at) => RequestContext.Set(Key, at.Milliseconds);
}
