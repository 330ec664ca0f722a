using Actors.Contracts;
using Actors.Policy.Businesses;

namespace Actors.Api.Tests.Sends;

internal sealed partial class RateWorld
{
    /// <summary>What the grain does around the book.</summary>
    private sealed class Lender(RateWorld world)
    {
        private readonly Queue<Action> _waiting = new();
        private readonly Dictionary<Guid, Node> _holders = [];
        private RateBook _book = RateBook.Empty;
        private bool _isBusy;
        private long _seen = world._version;
        private long? _claimedByMe;
        private long? _before;
        private long? _settlingSince;

        private bool IsSettling => world._now - _settlingSince < Second;

        public void Hear(RateAsk ask, Node from, Action<RateReply> answer)
        {
            _waiting.Enqueue(() => Lend(ask, from, reply =>
            {
                answer(reply);
                _isBusy = false;
                Next();
            }));
            Next();
        }

        public void Return(Guid holder, long ordinal)
        {
            _waiting.Enqueue(() =>
            {
                _book = _book.Told(holder, ordinal, held: 0) ?? _book;
                _isBusy = false;
                Next();
            });
            Next();
        }

        private void Next()
        {
            if (!_isBusy && _waiting.TryDequeue(out var next))
            {
                _isBusy = true;
                next();
            }
        }

        private void Lend(RateAsk ask, Node from, Action<RateReply> answer)
        {
            _holders[from.Id] = from;
            if (ask.Epoch != world._epoch || !Claim(ask.Epoch) || _book.Told(from.Id, ask.Ordinal, ask.Held) is not { } told)
            {
                answer(new RateReply(RateOutcome.Stale, 0, 0));
                return;
            }

            var level = world.Level;
            var isSettling = IsSettling;
            var (next, granted) = told.Offer(from.Id, level, isSettling, ask.Before is { } b && b.Epoch == _before ? (b.Held, b.Level) : null);
            _book = next;
            if (granted > 0)
            {
                answer(new RateReply(RateOutcome.Lent, granted, level));
                return;
            }

            var cap = isSettling ? told.Lent : level;
            var recall = new RateRecall(ask.Epoch, 1, next.Fair(from.Id, level), ask.Wanted);
            var isOver = false;
            foreach (var holder in next.Pieces.Where(p => p.Key != from.Id && p.Value.Size > 0).Select(p => _holders[p.Key]))
            {
                world.Deliver(() =>
                {
                    var back = holder.Recall(recall);
                    world.Deliver(() => _book = isOver ? _book : _book.TakeBack(holder.Id, back));
                });
            }

            world.After(50, () =>
            {
                isOver = true;
                (_book, granted) = _book.Lend(from.Id, cap);
                if (granted == 0 && (_book.Lent > level || world._random.Next(10) == 0) && _seen == world._version)
                {
                    Move();
                }

                answer(new RateReply(granted == 0 && ask.Held == 0 && isSettling ? RateOutcome.Settling : RateOutcome.Lent, granted, level));
            });
        }

        private bool Claim(long epoch)
        {
            if (_claimedByMe == epoch)
            {
                return true;
            }

            if (_seen != world._version)
            {
                _seen = world._version;   // another one wrote: it is known at the next ask
                _claimedByMe = null;
                return false;
            }

            if (world._claimed == epoch)
            {
                Move();
                return false;
            }

            (_before, _settlingSince) = (world._claimed, world._claimed is null ? null : world._now);
            (_book, _claimedByMe, world._claimed, _seen) = (RateBook.Empty, epoch, epoch, ++world._version);
            return true;
        }

        private void Move()
        {
            (_claimedByMe, _seen) = (null, ++world._version);
            world._epoch++;
        }
    }
}
