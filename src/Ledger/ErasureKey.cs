using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Actors.Ledger;

/// <summary>Hashes that stand for users who were erased, under a secret of the installation.</summary>
/// <remarks>There are few phone numbers: without the secret a hash would soon be tried out. Who has the database has the secret, too.</remarks>
internal sealed class ErasureKey(byte[] secret)
{
    /// <summary>By this name the ledger keeps the secret.</summary>
    public const string Name = "erasure";

    /// <summary>Bytes of the secret.</summary>
    public const int Length = 32;

    /// <summary>The hash of a user and a business; of the user alone with business 0.</summary>
    public byte[] Hash(long user, long business)
    {
        Span<byte> text = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(text, user);
        BinaryPrimitives.WriteInt64BigEndian(text[sizeof(long)..], business);
        return HMACSHA256.HashData(secret, text);
    }

    /// <summary>A pseudonym: random, and negative, as no user is.</summary>
    public static long NewPseudonym() => (BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue) - long.MaxValue - 1;
}
