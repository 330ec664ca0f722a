namespace Actors.Policy.Users;

/// <summary>What a key has been used for.</summary>
public enum KeyUse : byte
{
    /// <summary>Not used: go on.</summary>
    New = 0,

    /// <summary>Used with the same body: answer with the message that it made.</summary>
    Same = 1,

    /// <summary>Used with another body: refuse.</summary>
    Other = 2,

    /// <summary>Not in the record, but keys have fallen out of it: look into the message rows.</summary>
    LookUp = 3,
}

/// <summary>Idempotency keys (G5).</summary>
public static class Idempotency
{
    /// <summary>What the record knows of a key.</summary>
    /// <remarks>A key used at t is remembered in [t, t + <see cref="MessageNumbers.KeyLife"/>). A refusal uses no key up.</remarks>
    /// <returns>The use, and the message's number where the use is <see cref="KeyUse.Same"/>.</returns>
    public static (KeyUse Use, long Message) Find(UserState state, ulong key, ulong body, PolicyNumbers numbers, Instant now)
    {
        now = Instant.Max(now, state.LastAt);
        var life = numbers.Messages.KeyLife;

        // Newest first: a key that was used again after its life has two entries, and the newer one is the one that holds.
        for (var i = state.Keys.Length - 1; i >= 0; i--)
        {
            var used = state.Keys[i];
            if (used.Key == key && used.At + life > now)
            {
                return used.Body == body ? (KeyUse.Same, used.Message) : (KeyUse.Other, 0);
            }
        }

        return (state.KeysDroppedAt + life > now ? KeyUse.LookUp : KeyUse.New, 0);
    }

    /// <summary>What a key was used for that had to be looked up (<see cref="KeyUse.LookUp"/>).</summary>
    /// <param name="newest">The user's newest message with this key; null when there is none.</param>
    /// <param name="body">Hash of the body that comes with the key now.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">Not before the record's newest instant.</param>
    /// <returns>New, same or other, and the message's number where it is the same.</returns>
    public static (KeyUse Use, long Message) Find(StoredMessage? newest, ulong body, PolicyNumbers numbers, Instant now)
    {
        if (newest is null || newest.At + numbers.Messages.KeyLife <= now)
        {
            return (KeyUse.New, 0);
        }

        return newest.Body == body ? (KeyUse.Same, newest.Number) : (KeyUse.Other, 0);
    }
}
