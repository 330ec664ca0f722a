using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task Contents_older_than_the_instant_go_and_the_rows_stay()
    {
        await SendAsync(1, 5);
        var before = await Store.ReadMessageAsync(1, 2, Cancel);

        await Store.DropContentsAsync(Given.At(3), Cancel);

        Assert.Equal([3, 4, 5], await ShownAsync(1));
        Assert.Equal([0, 0, 15, 15, 15], await LengthsAsync(1, 5));
        var after = await Store.FindMessageAsync(1, 102, Cancel);
        Assert.Equal(before! with { Content = default }, after! with { Content = default, Explanation = before.Explanation });
        Assert.Equal(before.Explanation.ToArray(), after.Explanation.ToArray());

        await Store.DropContentsAsync(Given.At(4), Cancel);
        await Store.DropContentsAsync(Given.At(2), Cancel);
        Assert.Equal([4, 5], await ShownAsync(1));
        Assert.Equal(5, (await EventsAsync(null, 5)).Count);
    }

    [Fact]
    public async Task Rows_older_than_the_instant_go_and_consents_stay()
    {
        await SendAsync(1, 5);
        await WriteAsync(Given.Commit(1, 5, Given.OptIn(1)));

        await Store.DropEventsAsync(Given.At(3), Cancel);

        Assert.Equal([-1, -1, 15, 15, 15], await LengthsAsync(1, 5));
        Assert.Null(await Store.FindMessageAsync(1, 102, Cancel));
        Assert.Equal(3, (await Store.FindMessageAsync(1, 103, Cancel))!.Number);
        Assert.Single(await Store.ReadConsentsAsync(1, Cancel));
        Assert.Equal(6, Assert.Single(await Store.ReadUsersAsync([1], Cancel)).Version);
        Assert.Equal(CommitOutcome.Committed, await WriteAsync(Given.Commit(1, 6, Given.Send(6))));
    }

    [Fact]
    public async Task What_users_wrote_goes_with_its_time_like_what_they_got()
    {
        var said = Given.Message(1, direction: Direction.FromUser);
        var inbound = new UserEvent(EventKind.Inbound, Given.At(1), Given.Business, 1, Given.Number);
        await WriteAsync(Given.Commit(1, 0, new(Given.State(1, Given.At(1)), [inbound]) { Message = said }));

        await Store.DropContentsAsync(Given.At(1), Cancel);
        Assert.Equal([15], await LengthsAsync(1, 1));
        await Store.DropContentsAsync(Given.At(2), Cancel);
        Assert.Equal([0], await LengthsAsync(1, 1));
        await Store.DropEventsAsync(Given.At(2), Cancel);
        Assert.Equal([-1], await LengthsAsync(1, 1));
    }

    [Fact]
    public async Task A_walk_that_is_broken_off_loses_nothing_and_goes_on_after_a_restart()
    {
        const int Old = 2_400, Young = 600;
        await SendToManyAsync(1, Old, Given.At(0));
        await SendToManyAsync(Old + 1, Young, Given.At(1));

        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var killed = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var contents = Store.DropContentsAsync(Given.At(1), killed.Token);
            var rows = Store.DropEventsAsync(Given.At(1), killed.Token);
            while (await Store.ReadMessageAsync(1 + (attempt * 500), 1, Cancel) is { Content.Length: > 0 })
            {
                Cancel.ThrowIfCancellationRequested();
                await Task.Yield();
            }

            await killed.CancelAsync();
            await Task.WhenAny(Task.WhenAll(contents, rows));
            await RestartAsync();
        }

        await Store.DropContentsAsync(Given.At(1), Cancel);
        await Store.DropEventsAsync(Given.At(1), Cancel);
        for (var user = 1; user <= Old + Young; user++)
        {
            Assert.Equal(user > Old, await Store.ReadMessageAsync(user, 1, Cancel) is { Content.Length: 15 });
            Assert.Equal(user > Old, await Store.ReadMessageAsync(user, 1, Cancel) is not null);
        }
    }

    [Fact]
    public async Task Several_walks_at_once_drop_what_is_old_while_young_messages_come()
    {
        await SendToManyAsync(1, 1_200, Given.At(0));
        var writing = Task.Run(() => SendToManyAsync(10_001, 600, Given.At(1)), Cancel);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => i % 2 == 0 ? Store.DropContentsAsync(Given.At(1), Cancel) : Store.DropEventsAsync(Given.At(1), Cancel), Cancel)));
        await writing;
        await Store.DropContentsAsync(Given.At(1), Cancel);
        await Store.DropEventsAsync(Given.At(1), Cancel);

        for (var user = 1; user <= 1_200; user++)
        {
            Assert.Null(await Store.ReadMessageAsync(user, 1, Cancel));
        }

        for (var user = 10_001; user <= 10_600; user++)
        {
            Assert.Equal([15], await LengthsAsync(user, 1));
        }
    }

    [Fact]
    public async Task After_everything_was_dropped_new_messages_have_their_full_time()
    {
        await SendAsync(1, 5);
        await Store.DropContentsAsync(Given.At(Instant.Day), Cancel);
        await Store.DropEventsAsync(Given.At(Instant.Day), Cancel);
        await RestartAsync();
        await WriteAsync(Given.Commit(2, 0, Given.Send(1) with { Message = Given.Message(1) with { At = Given.At(Instant.Day) } }));
        await WriteAsync(Given.Commit(2, 1, Given.Send(2)));

        await Store.DropContentsAsync(Given.At(1), Cancel);
        Assert.Equal([15, 15], await LengthsAsync(2, 2));
        await Store.DropContentsAsync(Given.At(2 * Instant.Day), Cancel);
        Assert.Equal([0, 0], await LengthsAsync(2, 2));
        await Store.DropEventsAsync(Given.At(2 * Instant.Day), Cancel);
        Assert.Equal([-1, -1], await LengthsAsync(2, 2));
    }

    /// <summary>Messages 1 to <paramref name="count"/>, one at each millisecond, with the keys 101, 102, ….</summary>
    private async Task SendAsync(long user, int count)
    {
        for (var number = 1; number <= count; number++)
        {
            Assert.Equal(CommitOutcome.Committed, await WriteAsync(Given.Commit(user, number - 1, Given.Send(number, 100 + (ulong)number))));
        }
    }

    /// <summary>One message to each of so many users.</summary>
    private async Task SendToManyAsync(long first, int count, Instant at)
    {
        foreach (var users in Enumerable.Range(0, count).Select(i => first + i).Chunk(200))
        {
            var change = Given.Only(Given.Accepted(1) with { At = at }) with { Message = Given.Message(1) with { At = at } };
            var outcomes = await Store.WriteAsync([.. users.Select(user => Given.Commit(user, 0, change))], Cancel);
            Assert.All(outcomes, outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        }
    }

    private async Task<IEnumerable<long>> ShownAsync(long user) =>
        (await Store.ReadMessagesAsync(user, 0, null, 100, Cancel)).Select(message => message.Number);

    /// <summary>Lengths of contents; -1 where there is no row.</summary>
    private async Task<List<int>> LengthsAsync(long user, int count)
    {
        var lengths = new List<int>();
        for (var number = 1; number <= count; number++)
        {
            lengths.Add(await Store.ReadMessageAsync(user, number, Cancel) is { } message ? message.Content.Length : -1);
        }

        return lengths;
    }
}
