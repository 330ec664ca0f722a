namespace Actors.Api.Sends;

/// <summary>When the decisions of the last second were made. Not thread-safe: its owner locks.</summary>
/// <param name="second">A second, in ticks of the timestamps.</param>
internal sealed class LastSecond(long second)
{
    private long[] _at = new long[8];   // a circle: oldest at _head
    private int _head;

    /// <summary>How many there are, as of the newest <see cref="Forget"/>.</summary>
    public int Count { get; private set; }

    /// <summary>When one was made; 0 for the oldest.</summary>
    public long At(int place) => _at[(_head + place) % _at.Length];

    /// <summary>Forgets those that are a second old.</summary>
    public void Forget(long now)
    {
        while (Count > 0 && now - _at[_head] >= second)
        {
            _head = (_head + 1) % _at.Length;
            Count--;
        }
    }

    /// <summary>One more. Grows with use, so that a number that hardly sends costs hardly anything.</summary>
    public void Push(long now)
    {
        if (Count == _at.Length)
        {
            var at = new long[Count * 2];
            for (var i = 0; i < Count; i++)
            {
                at[i] = At(i);
            }

            (_at, _head) = (at, 0);
        }

        _at[(_head + Count) % _at.Length] = now;
        Count++;
    }

    /// <summary>The same decisions, counted on apart.</summary>
    public LastSecond Copy() => new(second) { _at = [.. _at], _head = _head, Count = Count };
}
