using Actors.Cluster.Tests.Silos;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Tests;

namespace Actors.Cluster.Tests;

/// <summary>G6: a business never opens more users than its limit in any 24 hours, whatever races and whoever dies; and it can use all of it.</summary>
public sealed class G6_The_messaging_limit_holds(TestPostgres postgres) : IClassFixture<TestPostgres>
{
    private const int Nodes = 3;
    private const int Senders = 16;

    private static bool IsLong => Environment.GetEnvironmentVariable("ACTORS_LONG") == "1";

    [Fact]
    public async Task All_of_it_can_be_used_from_all_nodes_and_no_more()
    {
        await using var cluster = await SiloCluster.StartAsync(await OwnDatabaseAsync(), Nodes);
        LimitTier[] always = [LimitTier.First, LimitTier.Second, LimitTier.Third];
        LimitTier[] tiers = IsLong ? [.. always, LimitTier.Fourth] : always;
        await Task.WhenAll(tiers.Select(async tier =>
        {
            var limit = MessagingLimit.Users(tier)!.Value;
            var opening = new Opening(cluster, await Given.BusinessAsync(cluster, tier, "order"), "order");
            var users = await Given.UsersAsync(cluster, opening.Business, limit + 100);

            // What is sent in a window needs no place, and must not keep one from those that do.
            var friends = await Given.UsersAsync(cluster, opening.Business, 4, hasWritten: true);
            using var stopping = new CancellationTokenSource();
            var chats = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => opening.ChatAsync(friends, stopping.Token))));
            await opening.SendAsync(users, Senders);

            // Where the machine is so slow that calls time out, places are lost on their way, as by a fault; they are won back.
            while (opening.Outages > 0 && (await opening.OpenedAsync()).Length < limit)
            {
                await opening.SendAsync(users, Senders);
            }

            await stopping.CancelAsync();
            await chats;
            Assert.Equal(limit, Opening.MostInADay(await opening.OpenedAsync()));
        }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_is_never_exceeded_though_nodes_are_killed_grains_lost_and_epochs_moved(int servers)
    {
        var shown = new MovedClock();
        string[] databases = [.. await Task.WhenAll(Enumerable.Range(0, servers).Select(_ => OwnDatabaseAsync()))];
        await using var cluster = await SiloCluster.StartAsync(databases[0], Nodes, IsLong ? shown.Show : null, null, databases[1..]);
        LimitTier[] tiers = IsLong ? [LimitTier.First, LimitTier.Second, LimitTier.Third] : [LimitTier.First, LimitTier.Second];
        var openings = await Task.WhenAll(tiers.Select(async tier =>
            (Limit: MessagingLimit.Users(tier)!.Value, Of: new Opening(cluster, await Given.BusinessAsync(cluster, tier, "order"), "order"))));
        for (var round = 0; round < (IsLong ? 8 : 1); round++)
        {
            var answered = openings.Sum(opening => opening.Of.Answered);
            var all = openings.Sum(opening => opening.Limit * 5 / 4);

            // Before anything is killed: they are written by the ledger of one node.
            var users = await Task.WhenAll(
                openings.Select(opening => Given.UsersAsync(cluster, opening.Of.Business, opening.Limit * 5 / 4)));
            var sending = Task.WhenAll(openings.Select((opening, i) => opening.Of.SendAsync(users[i], Senders)));
            var deaths = Task.Run(() => MeddleAsync(cluster, [.. openings.Select(opening => opening.Of)], IsLong ? 8 : 4, answered, all, sending));
            await sending;
            await deaths;
            foreach (var (limit, opening) in openings)
            {
                var opened = await opening.OpenedAsync();
                Assert.InRange(Opening.MostInADay(opened), limit / 4, limit);
                Assert.Equal(servers, opened.Select(one => cluster.Any().Ledger.Store.PartOf(one.User)).Distinct().Count());
            }

            // Thirteen hours on: some of what was opened counts no more, and the rest does.
            if (IsLong)
            {
                await shown.MoveAsync(cluster, TimeSpan.FromHours(13));
            }
        }
    }

    /// <summary>At even distances of the load: kills a node, ends the limits' grains, moves the epochs, in turn.</summary>
    private static async Task MeddleAsync(SiloCluster cluster, Opening[] openings, int times, int from, int all, Task sending)
    {
        for (var time = 1; time <= times; time++)
        {
            while (openings.Sum(opening => opening.Answered) < from + (all * time / (times + 1)) && !sending.IsCompleted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }

            switch (time % 4)
            {
                case 1 or 3:
                    await cluster.ReplaceAsync(cluster.Any());
                    break;
                case 2:
                    await Task.WhenAll(openings.Select(opening => opening.RevokeAsync()));
                    break;
                default:
                    await Task.WhenAll(openings.Select(opening => cluster.ForgetAsync(cluster.Any().Grains.GetGrain<ILimitGrain>(opening.Business))));
                    break;
            }
        }
    }

    private Task<string> OwnDatabaseAsync() => TestPostgres.CreateDatabaseAsync(postgres.ConnectionString);

    /// <summary>The database's clock, moved on for all nodes alike.</summary>
    private sealed class MovedClock
    {
        private long _milliseconds;

        public Instant Show(Instant shown) => shown + TimeSpan.FromMilliseconds(Volatile.Read(ref _milliseconds));

        /// <summary>Ends when every node has taken it for true.</summary>
        public async Task MoveAsync(SiloCluster cluster, TimeSpan by)
        {
            var until = cluster.Any().Ledger.Clock.Now + by;
            Volatile.Write(ref _milliseconds, _milliseconds + (long)by.TotalMilliseconds);
            while (!cluster.Live.All(node => node.Ledger.Clock.IsTrusted && node.Ledger.Clock.Now >= until))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }
}
