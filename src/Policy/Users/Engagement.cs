using System.Runtime.InteropServices;

namespace Actors.Policy.Users;

/// <summary>What becomes of a user's marketing messages, and the number of the cap that follows from it.</summary>
/// <remarks>
/// A message has one outcome, and the first holds: read (<c>interested</c> is as good) within <see cref="MarketingCapNumbers.OutcomeAfter"/> of its
/// delivery, else not read; expired is not read; failed is none. They stand in the order in which they came. At most
/// <see cref="OpenMax"/> wait for theirs: a delivery beyond it makes the oldest of them one that was not read.
/// </remarks>
internal static class Engagement
{
    /// <summary>Most messages that wait for their outcome.</summary>
    public const int OpenMax = UserState.OpenOutcomesMax;

    /// <summary>The outcomes as they stand at <paramref name="now"/>, with those that nobody had to report: delivered too long ago, and not read.</summary>
    public static Outcomes At(UserState state, MarketingCapNumbers numbers, Instant now)
    {
        var outcomes = state.Outcomes;
        foreach (var open in state.OpenOutcomes)
        {
            if (open.DeliveredAt + numbers.OutcomeAfter > now)
            {
                // In the order of delivery: those behind it are open, too.
                break;
            }

            outcomes = outcomes.Plus(read: false);
        }

        return outcomes;
    }

    /// <summary>The platform's number for this user in 24 hours, as it stands at <paramref name="now"/>.</summary>
    public static (int PerDay, CapBasis Basis) PerDay(UserState state, MarketingCapNumbers numbers, Instant now)
    {
        var newest = At(state, numbers, now).Newest(numbers.EngagementOver);
        if (newest.Count < numbers.EngagementFrom)
        {
            return (numbers.PerDay, CapBasis.Standard);
        }

        var (reads, all) = (newest.Reads * 100, newest.Count);
        return reads >= numbers.EngagedPercent * all ? (numbers.PerDayEngaged, CapBasis.Engaged)
            : reads < numbers.UnengagedPercent * all ? (numbers.PerDayUnengaged, CapBasis.Unengaged)
            : (numbers.PerDay, CapBasis.Standard);
    }

    /// <summary>The first instant after <paramref name="now"/> at which the outcomes change though nothing happens; null when there is none.</summary>
    public static Instant? NextChange(UserState state, MarketingCapNumbers numbers, Instant now)
    {
        foreach (var open in state.OpenOutcomes)
        {
            var over = open.DeliveredAt + numbers.OutcomeAfter;
            if (over > now)
            {
                return over;
            }
        }

        return null;
    }

    /// <summary>The record with the outcomes of <paramref name="now"/> in it; the same record where none came by time alone.</summary>
    public static UserState Settled(UserState state, MarketingCapNumbers numbers, Instant now)
    {
        var over = 0;
        while (over < state.OpenOutcomes.Length && state.OpenOutcomes[over].DeliveredAt + numbers.OutcomeAfter <= now)
        {
            over++;
        }

        return over == 0 ? state : state with { Outcomes = At(state, numbers, now), OpenOutcomes = state.OpenOutcomes.RemoveRange(0, over) };
    }

    /// <summary>A marketing message was delivered: from now on it waits for its outcome.</summary>
    public static UserState Delivered(UserState state, long message, MarketingCapNumbers numbers, Instant now)
    {
        state = Settled(state, numbers, now);
        var open = state.OpenOutcomes;
        var givenUp = open.Length < OpenMax ? 0 : 1;
        var next = new OpenOutcome[open.Length - givenUp + 1];
        open.AsSpan()[givenUp..].CopyTo(next);
        next[^1] = new OpenOutcome(message, now);
        return state with
        {
            Outcomes = givenUp == 0 ? state.Outcomes : state.Outcomes.Plus(read: false),
            OpenOutcomes = ImmutableCollectionsMarshal.AsImmutableArray(next),
        };
    }

    /// <summary>A marketing message that was delivered before was read, or is of interest: its outcome, if it has none yet.</summary>
    public static UserState Noticed(UserState state, long message, MarketingCapNumbers numbers, Instant now)
    {
        state = Settled(state, numbers, now);
        var open = state.OpenOutcomes.RemoveAll(each => each.Message == message);
        return open.Length == state.OpenOutcomes.Length ? state : state with { Outcomes = state.Outcomes.Plus(read: true), OpenOutcomes = open };
    }

    /// <summary>A marketing message that never waited has its outcome: read at once, or expired.</summary>
    public static UserState Ended(UserState state, bool read, MarketingCapNumbers numbers, Instant now)
    {
        state = Settled(state, numbers, now);
        return state with { Outcomes = state.Outcomes.Plus(read) };
    }
}
