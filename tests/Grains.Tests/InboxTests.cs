using Actors.Contracts;
using Actors.Grains.Tests.Nodes;

namespace Actors.Grains.Tests;

/// <summary>Pages of the inbox.</summary>
public sealed class InboxTests(Running<SqliteDatabase> running) : IClassFixture<Running<SqliteDatabase>>
{
    private TestNode Node => running.Node;

    [Fact]
    public async Task Pages_are_bounded_by_count_and_by_bytes_and_nothing_is_left_out_between_them()
    {
        const int Large = 60 * 1024, Small = 100;
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(Node, business);
        foreach (var length in Enumerable.Repeat(Large, 40).Concat(Enumerable.Repeat(10, Small)))
        {
            var send = Given.Send(business);
            var reply = await Node.User(user).SendAsync(send with { Command = send.Command with { Content = new byte[length] } });
            Assert.Equal(SendOutcome.Accepted, reply.Outcome);
        }

        var sizes = new List<int>();
        var seen = new List<long>();
        while (true)
        {
            var page = await Node.User(user).InboxAsync(seen.LastOrDefault(), 90);
            if (page.IsEmpty)
            {
                break;
            }

            Assert.True(page.Sum(message => message.Content.Length) <= Inbox.BytesMax);
            sizes.Add(page.Length);
            seen.AddRange(page.Select(message => message.Number));
        }

        Assert.Equal(Enumerable.Range(1, 40 + Small).Select(number => (long)number), seen);
        Assert.Equal([17, 17, 90, 16], sizes);
    }

    [Fact]
    public async Task Messages_whose_content_is_gone_are_left_out_and_their_keys_still_give_them()
    {
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(Node, business);
        await Node.User(user).SendAsync(Given.Send(business, key: 7, body: 1));
        var young = Node.Ledger.Clock.Now + TimeSpan.FromMilliseconds(1);
        await Node.Ledger.Store.DropContentsAsync(young, TestContext.Current.CancellationToken);
        await Node.User(user).SendAsync(Given.Send(business));
        await Node.ForgetAsync(Node.User(user));

        Assert.Equal([2], (await Node.User(user).InboxAsync(0, 10)).Select(message => message.Number));
        var again = await Node.User(user).SendAsync(Given.Send(business, key: 7, body: 1));
        Assert.Equal((SendOutcome.Replayed, 1), (again.Outcome, again.Message));
        Assert.True((await Node.User(user).MessageAsync(1))!.Content.IsEmpty);
    }

    [Fact]
    public async Task However_many_ask_at_once_so_much_is_read_and_each_goes_on_from_there()
    {
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(Node, business);
        for (var i = 0; i < 6; i++)
        {
            await Node.User(user).SendAsync(Given.Send(business));
        }

        var inbox = Node.Grains.GetGrain<IInboxGrain>(0);
        var alone = Assert.Single(await inbox.MessagesAsync([new InboxPlace(user, 0)]));
        Assert.Equal((6, false), (alone.Messages.Length, alone.IsFull));
        var all = await inbox.MessagesAsync([.. Enumerable.Repeat(new InboxPlace(user, 0), 256)]);
        Assert.Equal(256, all.Length);
        Assert.All(all, page => Assert.Equal((4, true), (page.Messages.Length, page.IsFull)));
        var next = Assert.Single(await inbox.MessagesAsync([new InboxPlace(user, all[0].Messages[^1].Number)]));
        Assert.Equal([5L, 6], next.Messages.Select(message => message.Number));
    }

    [Fact]
    public async Task However_large_the_messages_are_so_many_bytes_are_read_and_who_got_none_of_it_asks_again()
    {
        const int Large = 60 * 1024;   // 17 of them fit
        var business = Given.NewBusiness();
        var users = new[] { await Given.OptedInAsync(Node, business), await Given.OptedInAsync(Node, business) };
        foreach (var user in Enumerable.Repeat(users[0], 16).Concat(Enumerable.Repeat(users[1], 2)))
        {
            var send = Given.Send(business);
            await Node.User(user).SendAsync(send with { Command = send.Command with { Content = new byte[Large] } });
        }

        var inbox = Node.Grains.GetGrain<IInboxGrain>(0);
        var answered = await inbox.MessagesAsync([new InboxPlace(users[0], 0), new InboxPlace(users[1], 0), new InboxPlace(users[0], 0)]);
        Assert.Equal([(16, false), (1, true)], answered.Select(page => (page.Messages.Length, page.IsFull)));
        var next = Assert.Single(await inbox.MessagesAsync([new InboxPlace(users[1], answered[1].Messages[^1].Number)]));
        Assert.Equal([2L], next.Messages.Select(message => message.Number));
    }
}
