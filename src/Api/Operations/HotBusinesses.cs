using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Actors.Contracts;

namespace Actors.Api.Operations;

/// <summary>
/// Sends of the businesses that send most through this node. Ids of businesses are labels here, and so only a few of them are shown: whoever has sent most
/// lately, weighed anew at each look.
/// </summary>
internal sealed class HotBusinesses : IDisposable
{
    /// <summary>So many are shown.</summary>
    public const int Shown = 20;

    /// <summary>Of so many is counted; who has sent nothing since the last look makes room.</summary>
    public const int CountedMax = 20_000;

    private readonly ConcurrentDictionary<long, Counts> _businesses = new();
    private readonly Meter _meter = new(SendMetrics.MeterName);
    private int _counted;

    public HotBusinesses() => _meter.CreateObservableCounter(
        "api.business.sends", Read, "{send}", "Sends by the businesses that send most through this node, by whether they were accepted.");

    /// <summary>Counts one send.</summary>
    public void Ended(long business, SendOutcome outcome)
    {
        if (!_businesses.TryGetValue(business, out var counts))
        {
            if (Volatile.Read(ref _counted) >= CountedMax)
            {
                return;
            }

            counts = _businesses.GetOrAdd(business, static _ => new Counts());
            Interlocked.Increment(ref _counted);
        }

        Interlocked.Increment(ref outcome is SendOutcome.Accepted or SendOutcome.Replayed ? ref counts.Accepted : ref counts.Other);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Read()
    {
        foreach (var one in _businesses)
        {
            var all = Interlocked.Read(ref one.Value.Accepted) + Interlocked.Read(ref one.Value.Other);
            (one.Value.Heat, one.Value.Seen) = ((one.Value.Heat / 2) + (all - one.Value.Seen), all);
            if (one.Value.Heat < 1 && Volatile.Read(ref _counted) >= CountedMax / 2 && _businesses.TryRemove(one))
            {
                Interlocked.Decrement(ref _counted);
            }
        }

        foreach (var (business, counts) in _businesses.OrderByDescending(one => one.Value.Heat).Take(Shown))
        {
            var id = new KeyValuePair<string, object?>("business", business.ToString(CultureInfo.InvariantCulture));
            yield return new Measurement<long>(Interlocked.Read(ref counts.Accepted), id, new("outcome", "accepted"));
            yield return new Measurement<long>(Interlocked.Read(ref counts.Other), id, new("outcome", "other"));
        }
    }

    private sealed class Counts
    {
        public long Accepted;

        public long Other;

        /// <summary>Both together at the last look. Only the reader's.</summary>
        public long Seen;

        /// <summary>What was sent between looks; each look halves what was before. Only the reader's.</summary>
        public double Heat;
    }
}
