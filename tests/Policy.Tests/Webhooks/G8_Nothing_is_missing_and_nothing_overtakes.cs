using Actors.Policy.Webhooks;
using CsCheck;

namespace Actors.Policy.Tests.Webhooks;

/// <summary>
/// Random logs, receivers that fail in every way, and crashes that forget what wasn't stored, against what the guarantee says: everything arrives or
/// is parked, of no message anything overtakes, every number arrives or is parked.
/// </summary>
public sealed class G8_Nothing_is_missing_and_nothing_overtakes
{
    [Fact]
    public void G8_whatever_the_receiver_does() => Gen.Int.Sample(seed =>
    {
        var world = new World(new Random(seed));
        for (var i = 0; i < 150; i++)
        {
            world.Step();
        }

        world.Finish();
        world.Check();
    });

    private sealed record Update(long Seq, string Field, int Message, bool IsPoison, bool IsErased = false);

    private sealed record Attempt(string Field, long Sequence, long[] Seqs, bool MayHaveArrived, bool Delivered);

    private enum Mood
    {
        Well,
        Failing,
        Slow,
        Away,
        Moody,
    }

    private sealed class World(Random random)
    {
        private static readonly string[] Fields = ["messages", "account_update"];
        private readonly int _most = random.Next(1, 9);
        private readonly bool _refusesNothing = random.Next(2) == 0;
        private readonly List<Update> _log = [];
        private readonly List<Attempt> _attempts = [];
        private DeliveryBook _stored = new DeliveryBook().Subscribe(Fields, 0);
        private DeliveryBook _book = new DeliveryBook().Subscribe(Fields, 0);
        private Instant _now = new(1_790_000_000_000);
        private Mood _mood;

        public void Step()
        {
            switch (random.Next(9))
            {
                case 0:
                    _mood = (Mood)random.Next(5);
                    break;
                case 1:
                    Append(random.Next(1, 12));
                    break;
                case 2:
                    _now += TimeSpan.FromSeconds(random.Next(1, 4_000));
                    break;
                case 3:
                    _book = random.Next(3) == 0 ? _stored : _stored = _book;   // a crash, or all is noted
                    break;
                case 4 when _log.Count > 0:
                    var (from, erased) = (random.Next(_log.Count), random.Next(1, 6));   // some that stand together, so that whole batches go
                    for (var i = from; i < Math.Min(from + erased, _log.Count); i++)
                    {
                        _log[i] = _log[i] with { IsErased = true };
                    }

                    break;
                default:
                    Turn(Fields[random.Next(2)], isLast: false);
                    break;
            }
        }

        public void Finish()
        {
            _mood = Mood.Well;
            for (var (turns, quiet) = (0, 0); turns < 2_000; turns++)
            {
                var idle = true;
                foreach (var field in Fields)
                {
                    idle &= !Turn(field, isLast: true);
                }

                quiet = idle ? quiet + 1 : 0;
                if (quiet > 60)
                {
                    return;   // what takes turns has had its turn
                }

                _now += TimeSpan.FromMinutes(20);
            }

            Assert.Fail("it never comes to an end");
        }

        public void Check()
        {
            var parked = _book.Parked.SelectMany(one => Range(one.Field, one.Batch)).Select(update => update.Seq).ToHashSet();
            var arrived = _attempts.Where(attempt => attempt.Delivered).SelectMany(attempt => attempt.Seqs).ToHashSet();
            var waiting = _book.Lanes.Where(lane => !lane.Pending.IsEmpty).Select(lane => lane.Field).ToHashSet();
            var erased = _log.Where(update => update.IsErased).Select(update => update.Seq).ToHashSet();
            _log.RemoveAll(update => update.IsErased);
            var stuck = _log.Where(update => waiting.Contains(update.Field) && !arrived.Contains(update.Seq) && !parked.Contains(update.Seq)).ToList();

            // What is stuck in the end, nothing else could show whose fault it is: behind it is only its own message, or what fails as well.
            Assert.All(
                _book.Lanes.Where(lane => !lane.Pending.IsEmpty),
                lane => Assert.True(Range(lane.Field, lane.Pending[0]).SingleOrDefault()?.IsPoison ?? _refusesNothing));
            Assert.All(stuck, update => Assert.True(update.IsPoison || _log.Exists(before =>
                before.Field == update.Field && before.Message == update.Message && before.Seq < update.Seq
                && before.Seq > _book.Lane(update.Field)!.Reached && !arrived.Contains(before.Seq))));
            Assert.All(_log, update => Assert.True(arrived.Contains(update.Seq) || parked.Contains(update.Seq) || stuck.Contains(update)));
            Assert.All(_log.Where(update => update.IsPoison), update => Assert.DoesNotContain(update.Seq, arrived));

            // Every number, and always the same updates under it, or the first half of them.
            var done = _attempts.Where(attempt => attempt.Delivered).Select(attempt => attempt.Sequence)
                .Concat(_book.Parked.Select(one => one.Batch.Sequence))
                .Concat(_book.Lanes.SelectMany(lane => lane.Pending.Concat(lane.Probes)).Select(batch => batch.Sequence));
            Assert.Equal(Enumerable.Range(1, (int)_book.Sequence).Select(n => (long)n), done.Distinct().Order());
            foreach (var tries in _attempts.GroupBy(attempt => attempt.Sequence))
            {
                Assert.All(tries.Zip(tries.Skip(1)), pair => Assert.Equal(
                    pair.First.Seqs.Where(seq => !erased.Contains(seq) || pair.Second.Seqs.Contains(seq)).Take(pair.Second.Seqs.Length), pair.Second.Seqs));
            }

            // Of a message, whatever isn't parked gets there in its order.
            var firsts = _log.ToDictionary(update => update.Seq, update => _attempts.FindIndex(a => a.MayHaveArrived && a.Seqs.Contains(update.Seq)));
            var others = _log.Where(update => !parked.Contains(update.Seq) && !stuck.Contains(update));
            foreach (var message in others.GroupBy(update => (update.Field, update.Message)))
            {
                Assert.All(message.Zip(message.Skip(1)), pair => Assert.True(firsts[pair.First.Seq] <= firsts[pair.Second.Seq]));
            }
        }

