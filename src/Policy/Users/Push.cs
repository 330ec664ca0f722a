using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>Whether marketing may be pushed to the user's devices now. Asking for it (the inbox by page) is the user's own word and needs no leave.</summary>
public static class Push
{
    /// <summary>
    /// In quiet hours it waits until their end, also what was accepted before they began; else what the user hasn't withdrawn from goes, and counts as handed
    /// out from now on.
    /// </summary>
    /// <param name="state">The user's record.</param>
    /// <param name="marketing">Marketing messages that no device has reported; may be empty.</param>
    /// <param name="now">The ledger's time.</param>
    /// <param name="offsetAt">The rules of the time zones.</param>
    public static PushDecision Decide(UserState state, ImmutableArray<MarketingToPush> marketing, Instant now, OffsetAt offsetAt)
    {
        if (QuietUntil(state, now, offsetAt) is { } end)
        {
            return new PushDecision(end, [], null);
        }

        ImmutableArray<long> withheld = [.. marketing.Where(message => IsWithheld(state, message.Business, now)).Select(message => message.Number)];
        ImmutableArray<long> pushed = [.. marketing.Select(message => message.Number).Except(withheld)];
        return new PushDecision(null, withheld, MessageActions.HandOut(state, pushed, now).Change);
    }

    /// <summary>When the user's quiet hours end; null where they don't hold.</summary>
    /// <param name="state">The user's record.</param>
    /// <param name="now">The ledger's time; an earlier one than the record's newest instant counts as that instant.</param>
    /// <param name="offsetAt">The rules of the time zones.</param>
    public static Instant? QuietUntil(UserState state, Instant now, OffsetAt offsetAt)
    {
        now = Instant.Max(now, state.LastAt);
        return state.Preferences.QuietHours?.EndFrom(now, offsetAt) is { } end && end > now ? end : null;
    }

    /// <summary>Whether the user has said, since it was accepted or before, that they don't want this business's marketing, or any.</summary>
    private static bool IsWithheld(UserState state, long business, Instant now) =>
        !state.Preferences.Businesses
        || !state.Preferences.Marketing
        || (state.RelationWith(business) is { } relation
            && (relation.BlockedAt is not null
                || relation.Stop != MarketingStop.None
                || relation.Marketing.IsWithdrawn
                || relation.RestsUntil > Instant.Max(now, state.LastAt)));
}

/// <summary>A marketing message that is about to be pushed.</summary>
/// <param name="Number">Its number within the user.</param>
/// <param name="Business">Whose it is.</param>
public readonly record struct MarketingToPush(long Number, long Business);

/// <summary>The answer to a push.</summary>
/// <param name="QuietUntil">Until when it has to wait; null where it may go.</param>
/// <param name="Withheld">Numbers of those that may not go, because the user has withdrawn from their business; the rest may.</param>
/// <param name="Change">What has to be durable before it goes; null for nothing.</param>
public sealed record PushDecision(Instant? QuietUntil, ImmutableArray<long> Withheld, Change? Change);
