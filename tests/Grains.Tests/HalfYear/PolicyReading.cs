using Actors.Policy;
using Actors.Policy.Businesses;

namespace Actors.Grains.Tests.HalfYear;

/// <summary>
/// The policy for one business, read a second time and as naively as possible: every sum goes over all that ever happened, nothing is kept up to date, and
/// the numbers stand here as the policy has them. Of the product's code it uses names only.
/// </summary>
internal sealed class PolicyReading
{
    private const long Hour = 3_600_000, Day = 24 * Hour;

    private static readonly int?[] Limits = [250, 2_000, 10_000, 100_000, null];

    private readonly Dictionary<long, List<long>> _deliveries = [];
    private readonly Dictionary<long, List<(long At, double Weight)>> _signals = [];
    private readonly Dictionary<long, long> _opened = [];
    private readonly List<(long At, double Count)> _delivered = [];
    private readonly List<(long At, double Count)> _negative = [];
    private readonly List<(long At, double Count)> _reports = [];
    private readonly List<(long At, double Count)> _openings = [];
    private long _redSince;
    private long? _raisedAt;
    private bool _verified;

    /// <summary>The band as of the last judgement.</summary>
    public QualityBand Band { get; private set; }

    /// <summary>The limit, 0 to 4.</summary>
    public int Limit { get; private set; }

    /// <summary>What was done to it, in order.</summary>
    public List<LadderStep> Steps { get; } = [];

    public void Verify() => (_verified, Limit) = (true, Math.Max(1, Limit));

    /// <summary>A message outside the window was accepted.</summary>
    public void Sent(long user, Instant now)
    {
        if (!_opened.TryGetValue(user, out var last) || now.Milliseconds - last >= Day)
        {
            _opened[user] = now.Milliseconds;
            Add(_openings, now.Milliseconds, 1);
        }
    }

    /// <summary>Users whom it opened in the so many milliseconds that end with now.</summary>
    public double OpenedWithin(long period, Instant now) => _openings.Where(o => o.At > now.Milliseconds - period).Sum(o => o.Count);

    /// <summary>Marketing or utility that was accepted outside the window was delivered.</summary>
    public void Delivered(long user, Instant now)
    {
        var all = Of(_deliveries, user);
        all.Add(now.Milliseconds);

        // D: a user once in 24 hours.
        long? counted = null;
        var isNew = false;
        foreach (var at in all)
        {
            isNew = counted is null || at - counted >= Day;
            counted = isNew ? at : counted;
        }

        if (isNew)
        {
            Add(_delivered, now.Milliseconds, 1);
        }
    }

    /// <summary>The user did something against the business.</summary>
    public void Signalled(long user, NegativeSignal signal, Instant now)
    {
        var weight = signal switch { NegativeSignal.Report => 2.0, NegativeSignal.Block => 1.0, _ => 0.1 };
        if (!_deliveries.TryGetValue(user, out var deliveries) || now.Milliseconds - deliveries[^1] >= 7 * Day)
        {
            return;
        }

        // B: per user only the heaviest in 24 hours from the first.
        var (from, heaviest) = (long.MinValue / 2, 0.0);
        foreach (var earlier in Of(_signals, user))
        {
            (from, heaviest) = earlier.At - from >= Day ? earlier : (from, Math.Max(heaviest, earlier.Weight));
        }

        heaviest = now.Milliseconds - from >= Day ? 0 : heaviest;
        if (weight > heaviest)
        {
            Of(_signals, user).Add((now.Milliseconds, weight));
            Add(_negative, now.Milliseconds, weight - heaviest);
            if (signal == NegativeSignal.Report)
            {
                Add(_reports, now.Milliseconds, 1);
            }
        }
    }

    public double ScoreAt(Instant now)
    {
        double Left(long at) => Math.Pow(2, -(now.Milliseconds - at) / (48.0 * Hour));
        var delivered = _delivered.Sum(d => d.Count * Left(d.At));
        var negative = _negative.Sum(n => n.Count * Left(n.At));
        var rate = (negative + (200 * 0.005)) / (delivered + 200);
        return 100 * Math.Exp(-rate / 0.035);
    }

