using Actors.Cluster.Tests.Silos;
using Actors.Contracts;
using Actors.Grains;
using Actors.Policy.Users;
using Actors.Tests;

namespace Actors.Cluster.Tests;

/// <summary>Orleans really goes where <see cref="UserHomes"/> says, on every silo, whoever comes or goes.</summary>
public sealed class UserHomesInAClusterTests(TestPostgres postgres) : IClassFixture<TestPostgres>
{
    private const int Users = 60;
    private const long FirstUser = 34_600_700_000;
    private static readonly GrainType _user = GrainType.Create(UserGrain.TypeName);

    [Fact]
    public async Task Each_user_is_active_once_where_all_silos_say_and_what_an_old_activation_remembers_harms_nobody()
    {
        await using var cluster = await SiloCluster.StartAsync(postgres.ConnectionString, 3);
        await NobodyJoinsAsync();
        await CallThroughAllAsync(business: 1);
        var first = await ActivationsAsync();
        Assert.All(first, user => Assert.Equal(HomeOf(user.Key), Assert.Single(user.Value)));
        Assert.Equal(3, first.Values.Select(silos => silos[0]).Distinct().Count());

        // Its users live elsewhere now, and some of all are at home on the one that takes its place.
        var dead = cluster.Live[0];
        await cluster.ReplaceAsync(dead);
        await NobodyJoinsAsync();
        await CallThroughAllAsync(business: 2);
        var second = await ActivationsAsync();
        Assert.All(second, user => Assert.Contains(HomeOf(user.Key), user.Value));
        Assert.DoesNotContain(dead.Handle.SiloAddress, second.Values.SelectMany(silos => silos));

        // Some who were active before are home again, where they were: what was said meanwhile holds.
        await cluster.ReplaceAsync(cluster.Live[^1]);
        await CallThroughAllAsync(business: 3);
        foreach (var user in Enumerable.Range(0, Users).Select(i => FirstUser + i))
        {
            var view = await cluster.DoAsync(grains => grains.GetGrain<IUserGrain>(user).ViewAsync());
            Assert.All([1L, 2L, 3L], business => Assert.NotNull(view.State.RelationWith(business)?.BlockedAt));
        }

        // Through each node something that is written, and something that is read.
        async Task CallThroughAllAsync(long business)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Users), async (i, _) =>
            {
                foreach (var node in cluster.Live)
                {
                    await cluster.DoAsync(_ => node.Grains.GetGrain<IUserGrain>(FirstUser + i).BlockAsync(business, ComplaintReason.NoReason));
                    await cluster.DoAsync(_ => node.Grains.GetGrain<IUserGrain>(FirstUser + i).ViewAsync());
                }
            });
        }

        // Users go on moving to a silo that joins, so that they would live elsewhere already when they are looked for.
        async Task NobodyJoinsAsync()
        {
            var live = cluster.Live.Select(node => node.Handle.SiloAddress).ToHashSet();
            while (!cluster.Live.All(node => Sees(node, live) && !live.Any(node.Get<UserDirectory>().Joins)))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }

        SiloAddress HomeOf(GrainId user) => Assert.Single(cluster.Live.Select(node => Home(node, user)).Distinct());

        async Task<Dictionary<GrainId, List<SiloAddress>>> ActivationsAsync()
        {
            var all = await cluster.DoAsync(grains => grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics());
            return all.Where(one => one.GrainId.Type == _user).GroupBy(one => one.GrainId)
                .ToDictionary(same => same.Key, same => same.Select(one => one.SiloAddress).ToList());
        }
    }

    /// <summary>Whether these are all that it counts on, which its directory knows once it has been asked.</summary>
    private static bool Sees(SiloNode node, HashSet<SiloAddress> live)
    {
        Home(node, GrainId.Create(_user, GrainIdKeyExtensions.CreateIntegerKey(FirstUser)));
        return node.Get<IClusterMembershipService>().CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active)
            .Select(member => member.SiloAddress).ToHashSet().SetEquals(live);
    }

    private static SiloAddress Home(SiloNode node, GrainId user)
    {
        Assert.True(node.Get<UserDirectory>().LookUp(user, out var address, out _));
        return address.SiloAddress!;
    }
}
