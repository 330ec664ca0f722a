using System.Collections.Concurrent;

namespace Actors.Api.Sends;

/// <summary>
/// Counts each number's decisions in this process: at most so many in any sliding second. Exact: it remembers when each of the last ones was made.
/// </summary>
internal sealed class Throughputs(TimeProvider time)
{
    private const int SweepAbove = 16_384;
    private readonly ConcurrentDictionary<long, Ring> _rings = new();
    private readonly long _second = time.TimestampFrequency;
    private long _sweptAt;

    /// <summary>How many numbers are remembered.</summary>
    public int Count => _rings.Count;

    /// <summary>Takes one place of the second that ends now; null when it had room, else how long until it has.</summary>
    public TimeSpan? Take(long number, int perSecond)
    {
        while (true)
        {
            var ring = _rings.GetOrAdd(number, static _ => new Ring());
            Sweep();
            switch (ring.Take(perSecond, time.GetTimestamp(), _second))
            {
                case Ring.Gone:
                    continue;   // swept away between the two lines above
                case 0:
                    return null;
                case var ticks:
                    return TimeSpan.FromTicks(((ticks * TimeSpan.TicksPerSecond) + _second - 1) / _second);
            }
        }
    }

    private void Sweep()
    {
        var sweptAt = Volatile.Read(ref _sweptAt);
        var now = time.GetTimestamp();
        if (now - sweptAt < _second || Interlocked.CompareExchange(ref _sweptAt, now, sweptAt) != sweptAt || _rings.Count <= SweepAbove)
        {
            return;   // counting locks the whole dictionary: at most once a second
        }

        foreach (var (number, ring) in _rings)
        {
            if (ring.Retire(now - _second))
            {
                _rings.TryRemove(new(number, ring));
            }
        }
    }

    /// <summary>When the last decisions of one number were made, in a circle: the oldest is where the next one goes.</summary>
    private sealed class Ring
    {
        public const long Gone = -1;
        private long[] _at = [];
        private int _next;
        private int _count;
        private bool _retired;

        /// <summary>0 when taken, else the ticks to wait, or <see cref="Gone"/>.</summary>
        public long Take(int perSecond, long now, long second)
        {
            lock (this)
            {
                if (_retired)
                {
                    return Gone;
                }

                Fit(perSecond);
                if (_count == perSecond && now - _at[_next] < second)
                {
                    return _at[_next] + second - now;
                }

                _at[_next] = now;
                _next = (_next + 1) % _at.Length;
                _count = Math.Min(_count + 1, perSecond);
                return 0;
            }
        }

        public bool Retire(long before)
        {
            lock (this)
            {
                _retired = _count == 0 || _at[(_next + _at.Length - 1) % _at.Length] < before;
                return _retired;
            }
        }

        /// <summary>Grows with use up to the limit, so that a number that hardly sends costs hardly anything.</summary>
        private void Fit(int perSecond)
        {
            if (_at.Length == perSecond || (_count < _at.Length && _at.Length < perSecond))
            {
                return;
            }

            var kept = Math.Min(_count, perSecond);
            var at = new long[Math.Min(perSecond, Math.Max(16, kept * 2))];
            for (var i = 0; i < kept; i++)
            {
                at[i] = _at[(_next + _at.Length - kept + i) % _at.Length];
            }

            (_at, _count, _next) = (at, kept, kept % at.Length);
        }
    }
}
