namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task Readers_that_share_what_they_read_lose_nothing_and_repeat_nothing_while_writers_write()
    {
        const int Writers = 4, Others = 2, Commits = 60;
        const long Last = long.MaxValue;
        await using var ledger = await LedgerAsync();

        // Some stand at the tip and wait, some never wait, with pages of all sizes, some start late, and one is so slow that it falls behind.
        var readers = new[] { (1, true), (3, false), (50, true), (4_096, true), (4_096, false), (7, false) }
            .Select((reader, i) => Task.Run(() => ReadAllAsync(reader.Item1, reader.Item2, late: i % 2 == 1), Cancel)).ToArray();
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => CommitAsync(writer), Cancel));
        var others = Enumerable.Range(Writers, Others).Select(writer => Task.Run(() => WriteBesideAsync(writer), Cancel));
        await Task.WhenAll([.. writers, .. others]);
        await WriteAsync(Given.Commit(Last, 0, Young()));

        long[] written = [.. Enumerable.Range(1, (Writers + Others) * Commits), Last];
        var all = await EventsAsync(null, written.Length);
        Assert.Equal(written, all.Select(line => line.User).Order());
        foreach (var seen in await Task.WhenAll(readers))
        {
            Assert.Equal(all, seen);
        }

        // What is young is shared.
        static Policy.Users.Change Young() => Given.Only(Given.Accepted(1) with { At = Policy.Instant.From(TimeProvider.System.GetUtcNow()) });

        long User(int writer, int i) => (writer * Commits) + i + 1;

        Task CommitAsync(int writer) => Task.WhenAll(Enumerable.Range(0, 5).Select(async lane =>
        {
            for (var i = lane; i < Commits; i += 5)
            {
                Assert.Equal(CommitOutcome.Committed, (await ledger.CommitAsync(UserRecord.None(User(writer, i)), Young())).Outcome);
            }
        }));

        // As another node would: this one hears of it when it looks.
        async Task WriteBesideAsync(int writer)
        {
            for (var i = 0; i < Commits; i++)
            {
                Assert.Equal(CommitOutcome.Committed, await WriteAsync(Given.Commit(User(writer, i), 0, Young())));
            }
        }

        async Task<List<LedgerEvent>> ReadAllAsync(int limit, bool waits, bool late)
        {
            if (late)
            {
                await ledger.WaitForEventsAsync(100, Cancel);
            }

            var seen = new List<LedgerEvent>();
            for (var after = 0L; ;)
            {
                var page = await ledger.ReadEventsAsync(null, after, limit, Cancel);
                Assert.Null(page.Earliest);
                Assert.True(page.Next >= after && page.Events.Count <= limit);
                seen.AddRange(page.Events);
                after = page.Next;
                if (seen.Count > 0 && seen[^1].User == Last)
                {
                    return seen;
                }

                if (waits && page.Events.Count < limit)
                {
                    await ledger.WaitForEventsAsync(after, Cancel);
                }
                else
                {
                    await Task.Yield();
                }
            }
        }
    }

    /// <summary>A ledger on this test's storage.</summary>
    private async Task<UserLedger> LedgerAsync()
    {
        await Store.DisposeAsync();
        _store = await OpenAsync();
        var ledger = new UserLedger(_store, new LedgerSettings(), TimeProvider.System);
        await ledger.StartAsync(Cancel);
        return ledger;
    }
}