        private void Append(int count)
        {
            for (var i = 0; i < count; i++)
            {
                _log.Add(new Update((_log.Count * 3) + 3, Fields[random.Next(4) / 3], random.Next(4), random.Next(25) == 0));
            }
        }

        private IEnumerable<Update> Range(string field, DeliveryBatch batch) =>
            _log.Where(update => !update.IsErased && update.Field == field && update.Seq > batch.After && update.Seq <= batch.UpTo);

        /// <summary>What the engine does with a lane; whether there was something to do.</summary>
        private bool Turn(string field, bool isLast)
        {
            var lane = _book.Lane(field)!;
            var step = _book.Next(lane);
            Assert.InRange(lane.Pending.Length, 0, DeliveryRules.PendingMax);
            switch (step.Need)
            {
                case LaneNeed.Updates when step.At <= _now:
                    var next = _log.Where(update => !update.IsErased && update.Field == field && update.Seq > lane.Cursor).Take(_most).ToList();
                    if (next.Count == 0)
                    {
                        return false;
                    }

                    _stored = _book = _book.Assign(field, next[^1].Seq + random.Next(2), next.Count, _now);
                    return true;
                case LaneNeed.Probe when step.At <= _now || lane.Probes.IsEmpty:
                    if (ProbeFor(lane) is { } probe)
                    {
                        _stored = _book = _book.AssignProbe(field, probe.Seq, _now);
                        return true;
                    }

                    return step.At <= _now && Try(field, step.Batch!) && !isLast;
                case LaneNeed.Try when step.At <= _now:
                    return Try(field, step.Batch!);
                default:
                    return false;
            }
        }

        /// <summary>Some update whose message has nothing before it that isn't delivered, and that isn't tried already.</summary>
        private Update? ProbeFor(DeliveryLane lane)
        {
            var from = lane.Reached;
            var tried = lane.Probes.Append(lane.Pending[0]).SelectMany(batch => Range(lane.Field, batch)).ToList();
            var fresh = _log.Where(update => !update.IsErased && update.Field == lane.Field && update.Seq > from)
                .DistinctBy(update => update.Message).Except(tried).ToList();
            return fresh.Count == 0 ? null : fresh[random.Next(fresh.Count)];
        }

        private bool Try(string field, DeliveryBatch batch)
        {
            var updates = Range(field, batch).ToList();
            Assert.InRange(updates.Count, 0, _most);
            var mood = _mood == Mood.Moody ? (Mood)random.Next(4) : _mood;
            var outcome = mood switch
            {
                Mood.Away => AttemptOutcome.Unreachable,
                Mood.Slow => AttemptOutcome.TimedOut,
                Mood.Failing => random.Next(2) == 0 ? AttemptOutcome.Refused : AttemptOutcome.Dropped,
                _ => updates.Any(update => update.IsPoison) || (updates.Count == 0 && _refusesNothing) ? AttemptOutcome.Refused : AttemptOutcome.Delivered,
            };
            var result = new AttemptResult(outcome, 0, _now);
            long[] seqs = [.. updates.Select(update => update.Seq)];
            var isDelivered = outcome == AttemptOutcome.Delivered;
            _attempts.Add(new Attempt(field, batch.Sequence, seqs, result.MayHaveArrived, isDelivered));
            _book = _book.Tried(field, batch.Sequence, result, seqs, random.NextDouble());
            if (!isDelivered)
            {
                // Before the next try what has failed is noted, or all is forgotten that wasn't.
                _ = random.Next(10) == 0 ? _book = _stored : _stored = _book;
            }

            return true;
        }
    }
}
