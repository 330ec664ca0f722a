using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy.Sends;

namespace Actors.Grains.Tests;

/// <summary>The messaging limit: lent, recalled, counted, won back (G6). Holders are simulated: they do what a node's Quotas does.</summary>
public abstract class LimitGrainTests<TDatabase>(Running<TDatabase> running) : IClassFixture<Running<TDatabase>>
    where TDatabase : IDatabase, new()
{
    private const int Limit = 250;
    private readonly long _business = Given.NewBusiness();

    private TestNode Node => running.Node;

    private ILimitGrain Grain => Node.Grains.GetGrain<ILimitGrain>(_business);

    [Fact]
    public async Task Places_are_lent_recalled_and_used_up()
    {
        var epoch = await RegisterAsync();
        using var first = new QuotaHolder(Node);
        using var second = new QuotaHolder(Node);

        var all = await LentAsync(first, epoch, 1_000);
        Assert.Equal((QuotaOutcome.Lent, Limit), (all.Outcome, all.Count));
        Assert.Equal(new LimitView(Limit, 0, Limit, null), await Grain.GetAsync());

        // What the first doesn't use, the second gets; what the first has in use, it keeps.
        first.Use(all.Piece, 100);
        var rest = await LentAsync(second, epoch, 1_000);
        Assert.Equal((QuotaOutcome.Lent, 150), (rest.Outcome, rest.Count));
        second.Use(rest.Piece, 150);

        // What was taken is refused to others once it is counted: until then it may come back.
        Assert.Equal(QuotaOutcome.Counting, (await Grain.LendAsync(epoch, 1, first.Reference)).Outcome);
        await Grain.FoldAsync([.. Given.Openings(_business, all.Piece, 100, 1), .. Given.Openings(_business, rest.Piece, 149, 101)]);
        Assert.Equal(QuotaOutcome.Counting, (await Grain.LendAsync(epoch, 1, first.Reference)).Outcome);
        await Grain.FoldAsync(Given.Openings(_business, rest.Piece, 1, 250));
        Assert.Equal(QuotaOutcome.UsedUp, (await LentAsync(first, epoch, 1)).Outcome);

        // The activation's end changes nothing.
        await Node.ForgetAsync(Grain);
        Assert.Equal(QuotaOutcome.UsedUp, (await LentAsync(first, epoch, 1)).Outcome);
    }

    [Fact]
    public async Task What_is_opened_counts_once_and_pays_with_its_piece()
    {
        var epoch = await RegisterAsync();
        using var holder = new QuotaHolder(Node);
        var piece = await LentAsync(holder, epoch, 10);
        foreach (var _ in Enumerable.Range(0, 4))
        {
            var user = await Given.OptedInAsync(Node, _business);
            Assert.True((await SendAsync(user, piece.Piece, epoch)).Opened);
            Assert.False((await SendAsync(user, piece.Piece, epoch)).Opened);
        }

        await Node.FoldedAsync();
        var view = await Grain.GetAsync();
        Assert.Equal((4, 6), (view!.Used, view.Reserved));
        Assert.NotNull(view.NextFreeAt);
    }

    [Fact]
    public async Task Without_a_place_a_send_that_opens_is_refused_and_another_is_not()
    {
        var epoch = await RegisterAsync();
        var user = await Given.OptedInAsync(Node, _business);
        var refused = await SendAsync(user, null, epoch);
        Assert.Equal((SendOutcome.Refused, Reason.MessagingLimit), (refused.Outcome, refused.Reason));

        await Node.User(user).WriteAsync(Given.Says(_business, "hello"));
        Assert.Equal(SendOutcome.Accepted, (await SendAsync(user, null, epoch)).Outcome);
    }

    [Fact]
    public async Task Under_an_epoch_that_has_moved_nothing_is_lent_and_nothing_of_it_is_spent()
    {
        var epoch = await RegisterAsync();
        using var holder = new QuotaHolder(Node);
        var piece = await LentAsync(holder, epoch, Limit);
        holder.Use(piece.Piece, Limit);
        await Node.Business(_business).RevokeTokensAsync("operator:ann");

        var user = await Given.OptedInAsync(Node, _business);
        Assert.Equal(SendOutcome.Stale, (await SendAsync(user, piece.Piece, epoch)).Outcome);
        Assert.Equal(QuotaOutcome.Stale, (await LentAsync(holder, epoch, 1)).Outcome);

        // What the old places could have paid for is counted; then they are free again.
        Assert.Equal(Limit, (await LentAsync(holder, await EpochAsync(), 1_000)).Count);
    }

    [Fact]
    public async Task Places_that_a_dead_node_holds_are_won_back()
    {
        var epoch = await RegisterAsync();
        using var alive = new QuotaHolder(Node);
        using (var dead = new QuotaHolder(Node))
        {
            var piece = await LentAsync(dead, epoch, Limit);
            dead.Use(piece.Piece, Limit);
            var user = await Given.OptedInAsync(Node, _business);
            Assert.True((await SendAsync(user, piece.Piece, epoch)).Opened);
        }

        // Until then none is refused for the next 24 hours, whoever lends: they come back within seconds.
        await Node.ForgetAsync(Grain);
        Assert.Equal(QuotaOutcome.Stale, (await LentAsync(alive, epoch, 1_000)).Outcome);
        var reply = await LentAsync(alive, await EpochAsync(), 1_000);
        Assert.Equal((QuotaOutcome.Lent, Limit - 1), (reply.Outcome, reply.Count));
        Assert.NotEqual(epoch, await EpochAsync());
    }

    [Fact]
    public async Task G6_no_more_users_are_opened_than_the_limit_whoever_races_and_dies()
    {
        await RegisterAsync();
        var users = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Given.OptedInAsync(Node, _business)));
        var next = -1;
        var opened = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async node =>
        {
            var holder = new QuotaHolder(Node);
            var random = new Random(node);
            while (Interlocked.Increment(ref next) is var i && i < users.Length)
            {
                var epoch = await EpochAsync();
                var place = holder.Take(epoch);
                if (place is null && (await LentAsync(holder, epoch, random.Next(1, 60))).Outcome == QuotaOutcome.Lent)
                {
                    place = holder.Take(epoch);
                }

                var reply = await SendAsync(users[i], place, epoch);
                opened += reply.Opened ? 1 : 0;
                if (place is { } piece && !reply.Opened)
                {
                    holder.PutBack(piece, epoch);
                }

                switch (random.Next(40))
                {
                    case 0:
                        holder.Dispose();
                        holder = new QuotaHolder(Node);
                        break;
                    case 1:
                        await Node.ForgetAsync(Grain);
                        break;
                    case 2:
                        await Node.Business(_business).RevokeTokensAsync("operator:ann");
                        break;
                    default:
                        break;
                }
            }

            holder.Dispose();
        }));

        Assert.InRange(opened, 1, Limit);
        await Node.FoldedAsync();
        Assert.Equal(opened, (await Grain.GetAsync())!.Used);
    }

    private async Task<long> RegisterAsync()
    {
        Assert.True(await Node.Business(_business).RegisterAsync(Given.Registration(_business), "operator:ann"));
        return await EpochAsync();
    }

    private async Task<long> EpochAsync() => (await Node.Business(_business).LeaseAsync(null))!.Epoch;

    private Task<SendReply> SendAsync(long user, long? quota, long epoch)
    {
        var request = Given.Send(_business, epoch: epoch);
        return Node.User(user).SendAsync(request with { Command = request.Command with { Quota = quota } });
    }

    /// <summary>Asks until it isn't being counted any more.</summary>
    private async Task<QuotaReply> LentAsync(QuotaHolder holder, long epoch, int wanted)
    {
        while (true)
        {
            try
            {
                var reply = await Grain.LendAsync(epoch, wanted, holder.Reference);
                if (reply.Outcome != QuotaOutcome.Counting)
                {
                    holder.Put(reply, epoch);
                    return reply;
                }
            }
            catch (Exception outage) when (outage is OutageException or OrleansMessageRejectionException)
            {
                // Another activation wrote first, or this one just ended: nothing was lent.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}

public sealed class LimitGrainOnSqliteTests(Running<SqliteDatabase> running) : LimitGrainTests<SqliteDatabase>(running);

public sealed class LimitGrainOnPostgresTests(Running<PostgresDatabase> running)
    : LimitGrainTests<PostgresDatabase>(running);
