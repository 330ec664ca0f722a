using Actors.Policy.Webhooks;

namespace Actors.Policy.Tests.Webhooks;

/// <summary>What is tried when, with which number: cases by hand.</summary>
public sealed class DeliveryBookTests
{
    private const string Field = "messages";
    private static readonly Instant Start = new(1_790_000_000_000);

    [Theory]
    [InlineData(1, 1_000, 1_999)]
    [InlineData(2, 2_000, 3_999)]
    [InlineData(11, 1_024_000, 2_047_999)]
    [InlineData(12, 1_800_000, 3_599_999)]
    [InlineData(10_000, 1_800_000, 3_599_999)]
    public void A_pause_doubles_from_a_second_up_to_an_hour(int failures, int least, int most)
    {
        Assert.Equal(TimeSpan.FromMilliseconds(least), DeliveryRules.Pause(failures, 0));
        Assert.Equal(TimeSpan.FromMilliseconds(most), DeliveryRules.Pause(failures, 0.999_999_99));
    }

    [Fact]
    public void A_batch_gets_the_next_number_and_the_cursor_moves_behind_it()
    {
        var book = Empty.Skip(Field, 3).Assign(Field, 9, 4, Start);
        var lane = book.Lane(Field)!;
        Assert.Equal((1L, 9L), (book.Sequence, lane.Cursor));
        Assert.Equal(new DeliveryBatch(1, 3, 9, 4, Start), Assert.Single(lane.Pending));
        Assert.Equal(LaneNeed.Try, book.Next(lane).Need);
        Assert.Same(book, book.Assign(Field, 12, 1, Start));
        Assert.Same(book, book.Assign("another", 12, 1, Start));
    }

    [Fact]
    public void What_is_delivered_is_done_and_the_next_updates_are_wanted_at_once()
    {
        var book = Failed(Given(1), 1, 1).Tried(Field, 1, Ok(Start), [1], 0);
        var lane = book.Lane(Field)!;
        Assert.Equal(new LaneStep(LaneNeed.Updates, null, default), book.Next(lane));
        Assert.Equal(0, lane.Failures);
    }

    [Fact]
    public void After_a_failure_the_same_number_is_tried_after_the_pause()
    {
        var book = Failed(Given(1), 1, 1);
        var step = book.Next(book.Lane(Field)!);
        Assert.Equal((LaneNeed.Try, 1L, Start + TimeSpan.FromSeconds(1)), (step.Need, step.Batch!.Sequence, step.At));
    }

    [Fact]
    public void A_batch_that_has_failed_three_times_is_split_and_the_first_half_keeps_the_number()
    {
        var book = Failed(Given(5), 2, 1, 2, 3, 4, 5);
        Assert.Single(book.Lane(Field)!.Pending);
        book = Failed(book, 1, 1, 2, 3, 4, 5);
        var halves = book.Lane(Field)!.Pending;
        Assert.Equal([(1L, 0L, 2L, 2), (2L, 2L, 5L, 3)], halves.Select(half => (half.Sequence, half.After, half.UpTo, half.Count)));
        Assert.All(halves, half => Assert.Equal((0, Start), (half.Tries, half.FirstFailedAt)));
        Assert.Equal(2, book.Sequence);
    }

    [Theory]
    [InlineData(AttemptOutcome.Unreachable)]
    [InlineData(AttemptOutcome.Forbidden)]
    public void What_never_arrived_is_not_the_contents_fault(AttemptOutcome outcome)
    {
        var book = Given(5);
        for (var i = 0; i < 10; i++)
        {
            book = book.Tried(Field, 1, new AttemptResult(outcome, 0, Start), [1, 2, 3, 4, 5], 0);
        }

        Assert.Equal((0, 5), (Assert.Single(book.Lane(Field)!.Pending).Tries, book.Lane(Field)!.Pending[0].Count));
        Assert.Equal(10, book.Lane(Field)!.Failures);
    }

    [Fact]
    public void A_stuck_update_is_parked_when_it_fails_after_another_one_has_arrived()
    {
        var book = Failed(Given(1), 3, 1);
        Assert.Equal(LaneNeed.Probe, book.Next(book.Lane(Field)!).Need);
        book = book.AssignProbe(Field, 7, Start);
        Assert.Equal((2L, default(Instant)), (book.Next(book.Lane(Field)!).Batch!.Sequence, book.Next(book.Lane(Field)!).At));
        book = book.Tried(Field, 2, Ok(Start), [7], 0);
        Assert.Empty(book.Parked);
        Assert.Equal((LaneNeed.Try, 1L), (book.Next(book.Lane(Field)!).Need, book.Next(book.Lane(Field)!).Batch!.Sequence));
        book = Failed(book, 1, 1);
        Assert.Equal(1, Assert.Single(book.Parked).Batch.Sequence);
        Assert.Equal(new LaneStep(LaneNeed.Updates, null, default), book.Next(book.Lane(Field)!));
    }

