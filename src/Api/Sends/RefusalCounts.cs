using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy.Sends;

namespace Actors.Api.Sends;

/// <summary>Refusals of this node by business and reason, never by user: counted in memory until <see cref="RefusalReports"/> has told them.</summary>
/// <remarks>
/// <see cref="Count"/> is thread-safe and costs a look-up and an increment; <see cref="Take(int)"/> has one caller. The counts only grow, and what was told is
/// remembered beside them: so none is lost between counting and telling.
/// </remarks>
internal sealed class RefusalCounts
{
    /// <summary>Of so many businesses refusals are counted at the same time; of any further one they aren't.</summary>
    public const int BusinessesMax = 20_000;

    private const int IdleRoundsMax = 120;

    private static readonly int Reasons = (int)Enum.GetValues<Reason>().Max() + 1;

    private readonly ConcurrentDictionary<long, Tally> _tallies = new();
    private readonly List<KeyValuePair<long, Tally>> _leaving = [];
    private int _businesses;
    private long _uncounted;

    /// <summary>Refusals that were not counted, because too many businesses were.</summary>
    public long Uncounted => Interlocked.Read(ref _uncounted);

    /// <summary>Counts one refusal.</summary>
    /// <param name="business">Whose send.</param>
    /// <param name="reason">Why, as the business may know it.</param>
    public void Count(long business, Reason reason)
    {
        if (!_tallies.TryGetValue(business, out var tally))
        {
            if (Volatile.Read(ref _businesses) >= BusinessesMax)
            {
                Interlocked.Increment(ref _uncounted);
                return;
            }

            var made = new Tally();
            tally = _tallies.GetOrAdd(business, made);
            if (tally == made)
            {
                Interlocked.Increment(ref _businesses);
            }
        }

        Interlocked.Increment(ref tally.Counted[(int)reason]);
    }

    /// <summary>What was counted and not taken yet, at most about so many lines. Where it is full, who was refused nothing for long makes room.</summary>
    public ImmutableArray<RefusalCount> Take(int linesMax)
    {
        var taken = ImmutableArray.CreateBuilder<RefusalCount>();

        // A thread may have been in the middle of counting when they were removed: they are looked at once more.
        foreach (var (business, tally) in _leaving)
        {
            Take(business, tally, taken);
        }

        _leaving.Clear();
        var isFull = Volatile.Read(ref _businesses) >= BusinessesMax;
        foreach (var one in _tallies)
        {
            if (taken.Count >= linesMax)
            {
                break;
            }

            var before = taken.Count;
            Take(one.Key, one.Value, taken);
            one.Value.IdleRounds = taken.Count == before ? one.Value.IdleRounds + 1 : 0;
            if (isFull && one.Value.IdleRounds > IdleRoundsMax && _tallies.TryRemove(one))
            {
                Interlocked.Decrement(ref _businesses);
                _leaving.Add(one);
            }
        }

        return taken.DrainToImmutable();
    }

    private static void Take(long business, Tally tally, ImmutableArray<RefusalCount>.Builder taken)
    {
        for (var reason = 0; reason < Reasons; reason++)
        {
            var counted = Interlocked.Read(ref tally.Counted[reason]);
            if (counted > tally.Taken[reason])
            {
                taken.Add(new RefusalCount(business, (Reason)reason, counted - tally.Taken[reason]));
                tally.Taken[reason] = counted;
            }
        }
    }

    private sealed class Tally
    {
        public readonly long[] Counted = new long[Reasons];

        public readonly long[] Taken = new long[Reasons];

        public int IdleRounds;
    }
}
