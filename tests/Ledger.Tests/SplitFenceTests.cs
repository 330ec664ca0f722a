using System.Collections.Concurrent;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>Each server checks its own commits by the epochs: what was answered must bind on all of them, whatever breaks off.</summary>
public sealed class SplitFenceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_decided_under_an_old_epoch_is_committed_on_any_server_after_the_move_was_answered_and_the_log_says_so()
    {
        const int Moves = 20;
        await using var split = await SplitFixture.StartAsync();
        var epoch = 0L;
        var decidedUnder = new ConcurrentDictionary<long, (long Epoch, int Part)>();
        var late = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(() => SendAsync(writer), Cancel)).ToArray();
        for (var move = 1; move <= Moves; move++)
        {
            var sofar = decidedUnder.Values.ToLookup(one => one.Part);
            while (decidedUnder.Values.Count(one => one.Part == 0) < sofar[0].Count() + 5
                || decidedUnder.Values.Count(one => one.Part == 1) < sofar[1].Count() + 5)
            {
                Assert.DoesNotContain(writers, writer => writer.IsCompleted);
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancel);
            }

            var said = new GrainEvent(Policy.Users.EventKind.BusinessChanged, Given.At(), move, "{}");
            var change = Given.GrainChange(move, movesEpoch: true) with { Events = [said] };
            await split.Store.AppendAsync(change, Cancel);
            Volatile.Write(ref epoch, move);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Equal(0, late);
        foreach (var source in new[] { split.Home, split.Other })
        {
            Assert.Equal((long)Moves, await SplitFixture.AskAsync(source, $"SELECT epoch FROM ledger.epochs WHERE business = {Given.Business}"));
        }

        var newest = 0L;
        foreach (var line in await split.Store.ReadEventsAsync(null, 0, await split.Store.ReadHorizonAsync(Cancel), int.MaxValue, Cancel))
        {
            if (line.User == 0)
            {
                newest = line.Event.Template;
            }
            else
            {
                Assert.Equal((newest, line.Seq & 63), (decidedUnder[line.User].Epoch, decidedUnder[line.User].Part));
            }
        }

        Assert.Equal(Moves, newest);

        async Task SendAsync(int writer)
        {
            foreach (var user in split.UsersOf(writer % 2, 1 + (writer * 1_000_000L)))
            {
                if (stop.IsCancellationRequested)
                {
                    return;
                }

                // The epoch is the newest whose move was answered before this was decided; what is decided under an older one must fail.
                var current = Volatile.Read(ref epoch);
                if (current > 0 && await split.WriteAsync(user, new Fence(Given.Business, current - 1)) == CommitOutcome.Committed)
                {
                    Interlocked.Increment(ref late);
                }

                // The next one may be read before its move is answered: but never one that doesn't bind everywhere.
                var read = (await split.Store.ReadFenceAsync(Given.Business, Cancel)).Epoch;
                Assert.True(read >= current);
                if (await split.WriteAsync(user, new Fence(Given.Business, read)) == CommitOutcome.Committed)
                {
                    decidedUnder[user] = (read, writer % 2);
                }
            }
        }
    }

    [Fact]
    public async Task Moves_of_one_business_by_several_grains_at_once_end_at_one_epoch_everywhere()
    {
        await using var split = await SplitFixture.StartAsync();
        await using var second = split.Open();
        await second.StartAsync(Cancel);
        var changes = Enumerable.Range(1, 6)
            .SelectMany(version => new[] { "a", "b", "c" }.Select(name => new GrainChange($"template/1/{name}", version, Given.Business, MovesEpoch: true)));

        await Task.WhenAll(changes.SelectMany((change, i) => new[] { split.Store, second }.Select(store => RepeatAsync(store, change))));

        Assert.Equal(18, (await split.Store.ReadFenceAsync(Given.Business, Cancel)).Epoch);
        Assert.Equal(18L, await SplitFixture.AskAsync(split.Other, "SELECT epoch FROM ledger.epochs"));

        // As an outbox does; each is appended by two activations at once, and counts once.
        async Task RepeatAsync(SplitLedgerStore store, GrainChange change)
        {
            while (true)
            {
                try
                {
                    await store.AppendAsync(change, Cancel);
                    return;
                }
                catch (LedgerUnavailableException)
                {
                    // A lock was waited for for too long: this machine is busy.
                }
            }
        }
    }

    [Fact]
    public async Task A_move_that_is_broken_off_is_answered_to_nobody_and_binds_everywhere_once_it_is_repeated()
    {
        await using var split = await SplitFixture.StartAsync();
        var (atHome, atOther) = (split.UsersOf(0).Take(4).ToList(), split.UsersOf(1).Take(4).ToList());
        var change = Given.GrainChange(1, movesEpoch: true);
        await using (var connection = await split.Home.OpenConnectionAsync(Cancel))
        await using (var transaction = await connection.BeginTransactionAsync(Cancel))
        {
            await using var hold = new NpgsqlCommand("LOCK TABLE ledger.audit", connection);
            await hold.ExecuteNonQueryAsync(Cancel);
            await Assert.ThrowsAsync<LedgerUnavailableException>(
                () => split.Store.AppendAsync(change with { Audit = [new AuditEntry(Given.At(), "a", "b", 0, "c", "")] }, Cancel));
        }

        // Nobody was told, nobody can know the new epoch: home goes on, and on the other server nothing is committed under the old one.
        Assert.Equal(0, (await split.Store.ReadFenceAsync(Given.Business, Cancel)).Epoch);
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(atHome[0], new Fence(Given.Business, 0)));
        Assert.Equal(CommitOutcome.Stale, await split.WriteAsync(atOther[0], new Fence(Given.Business, 0)));

        // Another grain's change comes between.
        await split.Store.AppendAsync(new GrainChange("template/1/a", 1, Given.Business, MovesEpoch: true), Cancel);
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(atHome[1], new Fence(Given.Business, 1)));
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(atOther[1], new Fence(Given.Business, 1)));

        await split.Store.AppendAsync(change, Cancel);
        Assert.Equal(2, (await split.Store.ReadFenceAsync(Given.Business, Cancel)).Epoch);
        Assert.Equal(CommitOutcome.Stale, await split.WriteAsync(atHome[2], new Fence(Given.Business, 1)));
        Assert.Equal(CommitOutcome.Stale, await split.WriteAsync(atOther[2], new Fence(Given.Business, 1)));
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(atHome[3], new Fence(Given.Business, 2)));
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(atOther[3], new Fence(Given.Business, 2)));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_keeps_a_move_from_being_answered_and_no_commit_of_the_others()
    {
        await using var split = await SplitFixture.StartAsync();
        await using var connection = await split.Other.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using var hold = new NpgsqlCommand("LOCK TABLE ledger.epochs", connection);
        await hold.ExecuteNonQueryAsync(Cancel);

        var move = split.Store.AppendAsync(Given.GrainChange(1, movesEpoch: true), Cancel);
        var committed = 0;
        foreach (var user in split.UsersOf(0))
        {
            if (move.IsCompleted)
            {
                break;
            }

            committed += await split.WriteAsync(user, new Fence(Given.Business, 0)) == CommitOutcome.Committed ? 1 : 0;
        }

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => move);
        Assert.True(committed > 20, $"Only {committed} commits went on.");
        await transaction.RollbackAsync(Cancel);
        await split.Store.AppendAsync(Given.GrainChange(1, movesEpoch: true), Cancel);
        Assert.Equal(CommitOutcome.Stale, await split.WriteAsync(split.UsersOf(1).First(), new Fence(Given.Business, 0)));
    }

    [Fact]
    public async Task A_version_of_the_policy_that_one_server_did_not_get_comes_to_it_with_the_next_look()
    {
        await using var split = await SplitFixture.StartAsync();
        Assert.True(await split.Store.AppendPolicyAsync(Version(0), Line(), Cancel));
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(split.UsersOf(1).First(), policy: 0));
        await using (var connection = await split.Other.OpenConnectionAsync(Cancel))
        await using (var transaction = await connection.BeginTransactionAsync(Cancel))
        {
            await using var hold = new NpgsqlCommand("LOCK TABLE ledger.epochs IN EXCLUSIVE MODE", connection);
            await hold.ExecuteNonQueryAsync(Cancel);
            await Assert.ThrowsAsync<UnknownOutcomeException>(() => split.Store.AppendPolicyAsync(Version(1), Line(), Cancel));

            // It is made: home's users are decided by it, the others' by nothing as long as their server can't be told.
            Assert.Equal(1u, (await split.Store.ReadPolicyAsync(Cancel))!.Version);
            Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(split.UsersOf(0).First(), policy: 1));
            Assert.Equal(CommitOutcome.OldPolicy, await split.WriteAsync(split.UsersOf(1).ElementAt(1), policy: 1));
            await transaction.RollbackAsync(Cancel);
        }

        Assert.Equal(1u, (await split.Store.ReadPolicyAsync(Cancel))!.Version);
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(split.UsersOf(1).ElementAt(1), policy: 1));
        Assert.Equal(CommitOutcome.OldPolicy, await split.WriteAsync(split.UsersOf(1).ElementAt(2), policy: 0));
        Assert.False(await split.Store.AppendPolicyAsync(Version(1), Line(), Cancel));
    }

    [Fact]
    public async Task A_start_mends_what_the_restore_of_one_server_to_an_earlier_moment_took()
    {
        await using var split = await SplitFixture.StartAsync();
        await split.Store.AppendPolicyAsync(Version(0), Line(), Cancel);
        await split.Store.AppendAsync(Given.GrainChange(1, movesEpoch: true), Cancel);
        await split.Store.AppendAsync(new GrainChange("business/7", 1, 7, MovesEpoch: true), Cancel);
        await split.Store.AppendAsync(new GrainChange("business/7", 2, 7, MovesEpoch: true), Cancel);
        foreach (var user in split.UsersOf(1).Take(50))
        {
            await split.WriteAsync(user);
        }

        var horizon = await split.Store.ReadHorizonAsync(Cancel);
        await SplitFixture.AskAsync(split.Other, $"DELETE FROM ledger.epochs WHERE business = {Given.Business}");
        await SplitFixture.AskAsync(split.Other, "UPDATE ledger.epochs SET epoch = 1 WHERE business = 7");
        await SplitFixture.AskAsync(split.Other, "INSERT INTO ledger.epochs VALUES (0, 5) ON CONFLICT (business) DO UPDATE SET epoch = 5");
        await SplitFixture.AskAsync(split.Home, "INSERT INTO ledger.epochs VALUES (8, 1)");
        await SplitFixture.AskAsync(split.Other, "SELECT setval('ledger.event_seq', 64 + 1)");

        await split.RestartAsync();

        var users = split.UsersOf(1, 1_000_000).Take(4).ToList();
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(users[0], new Fence(Given.Business, 1)));
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(users[1], new Fence(7, 2), policy: 0));
        Assert.Equal(CommitOutcome.Committed, await split.WriteAsync(users[2], new Fence(8, 1)));
        Assert.Equal(CommitOutcome.Stale, await split.WriteAsync(users[3], new Fence(8, 0)));
        var lines = await split.Store.ReadEventsAsync(null, horizon, await split.Store.ReadHorizonAsync(Cancel), 99, Cancel);
        Assert.Equal(users.Take(3), lines.Select(line => line.User));
    }

    private static StoredPolicy Version(uint version) => new(version, Given.At(version), "operator:ann", "because", null, "{}", "{}");

    private static AuditEntry Line() => new(Given.At(), "operator:ann", "policy_changed", 0, "policy", "");
}
