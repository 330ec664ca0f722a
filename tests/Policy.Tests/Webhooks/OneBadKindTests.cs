using Actors.Policy.Webhooks;

namespace Actors.Policy.Tests.Webhooks;

/// <summary>A receiver that throws on one kind of update: that kind is set aside, each update of it, and the rest goes on without long waits.</summary>
public sealed class OneBadKindTests
{
    private const string Field = "messages";
    private const int Messages = 500;

    /// <summary>One more than all of them: by the last one alone nobody could tell whether it is bad or the receiver has gone.</summary>
    private const int Updates = (Messages * 3) + 1;
    private static readonly Instant Start = new(1_790_000_000_000);
    private static readonly TimeSpan Answer = TimeSpan.FromMilliseconds(20);

    /// <param name="good">Of the three updates of a message (sent, delivered, read) the receiver can digest so many, and throws on the others.</param>
    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void Each_of_the_kind_is_parked_and_all_else_arrives_within_minutes(int good)
    {
        bool IsBad(long place) => (place - 1) % 3 >= good;

        var (book, now, requests, arrived) = (new DeliveryBook().Subscribe([Field], 0), Start, 0, new HashSet<long>());
        for (var isMore = true; isMore; requests++)
        {
            var lane = book.Lane(Field)!;
            var step = book.Next(lane);
            if (step.Need == LaneNeed.Updates && lane.Cursor == Updates)
            {
                isMore = false;
                continue;
            }

            if (step.Need == LaneNeed.Updates)
            {
                var upTo = Math.Min(lane.Cursor + DeliveryRules.UpdatesMax, Updates);
                book = book.Assign(Field, upTo, (int)(upTo - lane.Cursor), now);
            }
            else if (step.Need == LaneNeed.Probe && ProbeFor(lane) is { } probe)
            {
                book = book.AssignProbe(Field, probe, now);
            }

            step = book.Next(book.Lane(Field)!);
            now = (step.At > now ? step.At : now) + Answer;
            long[] places = [.. Places(step.Batch!)];
            var outcome = places.Any(IsBad) ? AttemptOutcome.Refused : AttemptOutcome.Delivered;
            book = book.Tried(Field, step.Batch!.Sequence, new AttemptResult(outcome, 0, now), places, 0.5);
            arrived.UnionWith(outcome == AttemptOutcome.Delivered ? places : []);
            Assert.True(requests < 50_000, "it never comes to an end");
        }

        Assert.Equal(Enumerable.Range(1, Updates).Select(place => (long)place).Where(place => !IsBad(place)), arrived.Order());
        Assert.Equal(
            Enumerable.Range(1, Updates).Select(place => (long)place).Where(IsBad),
            book.Parked.Select(parked => Assert.Single(Places(parked.Batch))).Order());
        Console.WriteLine($"{Updates} updates, {good} of 3 good, took {now - Start}, {requests} requests");
        Assert.InRange(now - Start, TimeSpan.Zero, TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void After_a_split_one_that_arrives_takes_the_pauses_away_and_a_time_out_brings_them_back()
    {
        var book = Refused(Given(8), 3, 1, 2, 3, 4, 5, 6, 7, 8);
        Assert.Equal((LaneNeed.Probe, Start + TimeSpan.FromSeconds(1)), (book.Next(book.Lane(Field)!).Need, book.Lane(Field)!.NextAt));
        book = book.AssignProbe(Field, 5, Start).Tried(Field, 3, Ok(Start), [5], 0);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal((LaneNeed.Try, 1L, default), Step(book));   // what has more than one is never parked, however often it fails
            book = Refused(book, 1, 1, 2, 3, 4);
        }

        Assert.Equal([(1L, 2), (4L, 2), (2L, 4)], book.Lane(Field)!.Pending.Select(piece => (piece.Sequence, piece.Count)));
        Assert.Equal((LaneNeed.Try, 1L, default), Step(book));
        book = book.Tried(Field, 1, new AttemptResult(AttemptOutcome.TimedOut, 0, Start), [1, 2], 0);
        Assert.Equal(Start + TimeSpan.FromSeconds(1), book.Next(book.Lane(Field)!).At);
        Assert.Empty(book.Parked);
    }

    /// <summary>A receiver that goes away when another update has just arrived: what failed before isn't taken for bad, whatever answers for it.</summary>
    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public void Whoever_has_no_time_is_not_taken_for_one_who_answers(int status)
    {
        var book = Refused(Given(1), 3, 1).AssignProbe(Field, 7, Start).Tried(Field, 2, No(Start), [7], 0);
        book = book.AssignProbe(Field, 9, Start).Tried(Field, 3, Ok(Start), [9], 0);
        book = Refused(book, 1, 1);   // parked, and the probe that failed comes first, proven with it
        Assert.Equal((1L, 2L), (Assert.Single(book.Parked).Batch.Sequence, Step(book).Sequence));
        for (var i = 0; i < 10; i++)
        {
            book = book.Tried(Field, 2, new AttemptResult(AttemptOutcome.Refused, status, Start), [7], 0);
            Assert.True(book.Next(book.Lane(Field)!).At > Start);
        }

        Assert.Single(book.Parked);
        Assert.Equal(LaneNeed.Probe, book.Next(book.Lane(Field)!).Need);   // it needs a proof of its own now
    }

    [Fact]
    public void What_has_arrived_says_nothing_of_the_next_batch()
    {
        var book = Given(4).Tried(Field, 1, Ok(Start), [1, 2, 3, 4], 0).Assign(Field, 8, 4, Start);
        book = book.Tried(Field, 2, No(Start), [5, 6, 7, 8], 0);
        Assert.Equal((LaneNeed.Try, 2L, Start + TimeSpan.FromSeconds(1)), Step(book));
    }

    private static (LaneNeed Need, long Sequence, Instant At) Step(DeliveryBook book)
    {
        var step = book.Next(book.Lane(Field)!);
        return (step.Need, step.Batch!.Sequence, step.At);
    }

    private static DeliveryBook Given(int updates) => new DeliveryBook().Subscribe([Field], 0).Assign(Field, updates, updates, Start);

    private static DeliveryBook Refused(DeliveryBook book, int times, params long[] places)
    {
        for (var i = 0; i < times; i++)
        {
            book = book.Tried(Field, 1, No(Start), places, 0);
        }

        return book;
    }

    private static AttemptResult Ok(Instant at) => new(AttemptOutcome.Delivered, 200, at);

    private static AttemptResult No(Instant at) => new(AttemptOutcome.Refused, 500, at);

    private static IEnumerable<long> Places(DeliveryBatch batch)
    {
        for (var place = batch.After + 1; place <= batch.UpTo; place++)
        {
            yield return place;
        }
    }

    /// <summary>The first update of a message of which nothing is in the stuck batch or in another probe.</summary>
    private static long? ProbeFor(DeliveryLane lane)
    {
        var tried = lane.Probes.Append(lane.Pending[0]).SelectMany(Places).ToHashSet();
        for (var place = lane.Reached + 1; place <= Updates; place++)
        {
            var first = Math.Max(place - ((place - 1) % 3), lane.Reached + 1);
            if (place == first && !Enumerable.Range(0, 3).Any(next => tried.Contains(place - ((place - 1) % 3) + next)))
            {
                return place;
            }
        }

        return null;
    }
}
