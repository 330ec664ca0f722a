using Actors.Api.Sends;
using Actors.Contracts;
using CsCheck;

namespace Actors.Api.Tests.Sends;

/// <summary>What a node does with its share of a number's throughput, by its own clock. A tick here is a millisecond.</summary>
public sealed class RateShareTests
{
    private const long Second = 1_000;
    private const long Epoch = 3;
    private static readonly Guid Node = Guid.NewGuid();

    [Fact]
    public void No_sliding_second_ever_holds_more_than_the_share_and_none_is_refused_too_early() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 400].Array[1, 200], Gen.Long[-5_000, 5_000]).Sample((size, steps, start) =>
        {
            var share = Holding(size);
            var taken = new List<long>();
            var now = start;
            foreach (var step in steps)
            {
                now += step;
                var room = taken.Count(at => at > now - Second) < size;
                Assert.Equal(room ? RateTaken.Yes : RateTaken.Full, share.Take(Epoch, now, out var wait));
                if (room)
                {
                    taken.Add(now);
                }
                else
                {
                    Assert.Equal(taken[^size] + Second - now, wait);
                }
            }
        });

    [Fact]
    public void What_is_tried_is_another_sliding_second_over_the_same_decisions_and_moves_nothing_of_the_real_one() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 400].Array[1, 200], Gen.Int[0, 50]).Sample((size, perSecond, steps, before) =>
        {
            var (share, alone) = (Holding(size), Holding(size));
            var (real, tried) = (new List<long>(), new List<long>());
            var now = 0L;
            for (var step = 0; step < steps.Length; step++)
            {
                now += steps[step];
                var trial = step < before ? null : new RateTrial(perSecond);
                var taken = share.Take(Epoch, now, out var wait, 40, trial);
                Assert.Equal((alone.Take(Epoch, now, out var waitAlone, 40), waitAlone), (taken, wait));

                // It begins with what was really decided, and goes on apart: in proportion to the share of the real throughput, at least one.
                tried = trial is null || step == before ? [.. real] : tried;
                if (trial is not null)
                {
                    var room = tried.Count(at => at > now - Second) < ((perSecond * size) + 39) / 40;
                    Assert.Equal(room, trial.IsPassed);
                    tried.AddRange(room ? [now] : Array.Empty<long>());
                }

                real.AddRange(taken == RateTaken.Yes ? [now] : Array.Empty<long>());
            }
        });

    [Fact]
    public void One_decision_is_tried_once_however_often_it_is_asked_for_and_the_same_throughput_never_differs()
    {
        var share = Holding(1);
        Assert.Equal(RateTaken.Yes, share.Take(Epoch, 0, out _, 40, new RateTrial(80)));
        var trial = new RateTrial(80);
        Assert.Equal(RateTaken.Full, share.Take(Epoch, 1, out _, 40, trial));
        Assert.Equal(RateTaken.Full, share.Take(Epoch, 2, out _, 40, trial));
        Assert.True(trial.IsPassed);
        var other = new RateTrial(80);
        share.Take(Epoch, 1_000, out _, 40, other);   // the one of 0 is gone, the one of 1 counts once
        Assert.True(other.IsPassed);

        var (same, random) = (Holding(7), new Random(1));
        for (var now = 0L; now < 20_000; now += random.Next(300))
        {
            trial = new RateTrial(40);
            var taken = same.Take(Epoch, now, out _, 40, trial);
            taken = taken == RateTaken.Full ? same.Take(Epoch, now + 1, out _, 40, trial) : taken;
            Assert.Equal(taken == RateTaken.Yes, trial.IsPassed);
        }
    }

    /// <summary>
    /// What is documented of a throughput that is tried on several nodes: each tries its part, so where they are evenly busy the sum is exact, and where one of
    /// them has all the work, a lower number counts too many.
    /// </summary>
    [Theory]
    [InlineData(25, 25, 0)]
    [InlineData(30, 30, 10)]
    [InlineData(45, 5, 20)]
    [InlineData(50, 0, 25)]
    public void Of_several_nodes_each_tries_its_part(int first, int second, int refused)
    {
        var would = 0;
        foreach (var decisions in (int[])[first, second])
        {
            var share = new RateShare(1, Second);
            share.Put(Epoch, new RateReply(RateOutcome.Lent, 50, 100));
            for (var i = 0; i < decisions; i++)
            {
                var trial = new RateTrial(50);
                Assert.Equal(RateTaken.Yes, share.Take(Epoch, i, out _, 100, trial));
                would += trial.IsPassed ? 0 : 1;
            }
        }

        Assert.Equal(refused, would);
    }

    [Fact]
    public void A_burst_may_use_it_whole_and_a_place_is_free_one_second_later_and_not_a_millisecond_before()
    {
        var share = Holding(80);
        for (var i = 0; i < 80; i++)
        {
            Assert.Equal(RateTaken.Yes, share.Take(Epoch, 5, out _));
        }

        Assert.Equal((RateTaken.Full, 1_000L), (share.Take(Epoch, 5, out var wait), wait));
        Assert.Equal((RateTaken.Full, 1L), (share.Take(Epoch, 1_004, out wait), wait));
        Assert.Equal(RateTaken.Yes, share.Take(Epoch, 1_005, out _));
    }

    [Fact]
    public void When_the_policys_number_falls_who_lends_is_asked_before_the_next_decision_and_then_no_more_than_it_is_used()
    {
        var share = new RateShare(1, Second);
        share.Put(Epoch, new RateReply(RateOutcome.Lent, 5, 10));
        Assert.Equal(RateTaken.Yes, share.Take(Epoch, 0, out _, 10));
        Assert.Equal(RateTaken.Unbound, share.Take(Epoch, 1, out _, 5));   // even where the share fits: others hold some, too
        Assert.Equal(RateTaken.Unbound, share.Take(Epoch, 1, out _, 2));

        // Nobody answers: not more than the number meanwhile, and the next ask a moment later.
        share.AskedInVain(1);
        Assert.Equal(RateTaken.Yes, share.Take(Epoch, 1, out _, 2));
        Assert.Equal(RateTaken.Full, share.Take(Epoch, 1, out _, 2));
        Assert.Equal(RateTaken.Full, share.Take(Epoch, 100, out _, 2));
        Assert.Equal(RateTaken.Unbound, share.Take(Epoch, 101, out _, 2));

        share.Put(Epoch, new RateReply(RateOutcome.Lent, 0, 2));
        Assert.Equal(RateTaken.Full, share.Take(Epoch, 101, out _, 2));
        Assert.Equal(RateTaken.Yes, share.Take(Epoch, 1_000, out _, 2));
    }

    [Fact]
    public void A_share_is_good_under_its_own_epoch_only()
    {
        Assert.Equal(RateTaken.Unbound, new RateShare(1, Second).Take(0, 0, out _));
        var share = Holding(5);
        Assert.Equal(RateTaken.Unbound, share.Take(Epoch + 1, 0, out _));
        Assert.Equal(0, share.GiveBack(new RateRecall(Epoch + 1, 1, 1, 5), 0));

        var ask = share.Ask(Epoch + 1, Node, 1, 10, 0);
        Assert.Equal((0, new RateBefore(Epoch, 5, 10)), (ask.Held, ask.Before));
        share.Put(Epoch + 1, new RateReply(RateOutcome.Lent, 2, 4));
        Assert.Equal(RateTaken.Unbound, share.Take(Epoch, 0, out _));
        Assert.Equal(
            [RateTaken.Yes, RateTaken.Yes, RateTaken.Full], Enumerable.Range(0, 3).Select(_ => share.Take(Epoch + 1, 0, out var _)));
        Assert.Equal((2, null), (share.Ask(Epoch + 1, Node, 2, 10, 0).Held, share.Ask(Epoch + 1, Node, 3, 10, 0).Before));
    }

    [Fact]
    public void What_was_decided_within_the_last_second_is_never_given_back()
    {
        var share = Holding(10);
        for (var i = 0; i < 6; i++)
        {
            share.Take(Epoch, 0, out _);
        }

        // Not short: half of the idle 4, or what is wanted of them.
        Assert.Equal(2, share.GiveBack(new RateRecall(Epoch, 1, 1, 1), 999));
        Assert.Equal(2, share.GiveBack(new RateRecall(Epoch, 1, 1, 9), 999));
        Assert.Equal(0, share.GiveBack(new RateRecall(Epoch, 1, 1, 9), 999));
        Assert.Equal(RateTaken.Full, share.Take(Epoch, 999, out _));
        Assert.Equal(6, share.Ask(Epoch, Node, 1, 10, 999).Held);

        // Short: down to its fair part, but no faster than its second passes.
        Assert.Equal(0, share.GiveBack(new RateRecall(Epoch, 1, 3, 9), 999));
        Assert.Equal(6, share.Ask(Epoch, Node, 2, 10, 999).Held);
        Assert.Equal(3, share.Ask(Epoch, Node, 3, 10, 1_000).Held);
    }

    [Fact]
    public void An_ask_in_vain_is_not_repeated_at_once()
    {
        var share = Holding(1);
        Assert.True(share.MayAsk(2, 0, 100));
        Assert.False(share.MayAsk(1, 0, 100));
        share.AskedInVain(0);
        Assert.False(share.MayAsk(2, 99, 100));
        Assert.True(share.MayAsk(2, 100, 100));
    }

    [Fact]
    public void A_share_that_rests_for_a_second_is_forgotten()
    {
        var share = Holding(2);
        share.Take(Epoch, 0, out _);
        Assert.False(share.Retire(999));
        Assert.True(share.Retire(1_000));
        Assert.Equal(RateTaken.Gone, share.Take(Epoch, 1_000, out _));
    }

    private static RateShare Holding(int size)
    {
        var share = new RateShare(1, Second);
        share.Put(Epoch, new RateReply(RateOutcome.Lent, size, 10));
        return share;
    }
}
