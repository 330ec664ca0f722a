namespace Actors.Policy.Businesses;

/// <summary>How a template is received, and what that has led to.</summary>
public sealed record TemplateConduct
{
    /// <summary>The counts behind its score, since its last pause.</summary>
    public QualityCounts Counts { get; init; } = QualityCounts.None;

    /// <summary>The band, as it was last judged.</summary>
    public QualityBand Band { get; init; }

    /// <summary>How often it was paused, in its life.</summary>
    public int Pauses { get; init; }

    /// <summary>When the pause ends; null while none runs.</summary>
    public Instant? PausedUntil { get; init; }

    /// <summary>Whether it is disabled for its quality, for good.</summary>
    public bool Disabled { get; init; }

    /// <summary>The end of the newest pause that <see cref="Counts"/> began anew at; 0 while none did. What happened before it doesn't count.</summary>
    public Instant CountsFrom { get; init; }

    /// <summary>Users were delivered to.</summary>
    public TemplateConduct Deliver(Instant at, QualityNumbers numbers, int users = 1) => Counting(at, counts => counts.Deliver(at, numbers, users));

    /// <summary>A user signalled; see <see cref="Conduct.Signal"/>.</summary>
    public TemplateConduct Signal(NegativeSignal signal, long user, Instant at, QualityNumbers numbers, NegativeSignal? after = null) =>
        Counting(at, counts => after is { } lighter ? counts.Raise(lighter, signal, user, at, numbers) : counts.Signal(signal, user, at, numbers));

    /// <summary>Whether its pause runs: the period's end is no longer in it.</summary>
    public bool IsPaused(Instant now) => now < PausedUntil;

    /// <summary>The same with counts that begin at the end of its pause, once; whether the end was judged or not.</summary>
    internal TemplateConduct Anew(Instant end) => CountsFrom < end ? this with { Counts = QualityCounts.None, CountsFrom = end } : this;

    /// <summary>What happens at the end of a pause or later is the first of the new counts, also where nobody has judged the end yet.</summary>
    private TemplateConduct Counting(Instant at, Func<QualityCounts, QualityCounts> change)
    {
        var counting = PausedUntil is { } end && at >= end ? Anew(end) : this;
        return at < counting.CountsFrom ? counting : counting with { Counts = change(counting.Counts) };
    }
}

/// <summary>What judging a template has brought. One judgement can end a pause, but not begin another.</summary>
/// <param name="Next">Its conduct from now on.</param>
/// <param name="BandBefore">The band that it was in before.</param>
/// <param name="Ended">Whether a pause ended.</param>
/// <param name="Paused">Whether a pause began.</param>
/// <param name="Disabled">Whether it was disabled.</param>
public sealed record TemplateJudgement(TemplateConduct Next, QualityBand BandBefore, bool Ended = false, bool Paused = false, bool Disabled = false);

/// <summary>Red quality pauses a template: shortly, then longer, then for good.</summary>
public static class TemplatePauses
{
    /// <summary>
    /// Judges: whether its pause is over, and its band. What was counted before the end is forgotten, so that it isn't paused again for the same.
    /// </summary>
    public static TemplateJudgement At(TemplateConduct conduct, PolicyNumbers numbers, Instant now)
    {
        var before = conduct.Band;
        if (conduct.Disabled || conduct.IsPaused(now))
        {
            return new TemplateJudgement(conduct, before);
        }

        if (conduct.PausedUntil is { } end)
        {
            return new TemplateJudgement(conduct.Anew(end) with { PausedUntil = null, Band = QualityBand.Unknown }, before, Ended: true);
        }

        conduct = conduct with { Band = Quality.BandAt(conduct.Counts, conduct.Band, numbers.Quality, now) };
        if (conduct.Band != QualityBand.Red)
        {
            return new TemplateJudgement(conduct, before);
        }

        return conduct.Pauses switch
        {
            0 => Paused(numbers.Templates.FirstPause),
            1 => Paused(numbers.Templates.SecondPause),
            _ => new TemplateJudgement(conduct with { Disabled = true }, before, Disabled: true),
        };

        TemplateJudgement Paused(TimeSpan length) =>
            new(conduct with { Pauses = conduct.Pauses + 1, PausedUntil = now + length }, before, Paused: true);
    }
}
