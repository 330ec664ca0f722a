using System.Collections.Immutable;

namespace Actors.Policy.Webhooks;

/// <summary>
/// What one subscription has delivered, is delivering and has given up on (G8): which update goes out when, with which number. Pure: whoever uses it makes
/// each state durable before it sends what that state asks for.
/// </summary>
/// <remarks>
/// <para>Every number that is given is delivered or parked, so a receiver that has all numbers up to one has everything up to there.</para>
/// <para>
/// Of two updates of one message the later one never gets there first, unless the earlier one was parked: a lane tries one batch at a time, in ledger
/// order, and a probe is the first update of its message that hasn't been delivered.
/// </para>
/// </remarks>
public sealed record DeliveryBook
{
    /// <summary>The newest number that was given; 0 while none was.</summary>
    public long Sequence { get; init; }

    /// <summary>One for each field.</summary>
    public ImmutableArray<DeliveryLane> Lanes { get; init; } = [];

    /// <summary>What is no longer tried, by number.</summary>
    public ImmutableArray<ParkedBatch> Parked { get; init; } = [];

    /// <summary>Updates that are not told, since the user that they were about was erased before they arrived; null for none.</summary>
    public long? Erased { get; init; }

    /// <summary>Whether there is room to park one more.</summary>
    public bool HasRoom => Parked.Length < DeliveryRules.ParkedMax;

    /// <summary>The lane of a field; null where there is none.</summary>
    public DeliveryLane? Lane(string field) => Lanes.FirstOrDefault(lane => lane.Field == field);

    /// <summary>The fields that are subscribed from now on: new ones begin behind a place, others go on; what is left over is closed.</summary>
    /// <param name="fields">The fields.</param>
    /// <param name="from">Where new ones begin.</param>
    public DeliveryBook Subscribe(IReadOnlyCollection<string> fields, long from) => this with
    {
        Lanes =
        [
            .. Lanes.Where(lane => fields.Contains(lane.Field)).Select(lane => lane.IsClosing ? lane with { IsClosing = false, Cursor = from } : lane),
            .. fields.Where(field => Lane(field) is null).Select(field => new DeliveryLane(field, from)),
            .. Lanes.Where(lane => !fields.Contains(lane.Field) && lane.Pending.Length > 0)
                .Select(lane => lane with { IsClosing = true }),
        ],
    };

    /// <summary>What a lane needs next.</summary>
    public LaneStep Next(DeliveryLane lane)
    {
        if (lane.Pending.IsEmpty)
        {
            return lane.IsClosing ? new(LaneNeed.Nothing, null, default) : new(LaneNeed.Updates, null, lane.NextAt);
        }

        return new(HasRoom && lane.WantsProbe() ? LaneNeed.Probe : LaneNeed.Try, lane.InTurn(), lane.NextAt);
    }

    /// <summary>Nothing between a lane's cursor and a place concerns its field.</summary>
    public DeliveryBook Skip(string field, long to) => With(field, lane => to > lane.Cursor ? lane with { Cursor = to } : lane);

    /// <summary>Counts updates that would have been told, had their user not been erased.</summary>
    public DeliveryBook Miss(int erased) => erased > 0 ? this with { Erased = (Erased ?? 0) + erased } : this;

    /// <summary>Gives the next updates of a lane a number.</summary>
    /// <param name="field">The field of a lane that needs updates.</param>
    /// <param name="upTo">The last place of the batch, behind the cursor.</param>
    /// <param name="count">How many updates it has, 1 or more.</param>
    /// <param name="oldest">When the oldest of them happened.</param>
    /// <returns>The book as it is, where the lane needs no updates.</returns>
    public DeliveryBook Assign(string field, long upTo, int count, Instant oldest) => Lane(field) is { } found && Next(found).Need == LaneNeed.Updates
        ? (this with { Sequence = Sequence + 1 }).With(field, lane => lane with
        {
            Cursor = upTo,
            Pending = [new DeliveryBatch(Sequence + 1, lane.Cursor, upTo, count, oldest)],
        })
        : this;

    /// <summary>Gives an update a number, to be tried instead of the stuck batch of its lane, and at once.</summary>
    /// <param name="field">The field of a lane that needs a probe.</param>
    /// <param name="seq">The update's place.</param>
    /// <param name="oldest">When it happened.</param>
    /// <returns>The book as it is, where the lane needs no probe.</returns>
    public DeliveryBook AssignProbe(string field, long seq, Instant oldest) => Lane(field) is { } found && Next(found).Need == LaneNeed.Probe
        ? (this with { Sequence = Sequence + 1 }).With(field, lane => lane with
        {
            Probes = lane.Probes.Add(new DeliveryBatch(Sequence + 1, seq - 1, seq, 1, oldest)),
            NextAt = default,
            ProbedAt = seq,
        })
        : this;

