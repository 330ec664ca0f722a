using System.Runtime.InteropServices;
using System.Text.Json;

namespace Actors.Bench.Receiver;

/// <summary>One webhook: what it had, so that a gap, a repetition and a wrong order are seen.</summary>
/// <param name="checksOrder">Whether statuses are held against those that came before.</param>
internal sealed class Hook(bool checksOrder)
{
    private static readonly string[] s_ranks = ["sent", "delivered", "read", "failed"];

    private readonly Lock _gate = new();
    private readonly HashSet<long> _ahead = [];
    private readonly Dictionary<string, byte> _ranks = [];
    private readonly long[] _statuses = new long[s_ranks.Length];
    private long _contiguous;
    private long _highest;
    private long _deliveries;
    private long _repeated;
    private long _updates;
    private long _messages;
    private long _outOfOrder;

    /// <summary>Takes a delivery with its number.</summary>
    public void Take(long number, ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            if (number <= _contiguous || !_ahead.Add(number))
            {
                _repeated++;
                return;
            }

            _deliveries++;
            _highest = Math.Max(_highest, number);
            while (_ahead.Remove(_contiguous + 1))
            {
                _contiguous++;
            }

            Read(body);
        }
    }

    /// <summary>Adds what it had to a sum.</summary>
    public void AddTo(Counts sum)
    {
        lock (_gate)
        {
            sum.Deliveries += _deliveries;
            sum.Repeated += _repeated;
            sum.Updates += _updates;
            sum.Missing += _highest - _contiguous - _ahead.Count;
            sum.OutOfOrder += _outOfOrder;
            Add("message", _messages);
            for (var rank = 0; rank < s_ranks.Length; rank++)
            {
                Add(s_ranks[rank], _statuses[rank]);
            }
        }

        void Add(string kind, long count) => sum.Kinds[kind] = sum.Kinds.GetValueOrDefault(kind) + count;
    }

    private void Read(ReadOnlySpan<byte> body)
    {
        string? id = null;
        var json = new Utf8JsonReader(body);
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (json.ValueTextEquals("value"u8))
            {
                _updates++;
            }
            else if (json.ValueTextEquals("messages"u8))
            {
                // Nothing in there is needed.
                json.Skip();
                _messages++;
            }
            else if (json.ValueTextEquals("id"u8))
            {
                json.Read();
                id = json.GetString();
            }
            else if (json.ValueTextEquals("status"u8))
            {
                json.Read();
                Status(id!, Array.IndexOf(s_ranks, json.GetString()));
            }
        }
    }

    private void Status(string id, int rank)
    {
        _statuses[rank]++;
        if (!checksOrder)
        {
            return;
        }

        // The same status again may come under another number.
        ref var highest = ref CollectionsMarshal.GetValueRefOrAddDefault(_ranks, id, out var isKnown);
        _outOfOrder += (isKnown && rank < highest) || (!isKnown && rank > 0) ? 1 : 0;
        highest = (byte)Math.Max(highest, rank);
    }
}
