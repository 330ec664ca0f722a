using Actors.Contracts;
using Actors.Grains.Tests.Nodes;

namespace Actors.Grains.Tests;

/// <summary>The messaging limit while something else fails, hangs or is late (G6).</summary>
public abstract class LimitFaultTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private const int Limit = 250;
    private readonly TDatabase _database = new();
    private readonly long _business = Given.NewBusiness();
    private TestNode _node = null!;
    private FaultyStore _store = null!;
    private FaultyGrainStorage _state = null!;

    private ILimitGrain Grain => _node.Grains.GetGrain<ILimitGrain>(_business);

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _node = await TestNode.StartAsync(
            _database, wrap: inner => _store = new FaultyStore(inner), wrapState: inner => _state = new FaultyGrainStorage(inner));
        Assert.True(await _node.Business(_business).RegisterAsync(Given.Registration(_business), "operator:ann"));
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_grain_that_takes_no_events_holds_up_no_other_businesss_limit()
    {
        using var holder = new QuotaHolder(_node);
        var piece = await LentAsync(holder, 10);
        var sent = Given.Send(_business, epoch: await EpochAsync());
        var user = await Given.OptedInAsync(_node, _business);
        Assert.True((await _node.User(user).SendAsync(sent with { Command = sent.Command with { Quota = piece.Piece } })).Opened);

        var broken = await Folding.NewSenderAsync(_node);
        _store.BeforeAppend = change => change.Business == broken ? FaultyStore.Away() : Task.CompletedTask;
        await Assert.ThrowsAsync<OutageException>(() => _node.Business(broken).SetProfileAsync(new BusinessProfile { About = "x" }, "operator:ann"));
        await Folding.DeliverAsync(_node, broken, 1, epoch: 0);

        // Behind what is held up; and everything of the old epoch has to be counted before a place is lent.
        await _node.Business(_business).RevokeTokensAsync("operator:ann");
        Assert.Equal((QuotaOutcome.Lent, Limit - 1), Of(await LentAsync(holder, 1_000)));
        Assert.True(await _node.Fold().WakeAsync() < await _node.Ledger.Store.ReadHorizonAsync(CancellationToken.None));
        _store.BeforeAppend = _ => Task.CompletedTask;
    }

    [Fact]
    public async Task No_place_is_refused_while_a_send_under_way_may_bring_one_back()
    {
        using var first = new QuotaHolder(_node) { UnderWay = 1 };
        using var second = new QuotaHolder(_node);
        var all = await LentAsync(first, 1_000);
        first.Use(all.Piece, Limit);
        Assert.Equal(QuotaOutcome.Counting, (await AskAsync(second)).Outcome);

        first.PutBack(all.Piece, await EpochAsync());
        var last = await AskAsync(second);
        Assert.Equal((QuotaOutcome.Lent, 1), Of(last));
        second.Use(last.Piece, 1);
        Assert.Equal(QuotaOutcome.Counting, (await AskAsync(second)).Outcome);

        first.UnderWay = 0;
        await Grain.FoldAsync([.. Given.Openings(_business, all.Piece, Limit - 1, 1), .. Given.Openings(_business, last.Piece, 1, Limit)]);
        Assert.Equal(QuotaOutcome.UsedUp, (await AskAsync(second)).Outcome);
    }

    [Fact]
    public async Task No_place_is_refused_while_one_is_on_its_way_to_a_node()
    {
        using var first = new QuotaHolder(_node);
        using var second = new QuotaHolder(_node);
        var all = await LentAsync(first, 1_000);
        first.Use(all.Piece, Limit);
        first.HasGot = false;
        Assert.Equal(QuotaOutcome.Counting, (await AskAsync(second)).Outcome);

        first.HasGot = true;
        await Grain.FoldAsync(Given.Openings(_business, all.Piece, Limit, 1));
        Assert.Equal(QuotaOutcome.UsedUp, (await AskAsync(second)).Outcome);
    }

    [Fact]
    public async Task An_answer_to_a_recall_counts_whenever_it_comes()
    {
        using var first = new QuotaHolder(_node);
        using var second = new QuotaHolder(_node);
        await LentAsync(first, 1_000);
        var held = new TaskCompletionSource();
        first.Answer = async answer =>
        {
            await held.Task;
            return answer;
        };
        Assert.Equal(QuotaOutcome.Counting, (await AskAsync(second)).Outcome);
        Assert.Equal(QuotaOutcome.Counting, (await AskAsync(second)).Outcome);
        held.SetResult();
        Assert.Equal((QuotaOutcome.Lent, Limit), Of(await LentAsync(second, 1_000)));
    }

    [Fact]
    public async Task What_is_free_is_lent_also_while_the_businesss_grain_is_lost()
    {
        using var holder = new QuotaHolder(_node);
        await LentAsync(holder, 10);
        var epoch = await EpochAsync();
        _state.BeforeRead = FaultyGrainStorage.Lost;
        await _node.ForgetAsync(_node.Business(_business));
        await Assert.ThrowsAsync<OutageException>(() => _node.Business(_business).LeaseAsync(null));

        Assert.Equal((QuotaOutcome.Lent, 200), Of(await Grain.LendAsync(epoch, 200, holder.Reference)));
        Assert.Equal((QuotaOutcome.Lent, 40), Of(await Grain.LendAsync(epoch, 200, holder.Reference)));

        // Whether there are more now, only the business's grain knows.
        await Assert.ThrowsAsync<OutageException>(() => Grain.LendAsync(epoch, 200, holder.Reference));
        _state.BeforeRead = () => Task.CompletedTask;
        await _node.Business(_business).SetLimitAsync(Policy.Businesses.LimitTier.Second, "known", "operator:ann");
        Assert.Equal((QuotaOutcome.Lent, 200), Of(await Grain.LendAsync(epoch, 200, holder.Reference)));
    }

    private static (QuotaOutcome Outcome, int Count) Of(QuotaReply reply) => (reply.Outcome, reply.Count);

    private async Task<long> EpochAsync() => (await _node.Business(_business).LeaseAsync(null))!.Epoch;

    private async Task<QuotaReply> AskAsync(QuotaHolder holder)
    {
        var epoch = await EpochAsync();
        var reply = await Grain.LendAsync(epoch, 1_000, holder.Reference);
        holder.Put(reply, epoch);
        return reply;
    }

    private async Task<QuotaReply> LentAsync(QuotaHolder holder, int wanted)
    {
        while (true)
        {
            var epoch = await EpochAsync();
            var reply = await Grain.LendAsync(epoch, wanted, holder.Reference);
            if (reply.Outcome != QuotaOutcome.Counting)
            {
                holder.Put(reply, epoch);
                return reply;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}

public sealed class LimitFaultsOnSqliteTests : LimitFaultTests<SqliteDatabase>;

public sealed class LimitFaultsOnPostgresTests : LimitFaultTests<PostgresDatabase>;
