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
        return Plus(at, numbers, users, 0) with { DeliveredInLife = DeliveredInLife + users };
    }

    /// <summary>A user signalled, and nothing counted of them in the 24 hours before.</summary>
    /// <param name="signal">What.</param>
    /// <param name="user">Who: only to tell users apart, and kept only as a hash.</param>
    /// <param name="at">When, by the ledger's time.</param>
    /// <param name="numbers">The policy's numbers.</param>
    public QualityCounts Signal(NegativeSignal signal, long user, Instant at, QualityNumbers numbers) =>
        Plus(at, numbers, 0, numbers.TenthsOf(signal)).Tallied(signal, user, numbers.PrivacyFloor);

    /// <summary>A user of whom a lighter signal counts already in these 24 hours gave a heavier one: only the difference is added.</summary>
    /// <param name="from">What counts of them.</param>
    /// <param name="to">What they do now. If it weighs no more, it is tallied but adds no weight.</param>
    /// <param name="user">Who.</param>
    /// <param name="at">When, by the ledger's time.</param>
    /// <param name="numbers">The policy's numbers.</param>
    public QualityCounts Raise(NegativeSignal from, NegativeSignal to, long user, Instant at, QualityNumbers numbers) =>
        Plus(at, numbers, 0, Math.Max(0, numbers.TenthsOf(to) - numbers.TenthsOf(from))).Tallied(to, user, numbers.PrivacyFloor);

    /// <summary>D and B at an instant.</summary>
    public (double Delivered, double Negative) ReadAt(Instant now, QualityNumbers numbers)
    {
        var left = Left(now.Milliseconds - At.Milliseconds, numbers);
        return (Delivered * left, NegativeTenths * left / 10);
    }

    /// <summary>The part that is left of a count after so many milliseconds: 1 to 0, never more, never NaN.</summary>
    private static double Left(long milliseconds, QualityNumbers numbers) =>
        milliseconds <= 0 ? 1 : double.Exp2(-milliseconds / numbers.HalfLife.TotalMilliseconds);

    private QualityCounts Plus(Instant at, QualityNumbers numbers, int delivered, int tenths)
    {
        var newest = Instant.Max(at, At);
        var old = Left(newest.Milliseconds - At.Milliseconds, numbers);
        var late = Left(newest.Milliseconds - at.Milliseconds, numbers);
        return this with { At = newest, Delivered = (Delivered * old) + (delivered * late), NegativeTenths = (NegativeTenths * old) + (tenths * late) };
    }

    private QualityCounts Tallied(NegativeSignal signal, long user, int floor) => signal switch
    {
        NegativeSignal.NotInterested => this with { NotInterested = NotInterested.Add(user, floor) },
        NegativeSignal.OptOut => this with { OptOuts = OptOuts.Add(user, floor) },
        NegativeSignal.Block => this with { Blocks = Blocks.Add(user, floor) },
        NegativeSignal.Report => this with { Reports = Reports.Add(user, floor) },
    };
}
