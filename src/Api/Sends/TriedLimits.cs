using System.Collections.Concurrent;
using Actors.Contracts;

namespace Actors.Api.Sends;

/// <summary>
/// How many conversations businesses have really opened in the last 24 hours, for a messaging limit that is tried: read at most once a second for each business
/// and counted on here. What other nodes open within that second is seen with the next reading.
/// </summary>
internal sealed class TriedLimits(IGrainFactory grains, TimeProvider time)
{
    private const int BusinessesMax = 4_096;
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, Reading> _readings = new();

    /// <summary>Whether a limit would be used up.</summary>
    /// <param name="business">The business.</param>
    /// <param name="users">The limit that is tried.</param>
    /// <param name="hasOpened">Whether the send that is asked for has really opened a conversation.</param>
    /// <exception cref="Exception">It can't be known now.</exception>
    public async ValueTask<bool> IsUsedUpAsync(long business, int users, bool hasOpened)
    {
        if (!_readings.TryGetValue(business, out var reading) || time.GetElapsedTime(reading.At) >= Age)
        {
            if (_readings.Count >= BusinessesMax)
            {
                _readings.Clear();
            }

            _readings[business] = reading = new Reading(time.GetTimestamp(), grains.GetGrain<ILimitGrain>(business).GetAsync());
        }

        var used = (await reading.Limit)?.Used ?? 0;
        return used + (hasOpened ? Interlocked.Increment(ref reading.Opened) - 1 : Volatile.Read(ref reading.Opened)) >= users;
    }

    private sealed class Reading(long at, Task<LimitView?> limit)
    {
        public long Opened;

        public long At => at;

        public Task<LimitView?> Limit => limit;
    }
}
