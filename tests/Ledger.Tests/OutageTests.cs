using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Actors.Ledger.Tests;

/// <summary>The storage fails, hangs or lies: nobody is told what isn't so, and the ledger goes on.</summary>
public sealed class OutageTests
{
    private static readonly LedgerSettings Impatient = new() { ResolveWithin = TimeSpan.FromMilliseconds(150) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_that_was_not_written_is_told_unavailable_and_the_next_one_goes_through()
    {
        await using var given = await LedgerFixture.StartAsync();
        given.Store.OnWrite = (_, _) => throw new LedgerUnavailableException("away");
        Assert.Equal(CommitOutcome.Unavailable, (await given.FirstAsync(1)).Outcome);

        given.Store.OnWrite = (batch, write) => write(batch);
        Assert.Equal(CommitOutcome.Committed, (await given.FirstAsync(1)).Outcome);
    }

    [Fact]
    public async Task A_lost_answer_to_a_batch_that_was_committed_is_told_committed()
    {
        await using var given = await LedgerFixture.StartAsync();
        given.Store.OnWrite = async (batch, write) =>
        {
            await write(batch);
            throw new UnknownOutcomeException(null, new IOException("lost"));
        };

        var result = await given.FirstAsync(1);

        Assert.Equal((CommitOutcome.Committed, 1), (result.Outcome, result.Record!.Version));
        Assert.Equal(1, (await given.Ledger.ReadUserAsync(1, Cancel)).Version);
    }

    [Fact]
    public async Task A_lost_batch_that_was_never_committed_is_told_unavailable()
    {
        await using var given = await LedgerFixture.StartAsync();
        given.Store.OnWrite = (_, _) => throw new UnknownOutcomeException(null, new IOException("lost"));

        Assert.Equal(CommitOutcome.Unavailable, (await given.FirstAsync(1)).Outcome);
        Assert.Equal(0, (await given.Ledger.ReadUserAsync(1, Cancel)).Version);
    }

    [Fact]
    public async Task An_outcome_that_cannot_be_found_out_in_time_is_told_unknown_and_the_ledger_goes_on()
    {
        await using var given = await LedgerFixture.StartAsync(Impatient);
        var asked = 0;
        given.Store.OnWrite = (_, _) => throw new UnknownOutcomeException(null, new IOException("lost"));
        given.Store.OnResolve = (_, _) =>
        {
            asked++;
            throw new LedgerUnavailableException("away");
        };

        Assert.Equal(new CommitResult(CommitOutcome.Unknown, null), await given.FirstAsync(1));
        Assert.True(asked > 1);

        given.Store.OnWrite = (batch, write) => write(batch);
        Assert.Equal(CommitOutcome.Committed, (await given.FirstAsync(2)).Outcome);
    }

    [Fact]
    public async Task A_storage_that_never_answers_the_question_does_not_hold_the_others()
    {
        await using var given = await LedgerFixture.StartAsync(Impatient);
        given.Store.OnWrite = (_, _) => throw new UnknownOutcomeException(null, new IOException("lost"));
        given.Store.OnResolve = (_, _) => new TaskCompletionSource<CommitOutcome[]>().Task;

        Assert.Equal(CommitOutcome.Unknown, (await given.FirstAsync(1)).Outcome);
    }

    [Fact]
    public async Task A_batch_that_was_rolled_back_is_tried_again()
    {
        await using var given = await LedgerFixture.StartAsync();
        var attempts = 0;
        given.Store.OnWrite = (batch, write) => ++attempts == 1 ? throw new BatchRejectedException("deadlock") : write(batch);

        Assert.Equal(CommitOutcome.Committed, (await given.FirstAsync(1)).Outcome);
        Assert.Equal(2, attempts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(32)]
    public async Task One_bad_row_fails_alone(int bad)
    {
        await using var given = await LedgerFixture.StartAsync();
        var gate = given.HoldWrites();
        var first = given.FirstAsync(100);
        await gate.ArrivedAsync();
        given.Store.OnWrite = (batch, write) =>
            batch.Any(commit => commit.User == bad) ? throw new BatchRejectedException("bad row") : write(batch);

        var results = Enumerable.Range(1, 32).Select(user => given.FirstAsync(user)).ToArray();
        gate.LetGo();

        var failed = (await Task.WhenAll(results)).Select((result, i) => (i + 1, result.Outcome)).Where(r => r.Outcome != CommitOutcome.Committed);
        Assert.Equal([(bad, CommitOutcome.Unavailable)], failed);
        Assert.Equal(31, (await given.EventsAsync(32)).Events.Count(line => line.User != 100));
        await first;
    }

    [Fact]
    public async Task One_row_that_the_store_has_a_bug_with_fails_alone_and_holds_nobody_up()
    {
        await using var given = await LedgerFixture.StartAsync();
        var gate = given.HoldWrites();
        var first = given.FirstAsync(100);
        await gate.ArrivedAsync();
        given.Store.OnWrite = (batch, write) => batch.Any(commit => commit.User == 3) ? throw new OverflowException("bug") : write(batch);

        var results = Enumerable.Range(1, 8).Select(user => given.FirstAsync(user)).ToArray();
        gate.LetGo();

        var failed = (await Task.WhenAll(results)).Select((result, i) => (i + 1, result.Outcome)).Where(r => r.Outcome != CommitOutcome.Committed);
        Assert.Equal([(3, CommitOutcome.Unavailable)], failed);
        await first;
    }

    [Fact]
    public async Task A_row_that_sqlite_itself_refuses_fails_alone()
    {
        await using var given = await LedgerFixture.StartAsync();
        var known = (await given.FirstAsync(2)).Record!;
        var gate = given.HoldWrites();
        var first = given.FirstAsync(100);
        await gate.ArrivedAsync();

        // Message 1 a second time: only a bug asks for that.
        var results = new[] { given.FirstAsync(1), given.Ledger.CommitAsync(known, Given.Send(1)).AsTask(), given.FirstAsync(3) };
        gate.LetGo(20);

        Assert.Equal(
            [CommitOutcome.Committed, CommitOutcome.Unavailable, CommitOutcome.Committed], (await Task.WhenAll(results)).Select(result => result.Outcome));
        Assert.Equal(1, (await given.Ledger.ReadUserAsync(2, Cancel)).Version);
        await first;
    }

    [Fact]
    public async Task A_store_with_a_bug_does_not_end_the_flusher()
    {
        await using var given = await LedgerFixture.StartAsync(Impatient);
        given.Store.OnWrite = (_, _) => Task.FromResult(Array.Empty<CommitOutcome>());
        Assert.Equal(CommitOutcome.Unknown, (await given.FirstAsync(1)).Outcome);

        given.Store.OnWrite = async (batch, write) =>
        {
            await write(batch);
            throw new InvalidOperationException("bug");
        };
        Assert.Equal(CommitOutcome.Committed, (await given.FirstAsync(1)).Outcome);

        given.Store.OnWrite = (batch, write) => write(batch);
        Assert.Equal(CommitOutcome.Committed, (await given.SendAsync(1)).Outcome);
    }

    [Fact]
    public async Task Reads_that_fail_are_told_and_the_next_ones_go_through()
    {
        await using var given = await LedgerFixture.StartAsync();
        given.Store.OnRead = (_, _) => throw new IOException("broken");
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await given.Ledger.ReadUserAsync(1, Cancel));

        given.Store.OnRead = (users, read) => read(users);
        Assert.Equal(0, (await given.Ledger.ReadUserAsync(1, Cancel)).Version);
    }

    [Fact]
    public async Task The_pump_of_the_horizon_outlives_an_outage()
    {
        await using var given = await LedgerFixture.StartAsync();
        var failed = new TaskCompletionSource();
        given.Store.OnHorizon = _ =>
        {
            failed.TrySetResult();
            throw new LedgerUnavailableException("away");
        };
        await given.FirstAsync(1);
        await failed.Task.WaitAsync(Cancel);
        Assert.Equal(0, given.Ledger.Horizon);

        given.Store.OnHorizon = read => read();
        await given.Ledger.WaitForEventsAsync(0, Cancel);
        Assert.Single((await given.EventsAsync(1)).Events);
    }

    [Fact]
    public async Task The_horizon_never_goes_back()
    {
        await using var given = await LedgerFixture.StartAsync();
        await given.FirstAsync(1);
        var horizon = (await given.EventsAsync(1)).Next;
        var asked = Channel.CreateUnbounded<bool>();
        given.Store.OnHorizon = _ =>
        {
            asked.Writer.TryWrite(true);
            return Task.FromResult(0L);
        };

        // Asked for the second time, the first answer has been taken.
        await asked.Reader.ReadAsync(Cancel);
        await asked.Reader.ReadAsync(Cancel);
        Assert.Equal(horizon, given.Ledger.Horizon);
    }

    /// <summary>Random failures before and after the commit, while finding out, and conflicts: what is told is what is so.</summary>
    [Fact]
    public async Task Nothing_is_told_committed_that_is_not_and_nothing_told_refused_that_is()
    {
        const int Users = 12, Clients = 24, Rounds = 60;
        await using var given = await LedgerFixture.StartAsync(Impatient with { BatchMax = 8 });
        var random = new Random(20261123);
        given.Store.OnWrite = async (batch, write) =>
        {
            switch (random.Next(8))
            {
                case 0:
                    throw new LedgerUnavailableException("away");
                case 1:
                    throw new BatchRejectedException("deadlock");
                case 2:
                    throw new UnknownOutcomeException(null, new IOException("lost before"));
                case 3:
                    await write(batch);
                    throw new UnknownOutcomeException(null, new IOException("lost after"));
                default:
                    return await write(batch);
            }
        };
        given.Store.OnResolve = (batch, resolve) => random.Next(4) == 0 ? throw new LedgerUnavailableException("away") : resolve(batch);

        var told = new ConcurrentBag<(long User, ulong Key, CommitOutcome Outcome)>();
        var keys = 0L;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => RunAsync(client), Cancel)));

        given.Store.OnWrite = (batch, write) => write(batch);
        var stored = new HashSet<(long User, ulong Key)>();
        for (var user = 1; user <= Users; user++)
        {
            var messages = await given.Store.ReadMessagesAsync(user, 0, null, 100_000, Cancel);
            Assert.Equal((await given.Ledger.ReadUserAsync(user, Cancel)).Version, messages.Count);
            stored.UnionWith(messages.Select(message => ((long)user, message.Key!.Value)));
        }

        foreach (var (user, key, outcome) in told)
        {
            if (outcome != CommitOutcome.Unknown)
            {
                Assert.Equal(outcome == CommitOutcome.Committed, stored.Contains((user, key)));
            }
        }

        Assert.Equal(stored.Count, (await given.EventsAsync(stored.Count)).Events.Count);
        foreach (var outcome in new[] { CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Unavailable })
        {
            Assert.Contains(told, line => line.Outcome == outcome);
        }

        async Task RunAsync(int client)
        {
            for (var round = 0; round < Rounds; round++)
            {
                var user = 1 + ((client + round) % Users);
                var record = await given.Ledger.ReadUserAsync(user, Cancel);
                var key = (ulong)Interlocked.Increment(ref keys);
                var result = await given.Ledger.CommitAsync(record, Given.Send(record.Version + 1, key));
                told.Add((user, key, result.Outcome));
            }
        }
    }
}
