using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;

namespace Actors.Api.V1;

/// <summary>The lists that can be read page by page. Part of the cursor, so that one of another list is refused. Never renumber.</summary>
internal enum CursorKind : byte
{
    Events = 1,
    OptIns = 2,
    Inbox = 3,
    Businesses = 4,
    Templates = 5,
    Audit = 6,
    Appeals = 7,
    PolicyVersions = 8,
    Reports = 9,
    Analytics = 10,
    Parked = 11,
}

/// <summary>
/// An opaque place in a list: what it is made of is nobody's business and may change. It carries the list and a check value, so that a mutilated or a
/// made-up one is refused instead of silently skipping lines; it is no secret.
/// </summary>
internal static class Cursor
{
    private const int Length = 11;

    public static string Encode(CursorKind kind, long place)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = (byte)kind;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], place);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[9..], Check(bytes[..9]));
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryDecode(CursorKind kind, ReadOnlySpan<char> text, out long place)
    {
        place = 0;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length)
            || !Base64Url.IsValid(text, out var length) || length != Length
            || !Base64Url.TryDecodeFromChars(text, bytes, out _)
            || bytes[0] != (byte)kind
            || BinaryPrimitives.ReadUInt16BigEndian(bytes[9..]) != Check(bytes[..9]))
        {
            return false;
        }

        place = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        return place >= 0;
    }

    private static ushort Check(ReadOnlySpan<byte> bytes) => (ushort)XxHash3.HashToUInt64(bytes, seed: 0x0AC7);
}
