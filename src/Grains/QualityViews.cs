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
            Templates = Effects(full ? conduct.Templates?.Shares ?? [] : conduct.TemplatesShownAt(now), counts, isKnown, floor, numbers, at),
        };
    }

    private static ImmutableArray<TemplateEffect> Effects(
        ImmutableArray<TemplateShare> shares, QualityCounts counts, bool isKnown, int floor, QualityNumbers numbers, Instant at)
    {
        var open = OpenOf(shares, counts, floor, numbers, at);
        var shown = shares.OrderByDescending(share => share.Counts.ReadAt(at, numbers).Delivered).Take(TemplateShares.ShownMax);
        var effects = shown.Select(share => new TemplateEffect(
            share.Template,
            share.Counts.ReadAt(at, numbers).Delivered,
            open.Contains(share) ? share.Counts.ReadAt(at, numbers).Negative : null,
            open.Contains(share) && isKnown ? Quality.TermsWithout(counts, share.Counts, numbers, at).Shown : null));
        return [.. effects.OrderByDescending(effect => effect.ScoreWithout ?? -1).ThenByDescending(effect => effect.Delivered)];
    }

    /// <summary>
    /// The templates whose signals may be seen: those of enough different users. What is left when they are taken from the whole must not tell of a few
    /// users either: then one template less is seen, and the rest holds its users, too.
    /// </summary>
    private static List<TemplateShare> OpenOf(
        ImmutableArray<TemplateShare> shares, QualityCounts counts, int floor, QualityNumbers numbers, Instant at)
    {
        var open = shares.Where(share => UsersOf(share.Counts) >= floor).OrderByDescending(share => share.Counts.ReadAt(at, numbers).Delivered).ToList();
        var rest = SignalsOf(counts) - open.Sum(share => SignalsOf(share.Counts));
        var restUsers = shares.Except(open).SelectMany(share => Users(share.Counts)).Distinct().Count();
        if (open.Count > 0 && rest > 0 && restUsers < floor)
        {
            open.RemoveAt(open.Count - 1);
        }

        return open;
    }

    /// <summary>Different users behind all signals, as far as they are told apart.</summary>
    private static int UsersOf(QualityCounts counts) => Users(counts).Distinct().Count();

    private static IEnumerable<uint> Users(QualityCounts counts) =>
        counts.Reports.Users.Concat(counts.Blocks.Users).Concat(counts.OptOuts.Users).Concat(counts.NotInterested.Users);

    private static long SignalsOf(QualityCounts counts) =>
        counts.Reports.Count + counts.Blocks.Count + counts.OptOuts.Count + counts.NotInterested.Count;
}
