using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Actors.Api.Sends;

/// <summary>Hashes of idempotency keys and bodies. Cryptographic, so that no business can aim at another one's key.</summary>
internal static class SendKeys
{
    /// <summary>Longest key.</summary>
    public const int KeyCharactersMax = 255;

    /// <summary>Hash of a key: of one business, for sends.</summary>
    public static ulong Key(long business, string key)
    {
        Span<byte> text = stackalloc byte[9 + (3 * KeyCharactersMax)];
        BinaryPrimitives.WriteInt64LittleEndian(text, business);
        text[8] = (byte)'s';
        return Hash(text[..(9 + Encoding.UTF8.GetBytes(key, text[9..]))]);
    }

    /// <summary>Hash of what is sent: the number it is sent from, the message as stored, the opaque data.</summary>
    public static ulong Body(long number, ReadOnlySpan<byte> content, string? callbackData)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> lengths = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(lengths, number);
        BinaryPrimitives.WriteInt64LittleEndian(lengths[8..], content.Length);
        hash.AppendData(lengths);
        hash.AppendData(content);
        hash.AppendData(Encoding.UTF8.GetBytes(callbackData ?? "\0"));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    private static ulong Hash(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}
