using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Actors.Contracts;

namespace Actors.Api.Operations;

/// <summary>
/// Sends of the businesses that send most through this node. Ids of businesses are labels here, and so only a few of them are shown: whoever has sent most
/// lately, weighed anew at each look.
/// </summary>
/// <remarks>
/// OpenTelemetry keeps every set of labels that it has ever seen of an instrument, 2,000 at most; what comes later it adds up under no name. It forgets
/// them only with the instrument: so this one is made anew before that, with the same counts.
/// </remarks>
internal sealed class HotBusinesses : IDisposable
{
    /// <summary>So many are shown.</summary>
    public const int Shown = 20;

    /// <summary>Of so many is counted; who has sent nothing since the last look makes room.</summary>
    public const int CountedMax = 20_000;

    /// <summary>So many businesses one instrument tells of, each with two sets of labels; a look adds <see cref="Shown"/> at most.</summary>
    private const int ToldMax = 900;

    private readonly ConcurrentDictionary<long, Counts> _businesses = new();
    private readonly HashSet<long> _told = [];
    private readonly Lock _looking = new();
    private readonly string _meterName;
    private Meter _meter;
    private int _counted;
    private int _isFull;

    /// <param name="meterName">The meter's name.</param>
    public HotBusinesses(string meterName)
    {
        _meterName = meterName;
        _meter = NewMeter();
    }

    /// <summary>Counts one send.</summary>
    public void Ended(long business, SendOutcome outcome)
    {
        // Here and not where it is looked at: under a look nothing may be taken away.
        if (Volatile.Read(ref _isFull) == 1 && Interlocked.Exchange(ref _isFull, 0) == 1)
        {
            _meter.Dispose();
            _meter = NewMeter();
        }

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

    private Meter NewMeter()
    {
        var meter = new Meter(_meterName);
        meter.CreateObservableCounter(
            "api.business.sends", Read, "{send}", "Sends by the businesses that send most through this node, by whether they were accepted.");
        return meter;
    }

    private List<Measurement<long>> Read()
    {
        lock (_looking)
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

            // Whoever is shown stays until another one sends clearly more: a line that comes and goes tells no rate.
            var shown = _businesses.OrderByDescending(one => one.Value.IsShown ? one.Value.Heat * 2 : one.Value.Heat).Take(Shown).ToList();
            foreach (var (_, counts) in _businesses)
            {
                counts.IsShown = false;
            }

            var measurements = new List<Measurement<long>>(Shown * 2);
            foreach (var (business, counts) in shown)
            {
                counts.IsShown = true;
                _told.Add(business);
                var id = new KeyValuePair<string, object?>("business", business.ToString(CultureInfo.InvariantCulture));
                measurements.Add(new(Interlocked.Read(ref counts.Accepted), id, new("outcome", "accepted")));
                measurements.Add(new(Interlocked.Read(ref counts.Other), id, new("outcome", "other")));
            }

            if (_told.Count > ToldMax)
            {
                _told.Clear();
                Volatile.Write(ref _isFull, 1);
            }

            return measurements;
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

        /// <summary>Whether it was among those that the last look showed. Only the reader's.</summary>
        public bool IsShown;
    }
}
