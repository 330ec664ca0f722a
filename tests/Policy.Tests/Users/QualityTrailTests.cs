using Actors.Policy.Businesses;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

public sealed class QualityTrailTests
{
    private static readonly QualityTrail All = new()
    {
        DeliveredAt = Now,
        Template = 7,
        CountedAt = Now + Second,
        Counted = [new(7, Now), new(8, Now + Second)],
        SignalsFrom = Now + (2 * Second),
        Heaviest = NegativeSignal.Block,
    };

    [Fact]
    public void What_can_matter_stays_the_same_object()
    {
        Assert.Same(All, All.Live(Now + Day - Tick));
        var delivered = new QualityTrail { DeliveredAt = Now, Template = 7 };
        Assert.Same(delivered, delivered.Live(Now + Week - Tick));
        var counted = new QualityTrail { CountedAt = Now };
        Assert.Same(counted, counted.Live(Now + Day - Tick));
    }

    [Fact]
    public void What_can_not_matter_any_more_goes_part_by_part()
    {
        var first = All.Live(Now + Day)!;
        Assert.Equal((Now, 7L, Now + Second, Now + (2 * Second)), (first.DeliveredAt, first.Template, first.CountedAt, first.SignalsFrom));
        Assert.Equal([new CountedTemplate(8, Now + Second)], first.Counted);

        var second = All.Live(Now + Day + Second)!;
        Assert.Equal((Now, null, Now + (2 * Second)), (second.DeliveredAt, second.CountedAt, second.SignalsFrom));
        Assert.Empty(second.Counted);

        var third = All.Live(Now + Day + (2 * Second))!;
        Assert.Equal((Now, 7L, null, null), (third.DeliveredAt, third.Template, third.SignalsFrom, third.Heaviest));
        Assert.Null(All.Live(Now + Week));
    }

    [Fact]
    public void A_delivery_of_a_week_ago_goes_though_signals_stay()
    {
        var trail = All with { CountedAt = null, Counted = [], SignalsFrom = Now + Week - Second };
        var live = trail.Live(Now + Week)!;
        Assert.Equal((null, 0L, Now + Week - Second), (live.DeliveredAt, live.Template, live.SignalsFrom));
        Assert.Equal(NegativeSignal.Block, live.Heaviest);
    }

    [Fact]
    public void A_signal_counts_nobody_as_delivered_to()
    {
        var mark = QualityMark.Of(NegativeSignal.Report, NegativeSignal.OptOut, 7);
        Assert.Equal((false, false, 7L), (mark.CountsUser, mark.CountsForTemplate, mark.Charged));
    }
}
