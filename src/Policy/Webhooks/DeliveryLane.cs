using System.Collections.Immutable;

namespace Actors.Policy.Webhooks;

/// <summary>What a lane needs next.</summary>
public enum LaneNeed
{
    /// <summary>Nothing, for ever: its field is no longer subscribed and all that had a number is done.</summary>
    Nothing,

    /// <summary>Updates behind its cursor, for a new batch.</summary>
    Updates,

    /// <summary>
    /// One more update to probe with: one behind the stuck batch whose message has nothing before it that isn't delivered. Where there is none, the
    /// batch is tried.
    /// </summary>
    Probe,

    /// <summary>A try to deliver a batch.</summary>
    Try,
}

/// <summary>What a lane needs next.</summary>
/// <param name="Need">What.</param>
/// <param name="Batch">What to try, also where there is nothing to probe with; null where updates are wanted.</param>
/// <param name="At">Not before.</param>
public readonly record struct LaneStep(LaneNeed Need, DeliveryBatch? Batch, Instant At);

/// <summary>One field of one subscription: a queue of its own in the ledger, so that no field blocks another.</summary>
/// <param name="Field">The field.</param>
/// <param name="Cursor">Everything up to this place has a number, or doesn't concern the field.</param>
public sealed record DeliveryLane(string Field, long Cursor)
{
    /// <summary>Batches that have a number and are not done, in ledger order. One of them is tried at a time, and it is the first.</summary>
    /// <remarks>There is more than one only after a split: at most one for each halving.</remarks>
    public ImmutableArray<DeliveryBatch> Pending { get; init; } = [];

    /// <summary>
    /// Later updates that are tried while the first batch is stuck, to learn whether it is the update or the receiver that fails. Each goes out a second time
    /// with its batch: that costs a duplicate and keeps the order of every message.
    /// </summary>
    public ImmutableArray<DeliveryBatch> Probes { get; init; } = [];

    /// <summary>Counts the tries while the first batch is stuck: it and the probes take turns.</summary>
    public int Turn { get; init; }

    /// <summary>
    /// Another update has arrived since the first batch failed, so the receiver is there: the batch is tried once more at least, and parked if it is stuck.
    /// </summary>
    public bool IsProven { get; init; }

    /// <summary>
    /// When something of what was split has arrived, or a probe, where the receiver has answered ever since, if only with refusals; null for any other case.
    /// </summary>
    public Instant? AnsweringSince { get; init; }

    /// <summary>Place of the newest probe since something failed: the next one is another, where there is one. Null where there was none.</summary>
    public long? ProbedAt { get; init; }

    /// <summary>What fails now fails by itself, and is looked for without pauses.</summary>
    public bool IsAnswering => AnsweringSince is not null;

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>No try before this.</summary>
    public Instant NextAt { get; init; }

    /// <summary>The field is no longer subscribed: what has a number is still delivered, nothing new gets one.</summary>
    public bool IsClosing { get; init; }

    /// <summary>How the last try ended; null while there was none.</summary>
    public AttemptResult? Last { get; init; }

    /// <summary>Up to this place everything is done, whatever was sent ahead from behind it.</summary>
    public long Reached => Pending.Aggregate(Cursor, (place, batch) => Math.Min(place, batch.After));

    /// <summary>The batch with this number, probes included; null where it isn't pending.</summary>
    public DeliveryBatch? Find(long sequence) => Pending.Concat(Probes).FirstOrDefault(batch => batch.Sequence == sequence);

    /// <summary>The first batch or one of its probes: whose turn it is.</summary>
    internal DeliveryBatch InTurn()
    {
        var turn = Turn % (Probes.Length + 1);
        return IsProven ? Pending[0]
            : Probes.FirstOrDefault(probe => probe.IsFresh) is { } fresh ? fresh
            : turn == 0 ? Pending[0]
            : Probes[turn - 1];
    }

    /// <summary>
    /// Whether one more update is to be probed with: where one is stuck, to learn whether it may be parked; and where a batch was split and nothing has shown
    /// yet that the receiver is there, to learn whether pauses are of any use.
    /// </summary>
    internal bool WantsProbe()
    {
        var isSplit = Pending.Length > 1 && Failures > 0 && !IsAnswering && Probes.Length < DeliveryRules.TriesMax;
        return !IsProven && (Pending[0].IsStuck || isSplit) && !Probes.Any(probe => probe.IsFresh)
            && (Probes.IsEmpty || (Probes.Length < DeliveryRules.ProbesMax && Probes.Length + Pending.Length < DeliveryRules.PendingMax));
    }

    /// <summary>The first batch is done, one way or the other. Its probes have numbers: they come first now, so that there is no gap.</summary>
    internal DeliveryLane WithoutFirst()
    {
        var left = Probes.AddRange(Pending[1..]);
        var isProven = left is [{ IsOutlived: true }, ..];
        var (answering, probed) = left.IsEmpty ? (null, null) : (AnsweringSince, ProbedAt);
        return this with { Pending = left, Probes = [], Turn = 0, IsProven = isProven, AnsweringSince = answering, ProbedAt = probed };
    }

    /// <summary>A try has failed: the next one comes later, or at once where the receiver answers and it is worth another try.</summary>
    internal DeliveryLane BackOff(AttemptResult result, double jitter, bool isWorthIt) => isWorthIt && IsAnswering && result.IsAnswer
        ? this with { NextAt = default, Last = result }
        : this with
        {
            AnsweringSince = null,
            Failures = Failures + 1,
            NextAt = result.At + DeliveryRules.Pause(Failures + 1, jitter),
            Last = result,
            Pending = Outlived(Pending, null),
            Probes = Outlived(Probes, null),
        };

    /// <summary>A try has succeeded: the receiver is there, and whichever probe failed before has failed by itself.</summary>
    internal DeliveryLane GoOn(AttemptResult result) => this with
    {
        Failures = 0,
        NextAt = default,
        Last = result,
        AnsweringSince = AnsweringSince ?? result.At,
        Probes = Outlived(Probes, result.At),
    };

    private static ImmutableArray<DeliveryBatch> Outlived(ImmutableArray<DeliveryBatch> batches, Instant? at) =>
        [.. batches.Select(batch => batch.IsFresh || batch.OutlivedAt == at ? batch : batch with { OutlivedAt = at })];
}
