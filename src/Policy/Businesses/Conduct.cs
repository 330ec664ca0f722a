using System.Globalization;

namespace Actors.Policy.Businesses;

/// <summary>How a business behaves, as its users' deeds say, and what that has led to.</summary>
/// <remarks>
/// <see cref="Deliver"/> and <see cref="Signal"/> count, <see cref="At"/> judges: after each batch of events, and at least hourly, as bands move by
/// time alone. The caller passes what counts (see <see cref="QualityCounts"/>).
/// </remarks>
public sealed record Conduct
{
    private const int MinutesKept = 60;
    private const int HoursKept = 7 * 24;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>The counts behind the score.</summary>
    public QualityCounts Counts { get; init; } = QualityCounts.None;

    /// <summary>The counts that the business may see: as they were at the newest step.</summary>
    public QualityCounts Shown { get; init; } = QualityCounts.None;

    /// <summary>What came into the counts by which template; null where nothing came by any.</summary>
    public TemplateShares? Templates { get; init; }

    /// <summary>The clock's hour of the newest step, since 1970.</summary>
    public long ShownHour { get; init; }

    /// <summary>The band, as it was last judged.</summary>
    public QualityBand Band { get; init; }

    /// <summary>Since when it is in that band.</summary>
    public Instant BandSince { get; init; }

    /// <summary>Users delivered to, by minute, for an hour.</summary>
    public SlidingCounts DeliveredByMinute { get; init; } = new();

    /// <summary>Users delivered to, by hour, for 7 days.</summary>
    public SlidingCounts DeliveredByHour { get; init; } = new();

    /// <summary>Users who reported, by minute, for an hour.</summary>
    public SlidingCounts ReportsByMinute { get; init; } = new();

    /// <summary>Strikes and locks.</summary>
    public EnforcementState Enforcement { get; init; } = new();

    /// <summary>When it was last told that it is near red; 0 when never.</summary>
    public Instant NearRedToldAt { get; init; }

    /// <summary>When it was last told that it is near a strike; 0 when never.</summary>
    public Instant NearStrikeToldAt { get; init; }

    /// <summary>Where it stood on the ladder when that was last told; null while nothing was told.</summary>
    public ToldStanding? Told { get; init; }

    /// <summary>It is told where it stands. Nothing to tell of who was never on the ladder.</summary>
    public Conduct Tell(Standing standing) =>
        Told is null && standing is { Tier: 0, Restriction: Restriction.None } ? this : this with { Told = new(standing.Tier, standing.Restriction) };

    /// <summary>Users were delivered to.</summary>
    /// <param name="at">When.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="users">How many, 1 or more.</param>
    /// <param name="template">With which template; 0 where none is known.</param>
    public Conduct Deliver(Instant at, PolicyNumbers numbers, int users = 1, long template = 0) =>
        With(template, Counts.Deliver(at, numbers.Quality, users), numbers.Quality, counts => counts.Deliver(at, numbers.Quality, users)) with
        {
            DeliveredByMinute = DeliveredByMinute.Add(at, Minute, MinutesKept, users),
            DeliveredByHour = DeliveredByHour.Add(at, Hour, HoursKept, users),
        };

    /// <summary>A user signalled.</summary>
    /// <param name="signal">What.</param>
    /// <param name="user">Who.</param>
    /// <param name="at">When.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="after">The lighter signal that counts of this user already in these 24 hours; null when none does.</param>
    /// <param name="template">The template that it is charged to; 0 for none.</param>
    public Conduct Signal(NegativeSignal signal, long user, Instant at, PolicyNumbers numbers, NegativeSignal? after = null, long template = 0)
    {
        QualityCounts Signalled(QualityCounts counts, bool hides) => after is { } lighter
            ? counts.Raise(lighter, signal, user, at, numbers.Quality, hides)
            : counts.Signal(signal, user, at, numbers.Quality, hides);

        return With(template, Signalled(Counts, hides: template == 0), numbers.Quality, counts => Signalled(counts, hides: true)) with
        {
            ReportsByMinute = signal == NegativeSignal.Report ? ReportsByMinute.Add(at, Minute, MinutesKept, 1) : ReportsByMinute,
        };
    }

    /// <summary>
    /// Users delivered to in the period that ends with <paramref name="now"/>, by whole hours that begin at <paramref name="from"/> or later.
    /// </summary>
    public long DeliveredWithin(TimeSpan period, Instant from, Instant now) => DeliveredByHour.Sum(now, Hour, period, from);

