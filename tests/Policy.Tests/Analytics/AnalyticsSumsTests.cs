using Actors.Policy.Analytics;
using Actors.Policy.Businesses;
using Actors.Policy.Users;
using CsCheck;

namespace Actors.Policy.Tests.Analytics;

/// <summary>What events count as, and in which half hour.</summary>
public sealed class AnalyticsSumsTests
{
    private const long Business = 1_000_000_000_000_001, Template = 3_000_000_001_000_001, User = 491_701_234_567;

    private static readonly Instant Noon = new(1_790_251_200_000);

    private static readonly EventKind[] Kinds = Enum.GetValues<EventKind>();

    private static readonly Gen<UserEvent> Events =
        from kind in Gen.Int[0, Kinds.Length - 1].Select(i => Kinds[i])
        from at in Gen.Long[0, 4 * 1_800_000]
        from business in Gen.Long[0, 2]
        from template in Gen.Long[0, 2]
        from category in Gen.Int[0, 3].Select(i => (Category)i)
        from detail in Gen.Byte[0, 2]
        from opened in Gen.Bool
        from charged in Gen.Long[0, 2]
        select new UserEvent(kind, new Instant(at), business, 1, 2, template, category, Detail: detail, Opened: opened && kind == EventKind.Accepted)
        {
            Quality = charged == 0 ? default : QualityMark.Of(NegativeSignal.Block, null, charged),
        };

    [Fact]
    public void A_half_hour_holds_its_first_millisecond_and_not_the_one_behind_its_last()
    {
        var half = HalfHour.Of(Noon);
        Assert.Equal(Noon, half.Start);
        Assert.Equal(half.Number - 1, HalfHour.Of(new Instant(Noon.Milliseconds - 1)).Number);
        Assert.Equal(half, HalfHour.Of(new Instant(half.End.Milliseconds - 1)));
        Assert.Equal(half.Next, HalfHour.Of(half.End));
        Assert.Equal(new DateTimeOffset(2026, 9, 24, 0, 0, 0, TimeSpan.Zero), half.Midnight.Start.ToDateTimeOffset());
        Assert.Equal(TimeSpan.FromDays(1), half.NextMidnight.Start - half.Midnight.Start);
        Assert.Equal(half.Midnight, half.Midnight.Midnight);
        Assert.Equal("2026-09-24T12:00:00.000Z", half.ToString());
    }

    [Theory]
    [InlineData(-1, -1)]
    [InlineData(0, 0)]
    [InlineData(1_799_999, 0)]
    [InlineData(1_800_000, 1)]
    public void An_event_counts_in_the_half_hour_of_its_own_instant(long after, int half)
    {
        var sums = new AnalyticsSums(default);
        sums.Add(User, Happened(EventKind.Read, Noon + TimeSpan.FromMilliseconds(after)));
        Assert.All(sums.Counts.Keys, key => Assert.Equal(HalfHour.Of(Noon).Number + half, key.Period.Number));
    }

    [Fact]
    public void What_names_a_template_counts_for_it_and_for_the_business()
    {
        var sums = new AnalyticsSums(default);
        sums.Add(User, Happened(EventKind.Accepted, Noon) with { Opened = true });
        sums.Add(User, Happened(EventKind.Clicked, Noon) with { Detail = 3 });
        var period = HalfHour.Of(Noon);
        Assert.Equal(
            new Dictionary<CountKey, long>
            {
                [new(period, Business, 0, Measure.Sent, (short)Category.Marketing)] = 1,
                [new(period, Business, Template, Measure.Sent, (short)Category.Marketing)] = 1,
                [new(period, Business, 0, Measure.Opened, 0)] = 1,
                [new(period, Business, Template, Measure.Opened, 0)] = 1,
                [new(period, Business, 0, Measure.Clicked, 3)] = 1,
                [new(period, Business, Template, Measure.Clicked, 3)] = 1,
            },
            sums.Counts);
        Assert.Equal(Noon, sums.Oldest);
    }

    [Fact]
    public void An_answer_counts_with_the_time_it_took_for_the_template_that_it_answers_too()
    {
        var sums = new AnalyticsSums(default);
        var (second, period) = (TimeSpan.FromSeconds(1), HalfHour.Of(Noon));
        sums.Add(User, Happened(EventKind.Inbound, Noon) with { Template = 0, Response = second });
        sums.Add(User, Happened(EventKind.Inbound, Noon) with { Template = 0 });
        sums.Add(User, Happened(EventKind.Inbound, Noon) with { Response = second });
        sums.Add(User, Happened(EventKind.Accepted, Noon) with { Template = 0, Response = 2 * second });
        Assert.Equal(
            new Dictionary<CountKey, long>
            {
                [new(period, Business, 0, Measure.Received, 0)] = 3,
                [new(period, Business, Template, Measure.Received, 0)] = 1,
                [new(period, Business, 0, Measure.Replied, 0)] = 2,
                [new(period, Business, Template, Measure.Replied, 0)] = 1,
                [new(period, Business, 0, Measure.UserResponse, ResponseTimes.BucketOf(second))] = 2,
                [new(period, Business, Template, Measure.UserResponse, ResponseTimes.BucketOf(second))] = 1,
                [new(period, Business, 0, Measure.Sent, (short)Category.Marketing)] = 1,
                [new(period, Business, 0, Measure.BusinessResponse, ResponseTimes.BucketOf(2 * second))] = 1,
            },
            sums.Counts);
    }

