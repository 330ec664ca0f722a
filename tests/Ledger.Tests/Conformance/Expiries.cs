using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task What_is_noted_as_due_is_found_at_its_time_until_it_is_dropped()
    {
        await WriteAsync(Given.Commit(1, 0, Given.Send(1)));
        await WriteAsync(Given.Commit(2, 0, Given.Send(1)));
        var read = new MessageStep(1, MessageStatus.Read, Given.At(5), Given.At(5), null, Feedback.None);
        await WriteAsync(Given.Commit(2, 1, Given.Only(Given.Accepted(1)) with { Steps = [read] }));
        Expiry[] noted = [new(Given.At(20), 2, 1), new(Given.At(10), 1, 1), new(Given.At(10), 3, 7)];
        await Store.WriteExpiriesAsync(noted, Cancel);
        await Store.WriteExpiriesAsync([noted[1], new(Given.At(20), 1, 1)], Cancel);

        Assert.Empty(await Store.ReadExpiriesAsync(Given.At(9), 10, Cancel));
        Assert.Equal([new DueMessage(noted[1], true), new(noted[2], false)], await Store.ReadExpiriesAsync(Given.At(19), 10, Cancel));
        Assert.Equal([noted[1], noted[2], new(Given.At(20), 1, 1)], (await Store.ReadExpiriesAsync(Given.At(20), 3, Cancel)).Select(due => due.Noted));

        await Store.DropExpiriesAsync([noted[1], noted[2], new(Given.At(11), 2, 1)], Cancel);
        Assert.Equal(
            [new DueMessage(new(Given.At(20), 1, 1), true), new(noted[0], false)], await Store.ReadExpiriesAsync(Given.At(1_000), 10, Cancel));
    }

    [Fact]
    public async Task Old_sends_that_wait_are_found_by_the_log_page_by_page()
    {
        // In the order of the log: 1, 2 (delivered), 5 (ahead of its time), 3, 9 (too young).
        foreach (var (user, at) in new[] { (1, 1), (2, 2), (3, 5), (4, 3), (5, 9) })
        {
            var send = Given.Send(1) with { Message = Given.Message(1) with { At = Given.At(at) }, Events = [Given.Accepted(1) with { At = Given.At(at) }] };
            await WriteAsync(Given.Commit(user, 0, send));
        }

        var delivered = new UserEvent(EventKind.Delivered, Given.At(2), Given.Business, 1);
        await WriteAsync(Given.Commit(2, 1, Given.Only(delivered) with { Steps = [new(1, MessageStatus.Delivered, Given.At(2), null, null, Feedback.None)] }));
        var horizon = await Store.ReadHorizonAsync(Cancel);
        var events = await Store.ReadEventsAsync(null, 0, horizon, 10, Cancel);

        // All that stands before the last old line: that one says that 9 is ahead of its time, too.
        var all = await Store.ReadOldSendsAsync(0, horizon, Given.At(3), 100, Cancel);
        Assert.Equal([Old(1, 1), Old(4, 3)], all.Due);
        Assert.Equal([Old(3, 5), Old(5, 9)], all.Ahead);
        Assert.Equal((horizon, (Instant?)null), (all.Next, all.YoungerAt));

        var few = await Store.ReadOldSendsAsync(0, events[^2].Seq, Given.At(3), 100, Cancel);
        Assert.Equal([Old(1, 1), Old(4, 3)], few.Due);
        Assert.Equal([Old(3, 5)], few.Ahead);
        Assert.Equal((events[3].Seq, Given.At(9)), (few.Next, few.YoungerAt));

        var first = await Store.ReadOldSendsAsync(0, horizon, Given.At(3), 2, Cancel);
        Assert.Equal([Old(1, 1)], first.Due);
        Assert.Equal((events[1].Seq, (Instant?)null), (first.Next, first.YoungerAt));
        var none = await Store.ReadOldSendsAsync(0, horizon, Given.At(0), 100, Cancel);
        Assert.Equal((0, 0, 0L, Given.At(1)), (none.Due.Count, none.Ahead.Count, none.Next, none.YoungerAt));

        static Expiry Old(long user, long at) => new(Given.At(at) + MessageLife.Standard, user, 1);
    }

    [Fact]
    public async Task A_page_of_sends_that_are_ahead_of_their_time_hides_no_old_one_behind_it()
    {
        foreach (var (user, hours) in new[] { (1, 5), (2, 5), (3, 0) })
        {
            var at = Given.At(hours * 3_600_000L);
            await WriteAsync(Given.Commit(user, 0, Given.Send(1) with { Events = [Given.Accepted(1) with { At = at }] }));
        }

        var horizon = await Store.ReadHorizonAsync(Cancel);
        var found = await Store.ReadOldSendsAsync(0, horizon, Given.At(4 * 3_600_000L), 2, Cancel);
        Assert.Equal([1L, 2L], found.Ahead.Select(one => one.User));
        Assert.Null(found.YoungerAt);
        Assert.Equal([3L], (await Store.ReadOldSendsAsync(found.Next, horizon, Given.At(4 * 3_600_000L), 2, Cancel)).Due.Select(one => one.User));
    }

    [Fact]
    public async Task What_of_a_users_messages_is_unfinished_or_kept_is_found_by_numbers()
    {
        for (var number = 1; number <= 6; number++)
        {
            await WriteAsync(Given.Commit(1, number - 1, number == 6
                ? Given.Send(6) with { Message = Given.Message(6, direction: Direction.FromUser) }
                : Given.Send(number)));
        }

        MessageStep[] steps =
        [
            new(1, MessageStatus.Read, Given.At(9), Given.At(9), null, Feedback.None, DropsContent: true),
            new(2, MessageStatus.Read, Given.At(9), Given.At(9), null, Feedback.None),
            new(3, MessageStatus.Delivered, Given.At(9), null, null, Feedback.None),
            new(4, MessageStatus.Expired, null, null, Given.At(9), Feedback.None, DropsContent: true),
        ];
        await WriteAsync(Given.Commit(1, 6, Given.Only(Given.Accepted(1)) with { Steps = [.. steps] }));

        Assert.Equal([5L], (await Store.ReadUnfinishedAsync(1, 0, 9, MessageStatus.Delivered, 9, Cancel)).Select(message => message.Number));
        var unread = await Store.ReadUnfinishedAsync(1, 0, 9, MessageStatus.Read, 9, Cancel);
        Assert.Equal([(3L, true), (5L, true)], unread.Select(message => (message.Number, message.Content.IsEmpty)));
        Assert.Equal([3L], (await Store.ReadUnfinishedAsync(1, 0, 9, MessageStatus.Read, 1, Cancel)).Select(message => message.Number));
        Assert.Equal([3L], (await Store.ReadUnfinishedAsync(1, 0, 4, MessageStatus.Read, 9, Cancel)).Select(message => message.Number));
        Assert.Equal([5L], (await Store.ReadUnfinishedAsync(1, 3, 9, MessageStatus.Read, 9, Cancel)).Select(message => message.Number));
        Assert.Equal([(2L, true)], (await Store.ReadKeptAsync(1, 0, 9, 9, Cancel)).Select(message => (message.Number, message.Content.IsEmpty)));
        Assert.Empty(await Store.ReadKeptAsync(1, 2, 9, 9, Cancel));
        Assert.Empty(await Store.ReadKeptAsync(1, 0, 1, 9, Cancel));
    }
}
