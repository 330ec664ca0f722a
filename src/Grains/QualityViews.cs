using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;

namespace Actors.Grains;

/// <summary>What is shown of a business's quality.</summary>
internal static class QualityViews
{
    private const long Hour = 3_600_000;

    /// <summary>The terms and distances.</summary>
    /// <param name="full">
    /// Whether for an operator. A business sees the counts as of the newest step, at most hourly: all deliveries, and of the signals those that were shown,
    /// each step of them of enough different users (<see cref="Conduct.Shown"/>). The band is the one that acts, whoever looks.
    /// </param>
    public static QualityView Of(Conduct conduct, QualityNumbers numbers, bool full, Instant now)
    {
        var at = full ? now : new Instant(now.Milliseconds / Hour * Hour);
        var counts = full ? conduct.Counts : conduct.Shown.AsShown();
        var terms = Quality.TermsAt(counts, numbers, at);
        var isOpen = full || counts.ShownTenths is not null;
        var isKnown = counts.DeliveredInLife >= numbers.KnownFrom;
        long? Signals(SignalTally tally) => full ? tally.Count : tally.ShownCount;
        return new QualityView
        {
            At = at,
            Band = conduct.Band,
            BandSince = conduct.BandSince,
            Score = isKnown ? terms.Shown : null,
            Delivered = terms.Delivered,
            DeliveredInLife = counts.DeliveredInLife,
            Negative = isOpen ? terms.Negative : null,
            Rate = isOpen ? terms.Rate : null,
            Reports = Signals(counts.Reports),
            Blocks = Signals(counts.Blocks),
            OptOuts = Signals(counts.OptOuts),
            NotInterested = Signals(counts.NotInterested),
            Down = isKnown && Quality.Down(counts, conduct.Band, numbers, at) is { } down
                ? new BandDistance(down.Band, Math.Round(down.Points, 1), down.Blocks, null, null)
                : null,
            Up = isKnown && Quality.Up(counts, conduct.Band, numbers, at) is { } up
                ? new BandDistance(up.Band, Math.Round(up.Points, 1), up.BlocksFewer, up.Deliveries, up.At)
                : null,
            Templates = Effects((full ? conduct.Templates?.Shares : conduct.Templates?.Shown) ?? [], counts, isKnown, full, numbers, at),
        };
    }

    private static ImmutableArray<TemplateEffect> Effects(
        ImmutableArray<TemplateShare> shares, QualityCounts counts, bool isKnown, bool full, QualityNumbers numbers, Instant at)
    {
        var parts = shares.Select(share => full ? share : share with { Counts = share.Counts.AsShown() });
        var effects = parts.OrderByDescending(share => share.Counts.ReadAt(at, numbers).Delivered).Take(TemplateShares.ShownMax).Select(share =>
        {
            var (delivered, negative) = share.Counts.ReadAt(at, numbers);
            var isOpen = full || share.Counts.ShownTenths is not null;
            return new TemplateEffect(
                share.Template,
                delivered,
                isOpen ? negative : null,
                isOpen && isKnown ? Quality.TermsWithout(counts, share.Counts, numbers, at).Shown : null);
        });
        return [.. effects.OrderByDescending(effect => effect.ScoreWithout ?? -1).ThenByDescending(effect => effect.Delivered)];
    }
}
