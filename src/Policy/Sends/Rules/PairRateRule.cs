using System.Collections.Immutable;
using System.Globalization;

namespace Actors.Policy.Sends.Rules;

/// <summary>Messages from one business to one user: one per interval in the long run, a burst at once (GCRA).</summary>
/// <remarks>
/// The relation keeps the theoretical arrival time: the instant at which the pair is fully rested. A send fits when that lies at most (burst - 1) intervals
/// ahead; exactly so much still fits. Each accepted send, of any kind, moves it on by one interval.
/// </remarks>
internal sealed class PairRateRule : GateRule<SendCase>
{
    public override Rule Rule => Rule.PairRate;

    public override Verdict Check(in SendCase send)
    {
        var numbers = send.Numbers.PairRate;
        if (numbers.Interval == TimeSpan.Zero)
        {
            return Verdict.NotApplicable;
        }

        var fits = FirstFit(send.Relation.PairRested, numbers);
        return send.Now >= fits ? Verdict.Pass : Verdict.Wait(Reason.PairRate, fits);
    }

    /// <summary>The theoretical arrival time after one more send at <paramref name="now"/>.</summary>
    public static Instant Next(Instant rested, PairRateNumbers numbers, Instant now) =>
        numbers.Interval == TimeSpan.Zero ? rested : Instant.Max(now, rested) + numbers.Interval;

    private static Instant FirstFit(Instant rested, PairRateNumbers numbers) =>
        rested - TimeSpan.FromTicks((numbers.Burst - 1) * numbers.Interval.Ticks);

    public override ImmutableArray<Fact> Facts(in SendCase send) =>
    [
        new("interval_ms", ((long)send.Numbers.PairRate.Interval.TotalMilliseconds).ToString(CultureInfo.InvariantCulture), Public: true),
        new("burst", send.Numbers.PairRate.Burst.ToString(CultureInfo.InvariantCulture), Public: true),
        new("rested_at", send.Relation.PairRested.ToString(), Public: true),
    ];
}
