using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Actors.Ledger;
using Actors.Policy.Analytics;

namespace Actors.Grains;

/// <summary>Who is in the groups that aren't closed, as far as it has to be told apart, and what of that changes with a batch.</summary>
/// <remarks>
/// People are known by a keyed mark only: the first four bytes of an HMAC over user, business and day, under a secret of that day. The same person has
/// other marks elsewhere and on other days. Once a day is closed its secret is forgotten, and nobody can tell any more whose its marks are.
/// </remarks>
internal sealed class AnalyticsGroups
{
    private readonly Dictionary<HalfHour, byte[]> _secrets = [];
    private readonly Dictionary<GroupKey, HashSet<uint>> _people = [];

    /// <summary>Takes groups as they are stored.</summary>
    public void Learn(IEnumerable<StoredGroup> stored)
    {
        foreach (var group in stored)
        {
            _people[group.Key] = [.. MarksOf(group.People.Span)];
        }
    }

    /// <summary>Takes the secrets of the days of what was said, as far as they aren't known.</summary>
    /// <param name="said">What was said.</param>
    /// <param name="read">Reads the secret of a day, given its first half hour.</param>
    public async Task LearnAsync(IEnumerable<(GroupKey Group, long User)> said, Func<HalfHour, Task<byte[]>> read)
    {
        foreach (var day in said.Select(one => one.Group.Period.Midnight).Distinct().Where(day => !_secrets.ContainsKey(day)))
        {
            _secrets.Add(day, await read(day));
        }
    }

    /// <summary>What changes by what was said, whose days' secrets are known, ascending. If that can't be stored, this object is of no use any more.</summary>
    public IReadOnlyList<GroupChange> Add(IReadOnlyList<(GroupKey Group, long User)> said)
    {
        var added = new SortedDictionary<GroupKey, long>(GroupKey.Order);
        foreach (var (group, user) in said)
        {
            added[group] = added.GetValueOrDefault(group) + 1;
            if (!_people.TryGetValue(group, out var people))
            {
                _people.Add(group, people = []);
            }

            if (people.Count < SmallGroups.FewestPeople)
            {
                people.Add(MarkOf(user, group));
            }
        }

        return [.. added.Select(change => new GroupChange(change.Key, change.Value, Bytes(_people[change.Key])))];
    }

    /// <summary>Forgets the groups that are closed now, and the secrets of days that are.</summary>
    public void Close(HalfHour openFrom)
    {
        foreach (var closed in _people.Keys.Where(group => group.Period < openFrom).ToArray())
        {
            _people.Remove(closed);
        }

        foreach (var closed in _secrets.Keys.Where(day => day < openFrom.Midnight).ToArray())
        {
            _secrets.Remove(closed);
        }
    }

    /// <summary>Marks as they are stored.</summary>
    public static ImmutableArray<uint> MarksOf(ReadOnlySpan<byte> stored)
    {
        var marks = ImmutableArray.CreateBuilder<uint>(stored.Length / sizeof(uint));
        for (; stored.Length >= sizeof(uint); stored = stored[sizeof(uint)..])
        {
            marks.Add(BinaryPrimitives.ReadUInt32LittleEndian(stored));
        }

        return marks.DrainToImmutable();
    }

    private uint MarkOf(long user, in GroupKey group)
    {
        Span<byte> text = stackalloc byte[2 * sizeof(long) + sizeof(int)], hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64LittleEndian(text, user);
        BinaryPrimitives.WriteInt64LittleEndian(text[sizeof(long)..], group.Business);
        BinaryPrimitives.WriteInt32LittleEndian(text[(2 * sizeof(long))..], group.Period.Midnight.Number);
        HMACSHA256.HashData(_secrets[group.Period.Midnight], text, hash);
        return BinaryPrimitives.ReadUInt32LittleEndian(hash);
    }

    private static byte[] Bytes(HashSet<uint> marks)
    {
        var bytes = new byte[marks.Count * sizeof(uint)];
        var place = bytes.AsSpan();
        foreach (var mark in marks)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(place, mark);
            place = place[sizeof(uint)..];
        }

        return bytes;
    }
}
