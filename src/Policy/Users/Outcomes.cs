using System.Numerics;

namespace Actors.Policy.Users;

/// <summary>How the user's newest marketing messages ended, of all businesses: read or not, at most <see cref="Max"/>.</summary>
/// <param name="Count">How many are known, 0 to <see cref="Max"/>.</param>
/// <param name="Read">One bit for each, set where it was read; the newest is the lowest, those above <paramref name="Count"/> are 0.</param>
public readonly record struct Outcomes(int Count, uint Read)
{
    /// <summary>Most that a record holds; also the most that the policy may look at.</summary>
    public const int Max = 20;

    /// <summary>How many of them were read.</summary>
    public int Reads => BitOperations.PopCount(Read);

    /// <summary>The newest of them, at most <paramref name="count"/>.</summary>
    internal Outcomes Newest(int count) => count >= Count ? this : new(count, Read & Ones(count));

    /// <summary>With one more; beyond the bound the oldest falls out.</summary>
    internal Outcomes Plus(bool read) => new(Math.Min(Count + 1, Max), ((Read << 1) | (read ? 1u : 0u)) & Ones(Max));

    private static uint Ones(int count) => (1u << count) - 1;
}

/// <summary>A delivered marketing message whose outcome is still open: not read, and not delivered long enough ago.</summary>
/// <param name="Message">Its number within the user.</param>
/// <param name="DeliveredAt">When it was delivered.</param>
public readonly record struct OpenOutcome(long Message, Instant DeliveredAt);
