using Actors.Api.Sends;
using Actors.Contracts;

namespace Actors.Api.Tests.Sends;

/// <summary>
/// Nodes, and what lends to them, in simulated time: messages are late, lost, or overtake each other, clocks are set anyhow, and nodes and lenders die. What
/// nodes and lenders compute is the product's; what the ledger's fence and the lender's durable row do is written down anew.
/// </summary>
internal sealed partial class RateWorld
{
    private const long Second = 1_000;
    private readonly Random _random;
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly List<long> _accepted = [];
    private readonly List<(long At, int Level)> _levels = [];
    private readonly Node[] _nodes;
    private readonly Lender[] _lenders;
    private long _order;
    private long _now;
    private long _epoch;
    private long? _claimed;
    private long _version;

    public RateWorld(int seed, int nodes, int level)
    {
        _random = new Random(seed);
        _levels.Add((0, level));
        _nodes = [.. Enumerable.Range(0, nodes).Select(_ => new Node(this))];
        _lenders = [new Lender(this), new Lender(this)];
    }

    private int Level => _levels[^1].Level;

    public int Accepted => _accepted.Count;

    /// <summary>Runs so many things that happen; gives the first second that holds too much, in words, or null.</summary>
    public string? Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            Advance(_random.Next(4) == 0 ? _random.Next(1_500) : _random.Next(60));
            Happen();
        }

        Advance(5_000);
        return FirstFault();
    }

    private string? FirstFault()
    {
        var at = _accepted.Order().ToArray();
        for (int i = 0, from = 0; i < at.Length; i++)
        {
            while (at[from] <= at[i] - Second)
            {
                from++;
            }

            var since = _levels.FindLastIndex(l => l.At <= at[i] - Second);
            var most = _levels.Skip(Math.Max(0, since)).TakeWhile(l => l.At <= at[i]).Max(l => l.Level);
            if (i - from + 1 > most)
            {
                return $"{i - from + 1} of {most} in the second up to {at[i]}";
            }
        }

        return null;
    }

    private void Happen()
    {
        var node = _random.Next(_nodes.Length);
        switch (_random.Next(45))
        {
            case 0:
                _epoch++;
                break;
            case 1:
                _lenders[_random.Next(2)] = new Lender(this);
                break;
            case 2:
                _nodes[node] = new Node(this);
                break;
            case 3:
                _nodes[node].Leave();
                break;
            case 4:
                var level = _random.Next(1, 60);
                _epoch += level < Level ? 1 : 0;
                _levels.Add((_now, level));
                break;
            default:
                _nodes[node].Send(_random.Next(3) == 0 ? _random.Next(80) : _random.Next(8));
                break;
        }
    }

    private void Advance(long by)
    {
        var until = _now + by;
        while (_events.TryPeek(out _, out var next) && next.At <= until)
        {
            _now = next.At;
            _events.Dequeue()();
        }

        _now = until;
    }

    private void After(long delay, Action then) => _events.Enqueue(then, (_now + delay, _order++));

    /// <summary>A message: mostly quick, sometimes late, sometimes never.</summary>
    private void Deliver(Action then)
    {
        if (_random.Next(25) != 0)
        {
            After(_random.Next(10) == 0 ? _random.Next(3_000) : _random.Next(20), then);
        }
    }

    private sealed class Node(RateWorld world)
    {
        private readonly long _offset = world._random.NextInt64(-1_000_000, 1_000_000);
        private RateShare _share = new(1, Second);
        private long _lease = world._epoch;
        private long _ordinal;
        private long _asking;

        public Guid Id { get; } = new(world._random.Next(), 0, 0, new byte[8]);

        private long Clock => world._now + _offset;

        public void Send(int count)
        {
            for (var i = 0; i < count; i++)
            {
                if (_share.Take(_lease, Clock, out _) != RateTaken.Yes)
                {
                    Ask();
                    return;
                }

                var (at, under) = (world._now, _lease);
                world.After(world._random.Next(5) == 0 ? world._random.Next(400) : 0, () => Commit(at, under));
            }
        }

        private void Commit(long at, long under)
        {
            if (under == world._epoch)
            {
                world._accepted.Add(at);
            }

            _lease = world._epoch;   // a commit that fails has a new lease asked for
        }

        public int Recall(RateRecall recall) => _share.GiveBack(recall, Clock);

        /// <summary>Told to stop: it gives all back once a second goes by without a decision. A request that is late asks anew.</summary>
        public void Leave()
        {
            if (!_share.Retire(Clock))
            {
                world.After(25, Leave);
                return;
            }

            var ordinal = ++_ordinal;
            (_share, _asking) = (new RateShare(1, Second), 0);
            foreach (var lender in world._lenders)
            {
                world.Deliver(() => lender.Return(Id, ordinal));
            }
        }

        private void Ask()
        {
            if (_asking != 0)
            {
                return;
            }

            var asking = _asking = ++_ordinal;
            var under = _lease;
            var share = _share;
            var ask = share.Ask(under, Id, asking, world.Level, Clock);
            world.Deliver(() => world._lenders[world._random.Next(4) == 0 ? 1 : 0].Hear(ask, this, reply => world.Deliver(() =>
            {
                if (_asking == asking)
                {
                    _asking = 0;
                    Hear(share, under, reply);
                }
            })));
            world.After(2_000, () => _asking = _asking == asking ? 0 : _asking);
        }

        private void Hear(RateShare share, long under, RateReply reply)
        {
            _lease = reply.Outcome == RateOutcome.Stale ? world._epoch : _lease;
            if (reply.Outcome == RateOutcome.Lent)
            {
                share.Put(under, reply);
            }
        }
    }
}
