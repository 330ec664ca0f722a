using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Grains.Tests;

/// <summary>
/// Two nodes on one database that know nothing of each other: each has its own activation of the same user. That is the worst that a parted network
/// can do, and the guarantees hold all the same.
/// </summary>
public sealed class TwoNodesTests(TwoNodesTests.Pair pair) : IClassFixture<TwoNodesTests.Pair>
{
    private readonly long _business = Given.NewBusiness();

    private TestNode A => pair.Nodes[0];

    private TestNode B => pair.Nodes[1];

    [Theory]
    [InlineData("opt-out")]
    [InlineData("block")]
    [InlineData("stop")]
    [InlineData("word")]
    [InlineData("businesses off")]
    [InlineData("erasure")]
    public async Task G3_once_one_node_answered_the_users_no_no_node_accepts_a_later_send(string no)
    {
        var user = await Given.OptedInAsync(A, _business);
        await Races.NoLaterSendIsAcceptedAsync(pair.Nodes, user, _business, () => EventuallyAsync(() => Races.SayNoAsync(B.User(user), _business, no)));
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("no marketing")]
    [InlineData("window only")]
    [InlineData("nothing")]
    public Task G4_once_one_node_answered_a_restriction_no_node_accepts_a_later_send_that_it_forbids(string no) =>
        Races.NoLaterSendOfARestrictedBusinessIsAcceptedAsync(no, pair.Nodes, _business);

