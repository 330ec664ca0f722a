using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Contracts;

/// <summary>
/// Numbers that are tried on every send and never obeyed: counts how sends were decided, and how they would have been. In this process; thread-safe.
/// </summary>
/// <param name="numbers">The numbers.</param>
public sealed class ShadowPolicy(PolicyNumbers numbers)
{
    private static readonly int Reasons = (int)Enum.GetValues<Reason>().Max() + 1;
    private readonly long[] _sends = new long[(Reasons + 1) * (Reasons + 1)];

    /// <summary>The numbers to try.</summary>
    public PolicyNumbers Numbers => numbers;

    /// <summary>Counts one send.</summary>
    /// <param name="decided">Why it was refused; null where it was accepted.</param>
    /// <param name="shadow">Why these numbers would have refused it; null where they would have accepted it.</param>
    public void Count(Reason? decided, Reason? shadow) => Interlocked.Increment(ref _sends[(Cell(decided) * (Reasons + 1)) + Cell(shadow)]);

    /// <summary>What was counted so far, without what never was.</summary>
    public ImmutableArray<ShadowCount> Counts()
    {
        var counts = ImmutableArray.CreateBuilder<ShadowCount>();
        for (var cell = 0; cell < _sends.Length; cell++)
        {
            if (Interlocked.Read(ref _sends[cell]) is > 0 and var sends)
            {
                var (decided, shadow) = Math.DivRem(cell, Reasons + 1);
                counts.Add(new ShadowCount(ReasonOf(decided), ReasonOf(shadow), sends));
            }
        }

        return counts.ToImmutable();
    }

    /// <summary>The same counts under other numbers: the shadow follows the policy that it differs from.</summary>
    public ShadowPolicy With(PolicyNumbers other)
    {
        var next = new ShadowPolicy(other);
        _sends.CopyTo(next._sends, 0);
        return next;
    }

    private static int Cell(Reason? reason) => reason is { } why ? (int)why + 1 : 0;

    private static Reason? ReasonOf(int cell) => cell == 0 ? null : (Reason)(cell - 1);
}
