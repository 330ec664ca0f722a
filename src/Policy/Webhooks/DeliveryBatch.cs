namespace Actors.Policy.Webhooks;

/// <summary>How a try to deliver ended. Stored as a number: never renumber.</summary>
public enum AttemptOutcome : byte
{
    /// <summary>The receiver answered with a status from 200 to 299.</summary>
    Delivered = 0,

    /// <summary>The receiver answered with another status; a redirect is one, too.</summary>
    Refused = 1,

    /// <summary>The receiver didn't answer in time.</summary>
    TimedOut = 2,

    /// <summary>The connection ended before the answer.</summary>
    Dropped = 3,

    /// <summary>There was no connection: the name isn't known, nobody listens, the certificate is wrong.</summary>
    Unreachable = 4,

    /// <summary>The name leads to an address that is not allowed: nothing was dialled.</summary>
    Forbidden = 5,

    /// <summary>What it would say can't be read here: nothing was sent.</summary>
    Unreadable = 6,

    /// <summary>Retention has dropped its events before they were told: nothing was sent.</summary>
    Lost = 7,
}

/// <summary>The end of a try.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Status">The status of the answer; 0 where there was none.</param>
/// <param name="At">When.</param>
public readonly record struct AttemptResult(AttemptOutcome Outcome, int Status, Instant At)
{
    /// <summary>Whether the receiver may have had the request: only then can it be the content's fault that it failed.</summary>
    public bool MayHaveArrived => Outcome is AttemptOutcome.Delivered or AttemptOutcome.Refused or AttemptOutcome.TimedOut or AttemptOutcome.Dropped;

    /// <summary>
    /// Whether the receiver has looked at it and doesn't want it: not where it has no time now, or isn't there behind whatever answers for it.
    /// </summary>
    public bool IsAnswer => Outcome == AttemptOutcome.Refused && Status is not (408 or 425 or 429 or 502 or 503 or 504);

    /// <summary>Whether there is nothing that could be sent: another try would end in the same way.</summary>
    public bool IsHopeless => Outcome is AttemptOutcome.Unreadable or AttemptOutcome.Lost;
}

/// <summary>Updates of one field that go out together, with one number: a range of the ledger, so that every try finds the same ones.</summary>
/// <param name="Sequence">Its number within the subscription: from 1, without gaps.</param>
/// <param name="After">The place of the ledger behind which it begins.</param>
/// <param name="UpTo">Its last place.</param>
/// <param name="Count">Updates in it as last read: 1 or more at first, fewer where users were erased since; without any it is tried like one.</param>
/// <param name="Oldest">When the oldest of them happened.</param>
public sealed record DeliveryBatch(long Sequence, long After, long UpTo, int Count, Instant Oldest)
{
    /// <summary>When a try first failed; null while none did.</summary>
    public Instant? FirstFailedAt { get; init; }

    /// <summary>Failed tries that may have arrived, since it has its range.</summary>
    public int Tries { get; init; }

    /// <summary>When another update arrived, after this one had gone out as a probe and failed; null while none did.</summary>
    public Instant? OutlivedAt { get; init; }

    /// <summary>Whether it needs no further proof that the receiver is there.</summary>
    public bool IsOutlived => OutlivedAt is not null;

    /// <summary>Whether it is a single update that keeps failing, or so it seems.</summary>
    public bool IsStuck => Count <= 1 && Tries >= DeliveryRules.TriesMax;

    /// <summary>Whether it was never tried, as far as is known.</summary>
    public bool IsFresh => FirstFailedAt is null;

    /// <summary>Takes a failure in.</summary>
    public DeliveryBatch Failed(AttemptResult result) =>
        this with { FirstFailedAt = FirstFailedAt ?? result.At, Tries = Tries + (result.MayHaveArrived ? 1 : 0) };
}

/// <summary>A batch that is no longer tried, so that the rest can go on. It can be driven again.</summary>
/// <param name="Field">The field of its updates.</param>
/// <param name="Batch">What it is.</param>
/// <param name="Last">How its last try ended.</param>
/// <param name="At">When it was parked.</param>
public sealed record ParkedBatch(string Field, DeliveryBatch Batch, AttemptResult Last, Instant At);
