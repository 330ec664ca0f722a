using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>Whether marketing may be pushed to the user's devices now. Asking for it (the inbox by page) is the user's own word and needs no leave.</summary>
public static class Push
{
    /// <summary>In quiet hours it waits until their end, also what was accepted before they began; else it counts as handed out from now on.</summary>
    /// <param name="state">The user's record.</param>
    /// <param name="marketing">Numbers of the marketing messages that no device has reported; may be empty.</param>
    /// <param name="now">The ledger's time.</param>
    /// <param name="offsetAt">The rules of the time zones.</param>
    public static PushDecision Decide(UserState state, ImmutableArray<long> marketing, Instant now, OffsetAt offsetAt)
    {
        now = Instant.Max(now, state.LastAt);
        return state.Preferences.QuietHours?.EndFrom(now, offsetAt) is { } end && end > now
            ? new PushDecision(end, null)
            : new PushDecision(null, MessageActions.HandOut(state, marketing, now).Change);
    }
}

/// <summary>The answer to a push.</summary>
/// <param name="QuietUntil">Until when it has to wait; null where it may go.</param>
/// <param name="Change">What has to be durable before it goes; null for nothing.</param>
public sealed record PushDecision(Instant? QuietUntil, Change? Change);
