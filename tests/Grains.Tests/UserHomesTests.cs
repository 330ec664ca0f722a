using System.Net;
using CsCheck;

namespace Actors.Grains.Tests;

/// <summary>Where users live is a matter of who is in the cluster, of nothing else; and who comes or goes moves no others than it must.</summary>
public sealed class UserHomesTests
{
    private const int Users = 20_000;

    private static readonly GrainId[] _users =
        [.. Enumerable.Range(0, Users).Select(i => GrainId.Create(UserGrain.TypeName, (4_915_100_000_000 + i).ToString("X")))];

    /// <summary>Silos of one address at different ports, as on one machine, or of different addresses at one port, as in a cluster.</summary>
    private static readonly Gen<SiloAddress[]> _clusters =
        from count in Gen.Int[1, 12]
        from isOneMachine in Gen.Bool
        from first in Gen.Int[1, 200]
        from generations in Gen.Int[1, 1_000_000].Array[count]
        select generations.Select((generation, i) => isOneMachine ? Silo(7, 11_000 + first + i, generation) : Silo(first + i, 11_111, generation)).ToArray();

    [Fact]
    public void Each_silo_has_its_part_of_the_users() => _clusters.Sample(
        silos =>
        {
            var counts = _users.CountBy(At(silos)).ToDictionary();
            Assert.Equal(silos.Length, counts.Count);
            Assert.All(counts.Values, count => Assert.InRange(count * silos.Length / (double)Users, 0.85, 1.15));
        },
        iter: 20);

    [Fact]
    public void All_silos_say_the_same_in_whatever_order_they_know_of_each_other() => _clusters.Sample(
        silos =>
        {
            var (one, other) = (At(silos), At([.. silos.Reverse()]));
            Assert.All(_users[..500], user => Assert.Equal(one(user), other(user)));
        },
        iter: 20);

    [Fact]
    public void Of_a_silo_that_leaves_all_users_move_and_no_others() => _clusters.Where(silos => silos.Length > 1).Sample(
        silos =>
        {
            var (before, after) = (At(silos), At(silos[1..]));
            foreach (var user in _users)
            {
                Assert.Equal(before(user).Equals(silos[0]), !before(user).Equals(after(user)));
            }

            // Each of the others takes its part of them.
            var taken = _users.Where(user => before(user).Equals(silos[0])).CountBy(after).ToDictionary();
            Assert.Equal(silos.Length - 1, taken.Count);
        },
        iter: 20);

    [Fact]
    public void A_silo_that_starts_again_gets_the_same_users_also_while_nobody_has_said_that_its_last_run_is_dead() => _clusters.Sample(
        silos =>
        {
            var again = SiloAddress.New(silos[0].Endpoint, silos[0].Generation + 1);
            var before = At(silos);
            foreach (var after in new[] { At([again, .. silos[1..]]), At([again, .. silos]) })
            {
                Assert.All(_users[..500], user => Assert.Equal(before(user).Equals(silos[0]) ? again : before(user), after(user)));
            }
        },
        iter: 20);

    /// <summary>Each user moves once at most, and to it, however many others have joined lately; hardly anybody at first.</summary>
    [Fact]
    public void A_silo_that_joins_gets_its_users_little_by_little() => _clusters.Where(silos => silos.Length > 2).Sample(
        silos =>
        {
            const int Late = 2_000_000;
            UserHomes.Member Joining(int which, double second) => new(SiloAddress.New(silos[which].Endpoint, Late), TimeSpan.FromSeconds(second));
            UserHomes.Member[] old = [.. silos[2..].Select(Old), Joining(1, 95)];   // of which one has just joined itself
            var joining = Joining(0, 100);
            var (homes, without) = (UserHomes.In([.. old, joining], joining.Since), UserHomes.In(old, joining.Since));
            var moved = new HashSet<GrainId>();
            for (var second = 0; second <= (int)UserHomes.JoinsWithin.TotalSeconds; second++)
            {
                var now = joining.Since + TimeSpan.FromSeconds(second);
                var there = _users.Where(user => homes.Of(user, now).Equals(joining.Silo)).ToHashSet();
                Assert.Superset(moved, there);
                moved = there;
                var others = _users.Where(user => !there.Contains(user));
                Assert.Equal(others.Select(user => without.Of(user, now)), others.Select(user => homes.Of(user, now)));
                var (part, wanted) = (moved.Count * silos.Length / (double)Users, Math.Pow(second / UserHomes.JoinsWithin.TotalSeconds, 2));
                Assert.InRange(part, (wanted * 0.85) - 0.02, (wanted * 1.15) + 0.02);
            }

            // So long no other silo should be taken away.
            Assert.True(homes.IsJoining(joining.Silo, joining.Since + UserHomes.JoinsWithin - TimeSpan.FromMilliseconds(1)));
            Assert.False(homes.IsJoining(joining.Silo, joining.Since + UserHomes.JoinsWithin));
            Assert.False(homes.IsJoining(silos[2], joining.Since));
            var after = At([.. silos[2..], old[^1].Silo, joining.Silo]);
            Assert.Equal(_users.Select(after), _users.Select(user => homes.Of(user, joining.Since + UserHomes.JoinsWithin)));
        },
        iter: 5);

    [Fact]
    public void Nobodys_users_wait_where_a_cluster_starts()
    {
        SiloAddress[] silos = [Silo(1, 11_111, 5), Silo(2, 11_111, 5 + UserHomes.StartsTogether)];
        var (homes, at) = (UserHomes.In([Old(silos[0]), new(silos[1], TimeSpan.Zero)], TimeSpan.Zero), At(silos));
        Assert.All(_users, user => Assert.Equal(at(user), homes.Of(user, TimeSpan.Zero)));
    }

    /// <summary>The same for every version that is in a cluster with others: so a part's home doesn't change unnoticed.</summary>
    [Fact]
    public void The_homes_stay_where_they_were_in_the_last_version()
    {
        SiloAddress[] silos = [Silo(1, 11_111, 5), Silo(2, 11_111, 5), Silo(3, 11_111, 5)];
        Assert.Equal("22212211220021212011122121011100", string.Concat(_users[..32].Select(user => Array.IndexOf(silos, At(silos)(user)))));
    }

    private static UserHomes.Member Old(SiloAddress silo) => new(silo, UserHomes.Member.LongAgo);

    private static Func<GrainId, SiloAddress> At(SiloAddress[] silos)
    {
        var homes = UserHomes.In(silos.Select(Old), TimeSpan.Zero);
        return user => homes.Of(user, TimeSpan.Zero);
    }

    private static SiloAddress Silo(int host, int port, int generation) =>
        SiloAddress.New(new IPEndPoint(new IPAddress([10, 0, 0, (byte)host]), port), generation);
}
