using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task A_commit_is_read_back_whole()
    {
        var commit = Given.Commit(491_700_000_001, 0, Given.Send(1, key: ulong.MaxValue));

        Assert.Equal(CommitOutcome.Committed, await WriteAsync(commit));

        var stored = Assert.Single(await Store.ReadUsersAsync([commit.User, 5], Cancel));
        Assert.Equal((commit.User, 1, commit.Operation), (stored.User, stored.Version, stored.Operation));
        Assert.Equal(commit.Record.ToArray(), stored.Record.ToArray());

        var written = commit.Change.Message!;
        var message = await Store.ReadMessageAsync(commit.User, 1, Cancel);
        Assert.NotNull(message);
        Assert.Equal(
            (written.Number, written.Direction, written.Business, written.PhoneNumber, written.Template, written.Category, written.At),
            (message.Number, message.Direction, message.Business, message.PhoneNumber, message.Template, message.Category, message.At));
        Assert.Equal((written.Key, written.Body, written.CallbackData), (message.Key, message.Body, message.CallbackData));
        Assert.Equal(
            (MessageStatus.Accepted, Feedback.None, null, null, null),
            (message.Status, message.Feedback, message.DeliveredAt, message.ReadAt, message.EndedAt));
        Assert.Equal(written.Content.ToArray(), message.Content.ToArray());
        Assert.Equal(written.Explanation.ToArray(), message.Explanation.ToArray());

        var line = Assert.Single(await EventsAsync(null, 1));
        Assert.Equal((commit.User, commit.Change.Events[0], null), (line.User, line.Event, line.Text));
    }

    [Fact]
    public async Task A_commit_whose_version_has_moved_leaves_nothing_behind()
    {
        await WriteAsync(Given.Commit(1, 0, Given.Send(1)));

        var late = Given.Send(2) with { Consents = [Given.Consent(1)], Steps = [new MessageStep(1, MessageStatus.Read, null, null, null, Feedback.None)] };
        Assert.Equal(CommitOutcome.Conflict, await WriteAsync(Given.Commit(1, 0, late)));
        Assert.Equal(CommitOutcome.Conflict, await WriteAsync(Given.Commit(1, 2, late)));
        Assert.Equal(CommitOutcome.Conflict, await WriteAsync(Given.Commit(2, 1, late)));

        Assert.Equal(1, Assert.Single(await Store.ReadUsersAsync([1, 2], Cancel)).Version);
        Assert.Null(await Store.ReadMessageAsync(1, 2, Cancel));
        Assert.Equal(MessageStatus.Accepted, (await Store.ReadMessageAsync(1, 1, Cancel))!.Status);
        Assert.Empty(await Store.ReadConsentsAsync(1, Cancel));
        Assert.Single(await EventsAsync(null, 1));
    }

    [Fact]
    public async Task A_conflict_fails_one_user_and_not_the_batch()
    {
        await WriteAsync(Given.Commit(2, 0, Given.Send(1)));

        var outcomes = await Store.WriteAsync(
            [Given.Commit(1, 0, Given.Send(1)), Given.Commit(2, 0, Given.Send(2)), Given.Commit(3, 0, Given.Send(1))], Cancel);

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Committed], outcomes);
        Assert.Equal([1, 2, 3], (await Store.ReadUsersAsync([1, 2, 3], Cancel)).Select(record => record.User).Order());
        Assert.Equal([2, 1, 3], (await EventsAsync(null, 3)).Select(line => line.User));
    }

    [Fact]
    public async Task A_refused_row_rolls_its_batch_back()
    {
        var users = Neighbours(1, 2);
        await WriteAsync(Given.Commit(users[1], 0, Given.Send(1)));

        // The second commit says that it makes message 1 anew, which only a bug can do.
        var batch = new[] { Given.Commit(users[0], 0, Given.Send(1)), Given.Commit(users[1], 1, Given.Send(1)) };
        await Assert.ThrowsAsync<BatchRejectedException>(() => Store.WriteAsync(batch, Cancel));

        Assert.Equal((users[1], 1L), Assert.Single((await Store.ReadUsersAsync(users, Cancel)).Select(record => (record.User, record.Version))));
        Assert.Equal(CommitOutcome.Committed, await WriteAsync(Given.Commit(users[0], 0, Given.Send(1))));
        Assert.Equal([users[1], users[0]], (await EventsAsync(null, 2)).Select(line => line.User));
    }

    [Fact]
    public async Task A_large_batch_is_written_whole_and_in_order()
    {
        var batch = Neighbours(1, 1_000).Select(user => Given.Commit(user, 0, Given.Send(1))).ToArray();

        Assert.All(await Store.WriteAsync(batch, Cancel), outcome => Assert.Equal(CommitOutcome.Committed, outcome));

        var events = await EventsAsync(Given.Business, batch.Length);
        Assert.Equal(batch.Select(commit => commit.User), events.Select(line => line.User));
        Assert.Equal(events.Select(line => line.Seq), events.Select(line => line.Seq).Distinct().Order());
    }

    [Fact]
    public async Task Events_of_one_commit_keep_their_order()
    {
        var change = Given.Only([.. Enumerable.Range(1, 9).Select(i => Given.Accepted(i))]);

        await Store.WriteAsync([.. Neighbours(1, 2).Select(user => Given.Commit(user, 0, change))], Cancel);

        var events = await EventsAsync(null, 18);
        Assert.Equal([.. Enumerable.Range(1, 9), .. Enumerable.Range(1, 9)], events.Select(line => (int)line.Event.Message));
    }

    [Fact]
    public async Task Every_kind_of_event_is_read_back_as_it_was_written()
    {
        var written = Enum.GetValues<EventKind>().Select((kind, i) => Made(kind, i)).ToArray();

        await WriteAsync(Given.Commit(1, 0, Given.Only(written)));

        Assert.Equal(written, (await EventsAsync(null, written.Length)).Select(line => line.Event));

        static UserEvent Made(EventKind kind, int i) => new(
            kind, Given.At(i), i * 7L, i, i * 11L, i * 13L, (Category)(i % 4), (Categories)(i % 8), (byte)(i * 5), i % 2 == 0, i % 3 == 0,
            i % 4 == 0 ? default : new QualityMark(i % 4 == 1, i % 5 == 1, NegativeSignal.Report, i % 4 == 2 ? NegativeSignal.Block : null, i * 17L))
        {
            Life = i % 3 == 1 ? TimeSpan.FromMilliseconds(i) : null,
            Response = i % 5 == 1 ? TimeSpan.FromDays(i) : null,
        };
    }

    [Fact]
    public async Task A_step_moves_the_message()
    {
        await WriteAsync(Given.Commit(1, 0, Given.Send(1)));
        var step = new MessageStep(1, MessageStatus.Read, Given.At(5), Given.At(6), null, Feedback.Interested);

        await WriteAsync(Given.Commit(1, 1, Given.Only(Given.Accepted(1)) with { Steps = [step] }));

        var message = (await Store.ReadMessageAsync(1, 1, Cancel))!;
        Assert.Equal(
            (step.Status, step.DeliveredAt, step.ReadAt, step.EndedAt, step.Feedback),
            (message.Status, message.DeliveredAt, message.ReadAt, message.EndedAt, message.Feedback));
        Assert.NotEmpty(message.Content.ToArray());
        Assert.Empty(message.Devices);
    }

    [Fact]
    public async Task What_devices_said_of_a_message_stays_until_a_step_brings_more()
    {
        ImmutableArray<DeviceMark> phone = [new("phone", Given.At(5), null)];
        ImmutableArray<DeviceMark> both = [new("phone", Given.At(5), Given.At(7)), new("tablet", Given.At(6), null)];
        await WriteAsync(Given.Commit(1, 0, Given.Send(1)));
        await WriteAsync(Given.Commit(1, 1, Given.Send(2)));
        foreach (var (devices, drops, expected) in new[] { (phone, false, phone), (default, false, phone), (both, true, both), (default, true, both) })
        {
            var version = (await Store.ReadUsersAsync([1], Cancel))[0].Version;
            var step = new MessageStep(1, MessageStatus.Delivered, Given.At(5), null, null, Feedback.None, drops, devices);
            await WriteAsync(Given.Commit(1, version, Given.Only(Given.Accepted(1)) with { Steps = [step] }));
            Assert.Equal(expected, (await Store.ReadMessageAsync(1, 1, Cancel))!.Devices);
            var gathered = (await Store.ReadMessagesAsync([(1, 1), (1, 2)], Cancel)).ToDictionary(one => one.Message.Number, one => one.Message.Devices);
            Assert.Equal(expected, gathered[1]);
            Assert.Empty(gathered[2]);
        }
    }

    [Fact]
    public async Task One_commit_moves_many_messages_and_drops_the_contents_that_nobody_needs()
    {
        for (var number = 1; number <= 4; number++)
        {
            await WriteAsync(Given.Commit(7, number - 1, Given.Send(number)));
        }

        await WriteAsync(Given.Commit(8, 0, Given.Send(1)));
        MessageStep[] steps =
        [
            new(1, MessageStatus.Read, Given.At(5), Given.At(6), null, Feedback.Interested, DropsContent: true),
            new(3, MessageStatus.Delivered, Given.At(7), null, null, Feedback.None),
            new(4, MessageStatus.Expired, null, null, Given.At(8), Feedback.None, DropsContent: true),
        ];

        var outcomes = await Store.WriteAsync(
            [
                Given.Commit(7, 4, Given.Only(Given.Accepted(1)) with { Steps = [.. steps] }),
                Given.Commit(8, 0, Given.Only(Given.Accepted(1)) with { Steps = [steps[0]] }),
            ],
            Cancel);

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict], outcomes);
        var after = new List<(MessageStatus Status, Instant? At, bool IsEmpty)>();
        for (var number = 1; number <= 4; number++)
        {
            var message = (await Store.ReadMessageAsync(7, number, Cancel))!;
            after.Add((message.Status, message.ReadAt ?? message.DeliveredAt ?? message.EndedAt, message.Content.IsEmpty));
            Assert.Equal("callback", message.CallbackData);
        }

        (MessageStatus, Instant?, bool)[] expected =
        [
            (MessageStatus.Read, Given.At(6), true),
            (MessageStatus.Accepted, null, false),
            (MessageStatus.Delivered, Given.At(7), false),
            (MessageStatus.Expired, Given.At(8), true),
        ];
        Assert.Equal(expected, after);
        Assert.False((await Store.ReadMessageAsync(8, 1, Cancel))!.Content.IsEmpty);
        Assert.Equal([2, 3], (await Store.ReadMessagesAsync(7, 0, null, 10, Cancel)).Select(message => message.Number));
    }

    [Fact]
    public async Task A_message_keeps_when_it_expires()
    {
        await WriteAsync(Given.Commit(1, 0, Given.Send(1) with { Message = Given.Message(1) with { ExpiresAt = Given.At(600_000) } }));
        await WriteAsync(Given.Commit(2, 0, Given.Send(1)));
        Assert.Equal(Given.At(600_000), (await Store.ReadMessageAsync(1, 1, Cancel))!.ExpiresAt);
        Assert.Null((await Store.ReadMessageAsync(2, 1, Cancel))!.ExpiresAt);
    }

    [Fact]
    public async Task Writers_that_race_for_users_lose_or_win_whole()
    {
        const int Writers = 4, Rounds = 25;
        long[] users = [1, 2, 3, 4, 5, 6, 7, 8];
        var won = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(WriteRoundsAsync, Cancel)));

        var records = await Store.ReadUsersAsync(users, Cancel);
        Assert.Equal(won.Sum(), records.Sum(record => record.Version));
        var events = await EventsAsync(null, won.Sum());
        Assert.Equal(won.Sum(), events.Count);
        foreach (var record in records)
        {
            var messages = await Store.ReadMessagesAsync(record.User, 0, null, 1_000, Cancel);
            Assert.Equal(Enumerable.Range(1, (int)record.Version).Select(i => (long)i), messages.Select(message => message.Number));
            Assert.Equal(messages.Select(message => message.Number), events.Where(line => line.User == record.User).Select(line => line.Event.Message));
        }

        async Task<int> WriteRoundsAsync()
        {
            var committed = 0;
            for (var round = 0; round < Rounds; round++)
            {
                var versions = (await Store.ReadUsersAsync(users, Cancel)).ToDictionary(record => record.User, record => record.Version);
                var batch = users.Select(user => (User: user, Version: versions.GetValueOrDefault(user)))
                    .Select(next => Given.Commit(next.User, next.Version, Given.Send(next.Version + 1)));
                committed += (await Store.WriteAsync([.. batch], Cancel)).Count(outcome => outcome == CommitOutcome.Committed);
            }

            return committed;
        }
    }

    [Fact]
    public async Task What_became_of_a_batch_is_found_out_by_reading()
    {
        var committed = Given.Commit(1, 0, Given.Send(1));
        var overtaken = Given.Commit(3, 0, Given.Send(1));
        await WriteAsync(committed);
        await WriteAsync(Given.Commit(2, 0, Given.Send(1)));
        await WriteAsync(overtaken);
        await WriteAsync(Given.Commit(3, 1, Given.Send(2)));

        var outcomes = await Store.ResolveAsync(
            [committed, Given.Commit(2, 0, Given.Send(1)), overtaken, Given.Commit(4, 0, Given.Send(1))], null, Cancel);

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Unknown, CommitOutcome.Unavailable], outcomes);
    }
}
