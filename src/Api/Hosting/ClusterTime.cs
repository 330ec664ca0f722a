using Actors.Policy;

namespace Actors.Api.Hosting;

/// <summary>
/// The ledger's time on a node without a ledger, by what silos say it is, counted on by the node's monotonic clock. Behind the time of who said so by the
/// quickest of the latest answers' way here, never ahead of it.
/// </summary>
internal sealed class ClusterTime
{
    private const int Kept = 64;

    private readonly Lock _gate = new();
    private readonly Queue<long> _offsets = new(Kept);

    /// <summary>In ticks, of the timestamp of a moment; null while nobody has said.</summary>
    private long? _offset;

    /// <summary>Now; null while no silo has said what time it is.</summary>
    public Instant? Now
    {
        get
        {
            lock (_gate)
            {
                return _offset is { } offset ? new Instant((Elapsed + offset) / TimeSpan.TicksPerMillisecond) : null;
            }
        }
    }

    private static long Elapsed => TimeProvider.System.GetElapsedTime(0).Ticks;

    /// <summary>A silo has just said what time it was when it answered.</summary>
    public void Heard(Instant now)
    {
        lock (_gate)
        {
            if (_offsets.Count == Kept)
            {
                _offsets.Dequeue();
            }

            _offsets.Enqueue((now.Milliseconds * TimeSpan.TicksPerMillisecond) - Elapsed);
            _offset = _offsets.Max();
        }
    }
}
