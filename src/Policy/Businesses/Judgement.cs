using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>What judging a business has brought.</summary>
/// <param name="Next">Its conduct from now on.</param>
public sealed record Judgement(Conduct Next)
{
    /// <summary>The band that it was in before.</summary>
    public QualityBand BandBefore { get; init; }

    /// <summary>Whether it is in another band now.</summary>
    public bool BandChanged => Next.Band != BandBefore;

    /// <summary>New strikes, oldest first.</summary>
    public ImmutableArray<Strike> Strikes { get; init; } = [];

    /// <summary>Whether to tell it that it is near red.</summary>
    public bool NearRed { get; init; }

    /// <summary>Whether to tell it that it is near a strike.</summary>
    public bool NearStrike { get; init; }

    internal Judgement With(StrikeCause cause, string note, Instant now)
    {
        var enforcement = Enforcement.Strike(Next.Enforcement, cause, note, now);
        return this with { Next = Next with { Enforcement = enforcement }, Strikes = Strikes.Add(enforcement.Strikes[^1]) };
    }
}
