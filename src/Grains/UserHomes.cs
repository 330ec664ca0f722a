using System.Buffers.Binary;
using System.Text;

namespace Actors.Grains;

/// <summary>
/// On which silo each user lives: computed from who is in the cluster, the same on each silo, so that nobody has to be asked and nothing is lost with a silo.
/// </summary>
/// <remarks>
/// Rendezvous hashing: of a silo that leaves, its users alone move, to all the others; to one that joins, each other one's part of them. A silo counts by its
/// address and port, so one that starts again gets the same users again. One that joins is cold, and few calls make it warm: it gets its users little by
/// little, hardly any at first.
/// Silos that for a moment don't know the same members, or not for equally long, may each have an activation of one user: the versions of commits bear that
/// (docs/decisions/0017).
/// </remarks>
internal sealed class UserHomes
{
    /// <summary>Users fall into so many parts, each of which lives on one silo: of a hundred silos each has its hundredth within some 8 %.</summary>
    internal const int Parts = 1 << 14;

    /// <summary>Seconds: silos that start within this time of the oldest one start the cluster, and nobody's users wait to move.</summary>
    internal const int StartsTogether = 10;

    /// <summary>From when a silo takes calls until all its users live there.</summary>
    internal static readonly TimeSpan JoinsWithin = TimeSpan.FromSeconds(10);

    /// <summary>For each part whose it is, where that silo is joining the next one, and so on.</summary>
    private readonly Member[][] _homes;

    private UserHomes(Member[][] homes) => _homes = homes;

    /// <summary>The homes in a cluster of these silos.</summary>
    /// <param name="silos">Those that take calls, in any order; at least one.</param>
    /// <param name="now">The time, from the same origin as theirs.</param>
    public static UserHomes In(IEnumerable<Member> silos, TimeSpan now)
    {
        // Where an address stands twice, the older run of the two is dead, and only nobody has said so yet.
        var members = silos.GroupBy(member => member.Silo.Endpoint).Select(same => same.MaxBy(member => member.Silo.Generation)).ToList();
        var oldest = members.Min(member => member.Silo.Generation);
        var all = members.Select(member => member.Silo.Generation - oldest <= StartsTogether ? member with { Since = Member.LongAgo } : member)
            .Select(member => new Candidate(member, Encoding.ASCII.GetBytes($"{member.Silo.Endpoint}"), [member]))
            .OrderBy(candidate => candidate.Name, Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
            .ToArray();
        return new UserHomes([.. Enumerable.Range(0, Parts).Select(part => HomesOf(part, all, now))]);
    }

    /// <summary>Whether a silo has yet to get a part of its users.</summary>
    /// <param name="now">The time, from the same origin as the members'.</param>
    public bool IsJoining(SiloAddress silo, TimeSpan now) =>
        Array.Exists(_homes, homes => homes.Length > 1 && homes[0].Silo.Equals(silo) && now - homes[0].Since < JoinsWithin);

    /// <summary>Where a user lives.</summary>
    /// <param name="now">The time, from the same origin as the members'.</param>
    public SiloAddress Of(GrainId user, TimeSpan now)
    {
        var part = (int)(user.GetUniformHashCode() & (Parts - 1));
        var homes = _homes[part];
        var chosen = 0;
        while (chosen < homes.Length - 1 && !Has(homes[chosen], part, now))
        {
            chosen++;
        }

        return homes[chosen].Silo;
    }

    /// <summary>Of a silo that joins: whether a part that is its own lives there already.</summary>
    private static bool Has(Member member, int part, TimeSpan now)
    {
        var joined = Math.Max(0, (now - member.Since) / JoinsWithin);
        return part < Parts * joined * joined;
    }

    private static Member[] HomesOf(int part, Candidate[] candidates, TimeSpan now)
    {
        var best = candidates.MaxBy(candidate => Weight(candidate.Name, part))!;
        return best.Member.Since == Member.LongAgo || now - best.Member.Since >= JoinsWithin
            ? best.Alone
            : [best.Member, .. HomesOf(part, [.. candidates.Where(candidate => candidate != best)], now)];
    }

    private static uint Weight(ReadOnlySpan<byte> silo, int part)
    {
        Span<byte> text = stackalloc byte[silo.Length + sizeof(int)];
        silo.CopyTo(text);
        BinaryPrimitives.WriteInt32LittleEndian(text[silo.Length..], part);
        return StableHash.ComputeHash(text);
    }

    /// <summary>A silo that takes calls.</summary>
    /// <param name="Since">Since when it does, as this node saw it.</param>
    internal readonly record struct Member(SiloAddress Silo, TimeSpan Since)
    {
        /// <summary>Before this node did.</summary>
        public static readonly TimeSpan LongAgo = TimeSpan.FromDays(-1);
    }

    private sealed record Candidate(Member Member, byte[] Name, Member[] Alone);
}
