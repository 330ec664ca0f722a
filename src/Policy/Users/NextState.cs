using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Actors.Policy.Users;

/// <summary>How the parts of the next record are made: sorted, within their bounds, without what no decision needs any more.</summary>
internal static class NextState
{
    /// <summary>The relations with one put in its place, less those that hold nothing any more.</summary>
    public static ImmutableArray<Relation> Put(this ImmutableArray<Relation> relations, Relation changed, Instant now)
    {
        var kept = ImmutableArray.CreateBuilder<Relation>(relations.Length + 1);
        var placed = changed.HoldsNothing(now);
        foreach (var relation in relations)
        {
            if (!placed && relation.Business >= changed.Business)
            {
                kept.Add(changed.Live(now));
                placed = true;
            }

            if (relation.Business != changed.Business && !relation.HoldsNothing(now))
            {
                kept.Add(relation.Live(now));
            }
        }

        if (!placed)
        {
            kept.Add(changed.Live(now));
        }

        return kept.DrainToImmutable();
    }

    /// <summary>The relations less those that hold nothing any more, and these without what can't matter; the same array where all stays.</summary>
    public static ImmutableArray<Relation> Live(this ImmutableArray<Relation> relations, Instant now)
    {
        foreach (var relation in relations)
        {
            if (relation.HoldsNothing(now) || !ReferenceEquals(relation.Live(now), relation))
            {
                return [.. relations.Where(each => !each.HoldsNothing(now)).Select(each => each.Live(now))];
            }
        }

        return relations;
    }

    /// <summary>The receipts that can still count; the same array where all can.</summary>
    public static ImmutableArray<Receipt> Live(this ImmutableArray<Receipt> receipts, Instant now) =>
        Lapsed(receipts, now) is var lapsed && lapsed == 0 ? receipts : receipts.RemoveRange(0, lapsed);

    /// <summary>The receipts that can still count, and a new one.</summary>
    /// <remarks>The cap's numbers are at most <see cref="UserState.ReceiptsMax"/>, so there is always room: otherwise the cap would have refused.</remarks>
    public static ImmutableArray<Receipt> LivePlus(this ImmutableArray<Receipt> receipts, Receipt added, Instant now)
    {
        var lapsed = Lapsed(receipts, now);
        var next = new Receipt[receipts.Length - lapsed + 1];
        receipts.AsSpan()[lapsed..].CopyTo(next);
        next[^1] = added;
        return ImmutableCollectionsMarshal.AsImmutableArray(next);
    }

    private static int Lapsed(ImmutableArray<Receipt> receipts, Instant now)
    {
        var lapsed = 0;
        while (lapsed < receipts.Length && !CapUse.InWeek(receipts[lapsed], now))
        {
            lapsed++;
        }

        return lapsed;
    }

    /// <summary>The keys with one use more; beyond the bound the oldest falls out, and the record says when that one was used.</summary>
    public static (ImmutableArray<KeyReceipt> Keys, Instant? DroppedAt) Plus(this UserState state, ulong? key, ulong body, long message, Instant now)
    {
        if (key is not { } used)
        {
            return (state.Keys, state.KeysDroppedAt);
        }

        var dropped = state.Keys.Length < UserState.KeysMax ? 0 : 1;
        var next = new KeyReceipt[state.Keys.Length - dropped + 1];
        state.Keys.AsSpan()[dropped..].CopyTo(next);
        next[^1] = new KeyReceipt(used, body, message, now);
        return (ImmutableCollectionsMarshal.AsImmutableArray(next), dropped == 0 ? state.KeysDroppedAt : state.Keys[0].At);
    }
}
