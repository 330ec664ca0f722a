using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.Extensions.Time.Testing;

namespace Actors.Ledger.Tests;

/// <summary>Gathered reads, pages of events, retention, the consent chain.</summary>
public sealed class ReadingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_that_come_while_one_is_under_way_share_one_query_with_each_user_once()
    {
        await using var given = await LedgerFixture.StartAsync();
        await given.FirstAsync(1);
        var queries = new List<long[]>();
        var (arrived, open) = (new TaskCompletionSource(), new TaskCompletionSource());
        given.Store.OnRead = async (users, read) =>
        {
            queries.Add([.. users]);
            arrived.TrySetResult();
            await open.Task;
            return await read(users);
        };

        var first = given.Ledger.ReadUserAsync(9, Cancel).AsTask();
        await arrived.Task;
        var rest = new long[] { 1, 2, 1, 3, 2, 1 }.Select(user => given.Ledger.ReadUserAsync(user, Cancel).AsTask()).ToArray();
        open.SetResult();

        Assert.Equal([1, 0, 1, 0, 0, 1], (await Task.WhenAll(rest)).Select(record => record.Version));
        Assert.Equal(0, (await first).Version);
        Assert.Equal(2, queries.Count);
        Assert.Equal([1, 2, 3], queries[1].Order());
    }

    [Fact]
    public async Task Reads_of_messages_of_many_users_share_one_query_and_what_is_not_there_is_missing()
    {
        await using var given = await LedgerFixture.StartAsync();
        await given.SendAsync(1);
        await given.SendAsync(2);
        var queries = new List<(long User, long Number)[]>();
        var (arrived, open) = (new TaskCompletionSource(), new TaskCompletionSource());
        given.Store.OnMessages = async (messages, read) =>
        {
            queries.Add([.. messages]);
            arrived.TrySetResult();
            await open.Task;
            return await read(messages);
        };

        var first = given.Ledger.ReadMessagesAsync(9, [1]).AsTask();
        await arrived.Task;
        var rest = new[] { (1, [1L, 2]), (2, [1L]), (1, new[] { 1L, 1 }) }.Select(one => given.Ledger.ReadMessagesAsync(one.Item1, one.Item2).AsTask());
        var read = Task.WhenAll([.. rest]);
        open.SetResult();

        Assert.Equal([[1L], [1L], [1L]], (await read).Select(found => found.Select(message => message.Number)));
        Assert.Empty(await first);
        Assert.Equal(2, queries.Count);
        Assert.Equal([(1L, 1L), (1L, 2L), (2L, 1L)], queries[1].Order());
    }

    [Fact]
    public async Task Many_messages_of_one_user_are_a_query_of_their_own()
    {
        await using var given = await LedgerFixture.StartAsync(new() { ReadsMax = 1 });
        await given.SendAsync(1);
        Assert.Equal([1L], (await given.Ledger.ReadMessagesAsync(1, [.. Enumerable.Range(1, 20).Select(number => (long)number)])).Select(m => m.Number));
    }

    [Fact]
    public async Task A_read_sees_every_commit_that_was_told_before_it()
    {
        await using var given = await LedgerFixture.StartAsync();
        await Task.WhenAll(Enumerable.Range(1, 16).Select(user => Task.Run(() => WriteAndReadAsync(user), Cancel)));

        async Task WriteAndReadAsync(int user)
        {
            for (var version = 1; version <= 30; version++)
            {
                Assert.Equal(CommitOutcome.Committed, (await given.SendAsync(user)).Outcome);
                Assert.Equal(version, (await given.Ledger.ReadUserAsync(user, Cancel)).Version);
            }
        }
    }

    [Fact]
    public async Task Too_many_reads_are_refused()
    {
        await using var given = await LedgerFixture.StartAsync(new() { ReadsMax = 2 });
        var (arrived, open) = (new TaskCompletionSource(), new TaskCompletionSource());
        given.Store.OnRead = async (users, read) =>
        {
            arrived.TrySetResult();
            await open.Task;
            return await read(users);
        };
        var reads = new List<Task<UserRecord>> { given.Ledger.ReadUserAsync(1, Cancel).AsTask() };
        await arrived.Task;
        reads.AddRange([given.Ledger.ReadUserAsync(2, Cancel).AsTask(), given.Ledger.ReadUserAsync(3, Cancel).AsTask()]);

        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await given.Ledger.ReadUserAsync(4, Cancel));

        open.SetResult();
        Assert.Equal(3, (await Task.WhenAll(reads)).Length);
    }

    [Fact]
    public async Task A_damaged_record_stops_its_user_and_no_other()
    {
        await using var given = await LedgerFixture.StartAsync();
        await given.FirstAsync(1);
        await given.FirstAsync(2);
        given.Store.OnRead = async (users, read) =>
            [.. (await read(users)).Select(record => record.User == 1 ? record with { Record = record.Record[..^1] } : record)];

        await Assert.ThrowsAsync<InvalidDataException>(async () => await given.Ledger.ReadUserAsync(1, Cancel));
        Assert.Equal(1, (await given.Ledger.ReadUserAsync(2, Cancel)).Version);
    }

    [Fact]
    public async Task Events_are_read_in_pages_and_an_empty_page_moves_the_cursor_to_the_horizon()
    {
        await using var given = await LedgerFixture.StartAsync();
        await Task.WhenAll(Enumerable.Range(1, 5).Select(user => given.FirstAsync(user)));
        var all = await given.EventsAsync(5);

        var seen = new List<LedgerEvent>();
        var after = 0L;
        while (after < all.Next)
        {
            var page = await given.Ledger.ReadEventsAsync(Given.Business, after, 2, Cancel);
            seen.AddRange(page.Events);
            after = page.Next;
        }

        Assert.Equal(all.Events, seen);
        var other = await given.Ledger.ReadEventsAsync(Given.Business + 1, 0, 2, Cancel);
        Assert.Equal((0, all.Next, null), (other.Events.Count, other.Next, other.Earliest));
        var ahead = await given.Ledger.ReadEventsAsync(null, all.Next + 1_000, 2, Cancel);
        Assert.Equal((0, all.Next + 1_000, null), (ahead.Events.Count, ahead.Next, ahead.Earliest));
    }

    [Fact]
    public async Task Old_events_are_dropped_and_a_cursor_that_needs_them_is_told_the_earliest()
    {
        var time = new FakeTimeProvider(Given.At().ToDateTimeOffset());
        await using var given = await LedgerFixture.StartAsync(new() { Retention = TimeSpan.FromDays(1) }, time);
        await given.Ledger.CommitAsync(UserRecord.None(1), Given.Only(Given.Accepted(0)));
        var old = await given.EventsAsync(1);
        await given.Ledger.CommitAsync(
            UserRecord.None(2), Given.Only(Given.Accepted(0) with { At = Given.At(2 * Instant.Day) }) with { Next = Given.State() });
        var all = await given.EventsAsync(2);

        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await given.Store.ReadEarliestAsync(Cancel));
        while (await given.Store.ReadEarliestAsync(Cancel) == 0)
        {
            Cancel.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromHours(1));
            await Task.Yield();
        }

        var tooOld = await given.Ledger.ReadEventsAsync(null, 0, 10, Cancel);
        Assert.Equal((0, old.Next), (tooOld.Events.Count, tooOld.Earliest));
        var rest = await given.Ledger.ReadEventsAsync(null, tooOld.Earliest!.Value, 10, Cancel);
        Assert.Equal(all.Events.Skip(1), rest.Events);
    }

    [Fact]
    public async Task Contents_are_kept_their_time_to_the_millisecond_and_rows_longer()
    {
        var time = new FakeTimeProvider(Given.At().ToDateTimeOffset());
        const long firstLook = 300_000;
        var settings = new LedgerSettings { ContentRetention = TimeSpan.FromDays(1), Retention = TimeSpan.FromDays(2) };
        await using var given = await LedgerFixture.StartAsync(settings, time);
        await SendAtAsync(3, -Instant.Day);
        await SendAtAsync(1, firstLook - 1);
        await SendAtAsync(2, firstLook);
        await given.EventsAsync(3);

        // Soon after the start, so that also a node that is started every hour drops what is past its time.
        Assert.Equal(15, await LengthAsync(3));
        await TellAsync(minutes: 5);
        Assert.Equal((15, 15, 0), (await LengthAsync(1), await LengthAsync(2), await LengthAsync(3)));

        // The first look at which the older one is past its time, and the other one isn't, is exactly a day later.
        await TellAsync(minutes: 24 * 60);
        Assert.Equal((0, 15), (await LengthAsync(1), await LengthAsync(2)));
        await TellAsync(minutes: 60);
        Assert.Equal((0, 0), (await LengthAsync(1), await LengthAsync(2)));
        await TellAsync(minutes: 23 * 60);
        Assert.Equal((-1, 0), (await LengthAsync(1), await LengthAsync(2)));
        await TellAsync(minutes: 60);
        Assert.Equal((-1, -1), (await LengthAsync(1), await LengthAsync(2)));

        async Task SendAtAsync(long user, long at)
        {
            var sent = Given.Only(Given.Accepted(1) with { At = Given.At(at) }) with { Message = Given.Message(1) with { At = Given.At(at) } };
            Assert.Equal(CommitOutcome.Committed, (await given.Ledger.CommitAsync(UserRecord.None(user), sent)).Outcome);
        }

        async Task<int> LengthAsync(long user) => await given.Store.ReadMessageAsync(user, 1, Cancel) is { } message ? message.Content.Length : -1;

        // Second by second, so that the clock is read on the way.
        async Task TellAsync(int minutes)
        {
            for (var second = 1; second <= minutes * 60; second++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await given.Ledger.Dropping.WaitAsync(Cancel);
            }
        }
    }

    [Fact]
    public async Task The_consent_log_verifies_and_shows_every_change()
    {
        await using var given = await LedgerFixture.StartAsync();
        var record = UserRecord.None(1);
        for (uint number = 1; number <= 6; number += 2)
        {
            var change = Given.OptIn(number) with { Consents = [Given.Consent(number), Given.Consent(number + 1, grant: false) with { Wording = null }] };
            record = (await given.Ledger.CommitAsync(record, change)).Record!;
        }

        var stored = await given.Ledger.ReadUserAsync(1, Cancel);
        var log = await given.Store.ReadConsentsAsync(1, Cancel);
        Assert.Equal(6, log.Count);
        Assert.True(ConsentChain.Verify(log, stored.ConsentHead.Span));

        for (var i = 0; i < log.Count; i++)
        {
            foreach (var entry in Tampered(log[i].Entry))
            {
                var changed = log.ToArray();
                changed[i] = log[i] with { Entry = entry };
                Assert.False(ConsentChain.Verify(changed, stored.ConsentHead.Span));
            }

            Assert.False(ConsentChain.Verify([.. log.Where((_, place) => place != i)], stored.ConsentHead.Span));
        }

        Assert.False(ConsentChain.Verify([.. log.Select(line => line with { User = 2 })], stored.ConsentHead.Span));
        Assert.False(ConsentChain.Verify([.. log.Reverse()], stored.ConsentHead.Span));
        Assert.False(ConsentChain.Verify([.. log.Take(4)], stored.ConsentHead.Span));
        Assert.False(ConsentChain.Verify([], stored.ConsentHead.Span));
        Assert.True(ConsentChain.Verify([], []));

        static IEnumerable<ConsentEntry> Tampered(ConsentEntry entry) =>
        [
            entry with { Business = entry.Business + 1 },
            entry with { Grant = !entry.Grant },
            entry with { Categories = Categories.Marketing },
            entry with { By = ConsentActor.User },
            entry with { Source = ConsentSource.Paper },
            entry with { At = entry.At + TimeSpan.FromMilliseconds(1) },
            entry with { RecordedAt = entry.RecordedAt + TimeSpan.FromMilliseconds(1) },
            entry with { Wording = entry.Wording + "!" },
            entry with { Evidence = null },
        ];
    }

    /// <summary>Computed outside this program from the description of the encoding: logs written today must verify for ever.</summary>
    [Fact]
    public void The_hash_of_an_entry_never_changes() => Assert.Equal(
        "D14BF692A54E2979592480E178779FFB1ED1A56B7246C884D27D0810A6F045AE",
        Convert.ToHexString(ConsentChain.Hash(ConsentChain.Hash([], 491_700_000_001, Given.Consent(1)), 491_700_000_001, Given.Consent(2, grant: false))));
}
