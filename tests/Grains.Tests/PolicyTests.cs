using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Grains.Tests;

/// <summary>The policy as data on one node: changed, rolled back, kept over restarts, and never half changed.</summary>
public sealed class PolicyTests : IAsyncLifetime
{
    private const string Ann = "operator:ann";
    private readonly SqliteDatabase _database = new();
    private TestNode _node = null!;
    private FaultyStore _store = null!;

    private IPolicyGrain Policy => _node.Grains.GetGrain<IPolicyGrain>(0);

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_new_platform_has_the_numbers_that_it_is_configured_with()
    {
        var policy = await Policy.GetAsync();
        Assert.Equal((0u, "platform"), (policy.Version, policy.Actor));
        Assert.Equal("PairRate:Interval=00:00:00", Show(Assert.Single(policy.Values)));
        Assert.Empty(policy.Changes);
    }

    [Fact]
    public async Task A_change_holds_with_its_answer_and_stands_with_what_is_accepted_by_it()
    {
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(_node, business);
        Assert.Equal(0u, (await _node.User(user).SendAsync(Given.Send(business))).Policy);

        var changed = await ChangeAsync(0, "Messages:UndeliveredMax", "1");
        Assert.Equal((null, 1u, Ann), (changed.Refusal, changed.Policy.Version, changed.Policy.Actor));
        var refused = await _node.User(user).SendAsync(Given.Send(business));
        Assert.Equal((SendOutcome.Refused, Reason.TooManyUndelivered, 1u), (refused.Outcome, refused.Reason, refused.Policy));

        await ChangeAsync(1, "Messages:UndeliveredMax", "2");
        var accepted = await _node.User(user).SendAsync(Given.Send(business));
        var message = (await _node.User(user).MessageAsync(accepted.Message))!;
        Assert.Equal(2u, AcceptanceExplanation.Read(message.Explanation.Span)!.PolicyVersion);
        var line = (await _node.Reads.AuditAsync(0, 100))[^1];
        Assert.Equal((Ann, "policy_changed", "policy 2", "a try"), (line.Actor, line.Action, line.Target, line.Note));
    }

    [Fact]
    public async Task A_send_admitted_by_an_older_version_is_admitted_again()
    {
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(_node, business);
        await ChangeAsync(0, "MarketingCap:PerDay", "3");
        Assert.Equal(SendOutcome.Stale, (await _node.User(user).SendAsync(Given.Send(business, key: 1) with { Policy = 0 })).Outcome);
        var sent = await _node.User(user).SendAsync(Given.Send(business, key: 1) with { Policy = 1 });
        Assert.Equal(SendOutcome.Accepted, sent.Outcome);
        var again = await _node.User(user).SendAsync(Given.Send(business, key: 1) with { Policy = 0 });
        Assert.Equal((SendOutcome.Replayed, sent.Message), (again.Outcome, again.Message));
    }

    [Fact]
    public async Task A_lease_says_by_which_version_the_business_was_seen()
    {
        var business = Given.NewBusiness();
        await _node.Business(business).RegisterAsync(Given.Registration(business), Ann);
        await _node.Business(business).RecordViolationAsync("scam", "seen", Ann);
        await _node.Business(business).RecordViolationAsync("scam", "seen", Ann);
        var before = (await _node.Business(business).LeaseAsync(null))!;
        await ChangeAsync(0, "Enforcement:NoMarketingFirst", "2.00:00:00");
        var after = (await _node.Business(business).LeaseAsync(null))!;
        Assert.Equal((0u, 1u), (before.Policy, after.Policy));
        Assert.Equal(TimeSpan.FromDays(1), after.Business.RestrictedUntil!.Value - before.Business.RestrictedUntil!.Value);
    }

    [Fact]
    public async Task Rolling_back_is_a_new_version_with_the_numbers_of_an_old_one()
    {
        await ChangeAsync(0, "MarketingCap:PerDay", "3");
        await ChangeAsync(1, "MarketingCap:PerWeek", "9");
        Assert.Equal(PolicyRefusal.Moved, (await Policy.RollBackAsync(0, 1, "too late", Ann)).Refusal);
        var back = await Policy.RollBackAsync(0, 2, "enough", Ann);
        Assert.Equal((null, 3u, 0u), (back.Refusal, back.Policy.Version, back.Policy.RolledBackTo));
        Assert.Equal(["MarketingCap:PerDay 3 2", "MarketingCap:PerWeek 9 6"], back.Policy.Changes.Select(c => $"{c.Key} {c.From[0]} {c.To[0]}"));
        Assert.Equal(PolicyRefusal.NothingChanges, (await Policy.RollBackAsync(0, 3, "again", Ann)).Refusal);
        Assert.Equal(PolicyRefusal.VersionUnknown, (await Policy.RollBackAsync(4, 3, "what", Ann)).Refusal);
        Assert.Equal([0u, 1u, 2u, 3u], (await Policy.VersionsAsync(0, 100)).Select(v => v.Version));
        Assert.Equal("policy_rolled_back", (await _node.Reads.AuditAsync(0, 100))[^1].Action);
        Assert.Equal(
            "MarketingCap:PerWeek 6 9", Assert.Single(Assert.Single(await Policy.VersionsAsync(2, 1)).Changes.Select(c => $"{c.Key} {c.From[0]} {c.To[0]}")));
    }

