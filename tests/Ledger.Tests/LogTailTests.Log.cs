using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests;

public sealed partial class LogTailTests
{
    /// <summary>A log in memory: places with gaps, some of them not final yet.</summary>
    private sealed class Log
    {
        private ImmutableList<LedgerEvent> _all = [];
        private TaskCompletionSource? _held;
        private Instant _old = Given.At(long.MinValue / 4);
        private long _seq;
        private int _dropped;

        public int Reads { get; private set; }

        public bool Fails { get; set; }

        public long Horizon { get; private set; }

        public long Earliest { get; private set; }

        /// <summary>All that were ever final.</summary>
        public List<LedgerEvent> Final => [.. _all.Where(line => line.Seq <= Horizon)];

        public LogTail Tail() => new(ReadAsync, () => Horizon, () => _old, size: 32, pageMax: 8);

        public void Grow(int events)
        {
            for (var i = 0; i < events; i++)
            {
                _seq += 1 + (_all.Count % 3);
                var happened = new UserEvent(EventKind.Accepted, Given.At(_all.Count));
                _all = _all.Add(new LedgerEvent(_seq, _all.Count, happened, _all.Count % 5 == 0 ? "text" : null));
            }

            Horizon = _seq - (events % 2);   // the newest one isn't always final yet
        }

        /// <summary>What was dropped is past its time.</summary>
        public void Drop(int events)
        {
            _dropped = Math.Max(_dropped, events);
            if (_dropped == 0)
            {
                return;
            }

            Earliest = _all[_dropped - 1].Seq;
            _old = _all[_dropped - 1].Event.At + TimeSpan.FromMilliseconds(1);
        }

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void LetGo() => _held!.SetResult();

        public void Open() => _held = null;

        private async Task<(IReadOnlyList<LedgerEvent> Events, long Earliest)> ReadAsync(long after, long upTo, int limit, CancellationToken cancellationToken)
        {
            Reads++;
            await (_held?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask);
            cancellationToken.ThrowIfCancellationRequested();
            return Fails
                ? throw new LedgerUnavailableException("It is away.")
                : ([.. _all.Skip(_dropped).Where(line => line.Seq > after && line.Seq <= upTo).Take(limit)], Earliest);
        }
    }
}
