using Actors.Contracts;
using Actors.Grains.Tests.Nodes;

namespace Actors.Grains.Tests;

/// <summary>The storage of businesses and templates fails: nobody hears of a change that may not be stored, and none is lost that is.</summary>
public sealed class StateFaultTests(StateFaultTests.Fixture fixture) : IClassFixture<StateFaultTests.Fixture>, IDisposable
{
    private const string Ann = "operator:ann";
    private readonly long _id = Given.NewBusiness();

    private TestNode Node => fixture.Node;

    private IBusinessGrain Business => Node.Business(_id);

    public void Dispose() => fixture.Heal();

    [Fact]
    public async Task A_change_that_was_not_written_is_unknown_to_its_caller_and_to_nobody_else()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        fixture.Storage.BeforeWrite = FaultyGrainStorage.Lost;
        await OutageAsync(OutageKind.Unknown, () => Business.RevokeTokensAsync(Ann));
        await OutageAsync(OutageKind.Unknown, () => Business.NewTemplateAsync());
        fixture.Heal();
        Assert.Equal(0, (await Business.GetAsync())!.TokenEpoch);
        Assert.Equal(Ids.Template(_id, 0), (await Business.NewTemplateAsync()).Id);
        Assert.Equal(1, await Business.RevokeTokensAsync(Ann));
        Assert.Equal(["business_registered", "tokens_revoked"], await ActionsAsync());
    }

    [Fact]
    public async Task A_change_that_was_written_though_the_connection_was_lost_is_found_by_the_next_call()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        fixture.Storage.AfterWrite = FaultyGrainStorage.Lost;
        await OutageAsync(OutageKind.Unknown, () => Business.RevokeTokensAsync(Ann));
        Assert.Equal(["business_registered"], await ActionsAsync());
        fixture.Heal();
        Assert.Equal(1, (await Business.LeaseAsync(null))!.Business.TokenEpoch);
        Assert.Equal(["business_registered", "tokens_revoked"], await ActionsAsync());
    }

    [Fact]
    public async Task A_state_that_can_not_be_read_is_an_outage_until_it_can()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        await Node.Template(_id, "hello").CreateAsync(Given.Draft(), Ann);
        await Node.ForgetAsync(Business);
        await Node.ForgetAsync(Node.Template(_id, "hello"));
        fixture.Storage.BeforeRead = FaultyGrainStorage.Lost;
        await OutageAsync(OutageKind.Unavailable, () => Business.GetAsync());
        await OutageAsync(OutageKind.Unavailable, () => Business.LeaseAsync(null));
        await OutageAsync(OutageKind.Unavailable, () => Node.Template(_id, "hello").GetAsync());
        fixture.Heal();
        Assert.NotNull(await Business.GetAsync());
        Assert.Single(await Node.Template(_id, "hello").GetAsync());
    }

    [Fact]
    public async Task A_second_node_on_the_same_data_directory_does_not_start_and_says_why()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => TestNode.StartAsync(fixture.Database));
        Assert.Contains("is in use by another process", refused.ToString(), StringComparison.Ordinal);
        Assert.True(await Business.RegisterAsync(Given.Registration(_id), Ann));
    }

    private static async Task OutageAsync(OutageKind kind, Func<Task> act) => Assert.Equal(kind, (await Assert.ThrowsAsync<OutageException>(act)).Kind);

    private async Task<IEnumerable<string>> ActionsAsync() =>
        (await Node.Reads.AuditAsync(0, 1_000)).Where(a => a.Business == _id).Select(a => a.Action);

    public sealed class Fixture : IAsyncLifetime
    {
        internal SqliteDatabase Database { get; } = new();

        internal TestNode Node { get; private set; } = null!;

        internal FaultyGrainStorage Storage { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Node = await TestNode.StartAsync(Database, wrapState: inner => Storage = new FaultyGrainStorage(inner));

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            await Database.DisposeAsync();
        }

        internal void Heal() => Storage.BeforeRead = Storage.BeforeWrite = Storage.AfterWrite = () => Task.CompletedTask;
    }
}
