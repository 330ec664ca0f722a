using Actors.Policy;

namespace Actors.Ledger;

/// <summary>
/// The newest events of the whole log, in memory, for all who read it on this node: each page of the storage is read once, by whoever gets there first, and
/// whoever stands there, too, or comes soon after, shares it. Where nobody reads, nothing is read.
/// </summary>
/// <remarks>
/// It follows the reader that is furthest ahead. Who lags behind what is in memory reads the storage by itself and holds up nobody. Only what is final gets in
/// (see <see cref="UserLedger.Horizon"/>), without a gap. Thread-safe.
/// </remarks>
internal sealed class LogTail : IAsyncDisposable
{
    /// <summary>So old, and older, events are read from the storage: it may have dropped them, or rewritten those of somebody who was erased.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>Most characters of texts in memory; the newest page may have more. Few events have any.</summary>
    private const long TextMax = 8L * 1024 * 1024;

    private readonly Read _read;
    private readonly Func<long> _horizon;
    private readonly Func<Instant> _oldest;
    private readonly int _size;
    private readonly int _pageMax;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private readonly Lock _lock = new();

    /// <summary>A ring: made by the first reader.</summary>
    private LedgerEvent[] _events = [];

    private int _first;
    private int _count;
    private long _text;

    /// <summary>Every final event behind <see cref="_from"/> up to <see cref="_to"/> is in the ring.</summary>
    private long _from;

    private long _to;
    private Task? _filling;

    /// <summary>Creates it, empty.</summary>
    /// <param name="read">Reads events behind a place up to another one, at most so many, and then the place before the earliest that is kept.</param>
    /// <param name="horizon">The place up to which everything is final.</param>
    /// <param name="oldest">What is older is the storage's to give: see <see cref="Life"/>.</param>
    /// <param name="size">Most events in memory; a power of two, about 200 bytes each.</param>
    /// <param name="pageMax">Most events read at once.</param>
    public LogTail(Read read, Func<long> horizon, Func<Instant> oldest, int size = 32_768, int pageMax = 4_096) =>
        (_read, _horizon, _oldest, _size, _pageMax, _stopped) = (read, horizon, oldest, size, pageMax, _stopping.Token);

    /// <summary>Reads the storage.</summary>
    public delegate Task<(IReadOnlyList<LedgerEvent> Events, long Earliest)> Read(long after, long upTo, int limit, CancellationToken cancellationToken);

    /// <summary>See <see cref="UserLedger.ReadEventsAsync"/>.</summary>
    public async Task<EventPage> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        var upTo = _horizon();
        if (after >= upTo)
        {
            return new EventPage([], after, null);
        }

        while (true)
        {
            Task filling;
            lock (_lock)
            {
                if (after < _from || IsOld(after))
                {
                    break;
                }

                // Fewer than asked for means that there is no more: so not while there is.
                if (Held(after) >= limit || _to >= upTo)
                {
                    var events = Copy(after, limit);
                    return new EventPage(events, events.Length == limit ? events[^1].Seq : _to, null);
                }

                if (after > _to)
                {
                    Clear(after);
                }

                filling = _filling ??= FillAsync(_to);
            }

            await filling.WaitAsync(cancellationToken);
        }

        var (page, earliest) = await _read(after, upTo, limit, cancellationToken);
        return after < earliest
            ? new EventPage([], after, earliest)
            : new EventPage(page, page.Count == limit ? page[^1].Seq : upTo, null);
    }

    /// <summary>Ends what is being read.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task? filling;
        lock (_lock)
        {
            filling = _filling;
        }

        await Task.WhenAny(filling ?? Task.CompletedTask);
        _stopping.Dispose();
    }

    /// <summary>Reads the page behind what is here. Belongs to no single reader: none of them ends it by going away.</summary>
    private async Task FillAsync(long after)
    {
        await Task.Yield();   // off the lock
        try
        {
            var upTo = _horizon();
            var (page, earliest) = await _read(after, upTo, _pageMax, _stopped);
            lock (_lock)
            {
                if (_to != after)
                {
                    return;   // a reader that was further ahead has taken it along meanwhile
                }

                if (after < earliest)
                {
                    Clear(earliest);   // something behind it was dropped: whoever needs that is told so
                    return;
                }

                Append(page);
                _to = page.Count == _pageMax ? page[^1].Seq : upTo;
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            throw new LedgerUnavailableException("The ledger is stopping.");
        }
        finally
        {
            lock (_lock)
            {
                _filling = null;
            }
        }
    }

    private void Append(IReadOnlyList<LedgerEvent> page)
    {
        if (_events.Length == 0)
        {
            _events = new LedgerEvent[_size];
        }

        foreach (var line in page)
        {
            if (_count == _size)
            {
                DropFirst();
            }

            _events[(_first + _count++) & (_size - 1)] = line;
            _text += line.Text?.Length ?? 0;
        }

        while (_text > TextMax && _count > page.Count)
        {
            DropFirst();
        }
    }

    private void DropFirst()
    {
        ref var first = ref _events[_first];
        _from = first.Seq;
        _text -= first.Text?.Length ?? 0;
        first = null!;
        _first = (_first + 1) & (_size - 1);
        _count--;
    }

    private void Clear(long place)
    {
        Array.Clear(_events);
        (_first, _count, _text) = (0, 0, 0);
        _from = _to = place;
    }

    private LedgerEvent At(int index) => _events[(_first + index) & (_size - 1)];

    /// <summary>How many events behind a place are here.</summary>
    private int Held(long after) => _count - IndexBehind(after);

    private bool IsOld(long after) => IndexBehind(after) is var index && index < _count && At(index).Event.At < _oldest();

    private LedgerEvent[] Copy(long after, int limit)
    {
        var index = IndexBehind(after);
        var events = new LedgerEvent[Math.Min(limit, _count - index)];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = At(index + i);
        }

        return events;
    }

    private int IndexBehind(long after)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (At(middle).Seq > after)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
