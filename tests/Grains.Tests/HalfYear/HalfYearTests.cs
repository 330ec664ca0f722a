using Actors.Policy;
using Actors.Policy.Businesses;

namespace Actors.Grains.Tests.HalfYear;

/// <summary>
/// Half a year of four businesses in simulated time. After each hour and each batch their score, band, tier, restriction, limit and what of it is used
/// equal those of <see cref="PolicyReading"/>.
/// </summary>
/// <remarks>
/// The parts are the product's: gate, users' rules, limit's book, fold and judgement, composed by <see cref="Platform"/> without a node, grains, storage
/// or HTTP. So this shows that the rules together lead where the policy says, and not that nothing is lost between them: that is for
/// <see cref="CareerTests"/>, a short career on a real node, and for the tests of fold, outbox and fence.
/// </remarks>
public sealed class HalfYearTests
{
    private const int Days = 183;

    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_good_sender_climbs_from_250_to_100_000()
    {
        var life = new Life(
            new Plan("good sender")
            {
                Users = day => day == 0 ? 250 : day < 4 ? 1_500 : day is 4 or 5 ? 5_600 : day % 30 == 0 ? 30_000 : 2_000,
                Reception = _ => Reception.Good,
                VerifiedOn = 4,
            },
            Start,
            seed: 1);
        life.Live(Days);
        Assert.Equal([LimitTier.First, LimitTier.Second, LimitTier.Third, LimitTier.Fourth], life.Story.Select(chapter => chapter.Limit).Distinct());
        Assert.All(life.Story, chapter => Assert.Equal((0, Restriction.None), (chapter.Tier, chapter.Restriction)));
        Assert.Equal((QualityBand.Green, LimitTier.Fourth), (life.Platform.Band, life.Platform.Limit));
        Assert.True(life.Compared > Days * 24);
    }

    [Fact]
    public void A_small_spammer_goes_through_every_tier_to_locked_appeals_and_returns()
    {
        SmallSpammer plan = null!;
        plan = new SmallSpammer { Users = _ => plan.HasReformed ? 40 : 250, Waves = 5, Reception = _ => plan.HasReformed ? default : Reception.Spam };
        var life = new Life(plan, Start, seed: 2);
        life.Live(Days);
        ThroughEveryTier(life);

        // The fifth strike taken back: out of 6 into what remains of the restriction of tier 5.
        var locked = life.Story.FindIndex(chapter => chapter.Tier == 6);
        Assert.Equal((5, Restriction.Nothing), (life.Story[locked + 1].Tier, life.Story[locked + 1].Restriction));
        Assert.Equal(2, life.Story.Count(chapter => chapter.Restriction == Restriction.Locked));
        Assert.Equal([true, false], new[] { 5, 3 }.Select(number => life.Platform.Enforcement.Strikes[number - 1].IsReversed));
        Assert.Equal((4, Restriction.None), (life.Story[^1].Tier, life.Story[^1].Restriction));
    }

    [Fact]
    public void A_large_spammer_goes_through_every_tier_to_locked_appeals_and_returns()
    {
        LargeSpammer plan = null!;
        plan = new LargeSpammer
        {
            Users = day => day < 4 ? 1_600 : day < 9 ? 6_000 : plan.HasReformed ? 240 : 12_000,
            Waves = 12,
            Evades = true,
            VerifiedOn = 0,
            Reception = platform => platform.Limit < LimitTier.Fourth || plan.HasReformed ? Reception.Good
                : Reception.Spam with { Reports = platform.Enforcement.Strikes.Length >= 2 ? 0.04 : 0 },
        };
        var life = new Life(plan, Start, seed: 3);
        life.Live(Days);
        ThroughEveryTier(life);
        Assert.Contains(life.Platform.Enforcement.Strikes, strike => strike.Cause == StrikeCause.ReportBurst);
        Assert.Contains(life.Platform.Enforcement.Strikes, strike => strike.Cause == StrikeCause.SustainedRed);
        Assert.Equal((4, Restriction.None, LimitTier.Fourth), life.Story[^1]);
    }

    [Fact]
    public void An_honest_average_sender_never_gets_a_strike()
    {
        var life = new Life(
            new Plan("honest sender") { Users = _ => 400, Regulars = 2_800, Writers = 0.05, Reception = _ => Reception.Average, VerifiedOn = 3 },
            Start,
            seed: 4);
        life.Live(Days);
        Assert.Empty(life.Platform.Enforcement.Strikes);
        Assert.All(life.Story, chapter => Assert.Equal((0, Restriction.None), (chapter.Tier, chapter.Restriction)));
        Assert.True(life.Accepted > 60_000, $"{life.Accepted} were accepted");
    }

    private static void ThroughEveryTier(Life life)
    {
        var tiers = life.Story.Select(chapter => chapter.Tier).Distinct().Where(tier => tier > 0);
        Assert.Equal([1, 2, 3, 4, 5, 6], tiers);
        Assert.Equal(
            [Restriction.None, Restriction.Warning, Restriction.NoMarketing, Restriction.WindowOnly, Restriction.Nothing, Restriction.Locked],
            life.Story.Select(chapter => chapter.Restriction).Distinct().Order());
        Assert.NotEqual(Restriction.Locked, life.Story[^1].Restriction);
    }
}
