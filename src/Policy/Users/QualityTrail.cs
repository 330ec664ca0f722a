using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Actors.Policy.Businesses;

namespace Actors.Policy.Users;

/// <summary>
/// What of one business's deliveries and of the user's signals can still matter for quality: see <see cref="QualitySignals"/>. Each part is there only
/// as long as it can.
/// </summary>
/// <remarks>
/// Only deliveries of marketing and utility that were accepted outside the window. These need an opt-in, and consent that was ever given never
/// returns to none: so a relation that has a trail is never one that holds nothing.
/// </remarks>
public sealed record QualityTrail
{
    /// <summary>Most templates of <see cref="Counted"/>; beyond it the oldest falls out, so that its next delivery counts again.</summary>
    public const int CountedMax = 4;

    /// <summary>A trail without anything.</summary>
    internal static QualityTrail None { get; } = new();

    /// <summary>The last delivery; null when it is 7 days old. Signals count only after one.</summary>
    public Instant? DeliveredAt { get; init; }

    /// <summary>Id of the template that was delivered then: it is charged with the signals. 0 without <see cref="DeliveredAt"/>.</summary>
    public long Template { get; init; }

    /// <summary>When a delivery last counted the user for the business; null when that is 24 hours ago, so that the next one counts.</summary>
    public Instant? CountedAt { get; init; }

    /// <summary>The templates of which a delivery counted the user within 24 hours, oldest first, at most <see cref="CountedMax"/>.</summary>
    public ImmutableArray<CountedTemplate> Counted { get; init; } = [];

    /// <summary>When the running group of signals began; null when that is 24 hours ago. Of a group only the heaviest signal counts.</summary>
    public Instant? SignalsFrom { get; init; }

    /// <summary>The heaviest signal of the group; null without <see cref="SignalsFrom"/>.</summary>
    public NegativeSignal? Heaviest { get; init; }

    /// <summary>What of it can still matter at <paramref name="now"/>: the same object where all can, null where nothing can.</summary>
    internal QualityTrail? Live(Instant now)
    {
        var isDelivered = DeliveredAt + QualitySignals.Blame > now;
        var isCounted = CountedAt + QualitySignals.Once > now;
        var hasSignals = SignalsFrom + QualitySignals.Once > now;
        var lapsed = 0;
        while (lapsed < Counted.Length && Counted[lapsed].At + QualitySignals.Once <= now)
        {
            lapsed++;
        }

        if (!isDelivered && !isCounted && !hasSignals && lapsed == Counted.Length)
        {
            return null;
        }

        return isDelivered == DeliveredAt is not null && isCounted == CountedAt is not null && hasSignals == SignalsFrom is not null && lapsed == 0
            ? this
            : new QualityTrail
            {
                DeliveredAt = isDelivered ? DeliveredAt : null,
                Template = isDelivered ? Template : 0,
                CountedAt = isCounted ? CountedAt : null,
                Counted = lapsed == 0 ? Counted : Counted.RemoveRange(0, lapsed),
                SignalsFrom = hasSignals ? SignalsFrom : null,
                Heaviest = hasSignals ? Heaviest : null,
            };
    }

    /// <summary>The counted templates and one more; beyond the bound the oldest falls out.</summary>
    internal ImmutableArray<CountedTemplate> CountedPlus(long template, Instant now)
    {
        var dropped = Counted.Length < CountedMax ? 0 : 1;
        var next = new CountedTemplate[Counted.Length - dropped + 1];
        Counted.AsSpan()[dropped..].CopyTo(next);
        next[^1] = new CountedTemplate(template, now);
        return ImmutableCollectionsMarshal.AsImmutableArray(next);
    }
}

/// <summary>A template of which a delivery counted the user.</summary>
/// <param name="Template">The template's id.</param>
/// <param name="At">When.</param>
public readonly record struct CountedTemplate(long Template, Instant At);

/// <summary>What an event adds to the quality of its business and of a template. Most events add nothing.</summary>
/// <param name="CountsUser">For delivered: the user counts as one that the business delivered to; at most once in 24 hours.</param>
/// <param name="CountsForTemplate">For delivered: the user counts as one that the event's template was delivered to; at most once in 24 hours.</param>
/// <param name="Signal">The negative signal that counts; null for none.</param>
/// <param name="After">The lighter one that counted in these 24 hours already, so that only the difference is added; null where none did.</param>
/// <param name="Charged">Id of the template that the signal is charged to, too; 0 for none.</param>
public readonly record struct QualityMark(bool CountsUser, bool CountsForTemplate, NegativeSignal? Signal, NegativeSignal? After, long Charged)
{
    /// <summary>A delivery that counts.</summary>
    public static QualityMark Of(bool countsUser, bool countsForTemplate) => new(countsUser, countsForTemplate, null, null, 0);

    /// <summary>A signal that counts.</summary>
    public static QualityMark Of(NegativeSignal signal, NegativeSignal? after, long charged) => new(false, false, signal, after, charged);
}