    [Fact]
    public void What_people_say_counts_for_what_they_say_it_of_and_a_block_for_what_is_charged()
    {
        var sums = new AnalyticsSums(default);
        var charged = QualityMark.Of(NegativeSignal.Block, null, Template);
        sums.Add(User, Happened(EventKind.FeedbackGiven, Noon) with { Detail = (byte)Feedback.Interested });
        sums.Add(User, Happened(EventKind.FeedbackGiven, Noon) with { Detail = (byte)Feedback.NotInterested });
        sums.Add(User, Happened(EventKind.Blocked, Noon) with { Template = 0 });
        sums.Add(User, Happened(EventKind.Blocked, Noon) with { Template = 0, Quality = charged });
        sums.Add(User, Happened(EventKind.Reported, Noon) with { Quality = charged with { Charged = Template + 1 } });
        Assert.Empty(sums.Counts);
        Assert.Equal(
            [
                (Template, Opinion.Interested), (Template, Opinion.NotInterested), (0, Opinion.Blocked), (Template, Opinion.Blocked),
                (Template, Opinion.Reported),
            ],
            sums.Said.Select(said => (said.Group.Template, said.Group.Opinion)));
        Assert.All(sums.Said, said => Assert.Equal((User, HalfHour.Of(Noon)), (said.User, said.Group.Period)));
    }

    [Fact]
    public void What_is_said_later_than_its_half_hour_is_open_counts_in_the_first_that_is()
    {
        var open = HalfHour.Of(Noon);
        var sums = new AnalyticsSums(open);
        foreach (var at in new[] { -1L, 0, 1_799_999, 1_800_000 })
        {
            sums.Add(User, Happened(EventKind.Blocked, Noon + TimeSpan.FromMilliseconds(at)));
            sums.Add(User, Happened(EventKind.Read, Noon + TimeSpan.FromMilliseconds(at)));
        }

        Assert.Equal([open, open, open, open.Next], sums.Said.Select(said => said.Group.Period));
        Assert.Contains(sums.Counts.Keys, key => key.Period < open);
    }

    [Fact]
    public void Any_history_gives_what_counting_its_events_one_by_one_gives() => Gen.Select(Gen.Long[0, 3], Events).Array[0, 60].Sample(history =>
    {
        var sums = new AnalyticsSums(default);
        foreach (var (user, happened) in history)
        {
            sums.Add(user, happened);
        }

        var counted = history.Where(one => one.Item1 != 0 && one.Item2.Business != 0).ToList();
        foreach (var (kind, measure) in new[]
        {
            (EventKind.Accepted, Measure.Sent), (EventKind.Delivered, Measure.Delivered), (EventKind.Read, Measure.Read), (EventKind.Failed, Measure.Failed),
            (EventKind.Expired, Measure.Expired), (EventKind.Clicked, Measure.Clicked), (EventKind.Inbound, Measure.Received),
        })
        {
            Assert.Equal(counted.Count(one => one.Item2.Kind == kind), Sum(measure, ofTemplates: false));
            Assert.Equal(counted.Count(one => one.Item2.Kind == kind && one.Item2.Template != 0), Sum(measure, ofTemplates: true));
        }

        Assert.Equal(counted.Count(one => one.Item2.Opened), Sum(Measure.Opened, ofTemplates: false));
        foreach (var by in counted.GroupBy(one => (one.Item2.At.Milliseconds / 1_800_000, one.Item2.Business, one.Item2.Category)))
        {
            var key = new CountKey(new HalfHour((int)by.Key.Item1), by.Key.Business, 0, Measure.Read, (short)by.Key.Category);
            Assert.Equal(by.Count(one => one.Item2.Kind == EventKind.Read), sums.Counts.GetValueOrDefault(key));
        }

        var said = counted.Where(one => one.Item2.Kind is EventKind.Blocked or EventKind.Reported
            || (one.Item2.Kind == EventKind.FeedbackGiven && one.Item2.Detail != 0)).ToList();
        Assert.Equal(said.Select(one => one.Item1), sums.Said.Select(one => one.User));

        long Sum(Measure measure, bool ofTemplates) =>
            sums.Counts.Where(count => count.Key.Measure == measure && count.Key.Template != 0 == ofTemplates).Sum(count => count.Value);
    });

    private static UserEvent Happened(EventKind kind, Instant at) => new(kind, at, Business, 7, 2_000_000_001_000_001, Template, Category.Marketing);
}
