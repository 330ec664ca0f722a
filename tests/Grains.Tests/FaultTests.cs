using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>
/// Storage that fails: before the commit, after it, and so that nobody knows. What isn't durable is never answered as accepted and never remembered.
/// </summary>
public abstract class FaultTests<TDatabase>(FaultTests<TDatabase>.Fixture fixture) : IClassFixture<FaultTests<TDatabase>.Fixture>, IDisposable
    where TDatabase : IDatabase, new()
{
    private readonly long _business = Given.NewBusiness();

    private TestNode Node => fixture.Node;

    private FaultyStore Store => fixture.Store;

    public void Dispose()
    {
        fixture.Heal();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_send_that_was_not_written_is_not_accepted_and_not_remembered()
    {
        var user = await Given.OptedInAsync(Node, _business);
        Store.BeforeWrite = _ => FaultyStore.Away();
        Assert.Equal(SendOutcome.Unavailable, (await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1))).Outcome);
        fixture.Heal();
        Assert.Empty(await Node.User(user).InboxAsync(0, 10));
        var again = await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 2));
        Assert.Equal((SendOutcome.Accepted, 1), (again.Outcome, again.Message));
        Assert.Equal(2, (await Node.User(user).ViewAsync()).Version);
    }

    [Fact]
    public async Task A_send_that_was_written_though_the_connection_was_lost_is_accepted_once()
    {
        var user = await Given.OptedInAsync(Node, _business);
        Store.AfterWrite = _ => FaultyStore.Lost();
        var reply = await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1));
        Assert.Equal((SendOutcome.Accepted, 1), (reply.Outcome, reply.Message));
        fixture.Heal();
        Assert.Equal(SendOutcome.Replayed, (await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1))).Outcome);
        Assert.Single(await Node.User(user).InboxAsync(0, 10));
    }

    [Fact]
    public async Task A_send_whose_batch_never_arrived_is_not_accepted()
    {
        var user = await Given.OptedInAsync(Node, _business);
        Store.BeforeWrite = _ => FaultyStore.Lost();
        Assert.Equal(SendOutcome.Unavailable, (await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1))).Outcome);
        fixture.Heal();
        Assert.Empty(await Node.User(user).InboxAsync(0, 10));
        Assert.Equal(1, (await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1))).Message);
    }

    [Fact]
    public async Task An_opt_out_that_was_not_written_is_an_outage()
    {
        var user = await Given.OptedInAsync(Node, _business);
        Store.BeforeWrite = _ => FaultyStore.Away();
        var outage = await Assert.ThrowsAsync<OutageException>(() => Node.User(user).OptOutAsync(_business, Categories.All, byUser: true));
        Assert.Equal(OutageKind.Unavailable, outage.Kind);
        fixture.Heal();
        Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(_business))).Outcome);
    }

    [Fact]
    public async Task Without_storage_a_user_who_is_not_in_memory_can_not_be_decided()
    {
        var user = Given.NewUser();
        Store.BeforeRead = FaultyStore.Away;
        Assert.Equal(SendOutcome.Unavailable, (await Node.User(user).SendAsync(Given.Send(_business))).Outcome);
        Assert.Equal(SendOutcome.Unavailable, (await Node.User(user).DryRunAsync(Given.Send(_business))).Outcome);
        Assert.Equal(OutageKind.Unavailable, (await Assert.ThrowsAsync<OutageException>(() => Node.User(user).ViewAsync())).Kind);
        Assert.Equal(OutageKind.Unavailable, (await Assert.ThrowsAsync<OutageException>(() => Node.User(user).AddDeviceAsync("phone"))).Kind);
    }

    [Fact]
    public async Task When_too_much_waits_sends_are_refused_at_once_and_nothing_of_them_is_left()
    {
        var users = new List<long>();
        while (users.Count < FaultyNode<TDatabase>.QueueMax * 3)
        {
            users.Add(await Given.OptedInAsync(Node, _business));
        }

        var gate = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        Store.BeforeWrite = _ =>
        {
            reached.TrySetResult();
            return gate.Task;
        };
        var sends = users.Select(u => Node.User(u).SendAsync(Given.Send(_business))).ToList();
        await reached.Task;
        var first = await await Task.WhenAny(sends);
        Assert.Equal(SendOutcome.Overloaded, first.Outcome);
        gate.SetResult();
        var replies = await Task.WhenAll(sends);
        Assert.All(replies, r => Assert.Contains(r.Outcome, new[] { SendOutcome.Accepted, SendOutcome.Overloaded }));
        var stored = await Task.WhenAll(users.Select(u => Node.User(u).InboxAsync(0, 10)));
        Assert.Equal(replies.Select(r => r.Outcome == SendOutcome.Accepted ? 1 : 0), stored.Select(s => s.Length));
    }

    public sealed class Fixture() : FaultyNode<TDatabase>(FaultyNode<TDatabase>.Patient);
}

