using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>Guarantees of the product that one user's grain keeps, tried by load, races and restarts on one node.</summary>
public abstract class GuaranteeTests<TDatabase>(Running<TDatabase> running) : IClassFixture<Running<TDatabase>>
    where TDatabase : IDatabase, new()
{
    private readonly long _business = Given.NewBusiness();

    private TestNode Node => running.Node;

    [Theory]
    [InlineData("opt-out")]
    [InlineData("block")]
    [InlineData("stop")]
    [InlineData("word")]
    [InlineData("businesses off")]
    [InlineData("erasure")]
    public async Task G3_once_the_users_no_is_answered_no_later_send_is_accepted(string no)
    {
        var user = await Given.OptedInAsync(Node, _business);
        await Races.NoLaterSendIsAcceptedAsync([Node], user, _business, () => Races.SayNoAsync(Node.User(user), _business, no));
    }

    [Fact]
    public async Task G4_once_a_revocation_is_answered_no_send_admitted_before_it_is_accepted()
    {
        await Node.Business(_business).RegisterAsync(Given.Registration(_business), "operator:ann");
        var lease = await Node.Business(_business).LeaseAsync(null);
        var users = new List<long>();
        while (users.Count < 8)
        {
            users.Add(await Given.OptedInAsync(Node, _business));
        }

        await Races.NoLaterSendIsAcceptedAsync(
            i => Node.User(users[i]).SendAsync(Given.Send(_business, epoch: lease!.Epoch)),
            SendOutcome.Stale,
            () => Node.Business(_business).RevokeTokensAsync("operator:ann"));
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("no marketing")]
    [InlineData("window only")]
    [InlineData("nothing")]
    public Task G4_once_a_restriction_is_answered_no_later_send_that_it_forbids_is_accepted(string no) =>
        Races.NoLaterSendOfARestrictedBusinessIsAcceptedAsync(no, [Node], _business);

    [Fact]
    public async Task G5_one_key_gives_one_message_however_many_race()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1))));
        Assert.Equal(1, replies.Count(r => r.Outcome == SendOutcome.Accepted));
        Assert.Equal(49, replies.Count(r => r.Outcome == SendOutcome.Replayed));
        Assert.Equal([1], replies.Select(r => r.Message).Distinct());
        Assert.Single(await Node.User(user).InboxAsync(0, 100));
    }

    [Fact]
    public async Task G5_a_key_is_known_after_a_restart()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var first = await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1));
        await running.RestartAsync();
        var again = await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1));
        Assert.Equal((SendOutcome.Replayed, first.Message), (again.Outcome, again.Message));
        Assert.Equal(SendOutcome.KeyReused, (await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 2))).Outcome);
    }

    [Fact]
    public async Task G5_a_key_is_known_after_it_fell_out_of_the_record()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var first = await Node.User(user).SendAsync(Given.Send(_business, key: 1_000, body: 1));
        for (ulong key = 1; key <= UserState.KeysMax + 2; key++)
        {
            Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(_business, key: key, body: 1))).Outcome);
        }

        Assert.DoesNotContain((await Node.User(user).ViewAsync()).State.Keys, k => k.Key == 1_000);
        var again = await Node.User(user).SendAsync(Given.Send(_business, key: 1_000, body: 1));
        Assert.Equal((SendOutcome.Replayed, first.Message), (again.Outcome, again.Message));
        Assert.Equal(SendOutcome.KeyReused, (await Node.User(user).SendAsync(Given.Send(_business, key: 1_000, body: 2))).Outcome);
        Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(_business, key: 1_001, body: 2))).Outcome);
    }

    [Fact]
    public async Task G5_a_refusal_uses_no_key_up()
    {
        var user = Given.NewUser();
        Assert.Equal(SendOutcome.Refused, (await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1))).Outcome);
        await Node.User(user).OptInAsync(Given.OptIn(_business, Node.Ledger.Clock.Now));
        Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 2))).Outcome);
    }

    [Fact]
    public async Task G2_races_of_many_businesses_exceed_no_cap()
    {
        var businesses = Enumerable.Range(0, 10).Select(_ => Given.NewBusiness()).ToArray();
        var user = await Given.OptedInAsync(Node, businesses);
        var replies = await Task.WhenAll(
            businesses.SelectMany(b => Enumerable.Range(0, 5).Select(_ => Node.User(user).SendAsync(Given.Send(b, Category.Marketing)))));
        Assert.Equal(2, replies.Count(r => r.Outcome == SendOutcome.Accepted));
        Assert.All(replies.Where(r => r.Outcome != SendOutcome.Accepted), r => Assert.Equal(Reason.MarketingCap, r.Reason));
        Assert.Equal(2, (await Node.User(user).InboxAsync(0, 100)).Select(m => m.Business).Distinct().Count());
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("opt-out")]
    [InlineData("block")]
    [InlineData("word")]
    public async Task G9_no_opt_in_of_a_business_undoes_the_users_own_no(string no)
    {
        var user = await Given.OptedInAsync(Node, _business);
        await Races.SayNoAsync(Node.User(user), _business, no);
        await Node.ForgetAsync(Node.User(user));
        await Node.User(user).OptInAsync(Given.OptIn(_business, Node.Ledger.Clock.Now, byUser: false));
        Assert.Equal(SendOutcome.Refused, (await Node.User(user).SendAsync(Given.Send(_business, Category.Marketing))).Outcome);

        await Node.User(user).UnblockAsync(_business);
        await Node.User(user).ResumeMarketingAsync(_business);
        await Node.User(user).WriteAsync(Given.Says(_business, "START"));
        await Node.User(user).OptInAsync(Given.OptIn(_business, Node.Ledger.Clock.Now, byUser: true));
        Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(_business, Category.Marketing))).Outcome);
    }
}

public sealed class GuaranteesOnSqliteTests(Running<SqliteDatabase> running) : GuaranteeTests<SqliteDatabase>(running);

public sealed class GuaranteesOnPostgresTests(Running<PostgresDatabase> running) : GuaranteeTests<PostgresDatabase>(running);
