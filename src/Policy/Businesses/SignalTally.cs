using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>Signals of one kind in a life, and whether they come from enough different users to be shown.</summary>
/// <remarks>
/// A user counts once a day, so the same user can signal again on another day: a mere count would pass the privacy floor with one user on ten days.
/// So the first users are told apart, by a hash, until there are enough. Two users with the same hash count as one: that hides longer, never shorter.
/// </remarks>
public sealed record SignalTally
{
    /// <summary>How many there were. Not decayed.</summary>
    public long Count { get; init; }

    /// <summary>Hashes of the first different users, at most as many as the floor asks for.</summary>
    public ImmutableArray<uint> Users { get; init; } = [];

    /// <summary>One more.</summary>
    /// <param name="user">Who signals.</param>
    /// <param name="floor">How many different users have to be told apart.</param>
    public SignalTally Add(long user, int floor)
    {
        var hash = Hash(user);
        var known = Users.Length >= floor || Users.Contains(hash);
        return new SignalTally { Count = Count + 1, Users = known ? Users : Users.Add(hash) };
    }

    /// <summary>The number as a business may see it; null below the floor.</summary>
    public long? Shown(int floor) => Users.Length >= floor ? Count : null;

    private static uint Hash(long user)
    {
        // The finalizer of splitmix64: phone numbers lie close together, their hashes don't.
        var mixed = (ulong)user;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return (uint)((mixed ^ (mixed >> 31)) >> 32);
    }
}