    /// <summary>Takes the end of a try in. What is no longer pending changes nothing.</summary>
    /// <param name="field">The field.</param>
    /// <param name="sequence">The number of what was tried.</param>
    /// <param name="result">How the try ended.</param>
    /// <param name="places">The places of the updates that were in it, ascending: where to split it.</param>
    /// <param name="jitter">A random number, 0 or more and below 1.</param>
    public DeliveryBook Tried(string field, long sequence, AttemptResult result, IReadOnlyList<long> places, double jitter)
    {
        if (Lane(field) is not { } lane || lane.Find(sequence) is not { } batch)
        {
            return this;
        }

        var isDelivered = result.Outcome == AttemptOutcome.Delivered;
        if (lane.Probes.Contains(batch))
        {
            return With(field, _ => isDelivered ? ProbeArrived(lane, batch, result) : ProbeFailed(lane, batch, result, jitter));
        }

        return result.IsHopeless ? Hopeless(lane, batch.Failed(result), result, places)
            : Miss(batch.Count - places.Count).Ended(lane, batch, result, places, jitter);
    }

    /// <summary>A parked batch was delivered after all.</summary>
    public DeliveryBook Unpark(long sequence) => this with { Parked = Parked.RemoveAll(parked => parked.Batch.Sequence == sequence) };

    /// <summary>Tries what waits for its next try at once.</summary>
    public DeliveryBook Hurry() => this with { Lanes = [.. Lanes.Select(lane => lane with { NextAt = default })] };

    /// <summary>Without lanes that need nothing any more.</summary>
    public DeliveryBook Tidy() => this with { Lanes = [.. Lanes.Where(lane => Next(lane).Need != LaneNeed.Nothing)] };

    private static DeliveryLane ProbeArrived(DeliveryLane lane, DeliveryBatch probe, AttemptResult result) =>
        (lane with { Probes = lane.Probes.Remove(probe), IsProven = lane.Pending[0].IsStuck }).GoOn(result);

    /// <summary>It may be as bad as what is stuck: a few are tried before the receiver is taken for one that has gone.</summary>
    private static DeliveryLane ProbeFailed(DeliveryLane lane, DeliveryBatch probe, AttemptResult result, double jitter) =>
        (lane with { Probes = lane.Probes.Replace(probe, probe.Failed(result)), Turn = lane.Turn + 1 })
            .BackOff(result, jitter, isWorthIt: probe.IsFresh && lane.Probes.Length < DeliveryRules.TriesMax);

    private DeliveryBook Ended(DeliveryLane lane, DeliveryBatch batch, AttemptResult result, IReadOnlyList<long> places, double jitter) =>
        result.Outcome == AttemptOutcome.Delivered
            ? With(lane.Field, _ => lane.GoOn(result).WithoutFirst())
            : Failed(lane, batch.Failed(result) with { Count = places.Count }, result, places, jitter);

    /// <summary>It isn't the receiver's fault, so nothing waits: halved until only what can't be sent is left, and that is parked.</summary>
    private DeliveryBook Hopeless(DeliveryLane lane, DeliveryBatch batch, AttemptResult result, IReadOnlyList<long> places)
    {
        var failed = lane with { Pending = lane.Pending.SetItem(0, batch), IsProven = false, Last = result };
        return places.Count > 1 ? Halved(failed, batch, places, split => split)
            : HasRoom ? Park(failed, result)
            : With(lane.Field, _ => failed.BackOff(result, 0, isWorthIt: false));
    }

    private DeliveryBook Failed(DeliveryLane lane, DeliveryBatch batch, AttemptResult result, IReadOnlyList<long> places, double jitter)
    {
        var isParked = lane.IsProven && batch.IsStuck && result.MayHaveArrived && HasRoom;
        var isWorthIt = isParked || batch.Tries <= DeliveryRules.TriesMax;
        var failed = (lane with { Pending = lane.Pending.SetItem(0, batch), Turn = lane.Turn + 1, IsProven = lane.IsProven && !batch.IsStuck })
            .BackOff(result, jitter, isWorthIt);
        failed = failed with { IsProven = failed.IsProven && failed.IsAnswering };
        return isParked ? Park(failed with { Failures = 0, NextAt = default }, result)
            : result.At >= batch.FirstFailedAt + DeliveryRules.Life && HasRoom ? Park(failed, result)
            : batch.Tries >= DeliveryRules.TriesMax && places.Count > 1
                ? Halved(failed with { Failures = 0 }, batch, places, split => split.BackOff(result, jitter, isWorthIt))
            : With(lane.Field, _ => failed);
    }

    /// <summary>In halves: the first one keeps the number, the second one gets a new one. The pauses begin anew: it may be one update's fault.</summary>
    private DeliveryBook Halved(DeliveryLane lane, DeliveryBatch batch, IReadOnlyList<long> places, Func<DeliveryLane, DeliveryLane> then)
    {
        var half = places.Count / 2;
        var first = batch with { UpTo = places[half - 1], Count = half, Tries = 0 };
        var second = batch with { Sequence = Sequence + 1, After = first.UpTo, Count = places.Count - half, Tries = 0 };
        var split = lane with { Pending = lane.Pending.SetItem(0, first).Insert(1, second) };
        return (this with { Sequence = second.Sequence }).With(lane.Field, _ => then(split));
    }

    private DeliveryBook Park(DeliveryLane lane, AttemptResult result)
    {
        var parked = new ParkedBatch(lane.Field, lane.Pending[0], result, result.At);
        return (this with { Parked = [.. Parked.Append(parked).OrderBy(one => one.Batch.Sequence)] }).With(lane.Field, _ => lane.WithoutFirst());
    }

    private DeliveryBook With(string field, Func<DeliveryLane, DeliveryLane> change) =>
        this with { Lanes = [.. Lanes.Select(lane => lane.Field == field ? change(lane) : lane)] };
}
