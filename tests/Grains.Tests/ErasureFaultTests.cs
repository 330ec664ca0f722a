using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;

namespace Actors.Grains.Tests;

/// <summary>An erasure on storage that fails: whoever asks again ends up erased, once.</summary>
public abstract class ErasureFaultTests<TDatabase>(ErasureFaultTests<TDatabase>.Fixture fixture)
    : IClassFixture<ErasureFaultTests<TDatabase>.Fixture>, IDisposable
    where TDatabase : IDatabase, new()
{
    private readonly long _business = Given.NewBusiness();

    private TestNode Node => fixture.Node;

    public void Dispose()
    {
        fixture.Store.OnErase = erase => erase();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_erasure_of_which_nothing_is_known_can_be_asked_for_again(bool wasWritten)
    {
        var user = await Given.OptedInAsync(Node, _business);
        await Node.User(user).SendAsync(Given.Send(_business));
        fixture.Store.OnErase = async erase => throw new UnknownOutcomeException(null, new IOException(wasWritten ? $"{await erase()}" : "lost"));
        var outage = await Assert.ThrowsAsync<OutageException>(() => Node.User(user).EraseAsync());
        Assert.Equal(OutageKind.Unknown, outage.Kind);

        Dispose();
        Assert.Equal(new ActionReply(null, !wasWritten), await Node.User(user).EraseAsync());
        Assert.Empty(await Node.Reads.UserMessagesAsync(user, 0, 10));
        Assert.Equal(SendOutcome.Refused, (await Node.User(user).SendAsync(Given.Send(_business))).Outcome);
    }

    [Fact]
    public async Task An_erasure_that_lost_its_version_is_decided_again()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var tries = 0;
        fixture.Store.OnErase = erase => ++tries < 3 ? Task.FromResult(CommitOutcome.Conflict) : erase();
        Assert.Equal(new ActionReply(null, true), await Node.User(user).EraseAsync());
        Assert.Equal(3, tries);
        Assert.Empty((await Node.User(user).ViewAsync()).State.Relations);
    }

    [Fact]
    public async Task Where_the_storage_is_away_nothing_is_erased()
    {
        var user = await Given.OptedInAsync(Node, _business);
        fixture.Store.OnErase = _ => throw new LedgerUnavailableException("away");
        var outage = await Assert.ThrowsAsync<OutageException>(() => Node.User(user).EraseAsync());
        Assert.Equal(OutageKind.Unavailable, outage.Kind);

        Dispose();
        Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(_business))).Outcome);
    }

    public sealed class Fixture() : FaultyNode<TDatabase>(Patient);
}

public sealed class ErasureFaultsOnSqliteTests(ErasureFaultTests<SqliteDatabase>.Fixture fixture) : ErasureFaultTests<SqliteDatabase>(fixture);

public sealed class ErasureFaultsOnPostgresTests(ErasureFaultTests<PostgresDatabase>.Fixture fixture) : ErasureFaultTests<PostgresDatabase>(fixture);