    [Fact]
    public async Task A_node_that_is_behind_and_can_not_read_says_that_there_is_an_outage()
    {
        var book = (PolicyBook)_node.Services.GetService(typeof(PolicyBook))!;
        await ChangeAsync(0, "MarketingCap:PerDay", "3");
        _store.BeforePolicyRead = FaultyStore.Away;
        var user = await Given.OptedInAsync(_node, Given.NewBusiness());
        await Assert.ThrowsAsync<OutageException>(async () => await book.AtLeastAsync(2));
        var ahead = Given.Send(Given.NewBusiness()) with { Policy = 2 };
        Assert.Equal(SendOutcome.Unavailable, (await _node.User(user).SendAsync(ahead)).Outcome);
        _store.BeforePolicyRead = () => Task.CompletedTask;
        await book.AtLeastAsync(1);
    }

    [Fact]
    public async Task Of_two_operators_who_change_the_same_version_one_is_told_that_it_moved()
    {
        for (var version = 0u; version < 5; version++)
        {
            var replies = await Task.WhenAll(
                ChangeAsync(version, "MarketingCap:PerDay", $"{10 + version}"), ChangeAsync(version, "MarketingCap:PerWeek", $"{10 + version}"));
            Assert.Equal([PolicyRefusal.Moved], replies.Where(r => r.Refusal is not null).Select(r => r.Refusal!.Value));
            Assert.Equal(version + 1, (await Policy.GetAsync()).Version);
        }
    }

    [Fact]
    public async Task What_is_wrong_is_told_all_at_once_and_changes_nothing()
    {
        var reply = await Policy.ChangeAsync(
            0,
            [
                new("MarketingCap:PerDay", ["33"]), new("MarketingCap:PerHour", ["1"]), new("Window:Length", ["soon"]),
                new("MarketingCap:PerWeek", ["3"]), new("marketingcap:perweek", ["4"]),
            ],
            "a try",
            Ann);
        Assert.Equal(PolicyRefusal.Wrong, reply.Refusal);
        Assert.Equal(["MarketingCap:PerDay", "MarketingCap:PerHour", "Window:Length", "marketingcap:perweek"], reply.Faults.Select(f => f.Key));
        Assert.Equal("it must be a whole number from 0 to 32", reply.Faults[0].Rule);
        Assert.Equal(PolicyRefusal.NothingChanges, (await ChangeAsync(0, "MarketingCap:PerDay", "2")).Refusal);
        Assert.Equal(0u, (await Policy.GetAsync()).Version);
    }

    [Fact]
    public async Task A_restart_keeps_the_policy()
    {
        await ChangeAsync(0, "Messages:UndeliveredMax", "1");
        await RestartAsync();
        Assert.Equal(1u, (await Policy.GetAsync()).Version);
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(_node, business);
        Assert.Equal(SendOutcome.Accepted, (await _node.User(user).SendAsync(Given.Send(business))).Outcome);
        Assert.Equal(SendOutcome.Refused, (await _node.User(user).SendAsync(Given.Send(business))).Outcome);
    }

    [Fact]
    public async Task A_node_configured_otherwise_starts_only_when_it_is_told_that_its_numbers_are_the_policy()
    {
        await ChangeAsync(0, "MarketingCap:PerDay", "3");
        await _node.DisposeAsync();
        var other = TestNode.Numbers with { MarketingCap = new MarketingCapNumbers { PerWeek = 7 } };
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(other));
        Assert.Contains("differs from that of the platform's database in MarketingCap:PerWeek (6 there)", refused.ToString(), StringComparison.Ordinal);

