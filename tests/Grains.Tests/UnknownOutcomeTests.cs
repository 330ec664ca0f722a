using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;

namespace Actors.Grains.Tests;

/// <summary>Storage of which nobody can find out whether it has written: nobody is told what may not be so, and a retry makes no second message.</summary>
public abstract class UnknownOutcomeTests<TDatabase>(UnknownOutcomeTests<TDatabase>.Fixture fixture)
    : IClassFixture<UnknownOutcomeTests<TDatabase>.Fixture>, IDisposable
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_send_of_which_nothing_can_be_known_is_unknown_and_a_retry_with_its_key_makes_no_second_one(bool wasWritten)
    {
        var user = await Given.OptedInAsync(Node, _business);
        Store.BeforeWrite = _ => wasWritten ? Task.CompletedTask : FaultyStore.Lost();
        Store.AfterWrite = _ => FaultyStore.Lost();
        Store.BeforeResolve = FaultyStore.Away;
        Assert.Equal(SendOutcome.Unknown, (await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1))).Outcome);
        fixture.Heal();
        var again = await Node.User(user).SendAsync(Given.Send(_business, key: 7, body: 1));
        Assert.Equal((wasWritten ? SendOutcome.Replayed : SendOutcome.Accepted, 1), (again.Outcome, again.Message));
        Assert.Equal(2, (await Node.User(user).SendAsync(Given.Send(_business))).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_an_opt_out_of_which_nothing_can_be_known_the_next_decision_reads_what_is_stored(bool wasWritten)
    {
        var user = await Given.OptedInAsync(Node, _business);
        Store.BeforeWrite = _ => wasWritten ? Task.CompletedTask : FaultyStore.Lost();
        Store.AfterWrite = _ => FaultyStore.Lost();
        Store.BeforeResolve = FaultyStore.Away;
        var outage = await Assert.ThrowsAsync<OutageException>(() => Node.User(user).OptOutAsync(_business, Categories.All, byUser: true));
        Assert.Equal(OutageKind.Unknown, outage.Kind);
        fixture.Heal();
        var reply = await Node.User(user).SendAsync(Given.Send(_business));
        Assert.Equal(wasWritten ? SendOutcome.Refused : SendOutcome.Accepted, reply.Outcome);
    }

    [Fact]
    public async Task After_an_opt_in_of_which_nothing_can_be_known_a_send_is_not_refused_from_memory()
    {
        var user = Given.NewUser();
        Assert.Equal(SendOutcome.Refused, (await Node.User(user).SendAsync(Given.Send(_business))).Outcome);
        Store.AfterWrite = _ => FaultyStore.Lost();
        Store.BeforeResolve = FaultyStore.Away;
        await Assert.ThrowsAsync<OutageException>(() => Node.User(user).OptInAsync(Given.OptIn(_business, Node.Ledger.Clock.Now)));
        fixture.Heal();
        Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(_business))).Outcome);
    }

    public sealed class Fixture() : FaultyNode<TDatabase>(FaultyNode<TDatabase>.Impatient);
}

public sealed class UnknownOutcomesOnSqliteTests(UnknownOutcomeTests<SqliteDatabase>.Fixture fixture) : UnknownOutcomeTests<SqliteDatabase>(fixture);

public sealed class UnknownOutcomesOnPostgresTests(UnknownOutcomeTests<PostgresDatabase>.Fixture fixture) : UnknownOutcomeTests<PostgresDatabase>(fixture);
