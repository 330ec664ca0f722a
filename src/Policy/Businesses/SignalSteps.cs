using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>What a business is shown of its users' signals moves in steps, each of enough different users: so no two looks differ by fewer.</summary>
/// <remarks>
/// A step is one kind of signal: what was hidden with a template that enough users have come to, which is then shown of the template and of the whole; or
/// what is hidden with all the others together, where that is enough, which is then shown of the whole only. So every number shown is a sum of whole
/// steps, and so is every difference of two, sooner and later or whole and template. What is left stays hidden, and could be anything, nothing included.
/// </remarks>
internal static class SignalSteps
{
    private static readonly NegativeSignal[] Kinds = Enum.GetValues<NegativeSignal>();

    /// <summary>Shows what is enough to be shown; the same where nothing is.</summary>
    /// <param name="whole">The business's counts.</param>
    /// <param name="shares">What came in by which template.</param>
    /// <param name="numbers">The policy's numbers.</param>
    public static (QualityCounts Whole, ImmutableArray<TemplateShare> Shares) Show(
        QualityCounts whole, ImmutableArray<TemplateShare> shares, QualityNumbers numbers)
    {
        foreach (var kind in Kinds)
        {
            (whole, shares) = Show(kind, whole, shares, numbers);
        }

        return (whole, shares);
    }

    /// <summary>The whole with what is hidden with a template that isn't kept any more.</summary>
    public static QualityCounts Hide(QualityCounts whole, QualityCounts gone, QualityNumbers numbers)
    {
        whole = whole.To(gone.At, numbers);
        foreach (var kind in Kinds)
        {
            var tally = whole.Of(kind);
            whole = gone.Of(kind).Hidden is null
                ? whole
                : whole.With(kind, tally.Hide(gone.Of(kind).HiddenUsers, numbers.PrivacyFloor, HiddenAt(gone, kind, whole.At, numbers)));
        }

        return whole;
    }

    private static (QualityCounts Whole, ImmutableArray<TemplateShare> Shares) Show(
        NegativeSignal kind, QualityCounts whole, ImmutableArray<TemplateShare> shares, QualityNumbers numbers)
    {
        var (next, few) = (shares.ToBuilder(), new List<int>());
        for (var i = 0; i < next.Count; i++)
        {
            var counts = next[i].Counts;
            if (counts.Of(kind).Hidden is not { } hidden)
            {
                continue;
            }

            if (counts.Of(kind).Users.Length < numbers.PrivacyFloor)
            {
                few.Add(i);
                continue;
            }

            whole = Shown(whole, kind, HiddenAt(counts, kind, whole.At, numbers));
            var own = counts with { ShownTenths = (counts.ShownTenths ?? 0) + hidden.Tenths };
            next[i] = next[i] with { Counts = own.With(kind, own.Of(kind).Clear()) };
        }

        var users = few.SelectMany(i => next[i].Counts.Of(kind).HiddenUsers).Concat(whole.Of(kind).HiddenUsers).Distinct().Count();
        if (users == 0 || users < numbers.PrivacyFloor)
        {
            return (whole, next.ToImmutable());
        }

        foreach (var i in few)
        {
            whole = Shown(whole, kind, HiddenAt(next[i].Counts, kind, whole.At, numbers));
            next[i] = next[i] with { Counts = next[i].Counts.With(kind, next[i].Counts.Of(kind).Clear()) };
        }

        whole = whole.Of(kind).Hidden is { } left ? Shown(whole, kind, left) : whole;
        return (whole.With(kind, whole.Of(kind).Clear()), next.ToImmutable());
    }

    private static HiddenSignals HiddenAt(QualityCounts counts, NegativeSignal kind, Instant at, QualityNumbers numbers) =>
        counts.To(at, numbers).Of(kind).Hidden.GetValueOrDefault();

    private static QualityCounts Shown(QualityCounts whole, NegativeSignal kind, HiddenSignals step)
    {
        var tally = whole.Of(kind);
        return (whole with { ShownTenths = (whole.ShownTenths ?? 0) + step.Tenths })
            .With(kind, tally with { ShownCount = (tally.ShownCount ?? 0) + step.Count });
    }
}
