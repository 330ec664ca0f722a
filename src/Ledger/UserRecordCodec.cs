using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>
/// Encodes a user's record: one version byte, then fields in a fixed order with varints, then a check value. Every version ever written can be read.
/// </summary>
/// <remarks>
/// Times are differences to the record's newest instant, businesses to the one before, and a receipt names its business by its place among the
/// relations: small numbers are short. The check value (CRC-32C) is there because a flipped bit would otherwise read as another, valid, record: consent
/// that was never given.
/// </remarks>
public static partial class UserRecordCodec
{
    private const byte Version1 = 1, Version2 = 2;
    private const int CheckLength = 4;
    private const int HeadLength = 32;

    private const byte WantsBusinesses = 1, WantsMarketing = 2, HasHead = 4, HasDroppedKeys = 8;

    // Bits of a relation: one consent may be said to be the same as one before it (an opt-in to all three is one entry).
    private const int HasUtility = 1, AuthenticationShift = 1, MarketingShift = 3, StopShift = 5;
    private const int IsBlocked = 1 << 7, IsBlockedByBusiness = 1 << 8, HasWindow = 1 << 9, HasPair = 1 << 10, HasOpened = 1 << 11, HasUndelivered = 1 << 12;
    private const int HasQuality = 1 << 13;
    private const int RelationBits1 = (1 << 13) - 1, RelationBits2 = (1 << 14) - 1;
    private const int Absent = 0, Own = 1, AsUtility = 2, AsAuthentication = 3;

    /// <summary>Encodes state and head of the consent log.</summary>
    /// <param name="state">The state.</param>
    /// <param name="consentHead">32 bytes, or none.</param>
    public static byte[] Encode(UserState state, ReadOnlySpan<byte> consentHead)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (consentHead.Length is not (0 or HeadLength))
        {
            throw new ArgumentException("The head of the consent log has 32 bytes.", nameof(consentHead));
        }

        var writer = new ByteWriter();
        try
        {
            Write(ref writer, state, consentHead);
            writer.Fixed32(Check(writer.Written));
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Decodes a record.</summary>
    /// <exception cref="InvalidDataException">An unknown version or a damaged record: the node must not go on with this user.</exception>
    public static (UserState State, ReadOnlyMemory<byte> ConsentHead) Decode(ReadOnlySpan<byte> record)
    {
        if (record.Length <= CheckLength)
        {
            throw new InvalidDataException("A user's record is too short.");
        }

        if (record[0] is not (Version1 or Version2))
        {
            throw new InvalidDataException($"A user's record has version {record[0]}, which this program doesn't know.");
        }

        var fields = record[..^CheckLength];
        if (BinaryPrimitives.ReadUInt32LittleEndian(record[^CheckLength..]) != Check(fields))
        {
            throw new InvalidDataException("A user's record is damaged.");
        }

        var reader = new ByteReader(fields[1..]);
        var decoded = Read(ref reader, record[0] == Version1 ? RelationBits1 : RelationBits2);
        reader.End();
        return decoded;
    }

    private static void Write(ref ByteWriter writer, UserState state, ReadOnlySpan<byte> consentHead)
    {
        var now = state.LastAt.Milliseconds;
        var preferences = state.Preferences;

        writer.Byte(Version2);
        writer.Varint(checked((ulong)now));
        writer.Varint(checked((ulong)state.Messages));
        writer.Varint(state.ConsentEntries);
        writer.Byte((byte)(
            (preferences.Businesses ? WantsBusinesses : 0)
            | (preferences.Marketing ? WantsMarketing : 0)
            | (consentHead.IsEmpty ? 0 : HasHead)
            | (state.KeysDroppedAt is null ? 0 : HasDroppedKeys)));
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
            | (relation.Quality is null ? 0 : HasQuality)));

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
    }

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

    private static uint Check(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
