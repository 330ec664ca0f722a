using System.Collections.Concurrent;
using Actors.Api.Auth;
using Actors.Policy;

namespace Actors.Api.V1;

/// <summary>
/// Bounds what a business asks of this node beside sending: dry runs and management, together at most <see cref="PerHour"/> in any hour. Counted in whole
/// minutes, rounded against the caller.
/// </summary>
internal sealed class ManagementRate(TimeProvider time)
{
    /// <summary>Calls of one business in any hour.</summary>
    public const int PerHour = 5_000;

    private const int Minutes = 61;   // the running minute and the hour before it
    private const int SweepAbove = 10_000;
    private readonly ConcurrentDictionary<long, Hour> _hours = new();

    /// <summary>The answer beyond it.</summary>
    public static Problem Exhausted(Instant retryAt) =>
        new(429, "rate_limited", $"Management calls and dry runs: {PerHour} an hour are used up.") { RetryAt = retryAt };

    /// <summary>Takes one call of a business; null when it may go on (and for everybody else), else when one may.</summary>
    public Instant? Take(HttpContext context) => context.Features.Get<Caller>() is { Role: CallerRole.Business } caller && Take(caller.Id) is { } wait
        ? Instant.From(time.GetUtcNow() + wait)
        : null;

    /// <summary>Takes one call; null when it may go on, else how long until one may.</summary>
    public TimeSpan? Take(long business)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (_hours.Count > SweepAbove)
        {
            Sweep(now / 60);
        }

        return _hours.GetOrAdd(business, static _ => new Hour()).Take(now);
    }

    private void Sweep(long minute)
    {
        foreach (var (business, hour) in _hours)
        {
            if (hour.IsRestedAt(minute))
            {
                _hours.TryRemove(KeyValuePair.Create(business, hour));
            }
        }
    }

    private sealed class Hour
    {
        private readonly Lock _lock = new();
        private readonly int[] _counts = new int[Minutes];
        private long _newest;
        private int _sum;

        public TimeSpan? Take(long second)
        {
            lock (_lock)
            {
                var minute = Math.Max(second / 60, _newest);
                for (var m = Math.Max(_newest + 1, minute - Minutes + 1); m <= minute; m++)
                {
                    _sum -= _counts[m % Minutes];
                    _counts[m % Minutes] = 0;
                }

                _newest = minute;
                if (_sum < PerHour)
                {
                    _sum++;
                    _counts[minute % Minutes]++;
                    return null;
                }

                var oldest = minute - Minutes + 1;
                while (_counts[oldest % Minutes] == 0)
                {
                    oldest++;
                }

                return TimeSpan.FromSeconds(Math.Max(1, ((oldest + Minutes) * 60) - second));
            }
        }

        public bool IsRestedAt(long minute)
        {
            lock (_lock)
            {
                return minute >= _newest + Minutes;
            }
        }
    }
}
