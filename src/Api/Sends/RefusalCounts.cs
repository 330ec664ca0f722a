using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy.Sends;

namespace Actors.Api.Sends;

/// <summary>
/// Refusals of this node by business, template and reason, never by user: counted in memory until <see cref="RefusalReports"/> has told them.
/// </summary>
/// <remarks>
/// <see cref="Count"/> is thread-safe and costs a look-up, another one where a template is named, and an increment; <see cref="Take(int)"/> has one caller.
/// The counts only grow, and what was told is remembered beside them: so none is lost between counting and telling.
/// </remarks>
internal sealed class RefusalCounts
{
    /// <summary>Of so many businesses refusals are counted at the same time; of any further one they aren't.</summary>
    public const int BusinessesMax = 20_000;

    /// <summary>So many templates of a business are counted in a window; what is refused of any further one counts for the business only.</summary>
    public const int TemplatesPerBusinessMax = 64;

    /// <summary>So many templates of all businesses are counted at the same time.</summary>
    public const int TemplatesMax = 20_000;

    /// <summary>A window is so many rounds of <see cref="Take(int)"/>: half an hour. It also bounds the rows that refusals of a business make.</summary>
    public const int WindowRounds = 360;

    private const int IdleRoundsMax = 120;

    private static readonly int Reasons = (int)Enum.GetValues<Reason>().Max() + 1;
    private static readonly Dictionary<long, Tally> None = [];

    private readonly ConcurrentDictionary<long, BusinessTally> _tallies = new();
    private readonly List<KeyValuePair<long, BusinessTally>> _leaving = [];
    private int _businesses;
    private int _templates;
    private long _uncounted;
    private long _withoutTemplate;

    /// <summary>Refusals that were not counted, because too many businesses were.</summary>
    public long Uncounted => Interlocked.Read(ref _uncounted);

    /// <summary>Refusals that were counted for the business and not for their template, because too many templates were.</summary>
    public long WithoutTemplate => Interlocked.Read(ref _withoutTemplate);

    /// <summary>Counts one refusal.</summary>
    /// <param name="business">Whose send.</param>
    /// <param name="template">The template, which there is; 0 for none.</param>
    /// <param name="reason">Why, as the business may know it.</param>
    public void Count(long business, long template, Reason reason)
    {
        if (!_tallies.TryGetValue(business, out var tally))
        {
            if (Volatile.Read(ref _businesses) >= BusinessesMax)
            {
                Interlocked.Increment(ref _uncounted);
                return;
            }

            var made = new BusinessTally();
            tally = _tallies.GetOrAdd(business, made);
            if (tally == made)
            {
                Interlocked.Increment(ref _businesses);
            }
        }

        Interlocked.Increment(ref (template == 0 ? tally.Other : OfTemplate(tally, template)).Counted[(int)reason]);
    }

    /// <summary>What was counted and not taken yet, at most about so many rows. Where it is full, who was refused nothing for long makes room.</summary>
    /// <remarks>A business's reason has one line, now and then two, and a template may stand twice in one: whoever adds them adds up.</remarks>
    public ImmutableArray<RefusalCount> Take(int rowsMax)
    {
        var taken = ImmutableArray.CreateBuilder<RefusalCount>();

        // A thread may have been in the middle of counting when they were removed: they are looked at once more.
        var rows = 0;
        foreach (var (business, tally) in _leaving)
        {
            rows += Take(business, tally, taken);
        }

        _leaving.Clear();
        var isFull = Volatile.Read(ref _businesses) >= BusinessesMax;
        foreach (var one in _tallies)
        {
            if (rows >= rowsMax)
            {
                break;
            }

            var added = Take(one.Key, one.Value, taken);
            rows += added;
            EndWindow(one.Value);
            one.Value.IdleRounds = added == 0 ? one.Value.IdleRounds + 1 : 0;
            if (isFull && one.Value.IdleRounds > IdleRoundsMax && _tallies.TryRemove(one))
            {
                Interlocked.Decrement(ref _businesses);
                Interlocked.Add(ref _templates, -one.Value.Close());
                _leaving.Add(one);
            }
        }

        return taken.DrainToImmutable();
    }

    private static int Take(long business, BusinessTally tally, ImmutableArray<RefusalCount>.Builder taken)
    {
        var rows = 0;
        KeyValuePair<long, Tally>[] templates = tally.Templates.Count + tally.Left.Count == 0 ? [] : [.. tally.Templates, .. tally.Left];
        for (var reason = 0; reason < Reasons; reason++)
        {
            var count = tally.Other.Take(reason);
            ImmutableArray<TemplateRefusals> named = default;
            foreach (var (template, of) in templates)
            {
                if (of.Take(reason) is > 0 and var more)
                {
                    named = (named.IsDefault ? [] : named).Add(new TemplateRefusals(template, more));
                    count += more;
                }
            }

            if (count > 0)
            {
                taken.Add(new RefusalCount(business, (Reason)reason, count, named));
                rows += taken[^1].Rows;
            }
        }

        tally.Left = None;
        return rows;
    }

    private Tally OfTemplate(BusinessTally business, long template)
    {
        if (business.Templates.TryGetValue(template, out var tally))
        {
            return tally;
        }

        if (business.Templates.Count < TemplatesPerBusinessMax && Volatile.Read(ref _templates) < TemplatesMax
            && business.TryAdd(template, ref _templates) is { } added)
        {
            return added;
        }

        Interlocked.Increment(ref _withoutTemplate);
        return business.Other;
    }

    /// <summary>Forgets a business's templates every half hour, so that others get their turn.</summary>
    private void EndWindow(BusinessTally tally)
    {
        if (tally.Templates.Count > 0 && ++tally.WindowRounds >= WindowRounds)
        {
            tally.WindowRounds = 0;
            Interlocked.Add(ref _templates, -tally.EndWindow());
        }
    }

    private sealed class Tally
    {
        public readonly long[] Counted = new long[Reasons];

        private readonly long[] _taken = new long[Reasons];

        public long Take(int reason)
        {
            var more = Interlocked.Read(ref Counted[reason]) - _taken[reason];
            _taken[reason] += more;
            return more;
        }
    }

    private sealed class BusinessTally
    {
        public readonly Tally Other = new();

        public int IdleRounds;

        public int WindowRounds;

        private readonly Lock _gate = new();
        private volatile Dictionary<long, Tally> _templates = None;
        private bool _isClosed;

        /// <summary>By template; never changed, but replaced.</summary>
        public Dictionary<long, Tally> Templates => _templates;

        /// <summary>Those of the window before: a thread may have been in the middle of counting when it ended, so they are looked at once more.</summary>
        public Dictionary<long, Tally> Left { get; set; } = None;

        /// <summary>A template's tally; null where there is no room for another one.</summary>
        public Tally? TryAdd(long template, ref int templates)
        {
            lock (_gate)
            {
                if (_templates.TryGetValue(template, out var tally))
                {
                    return tally;
                }

                if (_isClosed || _templates.Count >= TemplatesPerBusinessMax)
                {
                    return null;
                }

                Interlocked.Increment(ref templates);
                tally = new Tally();
                _templates = new(_templates) { [template] = tally };
                return tally;
            }
        }

        public int EndWindow()
        {
            lock (_gate)
            {
                (Left, _templates) = (_templates, None);
                return Left.Count;
            }
        }

        /// <summary>Takes no further template; gives how many it has.</summary>
        public int Close()
        {
            lock (_gate)
            {
                _isClosed = true;
                return _templates.Count;
            }
        }
    }
}
