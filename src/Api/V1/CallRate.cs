using System.Collections.Concurrent;

namespace Actors.Api.V1;

/// <summary>Bounds what each caller asks of this node in any period: counted in whole buckets of time, rounded against the caller.</summary>
/// <param name="time">What is counted by: a machine's matter.</param>
/// <param name="max">Calls of one caller in any period.</param>
/// <param name="bucket">Length of a bucket: whole seconds.</param>
/// <param name="buckets">Buckets of a period.</param>
/// <param name="callersMax">
/// Most callers that are remembered, but for as many as come at the same moment. To be given where anybody can be as many callers as they like.
/// </param>
internal sealed class CallRate<TCaller>(TimeProvider time, int max, TimeSpan bucket, int buckets, int callersMax = int.MaxValue)
    where TCaller : notnull
{
    private const int SweepFrom = 10_000;

    private readonly long _length = (long)bucket.TotalSeconds;
    private readonly ConcurrentDictionary<TCaller, Period> _periods = new();
    private long _sweptAt = -1;

    /// <summary>How many callers are remembered.</summary>
    public int Callers => _periods.Count;

    /// <summary>How often all of them were looked at for those that have rested.</summary>
    public int Sweeps { get; private set; }

    /// <summary>How long until a caller may call; null when it may now. Takes none.</summary>
    public TimeSpan? UntilFree(TCaller caller) =>
        _periods.TryGetValue(caller, out var period) ? period.Take(time.GetUtcNow().ToUnixTimeSeconds(), _length, max, calls: 0) : null;

    /// <summary>Takes one call; null when it may go on, else how long until one may.</summary>
    public TimeSpan? Take(TCaller caller)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (!_periods.TryGetValue(caller, out var period))
        {
            var bucketNow = now / _length;
            if (!HasRoom(bucketNow))
            {
                return TimeSpan.FromSeconds(((bucketNow + 1) * _length) - now);
            }

            // The running bucket and the period before it.
            period = _periods.GetOrAdd(caller, static (_, size) => new Period(size), buckets + 1);
        }

        return period.Take(now, _length, max);
    }

    /// <summary>Whether one more caller can be remembered.</summary>
    private bool HasRoom(long bucketNow)
    {
        // Who has rested changes with the bucket only: to look more often costs time and finds nobody.
        if (_periods.Count >= Math.Min(SweepFrom, callersMax) && Interlocked.Exchange(ref _sweptAt, bucketNow) != bucketNow)
        {
            Sweep(bucketNow);
        }

        return _periods.Count < callersMax;
    }

    private void Sweep(long bucketNow)
    {
        Sweeps++;
        foreach (var (caller, period) in _periods)
        {
            if (period.IsRestedAt(bucketNow))
            {
                _periods.TryRemove(KeyValuePair.Create(caller, period));
            }
        }
    }

    private sealed class Period(int size)
    {
        private readonly Lock _lock = new();
        private readonly int[] _counts = new int[size];
        private long _newest;
        private int _sum;

        public TimeSpan? Take(long second, long length, int max, int calls = 1)
        {
            lock (_lock)
            {
                var current = Math.Max(second / length, _newest);
                for (var b = Math.Max(_newest + 1, current - size + 1); b <= current; b++)
                {
                    _sum -= _counts[b % size];
                    _counts[b % size] = 0;
                }

                _newest = current;
                if (_sum < max)
                {
                    _sum += calls;
                    _counts[current % size] += calls;
                    return null;
                }

                var oldest = current - size + 1;
                while (_counts[oldest % size] == 0)
                {
                    oldest++;
                }

                return TimeSpan.FromSeconds(Math.Max(1, ((oldest + size) * length) - second));
            }
        }

        public bool IsRestedAt(long bucketNow)
        {
            lock (_lock)
            {
                return bucketNow >= _newest + size;
            }
        }
    }
}