public sealed class FaultsOnSqliteTests(FaultTests<SqliteDatabase>.Fixture fixture) : FaultTests<SqliteDatabase>(fixture);

public sealed class FaultsOnPostgresTests(FaultTests<PostgresDatabase>.Fixture fixture) : FaultTests<PostgresDatabase>(fixture);

public sealed class UntrustedClockTests
{
    [Fact]
    public async Task While_the_clock_jumps_nothing_that_a_period_limits_is_done_but_a_no_is_taken()
    {
        await using var database = new SqliteDatabase();
        var clock = new JumpingClock();
        await using var node = await TestNode.StartAsync(database, wrap: inner => new FaultyStore(inner) { ShowClock = clock.Show });
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(node, business);
        await clock.JumpAsync();
        Assert.False(node.Ledger.Clock.IsTrusted);

        Assert.Equal(SendOutcome.Unavailable, (await node.User(user).SendAsync(Given.Send(business))).Outcome);
        Assert.Equal(SendOutcome.Unavailable, (await node.User(user).DryRunAsync(Given.Send(business))).Outcome);
        var optIn = await Assert.ThrowsAsync<OutageException>(() => node.User(user).OptInAsync(Given.OptIn(business, node.Ledger.Clock.Now)));
        Assert.Equal(OutageKind.Unavailable, optIn.Kind);
        Assert.Equal(new ActionReply(null, true), await node.User(user).BlockAsync(business, ComplaintReason.Spam));
        Assert.False((await node.Reads.TimeAsync()).Trusted);
    }

    [Fact]
    public async Task While_the_clock_jumps_no_operator_begins_or_ends_anything_that_has_a_time()
    {
        await using var database = new SqliteDatabase();
        var clock = new JumpingClock();
        await using var node = await TestNode.StartAsync(database, wrap: inner => new FaultyStore(inner) { ShowClock = clock.Show });
        var id = Given.NewBusiness();
        var business = node.Business(id);
        await business.RegisterAsync(Given.Registration(id), "operator:ann");
        await business.RecordViolationAsync("scam", "seen", "operator:ann");
        var before = await business.EnforcementAsync();
        await clock.JumpAsync();
        Assert.False(node.Ledger.Clock.IsTrusted);

        await UnavailableAsync(() => business.SetLimitAsync(Policy.Businesses.LimitTier.Third, "known", "operator:ann"));
        await UnavailableAsync(() => business.RecordViolationAsync("scam", "again", "operator:ann"));
        await UnavailableAsync(() => business.LockAsync("now", "operator:ann"));
        await UnavailableAsync(() => business.UnlockAsync("now", "operator:ann"));
        await UnavailableAsync(() => business.AppealAsync(1, "no", "business"));
        await UnavailableAsync(() => business.DecideAppealAsync(1, true, "right", "operator:ann"));
        Assert.Equal((before!.Strikes.Length, before.LockedAt), ((await business.EnforcementAsync())!.Strikes.Length, null));
        Assert.Equal(Policy.Businesses.LimitTier.First, (await business.GetAsync())!.Limit);

        static async Task UnavailableAsync(Func<Task> act) =>
            Assert.Equal(OutageKind.Unavailable, (await Assert.ThrowsAsync<OutageException>(act)).Kind);
    }

    /// <summary>A clock that shows an hour more with each reading, once it has begun.</summary>
    private sealed class JumpingClock
    {
        private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _jumps;
        private int _hours;

        public Instant Show(Instant shown)
        {
            if (_jumps && ++_hours > 1)
            {
                _taken.TrySetResult();
            }

            return shown + TimeSpan.FromHours(_hours);
        }

        /// <summary>Ends when a second reading is asked for: then the first one was taken in.</summary>
        public Task JumpAsync()
        {
            _jumps = true;
            return _taken.Task;
        }
    }
}