    [Fact]
    public async Task G4_once_a_stop_is_answered_no_node_accepts_a_later_send_of_the_template()
    {
        await A.Business(_business).RegisterAsync(Given.Registration(_business), "operator:ann");
        var id = (await A.Template(_business, "offer").CreateAsync(Given.Draft(), "business")).Template!.Id;
        await A.Template(_business, "offer").ReviewAsync(id, true, null, null, "operator:ann");
        var users = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Given.OptedInAsync(A, _business)));
        var held = new long?[users.Length];
        await Races.NoLaterSendIsAcceptedAsync(
            SendAsync,
            SendOutcome.Refused,
            () => EventuallyAsync(async () => Assert.Null((await B.Template(_business, "offer").StopAsync(id, "a scam", "operator:ann")).Refusal)));

        // As a node does: the lease first, what is known under it as long as it holds, and a new one when the ledger says that it no longer does.
        async Task<SendReply> SendAsync(int i)
        {
            var node = pair.Nodes[i % 2];
            if (held[i] is not { } epoch)
            {
                epoch = (await node.Business(_business).LeaseAsync(null))!.Epoch;
                if ((await node.Template(_business, "offer").GetAsync())[0].Status != Policy.Templates.TemplateStatus.Approved)
                {
                    return new SendReply { Outcome = SendOutcome.Refused };
                }

                held[i] = epoch;
            }

            var reply = await node.User(users[i]).SendAsync(Given.Send(_business, epoch: epoch));
            held[i] = reply.Outcome == SendOutcome.Stale ? null : epoch;
            return reply;
        }
    }

    [Fact]
    public async Task G5_one_key_gives_one_message_though_both_nodes_race()
    {
        var user = await Given.OptedInAsync(A, _business);
        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            var reply = await pair.Nodes[i % 2].User(user).SendAsync(Given.Send(_business, key: 7, body: 1));
            return reply.Outcome == SendOutcome.Unavailable ? await B.User(user).SendAsync(Given.Send(_business, key: 7, body: 1)) : reply;
        }));
        Assert.Equal(1, replies.Count(r => r.Outcome == SendOutcome.Accepted));
        Assert.Equal(39, replies.Count(r => r.Outcome == SendOutcome.Replayed));
        Assert.Equal([1], replies.Select(r => r.Message).Distinct());
        Assert.Single(await A.User(user).InboxAsync(0, 100));
    }

    [Fact]
    public async Task G5_a_key_used_on_one_node_is_known_on_the_other_that_had_the_user_in_memory()
    {
        var user = await Given.OptedInAsync(A, _business);
        await B.User(user).ViewAsync();
        var first = await A.User(user).SendAsync(Given.Send(_business, key: 7, body: 1));
        var again = await B.User(user).SendAsync(Given.Send(_business, key: 7, body: 1));
        Assert.Equal((SendOutcome.Replayed, first.Message), (again.Outcome, again.Message));
    }

    [Fact]
    public async Task A_key_that_an_erasure_has_forgotten_is_not_replayed_from_a_memory_that_is_out_of_date()
    {
        var user = await Given.OptedInAsync(A, _business);
        Assert.Equal(SendOutcome.Accepted, (await A.User(user).SendAsync(Given.Send(_business, key: 7, body: 1))).Outcome);
        await B.User(user).EraseAsync();
        Assert.Equal(SendOutcome.Refused, (await A.User(user).SendAsync(Given.Send(_business, key: 7, body: 1))).Outcome);
        Assert.Null(await A.User(user).ReplayAsync(7, 1));
    }

    [Fact]
    public async Task G2_races_on_both_nodes_exceed_no_cap()
    {
        var businesses = Enumerable.Range(0, 10).Select(_ => Given.NewBusiness()).ToArray();
        var user = await Given.OptedInAsync(A, businesses);
        var replies = await Task.WhenAll(businesses.SelectMany(
            b => Enumerable.Range(0, 4).Select(i => pair.Nodes[i % 2].User(user).SendAsync(Given.Send(b, Category.Marketing)))));
        Assert.Equal(2, replies.Count(r => r.Outcome == SendOutcome.Accepted));
        Assert.Equal(2, (await A.User(user).InboxAsync(0, 100)).Length);
    }

    [Fact]
    public async Task A_refusal_is_never_given_from_a_memory_that_is_out_of_date()
    {
        var user = Given.NewUser();
        Assert.Equal(Reason.NoRelation, (await B.User(user).SendAsync(Given.Send(_business))).Reason);
        await A.User(user).OptInAsync(Given.OptIn(_business, A.Ledger.Clock.Now));
        Assert.Equal(SendOutcome.Accepted, (await B.User(user).SendAsync(Given.Send(_business))).Outcome);
    }

    [Fact]
    public async Task That_it_already_is_so_is_never_said_from_a_memory_that_is_out_of_date()
    {
        var user = await Given.OptedInAsync(B, _business);
        Assert.True((await B.User(user).StopMarketingAsync(_business)).Changed);
        Assert.True((await A.User(user).ResumeMarketingAsync(_business)).Changed);
        Assert.True((await B.User(user).StopMarketingAsync(_business)).Changed);
        Assert.Equal(SendOutcome.Refused, (await A.User(user).SendAsync(Given.Send(_business, Category.Marketing))).Outcome);
    }

    [Fact]
    public async Task G9_a_no_said_on_one_node_is_not_undone_by_a_business_on_the_other()
    {
        var user = await Given.OptedInAsync(A, _business);
        await B.User(user).ViewAsync();
        await A.User(user).BlockAsync(_business, Policy.Users.ComplaintReason.Spam);
        await A.User(user).UnblockAsync(_business);
        var reply = await B.User(user).OptInAsync(Given.OptIn(_business, B.Ledger.Clock.Now));
        Assert.Equal(Policy.Users.ActionRefusal.TakenAwayByUser, reply.Refusal);
        Assert.Equal(SendOutcome.Refused, (await B.User(user).SendAsync(Given.Send(_business))).Outcome);
    }

    [Fact]
    public async Task Both_see_what_a_user_has_when_they_ask()
    {
        var user = await Given.OptedInAsync(A, _business);
        Assert.Equal(1, (await B.User(user).ViewAsync()).Version);
        await A.User(user).AddDeviceAsync("phone");
        Assert.Equal(2, (await B.User(user).ViewAsync()).Version);
    }

    [Fact]
    public async Task A_business_registered_on_both_nodes_at_once_is_registered_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var id = Given.NewBusiness();
            var registered = await Task.WhenAll(pair.Nodes.Select((n, i) => RegisterAsync(n, id, $"By node {i}")));
            Assert.Equal(1, registered.Count(r => r == true));
            var name = $"By node {Array.IndexOf(registered, true)}";
            Assert.Equal(name, (await A.Business(id).GetAsync())!.Registration.Name);
            Assert.Equal(name, (await B.Business(id).GetAsync())!.Registration.Name);
        }

        // The loser finds the other's row when it writes: an outage, or, when it comes late, a refusal.
        static async Task<bool?> RegisterAsync(TestNode node, long id, string name)
        {
            try
            {
                return await node.Business(id).RegisterAsync(Given.Registration(id, name), "operator:ann");
            }
            catch (OutageException outage)
            {
                Assert.Equal(OutageKind.Unavailable, outage.Kind);
                return null;
            }
        }
    }

    [Fact]
    public async Task A_node_that_slept_through_a_revocation_gives_no_lease_from_its_memory()
    {
        await A.Business(_business).RegisterAsync(Given.Registration(_business), "operator:ann");
        Assert.Equal(0, (await B.Business(_business).LeaseAsync(null))!.Business.TokenEpoch);
        await A.Business(_business).RevokeTokensAsync("operator:ann");
        Assert.Equal(1, (await B.Business(_business).LeaseAsync(null))!.Business.TokenEpoch);
    }

    [Fact]
    public async Task A_node_that_slept_through_a_deletion_shows_no_template_from_its_memory()
    {
        await A.Business(_business).RegisterAsync(Given.Registration(_business), "operator:ann");
        await A.Template(_business, "hello").CreateAsync(Given.Draft(), "operator:ann");
        Assert.Single(await B.Template(_business, "hello").GetAsync());
        await A.Template(_business, "hello").DeleteAsync(null, "operator:ann");
        Assert.Empty(await B.Template(_business, "hello").GetAsync());
    }

    [Fact]
    public async Task A_change_on_a_node_that_missed_another_change_is_an_outage_and_loses_neither()
    {
        await A.Business(_business).RegisterAsync(Given.Registration(_business), "operator:ann");
        await B.Business(_business).GetAsync();
        await A.Business(_business).SetProfileAsync(new BusinessProfile { About = "by A" }, "operator:ann");
        var outage = await Assert.ThrowsAsync<OutageException>(
            () => B.Business(_business).SetProfileAsync(new BusinessProfile { Email = "b@example.com" }, "operator:bob"));
        Assert.Equal(OutageKind.Unavailable, outage.Kind);
        Assert.True(await B.Business(_business).SetProfileAsync(new BusinessProfile { Email = "b@example.com" }, "operator:bob"));
        var profile = (await B.Business(_business).GetAsync())!.Profile;
        Assert.Equal(("by A", "b@example.com"), (profile.About, profile.Email));
    }

    /// <summary>Against so many senders a no may lose its version again and again, and be answered as an outage: people try again, too.</summary>
    private static async Task EventuallyAsync(Func<Task> act)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await act();
                return;
            }
            catch (OutageException outage) when (attempt < 20 && outage.Kind == OutageKind.Unavailable)
            {
                TestContext.Current.SendDiagnosticMessage("lost its version too often");
            }
        }
    }

    public sealed class Pair : IAsyncLifetime
    {
        private readonly PostgresDatabase _database = new();

        internal IReadOnlyList<TestNode> Nodes { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            await _database.InitializeAsync();
            Nodes = await Task.WhenAll(TestNode.StartAsync(_database), TestNode.StartAsync(_database));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var node in Nodes)
            {
                await node.DisposeAsync();
            }

            await _database.DisposeAsync();
        }
    }
}
