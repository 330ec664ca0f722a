using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;
using Actors.Policy;

namespace Actors.Api.Inbox;

/// <summary>How far a device has come with its stream: what stands in the id of each event, and by which it resumes.</summary>
/// <param name="Newest">Number of the newest message that was written or held.</param>
/// <param name="Held">
/// Marketing behind this number and up to <paramref name="Newest"/> is held until the quiet hours end; equal to it where nothing is.
/// </param>
/// <param name="Since">Every status reached before this instant was written.</param>
internal readonly record struct StreamPlace(long Newest, long Held, Instant Since)
{
    private const byte Version = 0x51;
    private const int Length = 27;

    /// <summary>Whether marketing is held.</summary>
    public bool Holds => Held < Newest;

    /// <summary>As the id of an event: opaque, with a check value, so that a made-up one, or another user's, is refused instead of skipping messages.</summary>
    public string ToId(long user)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], Newest);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], Held);
        BinaryPrimitives.WriteInt64BigEndian(bytes[17..], Since.Milliseconds);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[25..], Check(user, bytes[..25]));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads an id that a stream of this user gave.</summary>
    public static bool TryParse(long user, ReadOnlySpan<char> text, out StreamPlace place)
    {
        place = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length)
            || !Base64Url.IsValid(text, out var length) || length != Length
            || !Base64Url.TryDecodeFromChars(text, bytes, out _)
            || bytes[0] != Version
            || BinaryPrimitives.ReadUInt16BigEndian(bytes[25..]) != Check(user, bytes[..25]))
        {
            return false;
        }

        var since = BinaryPrimitives.ReadInt64BigEndian(bytes[17..]);
        if (since is < 0 or > 253_402_300_799_999)
        {
            return false;
        }

        place = new(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadInt64BigEndian(bytes[9..]), new Instant(since));
        return place.Held >= 0 && place.Held <= place.Newest;
    }

    private static ushort Check(long user, ReadOnlySpan<byte> bytes) => (ushort)XxHash3.HashToUInt64(bytes, seed: 0x0AC8 ^ (user << 16));
}
