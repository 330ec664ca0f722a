using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Contracts;

/// <summary>
/// Numbers that are tried on every send and never obeyed: counts how sends were decided, and how they would have been. In this process; thread-safe.
/// </summary>
public sealed class ShadowPolicy
{
    private readonly ShadowTally _tally;

    /// <summary>A shadow that has counted nothing.</summary>
    /// <param name="setAt">When it was set.</param>
    /// <param name="numbers">The numbers to try.</param>
    public ShadowPolicy(Instant setAt, PolicyNumbers numbers)
        : this(setAt, numbers, new ShadowTally())
    {
    }

    private ShadowPolicy(Instant setAt, PolicyNumbers numbers, ShadowTally tally) =>
        (Id, Numbers, _tally) = (new ShadowId(setAt, numbers.Version), numbers, tally);

    /// <summary>Which one it is, and over which version of the policy.</summary>
    public ShadowId Id { get; }

    /// <summary>When it was set.</summary>
    public Instant SetAt => Id.SetAt;

    /// <summary>The numbers to try.</summary>
    public PolicyNumbers Numbers { get; }

    /// <summary>Sends that were decided while it was set, and of which it isn't known how it would have decided them.</summary>
    public long Untried => _tally.Untried;

    /// <summary>What is tried from now on: what the policy says, but for the shadow's own numbers. Counts go on while it is the same shadow.</summary>
    /// <param name="before">What was tried so far; null for nothing.</param>
    /// <param name="shadow">The shadow; null for none.</param>
    /// <param name="under">The policy.</param>
    /// <exception cref="ArgumentException">A text isn't one of its number's values.</exception>
    public static ShadowPolicy? Follow(ShadowPolicy? before, ShadowInForce? shadow, PolicyNumbers under)
    {
        if (shadow is null)
        {
            return null;
        }

        if (before?.Id == new ShadowId(shadow.SetAt, under.Version))
        {
            return before;
        }

        var numbers = shadow.Values.Aggregate(under, (all, value) => PolicyKeys.Find(value.Key)?.Set(all, value.Texts) ?? all);
        return new ShadowPolicy(shadow.SetAt, numbers, before?.SetAt == shadow.SetAt ? before._tally : new ShadowTally());
    }

    /// <summary>Counts one send.</summary>
    /// <param name="decided">Why it was refused; null where it was accepted.</param>
    /// <param name="shadow">Why these numbers would have refused it; null where they would have accepted it.</param>
    public void Count(Reason? decided, Reason? shadow) => _tally.Count(decided, shadow);

    /// <summary>Counts one send of which it isn't known how these numbers would have decided it.</summary>
    public void CountUntried() => _tally.CountUntried();

    /// <summary>What was counted so far, without what never was.</summary>
    public ImmutableArray<ShadowCount> Counts() => _tally.Counts();

    /// <summary>What was counted and not taken yet. One caller at a time.</summary>
    public (ImmutableArray<ShadowCount> Counts, long Untried) Take() => _tally.Take();
}

/// <summary>The counts of one shadow. They only grow, and what was taken is remembered beside them: so none is lost between counting and telling.</summary>
internal sealed class ShadowTally
{
    private static readonly int Reasons = (int)Enum.GetValues<Reason>().Max() + 1;
    private readonly long[] _sends = new long[(Reasons + 1) * (Reasons + 1)];
    private readonly long[] _taken = new long[(Reasons + 1) * (Reasons + 1)];
    private long _untried;
    private long _untriedTaken;

    public long Untried => Interlocked.Read(ref _untried);

    public void Count(Reason? decided, Reason? shadow) => Interlocked.Increment(ref _sends[(Cell(decided) * (Reasons + 1)) + Cell(shadow)]);

    public void CountUntried() => Interlocked.Increment(ref _untried);

    public ImmutableArray<ShadowCount> Counts() => Collect(static (sends, _) => sends);

    public (ImmutableArray<ShadowCount> Counts, long Untried) Take()
    {
        var counts = Collect((sends, cell) =>
        {
            var more = sends - _taken[cell];
            _taken[cell] = sends;
            return more;
        });
        var untried = Untried;
        var moreUntried = untried - _untriedTaken;
        _untriedTaken = untried;
        return (counts, moreUntried);
    }

    private ImmutableArray<ShadowCount> Collect(Func<long, int, long> of)
    {
        var counts = ImmutableArray.CreateBuilder<ShadowCount>();
        for (var cell = 0; cell < _sends.Length; cell++)
        {
            if (of(Interlocked.Read(ref _sends[cell]), cell) is > 0 and var sends)
            {
                var (decided, shadow) = Math.DivRem(cell, Reasons + 1);
                counts.Add(new ShadowCount(ReasonOf(decided), ReasonOf(shadow), sends));
            }
        }

        return counts.ToImmutable();
    }

    private static int Cell(Reason? reason) => reason is { } why ? (int)why + 1 : 0;

    private static Reason? ReasonOf(int cell) => cell == 0 ? null : (Reason)(cell - 1);
}
