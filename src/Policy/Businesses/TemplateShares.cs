using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>What came into its business's counts by one template.</summary>
/// <param name="Template">The template's id.</param>
/// <param name="Counts">Users delivered to by it, and signals charged to it, as the business counts them.</param>
public sealed record TemplateShare(long Template, QualityCounts Counts);

/// <summary>
/// Which templates move a business's score. Kept for those delivered most alone: of who sends with more templates the rest is in the whole only.
/// </summary>
public sealed record TemplateShares
{
    /// <summary>Templates kept: more than are shown, so that who comes and goes at the end of the list isn't shown with half of its counts.</summary>
    public const int Max = 32;

    /// <summary>Templates shown.</summary>
    public const int ShownMax = 16;

    /// <summary>The shares, at most <see cref="Max"/>, in no order.</summary>
    public ImmutableArray<TemplateShare> Shares { get; init; } = [];

    /// <summary>The shares that a business may see: as of the newest step.</summary>
    public ImmutableArray<TemplateShare> Shown { get; init; } = [];

    /// <summary>The same after one template's counts changed. A new one takes the place of the one delivered least.</summary>
    /// <param name="template">The template's id.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="change">What happened.</param>
    /// <returns>The shares, and the one that had to go; null where none had.</returns>
    internal (TemplateShares Next, TemplateShare? Gone) With(long template, QualityNumbers numbers, Func<QualityCounts, QualityCounts> change)
    {
        for (var i = 0; i < Shares.Length; i++)
        {
            if (Shares[i].Template == template)
            {
                return (this with { Shares = Shares.SetItem(i, new TemplateShare(template, change(Shares[i].Counts))) }, null);
            }
        }

        var added = new TemplateShare(template, change(QualityCounts.None));
        if (Shares.Length < Max)
        {
            return (this with { Shares = Shares.Add(added) }, null);
        }

        var gone = Shares.MinBy(share => Weight(share, numbers, added.Counts.At))!;
        return (this with { Shares = Shares.Replace(gone, added) }, gone);
    }

    // By deliveries alone: a place that a signal kept would tell of who gave it.
    private static double Weight(TemplateShare share, QualityNumbers numbers, Instant at) => share.Counts.ReadAt(at, numbers).Delivered;
}
