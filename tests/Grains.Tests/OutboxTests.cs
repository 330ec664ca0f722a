using Actors.Contracts;
using Actors.Grains.Tests.Nodes;

namespace Actors.Grains.Tests;

/// <summary>A business's state and its changes in the ledger are two stores: what happens in between loses nothing and repeats nothing.</summary>
public abstract class OutboxTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private const string Ann = "operator:ann";
    private readonly TDatabase _database = new();
    private readonly long _id = Given.NewBusiness();
    private TestNode _node = null!;
    private FaultyStore _store = null!;

    private IBusinessGrain Business => _node.Business(_id);

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        await StartAsync();
        await Business.RegisterAsync(Given.Registration(_id), Ann);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_dies_between_the_state_and_the_ledger_leaves_the_change_to_the_next(bool wasAppended)
    {
        var before = await Business.LeaseAsync(null);
        FailAppends(wasAppended);
        await UnknownAsync(() => Business.RevokeTokensAsync(Ann));
        await RestartAsync();
        var after = await Business.LeaseAsync(null);
        Assert.Equal(1, after!.Business.TokenEpoch);
        Assert.True(after.Epoch > before!.Epoch);
        Assert.Equal(["business_registered", "tokens_revoked"], await ActionsAsync());
        Assert.Equal(2, (await _node.Ledger.Store.ReadFenceAsync(_id, CancellationToken.None)).Version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_answered_before_the_ledger_has_what_is_pending(bool wasAppended)
    {
        FailAppends(wasAppended);
        await UnknownAsync(() => Business.VerifyAsync(Verification.Verified, false, "", Ann));
        await UnknownAsync(() => Business.LeaseAsync(null));
        await UnknownAsync(() => Business.GetAsync());
        await UnknownAsync(() => Business.NewTemplateAsync());
        Heal();
        Assert.Equal(Verification.Verified, (await Business.GetAsync())!.Verification);
        Assert.True(await Business.SetProfileAsync(new BusinessProfile { About = "x" }, Ann));
        Assert.Equal(["business_registered", "business_verified", "business_profile_set"], await ActionsAsync());
    }

    [Fact]
    public async Task A_template_that_was_deleted_while_the_ledger_was_away_is_fenced_before_anyone_hears_of_templates()
    {
        var template = _node.Template(_id, "hello");
        var id = (await template.CreateAsync(Given.Draft(), Ann)).Template!.Id;
        var before = (await Business.LeaseAsync(null))!.Epoch;
        FailAppends(wasAppended: false);
        await UnknownAsync(() => template.DeleteAsync(id, Ann));
        await UnknownAsync(() => template.GetAsync());
        await RestartAsync();
        Assert.Empty(await _node.Template(_id, "hello").GetAsync());
        Assert.True((await Business.LeaseAsync(null))!.Epoch > before);
        Assert.Equal(["business_registered", "template_created", "template_deleted"], await ActionsAsync());
    }

    [Fact]
    public async Task A_template_whose_nodes_can_not_be_told_is_changed_all_the_same()
    {
        var template = _node.Template(_id, "hello");
        _store.BeforeAppend = change => change.Source.StartsWith("template/", StringComparison.Ordinal) ? BreakBusinessAsync() : FaultyStore.Away();
        var reply = await template.CreateAsync(Given.Draft(), Ann);
        Assert.Null(reply.Refusal);
        Assert.Single(await template.GetAsync());

        // A change of the business that the ledger never got makes every later call of it an outage.
        async Task BreakBusinessAsync() => await Assert.ThrowsAsync<OutageException>(() => Business.SetProfileAsync(new BusinessProfile(), Ann));
    }

    [Fact]
    public async Task A_lease_is_not_given_while_the_ledger_is_away()
    {
        _store.BeforeFence = FaultyStore.Away;
        var outage = await Assert.ThrowsAsync<OutageException>(() => Business.LeaseAsync(null));
        Assert.Equal(OutageKind.Unavailable, outage.Kind);
    }

    private static async Task UnknownAsync(Func<Task> act) => Assert.Equal(OutageKind.Unknown, (await Assert.ThrowsAsync<OutageException>(act)).Kind);

    private void FailAppends(bool wasAppended)
    {
        _store.BeforeAppend = _ => wasAppended ? Task.CompletedTask : FaultyStore.Away();
        _store.AfterAppend = _ => FaultyStore.Away();
    }

    private void Heal() => _store.BeforeAppend = _store.AfterAppend = _ => Task.CompletedTask;

    private async Task<IEnumerable<string>> ActionsAsync() =>
        (await _node.Reads.AuditAsync(0, 100)).Where(a => a.Business == _id).Select(a => a.Action);

    private async Task StartAsync() => _node = await TestNode.StartAsync(_database, wrap: inner => _store = new FaultyStore(inner));

    private async Task RestartAsync()
    {
        await _node.DisposeAsync();
        await StartAsync();
    }
}

public sealed class OutboxOnSqliteTests : OutboxTests<SqliteDatabase>;

public sealed class OutboxOnPostgresTests : OutboxTests<PostgresDatabase>;