    /// <summary>Judges, as happens with each fold and at least hourly.</summary>
    public void Judge(Instant now)
    {
        var band = BandOf(ScoreAt(now));
        if (band != Band)
        {
            (Band, _redSince) = (band, now.Milliseconds);
        }

        // (a) red for 24 hours with at least min(1,000, half of its limit) delivered in that time.
        if (Band == QualityBand.Red && CountsFrom(StrikeCause.SustainedRed) is { } countsFrom)
        {
            var from = Math.Max(_redSince, countsFrom);
            var needed = Limits[Limit] is { } users ? Math.Min(1_000, users / 2.0) : 1_000;
            if (now.Milliseconds - from >= Day && InBuckets(_delivered, Hour, 24, from, now) >= needed)
            {
                Steps.Add(LadderStep.Strike(StrikeCause.SustainedRed, now.Milliseconds));
            }
        }

        // (b) reports by at least 20 users and 1 % of at least 500 delivered within an hour.
        if (CountsFrom(StrikeCause.ReportBurst) is { } burstFrom)
        {
            var delivered = InBuckets(_delivered, 60_000, 60, burstFrom, now);
            var reports = InBuckets(_reports, 60_000, 60, burstFrom, now);
            if (delivered >= 500 && reports >= 20 && reports >= 0.01 * delivered)
            {
                Steps.Add(LadderStep.Strike(StrikeCause.ReportBurst, now.Milliseconds));
            }
        }

        // One limit up: at most once in 24 hours, known and not red, half of it delivered in 7 days, nothing runs, above 2,000 only verified.
        if (Limits[Limit] is { } most
            && Band is QualityBand.Yellow or QualityBand.Green
            && (Limit == 0 || _verified)
            && (_raisedAt is null || now.Milliseconds - _raisedAt >= Day)
            && StandingAt(now).Restriction == Restriction.None
            && InBuckets(_delivered, Hour, 7 * 24, 0, now) >= most / 2.0)
        {
            (Limit, _raisedAt) = (Limit + 1, now.Milliseconds);
        }
    }

    /// <summary>Where it stands: all steps again, from the first one on.</summary>
    public (int Tier, Restriction Restriction, long? Until) StandingAt(Instant now)
    {
        var ladder = LadderReading.Of(Steps, now.Milliseconds);
        return ladder.Tier == 6 ? (6, Restriction.Locked, null)
            : ladder.Until > now.Milliseconds ? (ladder.Tier, ladder.Restriction, ladder.Until)
            : (ladder.Tier, Restriction.None, null);
    }

    /// <summary>Whether its restriction lets this through, at the send.</summary>
    public bool MaySend(Category category, bool inWindow, Instant now) => StandingAt(now).Restriction switch
    {
        Restriction.None or Restriction.Warning => true,
        Restriction.NoMarketing => category != Category.Marketing,
        Restriction.WindowOnly => category != Category.Marketing && inWindow,
        _ => false,
    };

    private QualityBand BandOf(double score)
    {
        if (_delivered.Sum(d => d.Count) < 50)
        {
            return QualityBand.Unknown;
        }

        var plain = score >= 75 ? QualityBand.Green : score >= 50 ? QualityBand.Yellow : QualityBand.Red;
        return Band == QualityBand.Unknown || plain <= Band ? plain
            : score >= 80 ? QualityBand.Green
            : score >= 55 ? QualityBand.Yellow
            : Band;
    }

    /// <summary>From when on a cause's condition counts: anew from the end of the last restriction where it has struck. Null while locked.</summary>
    private long? CountsFrom(StrikeCause cause)
    {
        var ladder = LadderReading.Of(Steps, 0);
        var struck = Steps.Where(s => s.Cause == cause).Select(s => s.ReversedAt ?? ladder.Until).ToList();
        return ladder.Tier == 6 ? null : struck.Count == 0 ? 0 : struck.Max();
    }

    /// <summary>
    /// Within so many full hours or minutes of the clock, the one that now lies in among them, none of which begins before <paramref name="from"/>.
    /// </summary>
    private static double InBuckets(List<(long At, double Count)> all, long bucket, int buckets, long from, Instant now)
    {
        var first = now.Milliseconds - (now.Milliseconds % bucket) - ((buckets - 1) * bucket);
        return all.Where(one => one.At - (one.At % bucket) is var begins && begins >= first && begins >= from).Sum(one => one.Count);
    }

    private static void Add(List<(long At, double Count)> all, long at, double count)
    {
        // What happened in the same millisecond stands in one line: that is all the thrift there is here.
        if (all.Count > 0 && all[^1].At == at)
        {
            all[^1] = (at, all[^1].Count + count);
        }
        else
        {
            all.Add((at, count));
        }
    }

    private static List<T> Of<T>(Dictionary<long, List<T>> lists, long user)
    {
        if (!lists.TryGetValue(user, out var list))
        {
            lists.Add(user, list = []);
        }

        return list;
    }
}
