using Actors.Policy.Businesses;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

public sealed class TemplatePausesTests
{
    private static readonly QualityNumbers Rules = Numbers.Quality;

    private static TemplateConduct Bad(TemplateConduct conduct, Instant at)
    {
        conduct = conduct.Deliver(at, Rules, 60);
        for (var user = 0; user < 60; user++)
        {
            conduct = conduct.Signal(NegativeSignal.Block, user, at, Rules);
        }

        return conduct;
    }

    private static TemplateJudgement At(TemplateConduct conduct, Instant now) => TemplatePauses.At(conduct, Numbers, now);

    [Fact]
    public void Red_pauses_for_three_hours_then_six_and_then_disables()
    {
        var first = At(Bad(new TemplateConduct(), Now), Now);
        Assert.True(first.Paused);
        Assert.Equal((QualityBand.Unknown, QualityBand.Red), (first.BandBefore, first.Next.Band));
        var end = Now + TimeSpan.FromHours(3);
        Assert.Equal((1, end), (first.Next.Pauses, first.Next.PausedUntil));

        var second = At(Bad(At(first.Next, end).Next, end), end);
        Assert.True(second.Paused);
        var nextEnd = end + TimeSpan.FromHours(6);
        Assert.Equal((2, nextEnd), (second.Next.Pauses, second.Next.PausedUntil));

        var third = At(Bad(At(second.Next, nextEnd).Next, nextEnd), nextEnd);
        Assert.True(third is { Disabled: true, Paused: false, Next.Disabled: true });
        Assert.False(third.Next.IsPaused(nextEnd));
        Assert.Same(third.Next, At(third.Next, nextEnd + (365 * Day)).Next);
    }

    [Fact]
    public void A_pause_ends_by_itself_and_its_end_resets_the_counts()
    {
        var paused = At(Bad(new TemplateConduct(), Now), Now).Next;
        var end = Now + TimeSpan.FromHours(3);
        Assert.True(paused.IsPaused(end - Tick));
        Assert.False(paused.IsPaused(end));
        Assert.Equal(new TemplateJudgement(paused, QualityBand.Red), At(paused, end - Tick));

        var ended = At(paused, end);
        Assert.True(ended is { Ended: true, Paused: false });
        Assert.Equal((QualityBand.Red, QualityBand.Unknown), (ended.BandBefore, ended.Next.Band));
        Assert.Null(ended.Next.PausedUntil);
        Assert.Equal(0, ended.Next.Counts.DeliveredInLife);
        Assert.False(At(ended.Next, end).Paused);

        // Unknown until fifty new were delivered to.
        Assert.Equal(QualityBand.Unknown, At(ended.Next.Deliver(end, Rules, 49), end).Next.Band);
        Assert.Equal(QualityBand.Green, At(ended.Next.Deliver(end, Rules, 50), end).Next.Band);
    }

    [Fact]
    public void What_comes_in_while_it_is_paused_is_forgotten_with_its_end()
    {
        var paused = At(Bad(new TemplateConduct(), Now), Now).Next;
        var end = Now + TimeSpan.FromHours(3);
        Assert.Equal(QualityBand.Unknown, At(Bad(paused, end - Tick), end).Next.Band);
    }

    [Fact]
    public void What_comes_at_its_end_or_later_counts_also_where_it_is_folded_before_the_end_was_judged()
    {
        var paused = At(Bad(new TemplateConduct(), Now), Now).Next;
        var end = Now + TimeSpan.FromHours(3);
        var folded = paused.Deliver(end - Tick, Rules, 7).Deliver(end, Rules, 50).Signal(NegativeSignal.Block, 1, end + Tick, Rules);
        Assert.Equal(new TemplateJudgement(folded, QualityBand.Red), At(folded, end - Tick));

        var ended = At(folded, end + Tick);
        Assert.True(ended is { Ended: true, Next.PausedUntil: null, Next.Band: QualityBand.Unknown });
        Assert.Equal((50, 1), (ended.Next.Counts.DeliveredInLife, ended.Next.Counts.Blocks.Count));
        Assert.Equal(QualityBand.Green, At(ended.Next, end + Tick).Next.Band);

        // What happened before it and comes late belongs to what is forgotten.
        Assert.Equal(50, ended.Next.Deliver(end - Tick, Rules).Counts.DeliveredInLife);
        Assert.Equal(ended.Next, ended.Next.Signal(NegativeSignal.Report, 2, end - Tick, Rules));
    }

    [Fact]
    public void A_lighter_signal_before_is_counted_once()
    {
        var conduct = new TemplateConduct().Signal(NegativeSignal.OptOut, 1, Now, Rules);
        conduct = conduct.Signal(NegativeSignal.Report, 1, Now, Rules, after: NegativeSignal.OptOut);
        Assert.Equal(2, conduct.Counts.ReadAt(Now, Rules).Negative);
    }
}
