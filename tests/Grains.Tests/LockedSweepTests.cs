using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Grains.Tests;

/// <summary>What a locked business sent and no device has got fails: once, whatever happens in between, and nothing else does.</summary>
public abstract class LockedSweepTests<TDatabase>(Running<TDatabase> running) : IClassFixture<Running<TDatabase>>
    where TDatabase : IDatabase, new()
{
    private TestNode Node => running.Node;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task G7_what_a_locked_business_sent_and_nobody_got_fails_once_and_gives_its_places_back()
    {
        var business = await Folding.NewSenderAsync(Node);
        long[] others = [await Folding.NewSenderAsync(Node), await Folding.NewSenderAsync(Node)];
        var delivered = await Folding.DeliverAsync(Node, business, 2);
        var users = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Given.OptedInAsync(Node, [business, .. others])));
        foreach (var user in users)
        {
            // With the first other one, the two of this day are used up.
            Assert.Equal(SendOutcome.Accepted, (await OfferAsync(user, business)).Outcome);
            Assert.Equal(SendOutcome.Accepted, (await OfferAsync(user, others[0])).Outcome);
            Assert.Equal(Policy.Sends.Reason.MarketingCap, (await OfferAsync(user, others[1])).Reason);
        }

        await Node.Business(business).LockAsync("fraud", "operator:ann");
        foreach (var user in users)
        {
            await FailedAsync(user, 1);
            Assert.Equal(MessageStatus.Accepted, (await Node.User(user).MessageAsync(2))!.Status);
            Assert.Equal(SendOutcome.Accepted, (await OfferAsync(user, others[1])).Outcome);
        }

        await NewSweep(Only(business), FailAsync).OnceAsync(Cancel);
        Assert.Equal(users.Order(), (await FailuresAsync(business)).Order());
        foreach (var user in delivered)
        {
            Assert.Equal(MessageStatus.Delivered, (await Node.User(user).MessageAsync(1))!.Status);
        }
    }

    [Fact]
    public async Task What_the_inbox_has_handed_out_keeps_its_place_and_what_has_failed_is_handed_out_no_more()
    {
        var (business, users) = await WaitingAsync(2);
        Assert.False(Assert.Single(await Node.User(users[0]).InboxAsync(0, 10)).Content.IsEmpty);
        Assert.Single(await Node.User(users[0]).InboxAsync(0, 10));
        await Node.ForgetAsync(Node.User(users[0]));
        await NewSweep(Only(business), FailAsync).OnceAsync(Cancel);
        Assert.Equal(users.Order(), (await FailuresAsync(business)).Order());
        Assert.Equal(Policy.Sends.Reason.MarketingCap, (await OfferAsync(users[0], business)).Reason);
        Assert.Equal(SendOutcome.Accepted, (await OfferAsync(users[1], business)).Outcome);
        var inbox = await Node.User(users[1]).InboxAsync(0, 10);
        Assert.Equal([(2L, MessageStatus.Accepted, false)], inbox.Select(m => (m.Number, m.Status, m.Content.IsEmpty)));
    }

    [Fact]
    public async Task A_node_that_dies_in_the_middle_leaves_nothing_undone_and_does_nothing_twice()
    {
        var (business, users) = await WaitingAsync(5);
        var failed = 0;
        await NewSweep(Only(business), async (user, message) => await (++failed > 2 ? FaultyStore.Away() : FailAsync(user, message))).OnceAsync(Cancel);
        Assert.Equal(2, (await FailuresAsync(business)).Count);
        Assert.Equal(0, await Node.Ledger.Store.ReadPositionAsync(LockedSweep.Reader(business), Cancel));

        await running.RestartAsync();
        await NewSweep(Only(business), FailAsync).OnceAsync(Cancel);
        Assert.Equal(users.Order(), (await FailuresAsync(business)).Order());
        Assert.True(await Node.Ledger.Store.ReadPositionAsync(LockedSweep.Reader(business), Cancel) > 0);

        await NewSweep(Only(business), FailAsync).OnceAsync(Cancel);
        Assert.Equal(users.Order(), (await FailuresAsync(business)).Order());
    }

    [Fact]
    public async Task Two_sweeps_at_once_and_a_delivery_in_between_end_each_message_once()
    {
        var (business, users) = await WaitingAsync(20);
        var sweeps = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => NewSweep(Only(business), FailAsync).OnceAsync(Cancel)));
        var deliveries = await Task.WhenAll(users.Select(user => Node.User(user).AdvanceAsync(1, MessageStatus.Delivered)));
        await sweeps;
        var got = users.Where((_, i) => deliveries[i].Changed).ToList();
        Assert.Equal(users.Except(got).Order(), (await FailuresAsync(business)).Order());
        foreach (var user in users)
        {
            var status = got.Contains(user) ? MessageStatus.Delivered : MessageStatus.Failed;
            Assert.Equal(status, (await Node.User(user).MessageAsync(1))!.Status);
        }
    }

    [Fact]
    public async Task What_is_sent_after_an_unlock_is_left_alone_and_fails_with_the_next_lock()
    {
        var (business, users) = await WaitingAsync(1);
        var later = await Given.OptedInAsync(Node, business);

        // Unlocked, sent and locked again between the look at the log and the business's answer: nothing of it was meant.
        await NewSweep(SendMeanwhileAsync, FailAsync).OnceAsync(Cancel);
        Assert.Equal(users, await FailuresAsync(business));
        Assert.Equal(MessageStatus.Accepted, (await Node.User(later).MessageAsync(1))!.Status);
        await NewSweep(Only(0), FailAsync).OnceAsync(Cancel);
        Assert.Equal(MessageStatus.Accepted, (await Node.User(later).MessageAsync(1))!.Status);

        await NewSweep(Only(business), FailAsync).OnceAsync(Cancel);
        Assert.Equal([.. users, later], await FailuresAsync(business));

        async Task<bool> SendMeanwhileAsync(long asked)
        {
            if (asked == business)
            {
                Assert.Equal(SendOutcome.Accepted, (await OfferAsync(later, business)).Outcome);
            }

            return asked == business;
        }
    }

    [Fact]
    public async Task One_that_fails_holds_up_no_other_and_what_is_done_is_not_looked_at_again()
    {
        var (broken, _) = await WaitingAsync(1);
        var (business, users) = await WaitingAsync(1);
        var asked = new List<long>();
        var sweep = NewSweep(AskAsync, (user, message) => users.Contains(user) ? FailAsync(user, message) : FaultyStore.Away());
        await sweep.OnceAsync(Cancel);
        await sweep.OnceAsync(Cancel);
        Assert.Equal(users, await FailuresAsync(business));
        Assert.Equal((2, 1), (asked.Count(one => one == broken), asked.Count(one => one == business)));

        Task<bool> AskAsync(long one)
        {
            asked.Add(one);
            return Task.FromResult(one == broken || one == business);
        }
    }

    /// <summary>
    /// A business with undelivered messages that the directory calls locked. Itself it isn't, so that the node's own sweep leaves it to the test.
    /// </summary>
    private async Task<(long Business, long[] Users)> WaitingAsync(int count)
    {
        var business = await Folding.NewSenderAsync(Node);
        var users = await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            var user = await Given.OptedInAsync(Node, business);
            Assert.Equal(SendOutcome.Accepted, (await OfferAsync(user, business)).Outcome);
            return user;
        }));
        var entry = (await Node.Ledger.Store.FindDirectoryAsync(business, Cancel))! with { Status = "LOCKED" };
        await Node.Ledger.Store.AppendAsync(new GrainChange($"test/{business}", 1, business, MovesEpoch: false) { Directory = [entry] }, Cancel);
        return (business, users);
    }

    private async Task<SendReply> OfferAsync(long user, long business) => await Node.User(user).SendAsync(
        Given.Send(business, Category.Marketing, epoch: (await Node.Business(business).LeaseAsync(null))!.Epoch));

    private static Func<long, Task<bool>> Only(long business) => one => Task.FromResult(one == business);

    private LockedSweep NewSweep(Func<long, Task<bool>> isLocked, Func<long, long, Task> fail) => new(
        Node.Ledger.Store, isLocked, fail, Node.Services.GetRequiredService<FoldMetrics>(), NullLogger.Instance);

    private Task<ActionReply> FailAsync(long user, long message) => Node.User(user).FailAsync(message, handedOut: false);

    private async Task FailedAsync(long user, long message)
    {
        while ((await Node.User(user).MessageAsync(message))!.Status != MessageStatus.Failed)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    /// <summary>The users of its events that say that a message failed.</summary>
    private async Task<List<long>> FailuresAsync(long business)
    {
        var upTo = await Node.Ledger.Store.ReadHorizonAsync(Cancel);
        var events = await Node.Ledger.Store.ReadEventsAsync(business, 0, upTo, int.MaxValue, Cancel);
        return [.. events.Where(line => line.Event.Kind == EventKind.Failed).Select(line => line.User)];
    }
}

public sealed class LockedSweepOnSqliteTests(Running<SqliteDatabase> running) : LockedSweepTests<SqliteDatabase>(running);

public sealed class LockedSweepOnPostgresTests(Running<PostgresDatabase> running) : LockedSweepTests<PostgresDatabase>(running);
