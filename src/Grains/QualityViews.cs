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
    /// Whether for an operator. A business sees the counts as of the last full hour; each kind of signal, and what all signals together can be read from,
    /// only from enough different users on.
    /// </param>
    public static QualityView Of(Conduct conduct, QualityNumbers numbers, bool full, Instant now)
    {
        var at = full ? now : new Instant(now.Milliseconds / Hour * Hour);
        var counts = full ? conduct.Counts : conduct.CountsShownAt(now);
        var terms = Quality.TermsAt(counts, numbers, at);
        var floor = full ? 0 : numbers.PrivacyFloor;
        var isOpen = UsersOf(counts) >= floor;
        var isKnown = counts.DeliveredInLife >= numbers.KnownFrom;
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
            Reports = counts.Reports.Shown(floor),
            Blocks = counts.Blocks.Shown(floor),
            OptOuts = counts.OptOuts.Shown(floor),
            NotInterested = counts.NotInterested.Shown(floor),
            Down = isKnown && Quality.Down(counts, conduct.Band, numbers, at) is { } down
                ? new BandDistance(down.Band, Math.Round(down.Points, 1), down.Blocks, null, null)
                : null,
            Up = isKnown && Quality.Up(counts, conduct.Band, numbers, at) is { } up
                ? new BandDistance(up.Band, Math.Round(up.Points, 1), up.BlocksFewer, up.Deliveries, up.At)
                : null,
        };
    }

    /// <summary>Different users behind all signals, as far as they are told apart.</summary>
    private static int UsersOf(QualityCounts counts) =>
        counts.Reports.Users.Union(counts.Blocks.Users).Union(counts.OptOuts.Users).Union(counts.NotInterested.Users).Count();
}
