using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Actors.Ledger.Tests;

/// <summary>Many users' commits in one transaction: who is told what, and what is refused.</summary>
public sealed class GroupCommitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_is_durable_when_it_is_told_and_is_read_back()
    {
        await using var given = await LedgerFixture.StartAsync();

        var first = await given.FirstAsync(5);
        var second = await given.Ledger.CommitAsync(first.Record!, Given.OptIn(1));

        Assert.Equal((CommitOutcome.Committed, CommitOutcome.Committed), (first.Outcome, second.Outcome));
        var stored = await given.Ledger.ReadUserAsync(5, Cancel);
        Assert.Equal((5, 2), (stored.User, stored.Version));
        Assert.Equal(second.Record!.State.ConsentEntries, stored.State.ConsentEntries);
        Assert.Equal(second.Record.ConsentHead.ToArray(), stored.ConsentHead.ToArray());
        Assert.Equal(32, stored.ConsentHead.Length);
    }

    [Fact]
    public async Task A_user_of_whom_nothing_is_stored_reads_as_none()
    {
        await using var given = await LedgerFixture.StartAsync();

        Assert.Equal(UserRecord.None(5), await given.Ledger.ReadUserAsync(5, Cancel));
    }

    [Fact]
    public async Task A_conflict_is_told_to_its_caller_and_to_nobody_else()
    {
        await using var given = await LedgerFixture.StartAsync();
        await given.FirstAsync(2);
        var gate = given.HoldWrites();
        var held = given.FirstAsync(100);
        await gate.ArrivedAsync();

        var all = Task.WhenAll(given.FirstAsync(1), given.FirstAsync(2), given.FirstAsync(3));
        gate.LetGo(2);

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Committed], (await all).Select(result => result.Outcome));
        Assert.Null((await all)[1].Record);
        Assert.Equal([1, 2, 3], gate.Batches[1]);
        await held;
    }

    [Fact]
    public async Task What_comes_while_a_flush_is_under_way_goes_into_one_batch_sorted_by_user()
    {
        await using var given = await LedgerFixture.StartAsync();
        var gate = given.HoldWrites();
        var first = given.FirstAsync(50);
        await gate.ArrivedAsync();

        var rest = new long[] { 9, 3, 7, 1 }.Select(given.FirstAsync).ToArray();
        Assert.Equal(5, given.Ledger.QueueLength);
        gate.LetGo(2);
        await Task.WhenAll([first, .. rest]);

        Assert.Equal([[50], [1, 3, 7, 9]], gate.Batches);
        Assert.Equal(0, given.Ledger.QueueLength);
    }

    [Fact]
    public async Task A_second_commit_of_a_user_waits_for_the_next_batch_and_keeps_its_order()
    {
        await using var given = await LedgerFixture.StartAsync();
        var gate = given.HoldWrites();
        var first = given.FirstAsync(50);
        await gate.ArrivedAsync();

        // Three commits of user 1 at once, each on what the one before will have made.
        var (zero, one, two) = (UserRecord.None(1), new UserRecord(1, 1, Given.State(), default), new UserRecord(1, 2, Given.State(), default));
        var commits = new[]
        {
            given.Ledger.CommitAsync(zero, Given.Send(1)).AsTask(),
            given.Ledger.CommitAsync(one, Given.Send(2)).AsTask(),
            given.FirstAsync(2),
            given.Ledger.CommitAsync(two, Given.Send(3)).AsTask(),
        };
        gate.LetGo(4);

        Assert.All(await Task.WhenAll([first, .. commits]), result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
        Assert.Equal([[50], [1, 2], [1], [1]], gate.Batches);
    }

    [Fact]
    public async Task A_batch_holds_no_more_commits_and_no_more_bytes_than_it_may()
    {
        await using var given = await LedgerFixture.StartAsync(new() { BatchMax = 4, BatchBytesMax = 10_000 });
        var gate = given.HoldWrites();
        var commits = new List<Task<CommitResult>> { given.FirstAsync(50) };
        await gate.ArrivedAsync();

        commits.AddRange(Enumerable.Range(1, 4).Select(user => given.FirstAsync(user)));
        commits.AddRange(Enumerable.Range(5, 3).Select(user => LargeAsync(given, user, 6_000)));
        gate.LetGo(10);
        await Task.WhenAll(commits);

        Assert.Equal([[50], [1, 2, 3, 4], [5, 6], [7]], gate.Batches);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_takes_again_when_there_is_room()
    {
        await using var given = await LedgerFixture.StartAsync(new() { QueueMax = 3 });
        var gate = given.HoldWrites();
        var accepted = new List<Task<CommitResult>> { given.FirstAsync(50) };
        await gate.ArrivedAsync();
        accepted.AddRange(Enumerable.Range(1, 3).Select(user => given.FirstAsync(user)));

        var refused = given.FirstAsync(4);
        Assert.True(refused.IsCompleted);
        Assert.Equal(new CommitResult(CommitOutcome.Overloaded, null), await refused);

        gate.LetGo(10);
        Assert.All(await Task.WhenAll(accepted), result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
        Assert.Equal(CommitOutcome.Committed, (await given.FirstAsync(4)).Outcome);
    }

    [Fact]
    public async Task A_queue_full_of_bytes_refuses_at_once_and_takes_again_when_there_is_room()
    {
        await using var given = await LedgerFixture.StartAsync(new() { QueueBytesMax = 20_000 });
        var gate = given.HoldWrites();
        var first = given.FirstAsync(50);
        await gate.ArrivedAsync();
        var waiting = LargeAsync(given, 1, 15_000);

        Assert.Equal(CommitOutcome.Overloaded, (await LargeAsync(given, 2, 15_000)).Outcome);
        var small = given.FirstAsync(3);

        gate.LetGo(10);
        Assert.All(await Task.WhenAll(first, waiting, small), result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
        Assert.Equal(CommitOutcome.Committed, (await LargeAsync(given, 2, 15_000)).Outcome);
    }

    [Fact]
    public async Task A_stale_epoch_is_told()
    {
        await using var given = await LedgerFixture.StartAsync();
        await given.Ledger.Store.AppendAsync(Given.GrainChange(1, movesEpoch: true), Cancel);

        var old = await given.Ledger.CommitAsync(UserRecord.None(1), Given.Send(1), new Fence(Given.Business, 0));
        var current = await given.Ledger.CommitAsync(UserRecord.None(1), Given.Send(1), new Fence(Given.Business, 1));

        Assert.Equal((CommitOutcome.Stale, CommitOutcome.Committed), (old.Outcome, current.Outcome));
    }

    [Fact]
    public async Task Closing_answers_what_waits_and_refuses_what_comes_later()
    {
        var given = await LedgerFixture.StartAsync();
        await using (given)
        {
            var gate = given.HoldWrites();
            var first = given.FirstAsync(50);
            await gate.ArrivedAsync();
            var waiting = Enumerable.Range(1, 20).Select(user => given.FirstAsync(user)).ToArray();

            var closing = given.Ledger.DisposeAsync().AsTask();
            gate.LetGo(2);
            await closing;

            Assert.All(await Task.WhenAll([first, .. waiting]), result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
        }

        Assert.Equal(CommitOutcome.Unavailable, (await given.FirstAsync(60)).Outcome);
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await given.Ledger.ReadUserAsync(1, Cancel));
    }

    [Fact]
    public async Task What_the_ledger_does_is_measured()
    {
        var measured = new ConcurrentBag<(string Name, double Value, string? Outcome)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Actors.Ledger")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        await using var given = await LedgerFixture.StartAsync();

        await given.SendAsync(1);
        await given.FirstAsync(1);
        listener.RecordObservableInstruments();

        foreach (var name in new[]
        {
            "ledger.batch.size", "ledger.commit.duration", "ledger.read.batch.size", "ledger.queue.length", "ledger.horizon", "ledger.clock.offset",
            "ledger.clock.error", "ledger.clock.trusted",
        })
        {
            Assert.Contains(measured, line => line.Name == name);
        }

        Assert.Contains(("ledger.commits", 1, "committed"), measured);
        Assert.Contains(("ledger.commits", 1, "conflict"), measured);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            measured.Add((instrument.Name, value, tags.IsEmpty ? null : tags[0].Value as string));
    }

    private static Task<CommitResult> LargeAsync(LedgerFixture given, long user, int bytes)
    {
        var message = Given.Message(1) with { Content = new byte[bytes] };
        return given.Ledger.CommitAsync(UserRecord.None(user), Given.Send(1) with { Message = message }).AsTask();
    }
}
