using System.Security.Cryptography;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    private const long Person = 4_915_112_345_678, Other = 4_915_187_654_321;
    private static readonly Instant Later = Given.At(365 * Instant.Day);

    /// <summary>Every table with every value in it as text: numbers, texts, and bytes as hexadecimal digits.</summary>
    protected abstract Task<IReadOnlyList<string>> DumpAsync();

    [Fact]
    public async Task An_erased_user_is_nowhere_once_the_log_was_walked_and_the_tombstones_time_is_over()
    {
        await LiveAsync(Person, "the-secret-of-one");
        await LiveAsync(Other, "what-the-other-says");
        await Store.WriteExpiriesAsync([new(Given.At(20), Person, 1), new(Given.At(20), Other, 1)], Cancel);
        Assert.Contains(await DumpAsync(), value => value.Contains($"{Person}", StringComparison.Ordinal));

        Assert.Equal(CommitOutcome.Committed, await EraseAsync(Person, 4, Given.At(9)));
        var dump = await DumpAsync();
        Assert.DoesNotContain(dump, value => Holds(value, "the-secret-of-one"));
        Assert.Empty(await Store.ReadHistoryAsync(Person, 0, 10, undelivered: false, Cancel));
        Assert.Empty(await Store.ReadConsentsAsync(Person, Cancel));
        Assert.Equal(5, Assert.Single(await Store.ReadUsersAsync([Person], Cancel)).Version);

        await Store.RewriteErasedAsync(Later, Cancel);
        Assert.DoesNotContain(await EventsAsync(null, 11), line => line.User == Person);
        await Store.ForgetErasedAsync(Later, Cancel);
        dump = await DumpAsync();
        Assert.DoesNotContain(dump, value => Holds(value, $"{Person}") || Holds(value, "the-secret-of-one"));
        Assert.Contains(dump, value => Holds(value, $"{Other}"));
        Assert.Contains(dump, value => Holds(value, "what-the-other-says"));
        Assert.Empty(await Store.ReadUsersAsync([Person], Cancel));
        Assert.Equal(4, Assert.Single(await Store.ReadUsersAsync([Other], Cancel)).Version);
        Assert.Equal(CommitOutcome.Committed, await WriteAsync(Given.Commit(Person, 0, Given.Send(3))));
    }

    [Fact]
    public async Task All_events_of_an_erased_user_have_one_pseudonym_and_stay_what_they_were()
    {
        await LiveAsync(Person, "x");
        await LiveAsync(Other, "y");
        var before = (await EventsAsync(null, 10)).Where(line => line.User == Person).ToList();
        await EraseAsync(Person, 4, Given.At(9));

        // What doesn't follow from messages loses its person at once, the rest with the walk.
        var meanwhile = (await EventsAsync(null, 11)).Where(line => line.User != Other).ToList();
        Assert.Equal(
            [EventKind.OptedIn, EventKind.Reported, EventKind.Clicked], meanwhile.Where(line => line.User < 0).Select(line => line.Event.Kind));
        await Store.RewriteErasedAsync(Later, Cancel);

        var after = (await EventsAsync(null, 11)).Where(line => line.User != Other).ToList();
        Assert.True(Assert.Single(after.Select(line => line.User).Distinct()) < 0);
        Assert.Equal(before.Select(line => (line.Seq, line.Event)), after.SkipLast(1).Select(line => (line.Seq, line.Event)));
        Assert.Equal(EventKind.Failed, after[^1].Event.Kind);
        Assert.Equal(5, (await EventsAsync(null, 11)).Count(line => line.User == Other));
    }

    [Fact]
    public async Task Who_begins_anew_is_left_alone_by_the_walk_and_keeps_the_row()
    {
        await LiveAsync(Person, "x");
        await EraseAsync(Person, 4, Given.At(9));
        Assert.Equal(CommitOutcome.Committed, await WriteAsync(Given.Commit(Person, 5, Given.Send(3))));
        await Store.WriteExpiriesAsync([new(Given.At(20), Person, 2), new(Given.At(20), Person, 3)], Cancel);

        await Store.RewriteErasedAsync(Later, Cancel);
        await Store.ForgetErasedAsync(Later, Cancel);
        Assert.Equal([3L], (await Store.ReadExpiriesAsync(Later, 10, Cancel)).Select(due => due.Noted.Number));

        var mine = Assert.Single(await EventsAsync(null, 7), line => line.User == Person);
        Assert.Equal((EventKind.Accepted, 3), (mine.Event.Kind, mine.Event.Message));
        Assert.Equal(6, Assert.Single(await Store.ReadUsersAsync([Person], Cancel)).Version);
        Assert.Single(await Store.ReadHistoryAsync(Person, 0, 10, undelivered: true, Cancel));
    }

    [Fact]
    public async Task A_second_erasure_has_the_pseudonym_of_the_first_while_that_is_known()
    {
        await LiveAsync(Person, "x");
        await EraseAsync(Person, 4, Given.At(9));
        await Store.RewriteErasedAsync(Later, Cancel);
        await WriteAsync(Given.Commit(Person, 5, Given.Send(3)));
        await EraseAsync(Person, 6, Given.At(10));
        await Store.RewriteErasedAsync(Later, Cancel);
        await Store.ForgetErasedAsync(Later, Cancel);

        Assert.Single((await EventsAsync(null, 8)).Select(line => line.User).Distinct());
        Assert.Empty(await Store.ReadUsersAsync([Person], Cancel));
    }

    [Fact]
    public async Task An_erasure_that_lost_its_version_changes_nothing()
    {
        await LiveAsync(Person, "x");
        var before = await DumpAsync();
        Assert.Equal(CommitOutcome.Conflict, await EraseAsync(Person, 3, Given.At(9)));
        Assert.Equal(CommitOutcome.Conflict, await EraseAsync(Person, 5, Given.At(9)));
        Assert.Equal(before, await DumpAsync());
    }

    [Fact]
    public async Task An_erasure_and_a_send_at_once_have_one_winner_and_the_loser_leaves_nothing()
    {
        for (var user = 1L; user <= 20; user++)
        {
            await WriteAsync(Given.Commit(user, 0, Given.Send(1)));
            var (send, erase) = (WriteAsync(Given.Commit(user, 1, Given.Send(2))), EraseAsync(user, 1, Given.At(9)));
            Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict], new[] { await send, await erase }.Order());
            var kept = await Store.ReadHistoryAsync(user, 0, 10, undelivered: false, Cancel);
            Assert.Equal(await send == CommitOutcome.Committed ? [1, 2] : [], kept.Select(message => message.Number));
        }
    }

    [Fact]
    public async Task Only_what_is_old_enough_is_rewritten_and_forgotten()
    {
        await LiveAsync(Person, "x");
        await LiveAsync(Other, "y");
        await EraseAsync(Person, 4, Given.At(9));
        await EraseAsync(Other, 4, Given.At(10));

        Assert.Equal([Person], (await Store.ReadErasuresAsync(Given.At(10), Cancel)).Select(erased => erased.User));
        await Store.RewriteErasedAsync(Given.At(10), Cancel);
        Assert.Equal([Other], (await Store.ReadErasuresAsync(Later, Cancel)).Select(erased => erased.User));
        var named = (await EventsAsync(null, 12)).Select(line => line.User).Where(user => user > 0).Distinct();
        Assert.Equal([Other], named);

        await Store.ForgetErasedAsync(Given.At(9), Cancel);
        Assert.Equal(2, (await Store.ReadUsersAsync([Person, Other], Cancel)).Count);
        await Store.ForgetErasedAsync(Later, Cancel);   // the other's events still name them: their tombstone stays
        Assert.Equal([Other], (await Store.ReadUsersAsync([Person, Other], Cancel)).Select(record => record.User));
    }

    [Fact]
    public async Task Who_is_on_a_block_list_is_kept_until_they_are_off_it()
    {
        await LiveAsync(Person, "x");
        await EraseAsync(Person, 4, Given.At(9), new Erasure([], [Given.Business, 7]), Given.At(9));
        await Store.RewriteErasedAsync(Later, Cancel);
        var erased = Assert.Single(await Store.ReadErasuresAsync(Later, Cancel));
        Assert.Equal((Person, true, Given.At(9)), (erased.User, erased.IsWalked, erased.At));
        Assert.Equal([Given.Business, 7], erased.BlockLists);

        await Store.KeepBlockListsAsync(erased, [7], Cancel);
        await Store.ForgetErasedAsync(Later, Cancel);
        Assert.Equal([7], Assert.Single(await Store.ReadErasuresAsync(Later, Cancel)).BlockLists);
        Assert.Single(await Store.ReadUsersAsync([Person], Cancel));

        await Store.KeepBlockListsAsync(erased, [], Cancel);
        Assert.Empty(await Store.ReadErasuresAsync(Later, Cancel));
        await Store.ForgetErasedAsync(Later, Cancel);
        Assert.Empty(await Store.ReadUsersAsync([Person], Cancel));
    }

    [Fact]
    public async Task The_newest_word_about_consent_is_left_to_the_walk_and_everything_else_loses_its_person_at_once()
    {
        EventKind[] words = [EventKind.OptedIn, EventKind.OptedOut, EventKind.Stopped, EventKind.Resumed];
        EventKind[] others = [EventKind.Blocked, EventKind.Reported, EventKind.FeedbackGiven, EventKind.Clicked];
        for (var (version, at) = (0L, 4L); version < 3; version++, at++)
        {
            var happened = words.Concat(others).Select(kind => new UserEvent(kind, Given.At(at), Given.Business)).ToArray();
            await WriteAsync(Given.Commit(Person, version, Given.Only(happened)));
        }

        await EraseAsync(Person, 3, Given.At(9), new Erasure([], []), toldFrom: Given.At(5));
        var named = (await EventsAsync(null, 25)).Where(line => line.User == Person).Select(line => (line.Event.Kind, line.Event.At)).ToList();
        Assert.Equal([.. Of(Given.At(5)), .. Of(Given.At(6)), (EventKind.Failed, Given.At(9))], named);
        await Store.RewriteErasedAsync(Later, Cancel);
        Assert.Single((await EventsAsync(null, 25)).Select(line => line.User).Distinct());

        IEnumerable<(EventKind, Instant)> Of(Instant at) => words.Select(kind => (kind, at));
    }

    [Fact]
    public async Task A_walk_that_was_broken_off_goes_on_where_it_was_and_then_does_who_came_later()
    {
        await LiveAsync(Person, "x");
        await LiveAsync(Other, "y");
        await EraseAsync(Person, 4, Given.At(9));
        var events = await EventsAsync(null, 11);
        var place = events.First(line => line.Event is { Kind: EventKind.Accepted, Message: 1 } && line.User == Person).Seq;
        foreach (var (name, position) in ErasureWalk.Readers.Zip(new ErasureWalk(place, await EndAsync(), Given.At(10)).Places))
        {
            await Store.WritePositionAsync(name, position, Cancel);
        }

        await EraseAsync(Other, 4, Given.At(20));
        await Store.RewriteErasedAsync(Later, Cancel);
        // What the walk had done before isn't walked again; whoever was erased after it had begun is done whole.
        Assert.Equal([place], (await EventsAsync(null, 12)).Where(line => line.User > 0).Select(line => line.Seq));
        Assert.DoesNotContain(await Store.ReadErasuresAsync(Later, Cancel), erased => !erased.IsWalked);
        foreach (var name in ErasureWalk.Readers)
        {
            Assert.Equal(0, await Store.ReadPositionAsync(name, Cancel));
        }

        async Task<long> EndAsync() => Assert.Single(await Store.ReadErasuresAsync(Later, Cancel)).UpTo;
    }

    [Fact]
    public async Task What_stays_of_a_users_word_is_what_the_newest_erasure_says_of_it()
    {
        var (hash, unknown) = (SHA256.HashData([1]), SHA256.HashData([2]));
        await LiveAsync(Person, "x");
        await EraseAsync(Person, 4, Given.At(9), new EncodedWithdrawal(hash, Categories.All, Categories.All, Given.At(9), 2));
        Assert.Equal((Categories.All, Given.At(9), 2L), await WithdrawalAsync());
        Assert.Empty(await Store.ReadWithdrawalsAsync(Person, [unknown], Cancel));

        // Of marketing it says that it is given, of utility nothing: that stays.
        var (taken, said) = (Categories.Authentication, Categories.Authentication | Categories.Marketing);
        await EraseAsync(Person, 5, Given.At(11), new EncodedWithdrawal(hash, taken, said, Given.At(11), 7));
        Assert.Equal((Categories.Utility | Categories.Authentication, Given.At(11), 7L), await WithdrawalAsync());

        await Store.LiftWithdrawalAsync(Person, hash, Categories.Utility | Categories.Marketing, Cancel);
        await Store.LiftWithdrawalAsync(Person, unknown, Categories.All, Cancel);
        Assert.Equal((Categories.Authentication, Given.At(11), 7L), await WithdrawalAsync());

        async Task<(Categories, Instant, long)> WithdrawalAsync()
        {
            var stored = Assert.Single(await Store.ReadWithdrawalsAsync(Person, [hash, unknown], Cancel));
            Assert.Equal(hash, stored.Hash.ToArray());
            return (stored.Taken, stored.At, stored.Messages);
        }
    }

    [Fact]
    public async Task A_user_has_events_of_their_own_beside_those_of_messages_page_by_page()
    {
        await LiveAsync(Person, "x");
        await LiveAsync(Other, "y");
        var first = await Store.ReadUserEventsAsync(Person, 0, 2, Cancel);
        Assert.Equal([EventKind.OptedIn, EventKind.Reported], first.Select(line => line.Event.Kind));
        Assert.Equal(EventKind.Clicked, Assert.Single(await Store.ReadUserEventsAsync(Person, first[^1].Seq, 2, Cancel)).Event.Kind);
    }

    [Fact]
    public async Task History_has_messages_without_content_too()
    {
        await SendAsync(1, 3);
        await Store.DropContentsAsync(Given.At(3), Cancel);
        Assert.Equal([(1, 0), (2, 0)], (await Store.ReadHistoryAsync(1, 0, 2, undelivered: false, Cancel)).Select(m => ((int)m.Number, m.Content.Length)));
        Assert.Equal([2, 3], (await Store.ReadHistoryAsync(1, 1, 10, undelivered: true, Cancel)).Select(m => m.Number));
    }

    [Fact]
    public async Task Readers_skip_nothing_and_meet_no_gap_while_the_log_is_rewritten()
    {
        await SendToManyAsync(1, 1_200, Given.At(0));
        var all = (await EventsAsync(null, 1_200)).Select(line => line.Seq).ToList();
        foreach (var user in Enumerable.Range(1, 60).Select(i => i * 20L))
        {
            Assert.Equal(CommitOutcome.Committed, await EraseAsync(user, 1, Given.At(9)));
        }

        var rewriting = Task.Run(() => Store.RewriteErasedAsync(Later, Cancel), Cancel);
        do
        {
            Assert.Equal(all, (await EventsAsync(null, 1_200)).Select(line => line.Seq).Take(1_200));
        }
        while (!rewriting.IsCompleted);
        await rewriting;
        Assert.Equal(60, (await EventsAsync(null, 1_260)).Where(line => line.User < 0).Select(line => line.User).Distinct().Count());
    }

    private static bool Holds(string value, string text) =>
        value.Contains(text, StringComparison.Ordinal)
        || value.Contains(Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text)), StringComparison.OrdinalIgnoreCase);

    /// <summary>Four commits, five events: an opt-in, two messages, of which one is delivered and reported, and a click.</summary>
    private async Task LiveAsync(long user, string content)
    {
        await WriteAsync(Given.Commit(user, 0, Given.OptIn(1)));
        await WriteAsync(Given.Commit(user, 1, Given.Send(1) with { Message = Given.Message(1, 101, content: content) }));
        await WriteAsync(Given.Commit(user, 2, Given.Send(2) with { Message = Given.Message(2, 102, content: content) }));
        await WriteAsync(Given.Commit(user, 3, Given.Only(
            new UserEvent(EventKind.Reported, Given.At(5), Given.Business, 1, Detail: (byte)ComplaintReason.Spam),
            new UserEvent(EventKind.Clicked, Given.At(6), Given.Business, 1, Given.Number))));
    }

    private Task<CommitOutcome> EraseAsync(long user, long version, Instant at, params EncodedWithdrawal[] withdrawals) =>
        EraseAsync(user, version, at, new Erasure([], []), toldFrom: at, withdrawals);

    /// <summary>As the ledger does it; with one event.</summary>
    private Task<CommitOutcome> EraseAsync(
        long user, long version, Instant at, Erasure erasure, Instant toldFrom, params EncodedWithdrawal[] withdrawals)
    {
        var change = new Change(Given.State(2, at), [new UserEvent(EventKind.Failed, at, Given.Business, 2, Given.Number, 7, Category.Utility)])
        {
            Erasure = erasure,
        };
        var kept = new EncodedErasure(ErasureKey.NewPseudonym(), withdrawals, toldFrom, new AuditEntry(at, "user", "user_erased", 0, "0123", ""));
        return Store.EraseAsync(Given.Commit(user, version, change), kept, Cancel);
    }
}
