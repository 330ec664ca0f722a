namespace Actors.Bench.Load;

/// <summary>A set of 64-bit hashes, for millions of them: open addressing, no garbage but when it grows.</summary>
internal sealed class IdSet
{
    private ulong[] _slots = new ulong[1 << 22];
    private int _count;

    /// <summary>Adds one; false when it is there already.</summary>
    /// <param name="id">Not 0.</param>
    public bool Add(ulong id)
    {
        if (_count > _slots.Length / 2)
        {
            var old = _slots;
            _slots = new ulong[old.Length * 4];
            foreach (var other in old)
            {
                if (other != 0)
                {
                    _slots[Find(other)] = other;
                }
            }
        }

        var slot = Find(id);
        if (_slots[slot] == id)
        {
            return false;
        }

        _slots[slot] = id;
        _count++;
        return true;
    }

    private int Find(ulong id)
    {
        var mask = _slots.Length - 1;
        var slot = (int)id & mask;
        while (_slots[slot] != 0 && _slots[slot] != id)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }
}
