using Actors.Policy.Users;

namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task Messages_of_many_users_are_read_at_once_each_behind_its_place()
    {
        await SendAsync(1, 5);
        await SendAsync(2, 3);
        var said = Given.Message(4, direction: Direction.FromUser);
        await WriteAsync(Given.Commit(2, 3, new(Given.State(4, Given.At(4)), [Given.Accepted(4)]) { Message = said }));

        var pages = await Store.ReadMessagesAsync([new(2, 0), new(1, 2), new(3, 0), new(1, 5), new(1, 0)], 2, Cancel);

        Assert.Equal([[1, 2], [3, 4], [], [], [1, 2]], pages.Select(page => page.Select(message => message.Number)));
        Assert.Equal(await Store.ReadMessageAsync(1, 3, Cancel) is { } one ? (one.At, one.Content.ToArray().Length, one.CallbackData) : default,
            (pages[1][0].At, pages[1][0].Content.ToArray().Length, pages[1][0].CallbackData));
        await Store.DropContentsAsync(Given.At(4), Cancel);
        Assert.Equal([4, 5], (await Store.ReadMessagesAsync([new(1, 0)], 9, Cancel))[0].Select(message => message.Number));
        Assert.Empty(await Store.ReadMessagesAsync([], 9, Cancel));
    }

    [Fact]
    public async Task Statuses_are_read_from_the_instant_on_at_which_they_were_reached_to_the_millisecond()
    {
        await SendAsync(1, 4);
        await StepAsync(1, 4, new(2, MessageStatus.Delivered, Given.At(10), null, null, Feedback.None));
        await StepAsync(1, 5, new(3, MessageStatus.Read, Given.At(10), Given.At(20), null, Feedback.None));
        await StepAsync(1, 6, new(4, MessageStatus.Failed, null, null, Given.At(30), Feedback.None));
        await Store.DropContentsAsync(Given.At(100), Cancel);
        StatusLine[] all =
            [new(2, MessageStatus.Delivered, Given.At(10)), new(3, MessageStatus.Read, Given.At(20)), new(4, MessageStatus.Failed, Given.At(30))];

        Assert.Equal(all, await SinceAsync(10));
        Assert.Equal(all[1..], await SinceAsync(11));
        Assert.Equal(all[1..], await SinceAsync(20));
        Assert.Equal(all[2..], await SinceAsync(21));
        Assert.Empty(await SinceAsync(31));
        Assert.Equal(all[..2], await SinceAsync(0, limit: 2));
        Assert.Equal(all[1..2], await SinceAsync(0, after: 2, upTo: 3));

        async Task<IReadOnlyList<StatusLine>> SinceAsync(long since, long after = 0, long upTo = 9, int limit = 9)
        {
            var pages = await Store.ReadStatusesAsync([new(2, 0, 9, default), new(1, after, upTo, Given.At(since))], limit, Cancel);
            Assert.Empty(pages[0]);
            return pages[1];
        }
    }

    [Fact]
    public async Task Single_entries_of_consent_logs_are_found()
    {
        await WriteAsync(Given.Commit(1, 0, Given.OptIn(1)));
        await WriteAsync(Given.Commit(1, 1, Given.OptIn(2)));
        await WriteAsync(Given.Commit(2, 0, Given.OptIn(1)));

        var found = await Store.ReadConsentsAsync([(1, 2), (2, 1), (2, 2), (3, 1)], Cancel);

        Assert.Equal([(1, 2u), (2, 1u)], found.Select(entry => (entry.User, entry.Entry.Number)).Order());
        Assert.Equal((await Store.ReadConsentsAsync(1, Cancel))[1].Entry, found.Single(entry => entry.User == 1).Entry);
    }

    private async Task StepAsync(long user, long version, MessageStep step) =>
        Assert.Equal(CommitOutcome.Committed, await WriteAsync(Given.Commit(user, version, Given.Only(Given.Accepted(step.Number)) with { Steps = [step] })));
}
