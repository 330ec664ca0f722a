using Actors.Contracts;
using Actors.Grains.Tests.Nodes;

namespace Actors.Grains.Tests;

/// <summary>The policy as data on two nodes that know nothing of each other but the database.</summary>
public sealed class PolicyTwoNodesTests(TwoNodesTests.Pair pair) : IClassFixture<TwoNodesTests.Pair>
{
    [Fact]
    public async Task G4_once_one_node_answered_a_lower_number_no_node_accepts_a_later_send_that_it_forbids()
    {
        for (var round = 0; round < 3; round++)
        {
            await Races.NoLaterSendForbiddenByPolicyIsAcceptedAsync(pair.Nodes);
        }
    }

    [Fact]
    public async Task A_node_that_commits_nothing_hears_of_a_change_all_the_same()
    {
        var newest = await Policy(0).GetAsync();
        var changed = await Policy(0).ChangeAsync(newest.Version, [new PolicyValue("MarketingCap:PerWeek", ["11"])], "more", "operator:ann");
        Assert.Null(changed.Refusal);
        var book = (PolicyBook)pair.Nodes[1].Services.GetService(typeof(PolicyBook))!;
        while (book.Current.Version < changed.Policy.Version)
        {
            await Task.Yield();
        }

        Assert.Equal(11, book.Current.MarketingCap.PerWeek);
    }

    [Fact]
    public async Task A_node_that_gives_a_lease_has_learned_the_policy_first()
    {
        var business = Given.NewBusiness();
        await pair.Nodes[0].Business(business).RegisterAsync(Given.Registration(business), "operator:ann");
        var newest = await Policy(0).GetAsync();
        var changed = await Policy(0).ChangeAsync(newest.Version, [new PolicyValue("MarketingCap:EngagedPercent", ["77"])], "more", "operator:ann");
        Assert.Equal(changed.Policy.Version, (await pair.Nodes[1].Business(business).LeaseAsync(null))!.Policy);
    }

    [Fact]
    public async Task A_send_admitted_on_a_node_that_knows_more_is_decided_by_what_that_knows()
    {
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(pair.Nodes[1], business);
        var newest = await Policy(0).GetAsync();
        var changed = await Policy(0).ChangeAsync(newest.Version, [new PolicyValue("MarketingCap:UnengagedPercent", ["7"])], "more", "operator:ann");
        var reply = await pair.Nodes[1].User(user).SendAsync(Given.Send(business) with { Policy = changed.Policy.Version });
        Assert.Equal((SendOutcome.Accepted, changed.Policy.Version), (reply.Outcome, reply.Policy));
    }

    private IPolicyGrain Policy(int node) => pair.Nodes[node].Grains.GetGrain<IPolicyGrain>(0);
}
