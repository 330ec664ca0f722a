using System.Buffers.Binary;
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
    private const byte Version1 = 1, Version2 = 2, Version3 = 3, Version4 = 4;
    private const int CheckLength = 4;
    private const int HeadLength = 32;

    private const int WantsBusinesses = 1, WantsMarketing = 2, HasHead = 4, HasDroppedKeys = 8;

    // Since version 2.
    private const int HasOwnNumber = 1 << 4, HasQuietHours = 1 << 5, HasOutcomes = 1 << 6, HasOpenOutcomes = 1 << 7;

    // Bits of a relation: one consent may be said to be the same as one before it (an opt-in to all three is one entry).
    private const int HasUtility = 1, AuthenticationShift = 1, MarketingShift = 3, StopShift = 5;
    private const int IsBlocked = 1 << 7, IsBlockedByBusiness = 1 << 8, HasWindow = 1 << 9, HasPair = 1 << 10, HasOpened = 1 << 11, HasUndelivered = 1 << 12;
    private const int RelationBits1 = (1 << 13) - 1;

    // Since version 2.
    private const int HasQuality = 1 << 13, HasRest = 1 << 14;
    private const int RelationBits2 = (1 << 15) - 1;

    // Since version 3; and what a device has acknowledged. Version 4 adds up to where a device has read everything, and is written where one has.
    private const int HasTurn = 1 << 15, IsUsersTurn = 1 << 16;
    private const int RelationBits3 = (1 << 17) - 1;
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

        var version = record[0];
        if (version is not (Version1 or Version2 or Version3 or Version4))
        {
            throw new InvalidDataException($"A user's record has version {version}, which this program doesn't know.");
        }

        var fields = record[..^CheckLength];
        if (BinaryPrimitives.ReadUInt32LittleEndian(record[^CheckLength..]) != Check(fields))
        {
            throw new InvalidDataException("A user's record is damaged.");
        }

        var reader = new ByteReader(fields[1..]);
        var decoded = Read(ref reader, version);
        reader.End();
        return decoded;
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