        await StartAsync(other, adopt: true);
        var adopted = await Policy.GetAsync();
        Assert.Equal((2u, "platform"), (adopted.Version, adopted.Actor));
        Assert.Equal(["MarketingCap:PerWeek=7", "PairRate:Interval=00:00:00"], adopted.Values.Select(Show));
        Assert.Equal(("platform", "policy_adopted"), ((await _node.Reads.AuditAsync(0, 100))[^1].Actor, (await _node.Reads.AuditAsync(0, 100))[^1].Action));

        await _node.DisposeAsync();
        await StartAsync(other);   // now it is the configuration that the policy goes back to
        Assert.Equal(2u, (await Policy.GetAsync()).Version);
    }

    [Fact]
    public async Task A_change_that_was_not_written_changes_nothing()
    {
        _store.BeforePolicy = FaultyStore.Away;
        Assert.Equal(OutageKind.Unavailable, (await Assert.ThrowsAsync<OutageException>(() => ChangeAsync(0, "MarketingCap:PerDay", "3"))).Kind);
        _store.BeforePolicy = () => Task.CompletedTask;
        Assert.Equal(0u, (await Policy.GetAsync()).Version);
        await ChangeAsync(0, "MarketingCap:PerDay", "3");
        Assert.Equal(1u, (await Policy.GetAsync()).Version);
    }

    [Fact]
    public async Task A_change_that_was_written_though_the_connection_was_lost_binds_at_once()
    {
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(_node, business);
        Assert.Equal(SendOutcome.Accepted, (await _node.User(user).SendAsync(Given.Send(business))).Outcome);
        _store.AfterPolicy = FaultyStore.Lost;
        Assert.Equal(
            OutageKind.Unknown, (await Assert.ThrowsAsync<OutageException>(() => ChangeAsync(0, "Messages:UndeliveredMax", "1"))).Kind);

        // The node doesn't know the new version yet, and what it decides by the old one is refused by the ledger.
        Assert.Equal(SendOutcome.Refused, (await _node.User(user).SendAsync(Given.Send(business))).Outcome);
        Assert.Equal(PolicyRefusal.Moved, (await ChangeAsync(0, "Messages:UndeliveredMax", "1")).Refusal);
    }

    [Fact]
    public async Task While_the_new_policy_can_not_be_read_nothing_is_accepted_by_the_old_one()
    {
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(_node, business);
        _store.BeforePolicyRead = () => Volatile.Read(ref _isAway) ? FaultyStore.Away() : Task.CompletedTask;
        _store.AfterPolicy = () =>
        {
            Volatile.Write(ref _isAway, true);
            return FaultyStore.Lost();
        };
        await Assert.ThrowsAsync<OutageException>(() => ChangeAsync(0, "Messages:UndeliveredMax", "1"));
        Assert.Equal(SendOutcome.Unavailable, (await _node.User(user).SendAsync(Given.Send(business))).Outcome);
        Volatile.Write(ref _isAway, false);
        Assert.Equal(SendOutcome.Accepted, (await _node.User(user).SendAsync(Given.Send(business))).Outcome);
        Assert.Equal(SendOutcome.Refused, (await _node.User(user).SendAsync(Given.Send(business))).Outcome);
    }

    [Fact]
    public async Task No_key_is_remembered_for_longer_than_rows_are_kept()
    {
        await ChangeAsync(0, "Messages:KeyLife", "80.00:00:00");
        await _node.DisposeAsync();
        await StartAsync(ledger: new LedgerSettings { Retention = TimeSpan.FromDays(40) });
        Assert.Equal(TimeSpan.FromDays(40), ((PolicyBook)_node.Services.GetService(typeof(PolicyBook))!).Current.Messages.KeyLife);
        Assert.Contains("Messages:KeyLife=80.00:00:00", (await Policy.GetAsync()).Values.Select(Show));
    }

    [Fact]
    public Task G4_once_a_lower_number_is_answered_no_later_send_that_it_forbids_is_accepted() =>
        Races.NoLaterSendForbiddenByPolicyIsAcceptedAsync([_node]);

    private bool _isAway;

    private static string Show(PolicyValue value) => $"{value.Key}={string.Join(',', value.Texts)}";

    private Task<PolicyReply> ChangeAsync(uint basis, string key, string text) =>
        Policy.ChangeAsync(basis, [new PolicyValue(key, [text])], "a try", Ann);

    private async Task StartAsync(PolicyNumbers? numbers = null, bool adopt = false, LedgerSettings? ledger = null) =>
        _node = await TestNode.StartAsync(_database, numbers, wrap: inner => _store = new FaultyStore(inner), ledger: ledger, adopt: adopt);

    private async Task RestartAsync()
    {
        await _node.DisposeAsync();
        await StartAsync();
    }
}