    [Fact]
    public void A_stuck_update_that_goes_through_after_all_is_not_parked()
    {
        var book = Failed(Given(1), 3, 1).AssignProbe(Field, 7, Start).Tried(Field, 2, Ok(Start), [7], 0).Tried(Field, 1, Ok(Start), [1], 0);
        Assert.Empty(book.Parked);
        Assert.Equal(LaneNeed.Updates, book.Next(book.Lane(Field)!).Need);
    }

    [Fact]
    public void When_the_probe_fails_too_the_receiver_is_down_and_nothing_is_parked()
    {
        var book = Failed(Given(1), 3, 1).AssignProbe(Field, 7, Start);
        for (var i = 0; i < 20; i++)
        {
            var tried = book.Next(book.Lane(Field)!).Batch!.Sequence;
            Assert.Equal(i % 2 == 0 ? 2 : 1, tried);
            book = book.Tried(Field, tried, No(Start), [tried == 2 ? 7 : 1], 0);
            Assert.Equal(LaneNeed.Probe, book.Next(book.Lane(Field)!).Need);   // there may be another one that arrives
        }

        Assert.Empty(book.Parked);
        Assert.Equal(23, book.Lane(Field)!.Failures);
    }

    [Fact]
    public void A_probe_that_is_no_longer_needed_still_has_a_number_and_goes_out()
    {
        var book = Failed(Given(1), 3, 1).AssignProbe(Field, 7, Start).Tried(Field, 2, No(Start), [7], 0).Tried(Field, 1, Ok(Start), [1], 0);
        var first = Assert.Single(book.Lane(Field)!.Pending);
        Assert.Equal((2L, 6L, 7L), (first.Sequence, first.After, first.UpTo));
        book = book.Tried(Field, 2, Ok(Start), [7], 0);
        Assert.Equal(1, book.Lane(Field)!.Cursor);   // the probe's update comes again in its turn
    }