    /// <summary>Judges: the band, the strikes whose condition is there, and the early warnings.</summary>
    /// <param name="limit">The business's messaging limit; null where there is none.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">The ledger's time.</param>
    public Judgement At(int? limit, PolicyNumbers numbers, Instant now)
    {
        var band = Quality.BandAt(Counts, Band, numbers.Quality, now);
        var next = Stepped(numbers.Quality, now);
        next = band == Band ? next : next with { Band = band, BandSince = now };
        var judgement = new Judgement(next) { BandBefore = Band };

        // Each on top of the one before: two conditions at once are two strikes.
        if (next.IsSustainedRed(limit, numbers.Enforcement, 100, now) is { } red)
        {
            judgement = judgement.With(StrikeCause.SustainedRed, red, now);
        }

        if (judgement.Next.IsReportBurst(numbers.Enforcement, 100, now) is { } burst)
        {
            judgement = judgement.With(StrikeCause.ReportBurst, burst, now);
        }

        return judgement.Strikes.IsEmpty ? Warned(judgement, limit, numbers, now) : judgement;
    }

    private static Judgement Warned(Judgement judgement, int? limit, PolicyNumbers numbers, Instant now)
    {
        var (next, rules) = (judgement.Next, numbers.Enforcement);
        var nearRed = next.Band == QualityBand.Yellow
            && Quality.TermsAt(next.Counts, numbers.Quality, now).Score < numbers.Quality.YellowFrom + rules.NearRedPoints
            && IsDue(next.NearRedToldAt, rules, now);
        var nearStrike = IsDue(next.NearStrikeToldAt, rules, now)
            && (next.IsSustainedRed(limit, rules, rules.NearStrikePercent, now) ?? next.IsReportBurst(rules, rules.NearStrikePercent, now)) is not null;

        next = nearRed ? next with { NearRedToldAt = now } : next;
        next = nearStrike ? next with { NearStrikeToldAt = now } : next;
        return judgement with { Next = next, NearRed = nearRed, NearStrike = nearStrike };
    }

    /// <summary>
    /// The same with what the business may see brought up to date, at most once in each hour of the clock: so that what one user did can't be told by looking
    /// before and after. Signals are among it as far as there are enough of them (<see cref="SignalSteps"/>).
    /// </summary>
    private Conduct Stepped(QualityNumbers numbers, Instant now)
    {
        var hour = now.Milliseconds / (long)Hour.TotalMilliseconds;
        if (hour <= ShownHour || (Shown.DeliveredInLife == Counts.DeliveredInLife && Shown.Signals == Counts.Signals))
        {
            return this;
        }

        var (counts, shares) = SignalSteps.Show(Counts, Templates?.Shares ?? [], numbers);
        return this with
        {
            Counts = counts,
            Shown = counts,
            ShownHour = hour,
            Templates = Templates is { } known ? known with { Shares = shares, Shown = shares } : null,
        };
    }

    /// <summary>The same with other counts, and what happened counted for its template, too.</summary>
    private Conduct With(long template, QualityCounts counts, QualityNumbers numbers, Func<QualityCounts, QualityCounts> change)
    {
        if (template == 0)
        {
            return this with { Counts = counts };
        }

        var (shares, gone) = (Templates ?? new TemplateShares()).With(template, numbers, change);
        return this with { Counts = gone is null ? counts : SignalSteps.Hide(counts, gone.Counts, numbers), Templates = shares };
    }

    private static bool IsDue(Instant toldAt, EnforcementNumbers rules, Instant now) => toldAt == default || now >= toldAt + rules.WarnAgain;

    /// <summary>What was measured, where so many percent of the condition are there; null otherwise.</summary>
    private string? IsSustainedRed(int? limit, EnforcementNumbers rules, int percent, Instant now)
    {
        if (Band != QualityBand.Red || Businesses.Enforcement.CountsFrom(Enforcement, StrikeCause.SustainedRed, rules) is not { } countsFrom)
        {
            return null;
        }

        var from = Instant.Max(BandSince, countsFrom);
        var needed = limit is { } users ? Math.Min(rules.RedDelivered * 100L, (long)users * rules.RedLimitPercent) : rules.RedDelivered * 100L;
        var delivered = DeliveredWithin(rules.RedLength, from, now);
        var length = (long)rules.RedLength.TotalMilliseconds * percent / 100;
        return now.Milliseconds - from.Milliseconds >= length && delivered * 10_000 >= needed * percent
            ? string.Create(CultureInfo.InvariantCulture, $"red since {BandSince}, {delivered} users delivered to")
            : null;
    }

    /// <summary>What was measured, where so many percent of the reports are there; null otherwise.</summary>
    private string? IsReportBurst(EnforcementNumbers rules, int percent, Instant now)
    {
        if (Businesses.Enforcement.CountsFrom(Enforcement, StrikeCause.ReportBurst, rules) is not { } from)
        {
            return null;
        }

        var reports = ReportsByMinute.Sum(now, Minute, rules.BurstLength, from);
        var delivered = DeliveredByMinute.Sum(now, Minute, rules.BurstLength, from);
        return delivered >= rules.BurstDelivered
            && reports * 100 >= (long)rules.BurstReports * percent
            && reports * 100_000 >= delivered * rules.BurstPerThousand * percent
            ? string.Create(CultureInfo.InvariantCulture, $"{reports} users reported, {delivered} delivered to")
            : null;
    }
}
