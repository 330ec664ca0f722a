namespace Actors.Policy.Businesses;

/// <summary>What users did with the messages of a business or template: the counts behind its score.</summary>
/// <remarks>
/// The caller decides what counts: marketing and utility outside the window, a user once in 24 hours for deliveries, and of a user's signals only the
/// heaviest in 24 hours (a heavier one after a lighter one <see cref="Raise"/>s it). A delivery or signal counts by the instant it happened at; they
/// may come out of order: the decayed sums are the same in any order, but for the last bits. The sums stand at the newest instant; a reading before
/// that instant is a reading at it.
/// </remarks>
public sealed record QualityCounts
{
    /// <summary>Nothing happened yet.</summary>
    public static QualityCounts None { get; } = new();

    /// <summary>The newest instant that was added: what the decayed counts stand at.</summary>
    public Instant At { get; init; }

    /// <summary>D: users delivered to, decayed.</summary>
    public double Delivered { get; init; }

    /// <summary>B: negative weight in tenths, decayed.</summary>
    public double NegativeTenths { get; init; }

    /// <summary>What of <see cref="NegativeTenths"/> the business has been shown; null for nothing.</summary>
    public double? ShownTenths { get; init; }

    /// <summary>Users delivered to in its life; not decayed.</summary>
    public long DeliveredInLife { get; init; }

    /// <summary>Reports in its life.</summary>
    public SignalTally Reports { get; init; } = new();

    /// <summary>Blocks in its life.</summary>
    public SignalTally Blocks { get; init; } = new();

    /// <summary>Opt-outs and stops in its life.</summary>
    public SignalTally OptOuts { get; init; } = new();

    /// <summary>Not-interesteds in its life.</summary>
    public SignalTally NotInterested { get; init; } = new();

    /// <summary>Users were delivered to.</summary>
    /// <param name="at">When, by the ledger's time.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="users">How many, 1 or more.</param>
    public QualityCounts Deliver(Instant at, QualityNumbers numbers, int users = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(users, 1);
        return Plus(at, numbers, users) with { DeliveredInLife = DeliveredInLife + users };
    }

    /// <summary>A user signalled, and nothing counted of them in the 24 hours before.</summary>
    /// <param name="signal">What.</param>
    /// <param name="user">Who: only to tell users apart, and kept only as a hash.</param>
    /// <param name="at">When, by the ledger's time.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="hides">Whether it is hidden here until enough have come; false where it is with a template's share.</param>
    public QualityCounts Signal(NegativeSignal signal, long user, Instant at, QualityNumbers numbers, bool hides = true) =>
        Plus(at, numbers, signal, user, numbers.TenthsOf(signal), hides);

    /// <summary>A user of whom a lighter signal counts already in these 24 hours gave a heavier one: only the difference is added.</summary>
    /// <param name="from">What counts of them.</param>
    /// <param name="to">What they do now. If it weighs no more, it is tallied but adds no weight.</param>
    /// <param name="user">Who.</param>
    /// <param name="at">When, by the ledger's time.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="hides">As for <see cref="Signal"/>.</param>
    public QualityCounts Raise(NegativeSignal from, NegativeSignal to, long user, Instant at, QualityNumbers numbers, bool hides = true) =>
        Plus(at, numbers, to, user, Math.Max(0, numbers.TenthsOf(to) - numbers.TenthsOf(from)), hides);

    /// <summary>D and B at an instant.</summary>
    public (double Delivered, double Negative) ReadAt(Instant now, QualityNumbers numbers)
    {
        var left = Left(now.Milliseconds - At.Milliseconds, numbers);
        return (Delivered * left, NegativeTenths * left / 10);
    }

    /// <summary>The counts that the business is shown: all deliveries, and the signals that were shown.</summary>
    public QualityCounts AsShown() => this with { NegativeTenths = ShownTenths ?? 0 };

    /// <summary>Signals of all kinds in its life.</summary>
    internal long Signals => Reports.Count + Blocks.Count + OptOuts.Count + NotInterested.Count;

    /// <summary>The signals of a kind.</summary>
    internal SignalTally Of(NegativeSignal signal) => signal switch
    {
        NegativeSignal.NotInterested => NotInterested,
        NegativeSignal.OptOut => OptOuts,
        NegativeSignal.Block => Blocks,
        NegativeSignal.Report => Reports,
    };

    /// <summary>The same with other signals of a kind.</summary>
    internal QualityCounts With(NegativeSignal signal, SignalTally tally) => signal switch
    {
        NegativeSignal.NotInterested => this with { NotInterested = tally },
        NegativeSignal.OptOut => this with { OptOuts = tally },
        NegativeSignal.Block => this with { Blocks = tally },
        NegativeSignal.Report => this with { Reports = tally },
    };

    /// <summary>The same standing at an instant, if that is later.</summary>
    internal QualityCounts To(Instant at, QualityNumbers numbers)
    {
        if (at <= At)
        {
            return this;
        }

        var left = Left(at.Milliseconds - At.Milliseconds, numbers);
        return this with
        {
            At = at,
            Delivered = Delivered * left,
            NegativeTenths = NegativeTenths * left,
            ShownTenths = ShownTenths * left,
            Reports = Reports.Decayed(left),
            Blocks = Blocks.Decayed(left),
            OptOuts = OptOuts.Decayed(left),
            NotInterested = NotInterested.Decayed(left),
        };
    }

    /// <summary>The part that is left of a count after so many milliseconds: 1 to 0, never more, never NaN.</summary>
    private static double Left(long milliseconds, QualityNumbers numbers) =>
        milliseconds <= 0 ? 1 : double.Exp2(-milliseconds / numbers.HalfLife.TotalMilliseconds);

    private QualityCounts Plus(Instant at, QualityNumbers numbers, int delivered)
    {
        var next = To(at, numbers);
        return next with { Delivered = next.Delivered + (delivered * Left(next.At.Milliseconds - at.Milliseconds, numbers)) };
    }

    private QualityCounts Plus(Instant at, QualityNumbers numbers, NegativeSignal signal, long user, int tenths, bool hides)
    {
        var next = To(at, numbers);
        var weight = tenths * Left(next.At.Milliseconds - at.Milliseconds, numbers);
        var tally = next.Of(signal);
        return (next with { NegativeTenths = next.NegativeTenths + weight })
            .With(signal, hides ? tally.Add(user, numbers.PrivacyFloor, weight) : tally.Add());
    }
}
