using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Nodes;

/// <summary>What tests of analytics do to a node, and what they see of it.</summary>
internal static class Counting
{
    /// <summary>Ends when everything that is in the log now is counted, durably.</summary>
    public static async Task CountedAsync(this TestNode node)
    {
        var horizon = await node.Ledger.Store.ReadHorizonAsync(TestContext.Current.CancellationToken);
        while (await node.Grains.GetGrain<IAnalyticsGrain>(0).WakeAsync() < horizon)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends when what happened before an instant is counted for good.</summary>
    public static async Task ClosedAsync(this TestNode node, Instant at)
    {
        while (await node.Ledger.Store.ReadPositionAsync("analytics/closed", TestContext.Current.CancellationToken) < at.Milliseconds)
        {
            // Something to store: an idle log closes once a minute only.
            await Given.OptedInAsync(node, Given.NewBusiness());
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A user's life with a business, by chance.</summary>
    public static async Task LiveAsync(TestNode node, long business, int seed)
    {
        var random = new Random(seed);
        var user = await Given.OptedInAsync(node, business);
        var epoch = (await node.Business(business).LeaseAsync(null))!.Epoch;
        var sent = new List<long>();
        for (var step = 0; step < 12; step++)
        {
            var message = sent.Count == 0 ? 0 : sent[random.Next(sent.Count)];
            switch (random.Next(message == 0 ? 3 : 8))
            {
                case 0:
                    await node.User(user).WriteAsync(Given.Says(business, "hello"));
                    break;
                case 1:
                    await node.User(user).BlockAsync(business, ComplaintReason.Spam);
                    await node.User(user).UnblockAsync(business);
                    await node.User(user).OptInAsync(Given.OptIn(business, node.Ledger.Clock.Now, byUser: true));
                    break;
                case 2 or 3:
                    var category = (Category)random.Next(4);
                    var reply = await node.User(user).SendAsync(Given.Send(business, category, epoch: epoch));
                    sent.AddRange(reply.Outcome == SendOutcome.Accepted ? [reply.Message] : []);
                    break;
                case 4:
                    await node.User(user).AdvanceAsync(message, random.Next(2) == 0 ? MessageStatus.Delivered : MessageStatus.Read);
                    break;
                case 5:
                    await node.User(user).ClickAsync(message, (byte)random.Next(3));
                    break;
                case 6:
                    await node.User(user).GiveFeedbackAsync(message, random.Next(2) == 0 ? Feedback.Interested : Feedback.NotInterested);
                    break;
                default:
                    await node.User(user).ReportAsync(business, ComplaintReason.Spam, random.Next(2) == 0 ? message : null, block: false);
                    break;
            }
        }
    }

    /// <summary>The half hours from yesterday on.</summary>
    public static Task<AnalyticsView> TodayAsync(TestNode node, long business, params long[] templates)
    {
        var now = HalfHour.Of(node.Ledger.Clock.Now);
        return node.Reads.AnalyticsAsync(new AnalyticsAsk(
            business, templates.Length == 0 ? [0] : [.. templates], now.Midnight.Start - TimeSpan.FromDays(1), now.NextMidnight.Start, ByDay: false));
    }

    /// <summary>What is counted of a business is what its events, counted by hand, give.</summary>
    public static async Task IsExactAsync(TestNode node, long business)
    {
        var store = node.Ledger.Store;
        var cancel = TestContext.Current.CancellationToken;
        var events = (await store.ReadEventsAsync(business, 0, await store.ReadHorizonAsync(cancel), 100_000, cancel)).Where(e => e.User != 0).ToList();
        Assert.NotEmpty(events);
        var template = Ids.Template(business, 0);
        foreach (var period in (await TodayAsync(node, business, 0, template)).Periods)
        {
            var here = events.Where(e => e.Event.At >= period.Start && e.Event.At < period.End && period.Template is var t && (t == 0 || t == e.Event.Template))
                .Select(e => e.Event).ToList();
            foreach (var (kind, measure) in new[]
            {
                (EventKind.Accepted, Measure.Sent), (EventKind.Delivered, Measure.Delivered), (EventKind.Read, Measure.Read),
            })
            {
                foreach (var category in Enum.GetValues<Category>())
                {
                    Assert.Equal(here.Count(e => e.Kind == kind && e.Category == category), period.Count(measure, (short)category));
                }
            }

            for (byte button = 0; button < 3; button++)
            {
                Assert.Equal(here.Count(e => e.Kind == EventKind.Clicked && e.Detail == button), period.Count(Measure.Clicked, button));
            }

            Assert.Equal(here.Count(e => e.Kind == EventKind.Inbound), period.Count(Measure.Received));
            Assert.Equal(here.Count(e => e.Opened), period.Count(Measure.Opened));
            Assert.Equal(here.Count(e => e is { Kind: EventKind.Inbound, Response: not null }), period.Count(Measure.Replied));
            Assert.Equal(here.Count(e => e is { Kind: EventKind.Inbound, Response: not null }), period.UserResponse?.Count ?? 0);
            Assert.Equal(here.Count(e => e is { Kind: EventKind.Accepted, Response: not null }), period.BusinessResponse?.Count ?? 0);
        }

        var said = (await store.ReadOpenGroupsAsync(default, cancel)).Where(group => group.Key.Business == business).ToList();
        foreach (var (opinion, expected) in new[]
        {
            (Opinion.Blocked, events.Count(e => e.Event.Kind == EventKind.Blocked)),
            (Opinion.Reported, events.Count(e => e.Event.Kind == EventKind.Reported)),
            (Opinion.Interested, events.Count(e => e.Event is { Kind: EventKind.FeedbackGiven, Detail: (byte)Feedback.Interested })),
            (Opinion.NotInterested, events.Count(e => e.Event is { Kind: EventKind.FeedbackGiven, Detail: (byte)Feedback.NotInterested })),
        })
        {
            Assert.Equal(expected, said.Where(group => group.Key.Opinion == opinion).Sum(group => group.Count));
        }
    }
}
