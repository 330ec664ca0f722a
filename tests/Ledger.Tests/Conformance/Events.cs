namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task Events_are_read_in_pages_of_one_business_or_of_all()
    {
        const long Other = Given.Business + 1;
        for (var user = 1; user <= 6; user++)
        {
            await WriteAsync(Given.Commit(user, 0, Given.Only(Given.Accepted(user, user % 2 == 0 ? Other : Given.Business))));
        }

        var all = await EventsAsync(null, 6);
        Assert.Equal([1, 2, 3, 4, 5, 6], all.Select(line => line.User));
        Assert.Equal([2, 4, 6], (await EventsAsync(Other, 3)).Select(line => line.User));

        var upTo = all[^1].Seq;
        Assert.Equal([2, 3], (await Store.ReadEventsAsync(null, all[0].Seq, upTo, 2, Cancel)).Select(line => line.User));
        Assert.Equal([4], (await Store.ReadEventsAsync(Other, all[1].Seq, all[4].Seq, 9, Cancel)).Select(line => line.User));
        Assert.Empty(await Store.ReadEventsAsync(null, upTo, upTo + 100, 9, Cancel));
        Assert.Empty(await Store.ReadEventsAsync(Given.Business + 2, 0, upTo, 9, Cancel));
    }

    [Fact]
    public async Task Readers_skip_nothing_and_repeat_nothing_while_writers_write()
    {
        const int Writers = 4, Batches = 40, BatchSize = 5;
        const long Last = long.MaxValue;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(ReadAllAsync, Cancel)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteBatchesAsync(writer), Cancel)));
        await WriteAsync(Given.Commit(Last, 0, Given.Send(1)));

        long[] written = [.. Enumerable.Range(1, Writers * Batches * BatchSize), Last];
        foreach (var seen in await Task.WhenAll(readers))
        {
            Assert.Equal(written, seen.Order());
        }

        async Task WriteBatchesAsync(int writer)
        {
            for (var i = 0; i < Batches; i++)
            {
                var users = Enumerable.Range(0, BatchSize).Select(j => (long)(((((writer * Batches) + i) * BatchSize) + j) + 1)).ToArray();
                var outcomes = await Store.WriteAsync([.. users.Select(user => Given.Commit(user, 0, Given.Send(1)))], Cancel);
                Assert.All(outcomes, outcome => Assert.Equal(CommitOutcome.Committed, outcome));
            }
        }

        async Task<List<long>> ReadAllAsync()
        {
            var seen = new List<long>();
            var after = 0L;
            while (true)
            {
                var horizon = await Store.ReadHorizonAsync(Cancel);
                var page = await Store.ReadEventsAsync(null, after, horizon, 50, Cancel);
                seen.AddRange(page.Select(line => line.User));
                after = page.Count == 50 ? page[^1].Seq : Math.Max(after, horizon);
                if (seen.Count > 0 && seen[^1] == Last)
                {
                    return seen;
                }

                Cancel.ThrowIfCancellationRequested();
            }
        }
    }

    [Fact]
    public async Task Nothing_is_dropped_that_is_young_enough()
    {
        await WriteAsync(Given.Commit(1, 0, Given.Only(Given.Accepted(1))));
        await WriteAsync(Given.Commit(2, 0, Given.Only(Given.Accepted(2))));
        var events = await EventsAsync(null, 2);

        await Store.DropEventsAsync(events[0].Event.At, Cancel);

        Assert.Equal(events, await EventsAsync(null, 2));
        Assert.Equal(0, await Store.ReadEarliestAsync(Cancel));
    }

    [Fact]
    public async Task What_is_dropped_is_told_by_the_earliest_place()
    {
        for (var user = 1; user <= 10; user++)
        {
            await WriteAsync(Given.Commit(user, 0, Given.OptIn(1) with { Events = [Given.Accepted(user)] }));
        }

        var before = await EventsAsync(null, 10);
        await Store.DropEventsAsync(before[4].Event.At, Cancel);
        var earliest = await Store.ReadEarliestAsync(Cancel);
        var after = await Store.ReadEventsAsync(null, 0, await Store.ReadHorizonAsync(Cancel), 100, Cancel);

        // How much is dropped is the storage's matter; that nothing young is, and that no line behind the earliest place is missing, is not.
        Assert.Equal(before.Where(line => line.Seq > earliest), after.Where(line => line.Seq > earliest));
        Assert.True(earliest <= before[3].Seq);
        Assert.Equal(before.TakeLast(6), after.TakeLast(6));
        Assert.Equal(10, (await Store.ReadBusinessConsentsAsync(Given.Business, 0, 100, Cancel)).Count);
    }

    [Fact]
    public async Task Places_are_never_given_twice_even_when_everything_was_dropped()
    {
        await WriteAsync(Given.Commit(1, 0, Given.Only(Given.Accepted(1))));
        var first = Assert.Single(await EventsAsync(null, 1));

        await Store.DropEventsAsync(Given.At(Policy.Instant.Day), Cancel);
        await RestartAsync();
        await WriteAsync(Given.Commit(2, 0, Given.Only(Given.Accepted(2))));

        var next = (await EventsAsync(null, 1))[^1];
        Assert.Equal(2, next.User);
        Assert.True(next.Seq > first.Seq);
    }
}
