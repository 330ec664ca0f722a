using System.Collections.Concurrent;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task A_business_of_which_nothing_is_known_has_epoch_and_version_zero() =>
        Assert.Equal(new BusinessFence(0, 0), await Store.ReadFenceAsync(Given.Business, Cancel));

    [Fact]
    public async Task A_change_is_taken_once()
    {
        var change = Given.GrainChange(1, movesEpoch: true) with
        {
            Events = [new GrainEvent(EventKind.BusinessChanged, Given.At(), 5, """{"status":"restricted"}""")],
            Audit = [new AuditEntry(Given.At(), "operator:ann", "restricted", Given.Business, "business", "spam")],
        };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Store.AppendAsync(change, Cancel)));

        Assert.Equal(new BusinessFence(1, 1), await Store.ReadFenceAsync(Given.Business, Cancel));
        Assert.Equal(change.Audit[0], Assert.Single(await Store.ReadAuditAsync(0, 10, Cancel)).Entry);
        var line = Assert.Single(await EventsAsync(Given.Business, 1));
        Assert.Equal(
            (0, EventKind.BusinessChanged, Given.Business, 5, change.Events[0].Text),
            (line.User, line.Event.Kind, line.Event.Business, line.Event.Template, line.Text));
    }

    [Fact]
    public async Task Only_the_changes_of_the_business_itself_count_as_its_version()
    {
        await Store.AppendAsync(Given.GrainChange(1, movesEpoch: false), Cancel);
        await Store.AppendAsync(new GrainChange($"template/{Given.Business}/welcome", 7, Given.Business, MovesEpoch: true), Cancel);
        await Store.AppendAsync(Given.GrainChange(2, movesEpoch: false), Cancel);

        Assert.Equal(new BusinessFence(1, 2), await Store.ReadFenceAsync(Given.Business, Cancel));
        Assert.Equal(new BusinessFence(0, 0), await Store.ReadFenceAsync(Given.Business + 1, Cancel));
    }

    [Fact]
    public async Task A_commit_under_an_old_epoch_is_stale_and_leaves_nothing_behind()
    {
        var old = new Fence(Given.Business, 0);
        var users = Neighbours(1, 5);
        Assert.Equal(CommitOutcome.Committed, await WriteAsync(Given.Commit(users[0], 0, Given.Send(1), old)));
        await Store.AppendAsync(Given.GrainChange(1, movesEpoch: true), Cancel);

        var outcomes = await Store.WriteAsync(
            [
                Given.Commit(users[0], 1, Given.Send(2), old),
                Given.Commit(users[1], 0, Given.Send(1), new Fence(Given.Business, 1)),
                Given.Commit(users[2], 0, Given.Send(1), new Fence(Given.Business, 2)),
                Given.Commit(users[3], 0, Given.Send(1), new Fence(Given.Business + 1, 0)),
                Given.Commit(users[4], 0, Given.Send(1)),
            ],
            Cancel);

        Assert.Equal(
            [CommitOutcome.Stale, CommitOutcome.Committed, CommitOutcome.Stale, CommitOutcome.Committed, CommitOutcome.Committed], outcomes);
        Assert.Equal([users[0], users[1], users[3], users[4]], (await Store.ReadUsersAsync(users, Cancel)).Select(record => record.User).Order());
        Assert.Null(await Store.ReadMessageAsync(users[0], 2, Cancel));
        Assert.Equal([users[0], users[1], users[3], users[4]], (await EventsAsync(null, 4)).Select(line => line.User));
    }

    [Fact]
    public async Task Nothing_decided_under_an_old_epoch_is_committed_after_the_epoch_has_moved()
    {
        const int Moves = 20;
        var epoch = 0L;
        var late = 0;
        var accepted = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writers = Enumerable.Range(1, 4).Select(writer => Task.Run(() => SendAsync(writer), Cancel)).ToArray();

        for (var move = 1; move <= Moves; move++)
        {
            var sofar = Volatile.Read(ref accepted);
            while (Volatile.Read(ref accepted) < sofar + 10)
            {
                await GoOnAsync(writers);
            }

            await Store.AppendAsync(Given.GrainChange(move, movesEpoch: true), Cancel);
            Volatile.Write(ref epoch, move);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Equal(0, late);
        Assert.Equal(Moves, (await Store.ReadFenceAsync(Given.Business, Cancel)).Epoch);

        async Task SendAsync(int writer)
        {
            var users = Neighbours(writer * 100L, 5);
            var version = 0L;
            while (!stop.IsCancellationRequested)
            {
                // The epoch is the newest whose move was answered before this was decided; a commit that starts under an older one must fail.
                var decidedUnder = Volatile.Read(ref epoch);
                var fence = new Fence(Given.Business, decidedUnder);
                var stale = new Fence(Given.Business, decidedUnder - 1);
                var outcomes = await Store.WriteAsync(
                    [.. users.Select((user, i) => Given.Commit(user, version, Given.Send(version + 1), i == 0 ? stale : fence))], Cancel);
                if (outcomes[0] == CommitOutcome.Committed)
                {
                    Interlocked.Increment(ref late);
                }

                if (outcomes[1] == CommitOutcome.Committed)
                {
                    Assert.All(outcomes[1..], outcome => Assert.Equal(CommitOutcome.Committed, outcome));
                    Interlocked.Increment(ref accepted);
                    version++;
                }
                else
                {
                    Assert.All(outcomes, outcome => Assert.Equal(CommitOutcome.Stale, outcome));
                }
            }
        }
    }

    /// <summary>Lets writers that run until they are stopped go on; one that has ended has failed, and what it would do never comes.</summary>
    private static async Task GoOnAsync(Task[] writers)
    {
        if (writers.FirstOrDefault(writer => writer.IsCompleted) is { } ended)
        {
            await ended;
        }

        Cancel.ThrowIfCancellationRequested();
        await Task.Yield();
    }

    [Fact]
    public async Task An_epoch_move_that_was_answered_stands_in_the_log_behind_every_commit_under_the_old_epoch()
    {
        // The event of each move is appended in the transaction that moves it: commits under the old epoch must have smaller places.
        const int Moves = 15;
        var epoch = 0L;
        var decidedUnder = new ConcurrentDictionary<long, long>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writers = Enumerable.Range(1, 4).Select(writer => Task.Run(() => SendAsync(writer), Cancel)).ToArray();
        for (var move = 1; move <= Moves; move++)
        {
            var sofar = decidedUnder.Count;
            while (decidedUnder.Count < sofar + 10)
            {
                await GoOnAsync(writers);
            }

            var change = Given.GrainChange(move, movesEpoch: true) with { Events = [new GrainEvent(EventKind.BusinessChanged, Given.At(), move, "{}")] };
            await Store.AppendAsync(change, Cancel);
            Volatile.Write(ref epoch, move);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);

        var newest = 0L;
        foreach (var line in await EventsAsync(Given.Business, decidedUnder.Count + Moves))
        {
            if (line.User == 0)
            {
                newest = line.Event.Template;
            }
            else
            {
                Assert.Equal(newest, decidedUnder[line.User]);
            }
        }

        Assert.Equal(Moves, newest);

        async Task SendAsync(int writer)
        {
            for (var user = writer * 1_000_000L; !stop.IsCancellationRequested; user++)
            {
                var current = Volatile.Read(ref epoch);
                if (await WriteAsync(Given.Commit(user, 0, Given.Only(Given.Accepted(1)), new Fence(Given.Business, current))) == CommitOutcome.Committed)
                {
                    decidedUnder[user] = current;
                }
            }
        }
    }

    [Fact]
    public async Task The_directory_finds_by_id_business_status_name_and_part_of_the_name()
    {
        DirectoryEntry[] entries =
        [
            new(DirectoryKind.Business, 10, 10, "Müller & Söhne", "", "ACTIVE", Given.At(1)),
            new(DirectoryKind.Business, 20, 20, "100%_Tea", "", "LOCKED", Given.At(2)),
            new(DirectoryKind.Template, 30, 10, "welcome", "de", "PENDING", Given.At(3)),
            new(DirectoryKind.Template, 40, 10, "welcome", "en", "APPROVED", Given.At(4)),
            new(DirectoryKind.Template, 50, 20, "welcome_back", "en", "DELETED", Given.At(5)),
        ];
        await Store.AppendAsync(Given.GrainChange(1, movesEpoch: false) with { Directory = [.. entries] }, Cancel);

        var businesses = new DirectoryQuery(DirectoryKind.Business, null, null, null, null, 0, 100);
        var templates = businesses with { Kind = DirectoryKind.Template };
        Assert.Equal(entries[2], await Store.FindDirectoryAsync(30, Cancel));
        Assert.Null(await Store.FindDirectoryAsync(31, Cancel));
        Assert.Equal(entries[..2], await Store.ReadDirectoryAsync(businesses, Cancel));
        Assert.Equal([entries[0]], await Store.ReadDirectoryAsync(businesses with { Search = "SÖHNE" }, Cancel));
        Assert.Equal([entries[1]], await Store.ReadDirectoryAsync(businesses with { Search = "%_t" }, Cancel));
        Assert.Empty(await Store.ReadDirectoryAsync(businesses with { Search = "_1" }, Cancel));
        Assert.Equal([entries[1]], await Store.ReadDirectoryAsync(businesses with { After = 10 }, Cancel));
        Assert.Equal([entries[0]], await Store.ReadDirectoryAsync(businesses with { Limit = 1 }, Cancel));
        Assert.Equal(entries[2..4], await Store.ReadDirectoryAsync(templates, Cancel));
        Assert.Equal([entries[4]], await Store.ReadDirectoryAsync(templates with { Status = "DELETED" }, Cancel));
        Assert.Equal([entries[2]], await Store.ReadDirectoryAsync(templates with { Business = 10, Status = "PENDING", Name = "welcome" }, Cancel));
        Assert.Empty(await Store.ReadDirectoryAsync(templates with { Name = "Welcome" }, Cancel));
    }

    [Fact]
    public async Task A_directory_entry_is_replaced_by_a_newer_one()
    {
        var entry = new DirectoryEntry(DirectoryKind.Template, 30, 10, "welcome", "de", "PENDING", Given.At(3));
        await Store.AppendAsync(Given.GrainChange(1, movesEpoch: false) with { Directory = [entry] }, Cancel);
        await Store.AppendAsync(Given.GrainChange(2, movesEpoch: false) with { Directory = [entry with { Status = "APPROVED" }] }, Cancel);

        Assert.Equal("APPROVED", (await Store.FindDirectoryAsync(30, Cancel))!.Status);
    }

    [Fact]
    public async Task The_audit_is_read_in_pages_and_keeps_its_order()
    {
        var lines = Enumerable.Range(1, 5).Select(i => new AuditEntry(Given.At(i), "operator:ann", "reviewed", i, $"template {i}", "")).ToArray();
        await Store.AppendAsync(Given.GrainChange(1, movesEpoch: false) with { Audit = [.. lines] }, Cancel);

        var first = await Store.ReadAuditAsync(0, 2, Cancel);
        var rest = await Store.ReadAuditAsync(first[^1].Seq, 100, Cancel);

        Assert.Equal(lines, first.Concat(rest).Select(line => line.Entry));
    }
}
