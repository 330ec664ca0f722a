using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>Signals of one kind in a life, and what of them its business hasn't been shown.</summary>
/// <remarks>
/// What is new stays hidden until it comes from so many different users as the floor asks for; then all of it is shown at once (<see cref="SignalSteps"/>).
/// A user counts once a day, so the same user can signal again on another day, and a mere count would pass the floor with one user on ten days: users are
/// told apart, by a hash, until there are enough. Two users with the same hash count as one: that hides longer, never shorter.
/// </remarks>
public sealed record SignalTally
{
    /// <summary>How many there were. Not decayed.</summary>
    public long Count { get; init; }

    /// <summary>
    /// Hashes of different users behind what is hidden, at most as many as the floor asks for. Where nothing is hidden, they are an older build's.
    /// </summary>
    public ImmutableArray<uint> Users { get; init; } = [];

    /// <summary>What the business hasn't been shown; null for nothing.</summary>
    public HiddenSignals? Hidden { get; init; }

    /// <summary>How many the business has been shown; null for none.</summary>
    public long? ShownCount { get; init; }

    /// <summary>Different users behind what is hidden, as far as they are told apart.</summary>
    internal ImmutableArray<uint> HiddenUsers => Hidden is null ? [] : Users;

    /// <summary>One more that isn't hidden here: it is where it is charged to.</summary>
    internal SignalTally Add() => this with { Count = Count + 1 };

    /// <summary>One more, hidden.</summary>
    /// <param name="user">Who signals.</param>
    /// <param name="floor">How many different users have to be told apart.</param>
    /// <param name="tenths">What it adds to the weight.</param>
    internal SignalTally Add(long user, int floor, double tenths) => Hide([Hash(user)], floor, new HiddenSignals(1, tenths)) with { Count = Count + 1 };

    /// <summary>The same with more hidden.</summary>
    internal SignalTally Hide(ImmutableArray<uint> users, int floor, HiddenSignals more)
    {
        ImmutableArray<uint> known = [.. HiddenUsers.Union(users).Take(Math.Max(floor, HiddenUsers.Length))];
        return this with { Users = known, Hidden = new((Hidden?.Count ?? 0) + more.Count, (Hidden?.Tenths ?? 0) + more.Tenths) };
    }

    /// <summary>The same with nothing hidden.</summary>
    internal SignalTally Clear() => this with { Users = [], Hidden = null };

    /// <summary>The same after some time: the part that is left of the hidden weight.</summary>
    internal SignalTally Decayed(double left) => Hidden is { } hidden ? this with { Hidden = hidden with { Tenths = hidden.Tenths * left } } : this;

    private static uint Hash(long user)
    {
        // The finalizer of splitmix64: phone numbers lie close together, their hashes don't.
        var mixed = (ulong)user;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return (uint)((mixed ^ (mixed >> 31)) >> 32);
    }
}

/// <summary>Signals that their business hasn't been shown.</summary>
/// <param name="Count">How many.</param>
/// <param name="Tenths">Their weight in tenths, decayed.</param>
public readonly record struct HiddenSignals(long Count, double Tenths);
