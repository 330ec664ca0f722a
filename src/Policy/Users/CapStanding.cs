using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>Why the number of the marketing cap in 24 hours is what it is. Stored and sent as a number, at most 3: never renumber.</summary>
public enum CapBasis : byte
{
    /// <summary>The policy's number for everybody.</summary>
    Standard = 0,

    /// <summary>The user reads most of what comes: more.</summary>
    Engaged = 1,

    /// <summary>The user reads next to nothing: less.</summary>
    Unengaged = 2,

    /// <summary>The user's own number is the lower one.</summary>
    Own = 3,
}

/// <summary>Where one of the marketing cap's numbers over all businesses stands.</summary>
/// <param name="Limit">The number, as it stands.</param>
/// <param name="Used">How many count now.</param>
/// <param name="FreeAt">When a place comes free if nothing else happens; null while one is free, and where waiting doesn't help.</param>
public readonly record struct CapStanding(int Limit, int Used, Instant? FreeAt)
{
    /// <summary>What may still come now.</summary>
    public int Left => Math.Max(0, Limit - Used);

    /// <summary>The number in 24 hours.</summary>
    /// <param name="state">The user's record.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">Not before the record's newest instant.</param>
    public static CapStanding Day(UserState state, MarketingCapNumbers numbers, Instant now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(numbers);
        var (limit, _) = PerDay(state, numbers, now);
        var used = CapUse.Of(state.Receipts, 0, now).Day;
        if (used < limit)
        {
            return new(limit, used, null);
        }

        Instant? at = now;
        while (at is { } from)
        {
            var change = Engagement.NextChange(state, numbers, from);
            if (Room(state.Receipts, null, CapUse.DayPeriod, PerDay(state, numbers, from).Limit, from) is { } free && !(change <= free))
            {
                return new(limit, used, free);
            }

            at = change;
        }

        return new(limit, used, null);
    }

    /// <summary>The number in 7 days.</summary>
    /// <inheritdoc cref="Day"/>
    public static CapStanding Week(UserState state, MarketingCapNumbers numbers, Instant now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(numbers);
        var used = CapUse.Of(state.Receipts, 0, now).Week;
        return new(numbers.PerWeek, used, used < numbers.PerWeek ? null : Room(state.Receipts, null, CapUse.WeekPeriod, numbers.PerWeek, now));
    }

    /// <summary>The number in 24 hours over all businesses, as it stands: the user's own where it is lower than the platform's.</summary>
    public static (int Limit, CapBasis Basis) PerDay(UserState state, MarketingCapNumbers numbers, Instant now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(numbers);
        var platform = Engagement.PerDay(state, numbers, now);
        return state.Preferences.MarketingPerDay is { } own && own < platform.PerDay ? (own, CapBasis.Own) : platform;
    }

    /// <summary>The first instant from <paramref name="at"/> on at which one more fits a number if nothing else happens; null where the number is 0.</summary>
    internal static Instant? Room(ImmutableArray<Receipt> receipts, long? business, TimeSpan period, int number, Instant at)
    {
        if (number == 0)
        {
            // No message ever has to lapse for it: waiting doesn't help.
            return null;
        }

        // Newest first: with the one lapses that leaves room for one below the number.
        for (var i = receipts.Length - 1; i >= 0; i--)
        {
            var receipt = receipts[i];
            if (receipt.At + period <= at)
            {
                break;
            }

            if ((business is null || receipt.Business == business) && --number == 0)
            {
                return receipt.At + period;
            }
        }

        return at;
    }
}
