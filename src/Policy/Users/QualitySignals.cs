using Actors.Policy.Businesses;
using Actors.Policy.Sends;

namespace Actors.Policy.Users;

/// <summary>
/// What a delivery or a signal of this user adds to the quality of a business and of its templates. Decided with the user's commit, because only the
/// user's record knows whether this user has counted already.
/// </summary>
/// <remarks>
/// Deliveries of marketing and utility count that were accepted outside the window: for the business once per user in 24 hours, for each template
/// once per user in 24 hours. Signals count within 7 days of the last such delivery. Those within 24 hours of the first of them are a group, of which
/// only the heaviest counts: one that is heavier than those before it adds the difference. What a signal adds is charged to the business and to the
/// template that was delivered last.
/// </remarks>
internal static class QualitySignals
{
    /// <summary>In this period a user counts once.</summary>
    public static readonly TimeSpan Once = TimeSpan.FromDays(1);

    /// <summary>For so long after a delivery signals count.</summary>
    public static readonly TimeSpan Blame = TimeSpan.FromDays(7);

    /// <summary>A message was delivered.</summary>
    /// <param name="relation">What holds with the message's business; afterwards with the delivery in its trail, where it is one that counts.</param>
    /// <param name="message">The message.</param>
    /// <param name="now">The decision's instant.</param>
    public static QualityMark Deliver(ref Relation relation, StoredMessage message, Instant now)
    {
        if (message.Category is not (Category.Marketing or Category.Utility) || WasInWindow(message))
        {
            return default;
        }

        var trail = relation.Quality?.Live(now) ?? QualityTrail.None;
        var countsUser = trail.CountedAt is null;
        var countsForTemplate = !trail.Counted.Any(counted => counted.Template == message.Template);
        relation = relation with
        {
            Quality = trail with
            {
                DeliveredAt = now,
                Template = message.Template,
                CountedAt = trail.CountedAt ?? now,
                Counted = countsForTemplate ? trail.CountedPlus(message.Template, now) : trail.Counted,
            },
        };
        return QualityMark.Of(countsUser, countsForTemplate);
    }

    /// <summary>The user gave a negative signal.</summary>
    /// <param name="relation">What holds with the business; afterwards with the signal in its trail, where it adds something.</param>
    /// <param name="signal">What.</param>
    /// <param name="now">The decision's instant.</param>
    public static QualityMark Signal(ref Relation relation, NegativeSignal signal, Instant now)
    {
        if (relation.Quality?.Live(now) is not { DeliveredAt: not null } trail || signal <= trail.Heaviest)
        {
            return default;
        }

        relation = relation with { Quality = trail with { SignalsFrom = trail.SignalsFrom ?? now, Heaviest = signal } };
        return QualityMark.Of(signal, trail.Heaviest, trail.Template);
    }

    /// <summary>Whether it was accepted in a window; so also where a row doesn't say, for what isn't known to count doesn't.</summary>
    private static bool WasInWindow(StoredMessage message) => AcceptanceExplanation.Read(message.Explanation.Span) is not { WindowFrom: null };
}
