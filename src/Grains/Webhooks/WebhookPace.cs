namespace Actors.Grains.Webhooks;

/// <summary>
/// How many updates the queues with a backlog take while the ledger is busy: so many per second over all of this node, and no more than a tenth of a second's
/// worth at once. One per node; thread-safe.
/// </summary>
internal sealed class WebhookPace(WebhookSettings settings, TimeProvider time)
{
    /// <summary>Seconds.</summary>
    private const double Burst = 0.1;

    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();

    /// <summary>When what was taken has come in, in seconds from the start.</summary>
    private double _paidAt;

    /// <summary>Takes a delivery's updates.</summary>
    /// <param name="updates">How many, 1 or more.</param>
    /// <returns>Null where they are taken; else how long to wait before asking again.</returns>
    public TimeSpan? Take(int updates)
    {
        lock (_lock)
        {
            var now = time.GetElapsedTime(_start).TotalSeconds;
            var from = Math.Max(_paidAt, now - Burst);
            if (from > now)
            {
                return TimeSpan.FromSeconds(from - now);
            }

            _paidAt = from + ((double)updates / settings.BusyPace);
            return null;
        }
    }
}
