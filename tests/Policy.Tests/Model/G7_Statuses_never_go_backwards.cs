using System.Collections.Immutable;
using Actors.Policy.Sends;
using Actors.Policy.Users;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Model;

/// <summary>
/// Random interleavings of what devices, locks and clocks do to a user's messages. An independent reading keeps for each message what was said of it, and for
/// each device what it has.
/// </summary>
public sealed class G7_Statuses_never_go_backwards
{
    private static readonly Gen<(int Deed, int Which, int Device, int Wait)[]> Histories =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 30], Gen.Int[0, 3], Gen.Int[0, 100]).Array[1, 60];

    [Fact]
    public void Every_message_ends_once_each_status_is_told_once_and_contents_are_kept_as_long_as_they_are_needed() =>
        Histories.Sample(history =>
        {
            var life = new Life();
            foreach (var (deed, which, device, wait) in history)
            {
                life.Do(deed, which, $"d{device}", TimeSpan.FromSeconds(wait));
            }

            life.End();
        });

    private sealed class Life
    {
        private readonly Dictionary<long, StoredMessage> _rows = [];
        private readonly Dictionary<long, List<EventKind>> _told = [];
        private readonly Dictionary<string, long> _has = [];
        private readonly HashSet<long> _dropped = [];
        private readonly Dictionary<(long Message, string Device), (Instant Delivered, Instant? Read)> _marks = [];
        private UserState _state = With(OptedIn());
        private Instant _now = Now;

        public void Do(int deed, int which, string device, TimeSpan wait)
        {
            _now += wait;
            var some = _rows.Values.Where(row => row.Number % 3 == which % 3).ToList();
            var one = _rows.GetValueOrDefault(1 + (which % Math.Max(1, _rows.Count)));
            switch (deed)
            {
                case 0 or 1:
                    Send(TimeSpan.FromSeconds(30 + which));
                    break;
                case 2 or 3 or 4:
                    Say(new(deed == 2 ? MessageStatus.Delivered : MessageStatus.Read, device, one?.Number ?? 0), one is null ? [] : [one]);
                    break;
                case 5:
                    Say(new(MessageStatus.Delivered, device, some.Select(row => row.Number).DefaultIfEmpty().Max()), some);
                    break;
                case 6 when one is not null:
                    Take(MessageActions.Fail(_state, one, handedOut: false, _now).Change);
                    break;
                case 7 when one is not null:
                    Expire(one);
                    break;
                case 8:
                    Take(UserActions.AddDevice(_state, device, _now).Change);
                    _has.TryAdd(device, 0);
                    break;
                default:
                    _has.Remove(device);
                    Take(UserActions.RemoveDevice(_state, device, Kept(), _now).Change);
                    break;
            }

            Check();
        }

        public void End()
        {
            _now += MessageLife.Standard;
            foreach (var row in _rows.Values.ToList())
            {
                Expire(row);
            }

            Check();
            Assert.DoesNotContain(_rows.Values, row => row.Status == MessageStatus.Accepted);
            Assert.Equal(0, _state.RelationWith(Business)!.Undelivered);
        }

        private ImmutableArray<StoredMessage> Kept() =>
            [.. _rows.Values.Where(row => row.Status == MessageStatus.Read && !_dropped.Contains(row.Number))];

        private void Send(TimeSpan life)
        {
            var change = SendGate.Decide(_state, Some.Send(Category.Utility) with { Life = life }, Numbers, _now, NoZones).Change;
            if (change?.Message is { } message)
            {
                Take(change);
                _rows[message.Number] = Message(category: Category.Utility) with { Number = message.Number, At = _now, ExpiresAt = message.ExpiresAt };
                _told[message.Number] = [EventKind.Accepted];
            }
        }

        private void Say(Acknowledgement said, IReadOnlyList<StoredMessage> messages)
        {
            var decision = Acknowledgements.Decide(_state, said, [.. messages], Kept(), Numbers, _now);
            foreach (var (message, result) in messages.Zip(decision.Results))
            {
                var hasEnded = message.Status is MessageStatus.Failed or MessageStatus.Expired;
                ActionRefusal? refusal = hasEnded ? ActionRefusal.StatusBackwards : null;
                Assert.Equal(new Acknowledged(refusal, !hasEnded && message.Status < said.To), result);
            }

            if (_has.TryGetValue(said.Device!, out var had))
            {
                _has[said.Device!] = Math.Max(had, said.UpTo);
                foreach (var message in messages.Where(message => message.Status is not (MessageStatus.Failed or MessageStatus.Expired)))
                {
                    Instant? read = said.To == MessageStatus.Read ? _now : null;
                    var key = (message.Number, said.Device!);
                    _marks[key] = _marks.TryGetValue(key, out var before) ? (before.Delivered, before.Read ?? read) : (_now, read);
                }
            }

            Take(decision.Change);

            // Who says it again changes nothing.
            var rows = messages.Select(message => _rows[message.Number]);
            Assert.Null(Acknowledgements.Decide(_state, said, [.. rows], Kept(), Numbers, _now + TimeSpan.FromSeconds(1)).Change);
        }

        private void Expire(StoredMessage row)
        {
            var change = MessageActions.Expire(_state, row, handedOut: false, Numbers, _now).Change;
            Assert.Equal(row.Status == MessageStatus.Accepted && row.ExpiresAt <= _now, change is not null);
            Take(change);
        }

        private void Take(Change? change)
        {
            if (change is null)
            {
                return;
            }

            _state = change.Next;
            foreach (var happened in change.Events.Where(happened => happened.Message > 0 && _told.ContainsKey(happened.Message)))
            {
                _told[happened.Message].Add(happened.Kind);
            }

            Assert.Equal(change.Steps.Select(step => step.Number).Distinct(), change.Steps.Select(step => step.Number));
            foreach (var step in change.Steps)
            {
                var row = _rows[step.Number];
                Assert.True(step.Status >= row.Status, $"{row.Status} became {step.Status}");
                _rows[step.Number] = row with { Status = step.Status, DeliveredAt = step.DeliveredAt, ReadAt = step.ReadAt, EndedAt = step.EndedAt };
                if (!step.Devices.IsDefault)
                {
                    _rows[step.Number] = _rows[step.Number] with { Devices = step.Devices };
                }

                Assert.True(!step.DropsContent || _dropped.Add(step.Number), "a content was dropped twice");
                Assert.False(step.DropsContent && IsNeeded(_rows[step.Number]), "a content was dropped that is needed");
            }
        }

        private bool IsNeeded(StoredMessage row) => row.Status is MessageStatus.Accepted or MessageStatus.Delivered
            || (row.Status == MessageStatus.Read && _has.Values.Any(upTo => upTo < row.Number));

        private void Check()
        {
            foreach (var (number, row) in _rows)
            {
                EventKind[] told = row.Status switch
                {
                    MessageStatus.Accepted => [EventKind.Accepted],
                    MessageStatus.Delivered => [EventKind.Accepted, EventKind.Delivered],
                    MessageStatus.Read => [EventKind.Accepted, EventKind.Delivered, EventKind.Read],
                    MessageStatus.Failed => [EventKind.Accepted, EventKind.Failed],
                    MessageStatus.Expired => [EventKind.Accepted, EventKind.Expired],
                };
                Assert.Equal(told, _told[number]);
                Assert.Equal(
                    _marks.Where(mark => mark.Key.Message == number).OrderBy(mark => mark.Key.Device, StringComparer.Ordinal)
                        .Select(mark => new DeviceMark(mark.Key.Device, mark.Value.Delivered, mark.Value.Read)),
                    row.Devices);

                // A device that came later may want one that is gone: it was nobody's business then.
                Assert.True(IsNeeded(row) || _dropped.Contains(number), "a content is kept that nobody needs");
            }
        }
    }
}