    [Fact]
    public void One_more_is_probed_with_after_each_pause_up_to_ten()
    {
        var book = Failed(Given(1), 3, 1);
        for (var i = 0; i < DeliveryRules.ProbesMax; i++)
        {
            book = book.AssignProbe(Field, 10 + i, Start);
            Assert.Same(book, book.AssignProbe(Field, 90, Start));
            book = book.Tried(Field, book.Sequence, No(Start), [10 + i], 0);
        }

        // Then all take turns, and none is left out.
        var tried = new List<long>();
        for (var i = 0; i <= DeliveryRules.ProbesMax; i++)
        {
            var step = book.Next(book.Lane(Field)!);
            Assert.Equal(LaneNeed.Try, step.Need);
            tried.Add(step.Batch!.Sequence);
            book = book.Tried(Field, tried[^1], No(Start), [1], 0);
        }

        Assert.Equal(Enumerable.Range(1, 11).Select(n => (long)n), tried.Order());
        book = book.Tried(Field, 5, Ok(Start), [13], 0).Tried(Field, 1, No(Start), [1], 0);
        Assert.Equal(1, Assert.Single(book.Parked).Batch.Sequence);
        Assert.Equal([2L, 3, 4, 6, 7, 8, 9, 10, 11], book.Lane(Field)!.Pending.Select(batch => batch.Sequence));
        Assert.Equal((0, default), (book.Lane(Field)!.Failures, book.Lane(Field)!.NextAt));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void A_batch_is_parked_by_the_first_failure_seven_days_after_its_first(int milliseconds, int parked)
    {
        var book = Failed(Given(5), 1, 1, 2, 3, 4, 5);
        var at = Start + DeliveryRules.Life + TimeSpan.FromMilliseconds(milliseconds);
        book = book.Tried(Field, 1, new AttemptResult(AttemptOutcome.Unreachable, 0, at), [], 0);
        Assert.Equal(parked, book.Parked.Length);
        Assert.Equal(2, book.Lane(Field)!.Failures);   // the receiver is as it was
    }

    [Fact]
    public void What_is_parked_is_bounded_and_then_the_lane_waits()
    {
        var book = Given(1);
        book = book with
        {
            Parked = [.. Enumerable.Range(1, DeliveryRules.ParkedMax).Select(i => new ParkedBatch(Field, new(i, 0, 1, 1, Start), No(Start), Start))],
        };
        book = Failed(book, 3, 1);
        Assert.Equal(LaneNeed.Try, book.Next(book.Lane(Field)!).Need);
        book = book.Tried(Field, 1, No(Start + DeliveryRules.Life), [1], 0);
        Assert.Equal(DeliveryRules.ParkedMax, book.Parked.Length);
        book = book.Unpark(1);
        Assert.Equal(LaneNeed.Probe, book.Next(book.Lane(Field)!).Need);
    }

    [Fact]
    public void A_field_that_is_given_up_delivers_what_has_a_number_and_no_more()
    {
        var book = Given(3).Subscribe(["account_update"], 50);
        Assert.Equal([("account_update", false), (Field, true)], book.Lanes.Select(lane => (lane.Field, lane.IsClosing)));
        Assert.Equal(LaneNeed.Try, book.Next(book.Lane(Field)!).Need);
        book = book.Tried(Field, 1, Ok(Start), [1, 2, 3], 0);
        Assert.Equal(LaneNeed.Nothing, book.Next(book.Lane(Field)!).Need);
        Assert.Same(book, book.Assign(Field, 60, 1, Start));
        Assert.Equal(50, Assert.Single(book.Tidy().Lanes).Cursor);
    }

    [Fact]
    public void A_field_that_comes_back_tells_nothing_of_the_time_between()
    {
        var book = Given(3).Subscribe(["account_update"], 50).Subscribe([Field], 70);
        var lane = Assert.Single(book.Lanes);
        Assert.Equal((Field, false, 70, 1), (lane.Field, lane.IsClosing, lane.Cursor, lane.Pending.Length));
        Assert.Equal(70, book.Subscribe([Field], 90).Lane(Field)!.Cursor);
    }

    [Fact]
    public void A_delivery_whose_users_are_all_erased_gets_out_of_the_way_like_a_single_update()
    {
        var book = Failed(Given(2), 3);
        Assert.Equal(LaneNeed.Probe, book.Next(book.Lane(Field)!).Need);
        book = Failed(book.AssignProbe(Field, 7, Start).Tried(Field, 2, Ok(Start), [7], 0), 1);
        Assert.Equal((1L, 0), (Assert.Single(book.Parked).Batch.Sequence, book.Parked[0].Batch.Count));
        Assert.Equal(LaneNeed.Updates, book.Next(book.Lane(Field)!).Need);
    }

    [Fact]
    public void Updates_of_users_who_were_erased_meanwhile_are_counted_once()
    {
        Assert.Null(Failed(Given(5), 1, 1, 2, 3, 4, 5).Erased);
        var book = Failed(Failed(Given(5), 1, 1, 2, 3, 4, 5), 2, 1, 2, 4);
        Assert.Equal(2, book.Erased);
        Assert.Equal(2, book.Tried(Field, 1, Ok(Start), [1], 0).Erased);   // it was split: 1 is the first half
        Assert.Equal(5, book.Miss(3).Erased);
    }

    [Fact]
    public void What_cant_be_told_is_found_by_halving_without_a_pause_and_parked()
    {
        var book = Given(4).Tried(Field, 1, Hopeless(AttemptOutcome.Unreadable), [1, 2, 3, 4], 0);
        Assert.Equal([(1L, 2), (2L, 2)], book.Lane(Field)!.Pending.Select(half => (half.Sequence, half.Count)));
        Assert.Equal((LaneNeed.Try, default), (book.Next(book.Lane(Field)!).Need, book.Lane(Field)!.NextAt));
        book = book.Tried(Field, 1, Ok(Start), [1, 2], 0).Tried(Field, 2, Hopeless(AttemptOutcome.Unreadable), [3, 4], 0);
        book = book.Tried(Field, 2, Hopeless(AttemptOutcome.Unreadable), [3], 0);
        Assert.Equal((2L, AttemptOutcome.Unreadable), (Assert.Single(book.Parked).Batch.Sequence, book.Parked[0].Last.Outcome));
        Assert.Equal(3, Assert.Single(book.Lane(Field)!.Pending).Sequence);
        Assert.Equal(0, book.Lane(Field)!.Failures);
    }

    [Fact]
    public void What_retention_has_dropped_is_parked_at_once_and_counts_as_it_did()
    {
        var book = Given(4).Tried(Field, 1, Hopeless(AttemptOutcome.Lost), [], 0);
        Assert.Equal((1L, 4), (Assert.Single(book.Parked).Batch.Sequence, book.Parked[0].Batch.Count));
        Assert.Null(book.Erased);
        Assert.Equal(new LaneStep(LaneNeed.Updates, null, default), book.Next(book.Lane(Field)!));
    }

    [Fact]
    public void What_is_no_longer_pending_changes_nothing()
    {
        var book = Given(1).Tried(Field, 1, Ok(Start), [1], 0);
        Assert.Same(book, book.Tried(Field, 1, No(Start), [1], 0));
        Assert.Same(book, book.Tried("another", 1, No(Start), [1], 0));
    }

    [Fact]
    public void Hurry_takes_the_pause_away()
    {
        var book = Failed(Given(1), 2, 1).Hurry();
        Assert.Equal(default, book.Next(book.Lane(Field)!).At);
        Assert.Equal(2, book.Lane(Field)!.Failures);
    }

    /// <summary>One lane with one batch, number 1, of so many updates.</summary>
    private static DeliveryBook Given(int updates) => Empty.Assign(Field, updates, updates, Start);

    private static DeliveryBook Empty => new DeliveryBook().Subscribe([Field], 0);

    private static DeliveryBook Failed(DeliveryBook book, int times, params long[] places)
    {
        for (var i = 0; i < times; i++)
        {
            book = book.Tried(Field, 1, No(Start), places, 0);
        }

        return book;
    }

    private static AttemptResult Hopeless(AttemptOutcome outcome) => new(outcome, 0, Start);

    private static AttemptResult Ok(Instant at) => new(AttemptOutcome.Delivered, 200, at);

    private static AttemptResult No(Instant at) => new(AttemptOutcome.Refused, 500, at);
}
