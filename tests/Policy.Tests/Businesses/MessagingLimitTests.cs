using Actors.Policy.Businesses;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

public sealed class MessagingLimitTests
{
    private static Conduct Green(int delivered, Instant? at = null) => new Conduct().Deliver(at ?? Now, Numbers, delivered).At(250, Numbers, at ?? Now).Next;

    private static LimitTier Raised(LimitTier tier, Conduct conduct, bool verified = true, Instant movedAt = default, Instant? now = null) =>
        MessagingLimit.Raised(new LimitState(tier, movedAt), conduct, verified, Numbers, now ?? Now).Tier;

    [Fact]
    public void The_tiers() =>
        Assert.Equal([250, 2_000, 10_000, 100_000, null], Enum.GetValues<LimitTier>().Select(MessagingLimit.Users));

    [Theory]
    [InlineData(LimitTier.First, 125, LimitTier.Second)]
    [InlineData(LimitTier.First, 124, LimitTier.First)]
    [InlineData(LimitTier.Second, 1_000, LimitTier.Third)]
    [InlineData(LimitTier.Second, 999, LimitTier.Second)]
    [InlineData(LimitTier.Third, 5_000, LimitTier.Fourth)]
    [InlineData(LimitTier.Fourth, 50_000, LimitTier.Unlimited)]
    [InlineData(LimitTier.Fourth, 49_999, LimitTier.Fourth)]
    [InlineData(LimitTier.Unlimited, 500_000, LimitTier.Unlimited)]
    [InlineData(LimitTier.First, 500_000, LimitTier.Second)]
    public void It_goes_up_one_tier_when_half_of_it_was_delivered(LimitTier tier, int delivered, LimitTier then) =>
        Assert.Equal(then, Raised(tier, Green(delivered)));

    [Fact]
    public void Above_two_thousand_only_if_verified()
    {
        Assert.Equal(LimitTier.Second, Raised(LimitTier.First, Green(125), verified: false));
        Assert.Equal(LimitTier.Second, Raised(LimitTier.Second, Green(1_000), verified: false));
    }

    [Fact]
    public void At_most_once_in_a_day()
    {
        Assert.Equal(LimitTier.First, Raised(LimitTier.First, Green(125), movedAt: Now - Day + Tick));
        Assert.Equal(LimitTier.Second, Raised(LimitTier.First, Green(125), movedAt: Now - Day));
        Assert.Equal(new LimitState(LimitTier.Second, Now), MessagingLimit.Raised(new LimitState(), Green(125), false, Numbers, Now));
    }

    [Fact]
    public void Only_what_was_delivered_within_seven_days()
    {
        // By full hours of the clock: the hour of now and the 167 before it.
        Assert.Equal(LimitTier.Second, Raised(LimitTier.First, Green(125, Now - (7 * Day) + TimeSpan.FromHours(1))));
        Assert.Equal(LimitTier.First, Raised(LimitTier.First, Green(125, Now - (7 * Day) + TimeSpan.FromHours(1) - Tick)));
    }

    [Fact]
    public void Not_while_the_band_is_red_or_unknown()
    {
        Assert.Equal(LimitTier.First, Raised(LimitTier.First, Green(125) with { Band = QualityBand.Red }));
        Assert.Equal(LimitTier.First, Raised(LimitTier.First, Green(125) with { Band = QualityBand.Unknown }));
        Assert.Equal(LimitTier.Second, Raised(LimitTier.First, Green(125) with { Band = QualityBand.Yellow }));
    }

    [Fact]
    public void Not_while_a_restriction_runs()
    {
        var struck = Green(125) with { Enforcement = Enforcement.Strike(new EnforcementState(), StrikeCause.Violation, "", Now) };
        Assert.Equal(LimitTier.First, Raised(LimitTier.First, struck, now: Now + Day - Tick));
        Assert.Equal(LimitTier.Second, Raised(LimitTier.First, struck, now: Now + Day));
    }

    [Fact]
    public void Verification_gives_two_thousand_and_takes_nothing()
    {
        Assert.Equal(new LimitState(LimitTier.Second), MessagingLimit.Verified(new LimitState()));
        Assert.Equal(new LimitState(LimitTier.Fourth, Now), MessagingLimit.Verified(new LimitState(LimitTier.Fourth, Now)));
    }

    [Fact]
    public void What_an_operator_sets_holds_for_a_day()
    {
        var set = MessagingLimit.Set(LimitTier.First, Now);
        Assert.Equal(set, MessagingLimit.Raised(set, Green(125), true, Numbers, Now + Day - Tick));
        Assert.Equal(LimitTier.Second, MessagingLimit.Raised(set, Green(125), true, Numbers, Now + Day).Tier);
    }
}
