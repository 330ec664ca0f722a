using System.Collections.Immutable;
using Actors.Policy.Users;

namespace Actors.Ledger;

public static partial class UserRecordCodec
{
    private static void Write(ref ByteWriter writer, UserState state, ReadOnlySpan<byte> consentHead)
    {
        var now = state.LastAt.Milliseconds;
        var preferences = state.Preferences;

        // A node of before goes on with users of whom there is nothing that it doesn't know.
        var version = state.Devices.Any(device => device.ReadUpTo != 0) ? Version4 : Version3;
        writer.Byte(version);
        writer.Varint(checked((ulong)now));
        writer.Varint(checked((ulong)state.Messages));
        writer.Varint(state.ConsentEntries);
        writer.Byte((byte)(
            (preferences.Businesses ? WantsBusinesses : 0)
            | (preferences.Marketing ? WantsMarketing : 0)
            | (consentHead.IsEmpty ? 0 : HasHead)
            | (state.KeysDroppedAt is null ? 0 : HasDroppedKeys)
            | (preferences.MarketingPerDay is null ? 0 : HasOwnNumber)
            | (preferences.QuietHours is null ? 0 : HasQuietHours)
            | (state.Outcomes == default ? 0 : HasOutcomes)
            | (state.OpenOutcomes.IsEmpty ? 0 : HasOpenOutcomes)));
        writer.Raw(consentHead);
        if (state.KeysDroppedAt is { } droppedAt)
        {
            writer.Signed(now - droppedAt.Milliseconds);
        }

        writer.Varint((ulong)preferences.Languages.Length);
        foreach (var language in preferences.Languages)
        {
            writer.Text(language);
        }

        if (preferences.MarketingPerDay is { } own)
        {
            writer.Byte(own);
        }

        if (preferences.QuietHours is { } quiet)
        {
            writer.Varint((ulong)quiet.Start);
            writer.Varint((ulong)quiet.End);
            writer.Text(quiet.TimeZone);
        }

        writer.Varint((ulong)state.Relations.Length);
        var business = 0L;
        foreach (var relation in state.Relations)
        {
            writer.Signed(unchecked(relation.Business - business));
            business = relation.Business;
            WriteRelation(ref writer, relation, now);
        }

        writer.Varint((ulong)state.Receipts.Length);
        foreach (var receipt in state.Receipts)
        {
            var place = IndexOf(state.Relations, receipt.Business);
            writer.Varint((ulong)(place + 1));
            if (place < 0)
            {
                writer.Signed(receipt.Business);
            }

            writer.Signed(now - receipt.At.Milliseconds);
            writer.Signed(state.Messages - receipt.Message);
        }

        writer.Varint((ulong)state.Keys.Length);
        foreach (var key in state.Keys)
        {
            writer.Fixed64(key.Key);
            writer.Fixed64(key.Body);
            writer.Signed(state.Messages - key.Message);
            writer.Signed(now - key.At.Milliseconds);
        }

        writer.Varint((ulong)state.Devices.Length);
        foreach (var device in state.Devices)
        {
            writer.Text(device.Name);
            writer.Signed(now - device.Since.Milliseconds);
            writer.Signed(state.Messages - device.Acked);
            if (version >= Version4)
            {
                writer.Signed(state.Messages - device.ReadUpTo);
            }
        }

        if (state.Outcomes is { Count: > 0 } outcomes)
        {
            // One bit above the newest so many says how many they are.
            writer.Varint((1u << outcomes.Count) | outcomes.Read);
        }

        if (!state.OpenOutcomes.IsEmpty)
        {
            writer.Varint((ulong)state.OpenOutcomes.Length);
            foreach (var open in state.OpenOutcomes)
            {
                writer.Signed(state.Messages - open.Message);
                writer.Signed(now - open.DeliveredAt.Milliseconds);
            }
        }
    }

    private static void WriteRelation(ref ByteWriter writer, Relation relation, long now)
    {
        var (utility, authentication, marketing) = (relation.Utility, relation.Authentication, relation.Marketing);
        var authenticationBits = authentication == default ? Absent : authentication == utility ? AsUtility : Own;
        var marketingBits = marketing == default ? Absent : marketing == utility ? AsUtility : marketing == authentication ? AsAuthentication : Own;

        writer.Varint((ulong)(
            (utility == default ? 0 : HasUtility)
            | (authenticationBits << AuthenticationShift)
            | (marketingBits << MarketingShift)
            | ((int)relation.Stop << StopShift)
            | (relation.BlockedAt is null ? 0 : IsBlocked)
            | (relation.BlockedByBusinessAt is null ? 0 : IsBlockedByBusiness)
            | (relation.WindowFrom is null ? 0 : HasWindow)
            | (relation.PairRested == default ? 0 : HasPair)
            | (relation.OpenedAt is null ? 0 : HasOpened)
            | (relation.Undelivered == 0 ? 0 : HasUndelivered)
            | (relation.Quality is null ? 0 : HasQuality)
            | (relation.RestsUntil is null ? 0 : HasRest)
            | (relation.Turn is null ? 0 : HasTurn)
            | (relation.Turn is { ByUser: true } ? IsUsersTurn : 0)));

        if (utility != default)
        {
            WriteConsent(ref writer, utility, now);
        }

        if (authenticationBits == Own)
        {
            WriteConsent(ref writer, authentication, now);
        }

        if (marketingBits == Own)
        {
            WriteConsent(ref writer, marketing, now);
        }

        if (relation.BlockedAt is { } blockedAt)
        {
            writer.Signed(now - blockedAt.Milliseconds);
            writer.Byte((byte)relation.BlockReason);
        }

        if (relation.BlockedByBusinessAt is { } blockedByBusinessAt)
        {
            writer.Signed(now - blockedByBusinessAt.Milliseconds);
        }

        if (relation.WindowFrom is { } windowFrom)
        {
            writer.Signed(now - windowFrom.Milliseconds);
        }

        if (relation.PairRested != default)
        {
            writer.Signed(now - relation.PairRested.Milliseconds);
        }

        if (relation.OpenedAt is { } openedAt)
        {
            writer.Signed(now - openedAt.Milliseconds);
        }

        if (relation.Undelivered != 0)
        {
            writer.Varint(checked((ulong)relation.Undelivered));
        }

        if (relation.Quality is { } quality)
        {
            WriteQuality(ref writer, quality, relation.Business, now);
        }

        if (relation.RestsUntil is { } restsUntil)
        {
            writer.Signed(now - restsUntil.Milliseconds);
        }

        if (relation.Turn is { } turn)
        {
            writer.Signed(TurnFrom(turn.ByUser, relation, now) - turn.At.Milliseconds);
        }
    }

    /// <summary>What the turn is mostly near: the user's to the last message that opened the window, the business's to the pair rate's instant.</summary>
    private static long TurnFrom(bool byUser, Relation relation, long now) =>
        byUser ? relation.WindowFrom?.Milliseconds ?? now : relation.PairRested == default ? now : relation.PairRested.Milliseconds;

    private static void WriteConsent(ref ByteWriter writer, Consent consent, long now)
    {
        writer.Byte((byte)(((int)consent.Status << 4) | (int)consent.Source));
        writer.Signed(now - consent.At.Milliseconds);
        writer.Varint(consent.Entry);
    }

    private static int IndexOf(ImmutableArray<Relation> relations, long business)
    {
        for (var i = 0; i < relations.Length; i++)
        {
            if (relations[i].Business == business)
            {
                return i;
            }
        }

        return -1;
    }
}
