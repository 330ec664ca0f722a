using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Actors.Contracts;

/// <summary>
/// Message ids: <c>wamid.</c> and one block, enciphered under a key of the installation, that holds the user, the message's number and a check value.
/// So a message is found without an index, nobody can read a number out of an id, and a made-up id is recognised.
/// </summary>
public sealed class Wamid : IDisposable
{
    /// <summary>Name of the installation's secret that is the key.</summary>
    public const string SecretName = "wamid";

    /// <summary>Length of the key in bytes.</summary>
    public const int KeyLength = 32;

    private const string Prefix = "wamid.";
    private const ushort Check = 0xA1C7;
    private const long UserMax = 999_999_999_999_999;
    private readonly Aes _aes;

    // One for each thread: a cipher made anew for each id costs several times as much as its one block.
    private readonly ThreadLocal<Block> _block;

    /// <summary>Creates it.</summary>
    /// <param name="key">32 bytes, the same on all nodes for ever (<see cref="ILedgerGrain.SecretAsync"/>, <see cref="SecretName"/>).</param>
    public Wamid(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength);
        _aes = Aes.Create();
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        _aes.Key = key.ToArray();
        _block = new(() => new Block(_aes), trackAllValues: true);
    }

    /// <summary>The id of a message.</summary>
    /// <param name="user">The wa_id: at most 15 digits, as E.164 has it.</param>
    /// <param name="message">The message's number within the user, 1 to 2^48 - 1.</param>
    public string Encode(long user, long message)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(user);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(user, UserMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(message, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(message, 1L << 48);
        var block = _block.Value!;
        var plain = block.Plain.AsSpan();
        BinaryPrimitives.WriteInt64BigEndian(plain, user);
        BinaryPrimitives.WriteInt64BigEndian(plain[8..], message);
        BinaryPrimitives.WriteUInt16BigEndian(plain[8..], Check);
        return string.Create(Prefix.Length + 32, block.Encrypt(), static (id, enciphered) =>
        {
            Prefix.CopyTo(id);
            Convert.TryToHexString(enciphered, id[Prefix.Length..], out _);
        });
    }

    /// <summary>What an id stands for; false when it is none of ours.</summary>
    public bool TryDecode(string? id, out long user, out long message)
    {
        (user, message) = (0, 0);
        if (id is null || id.Length != Prefix.Length + 32 || !id.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var block = _block.Value!;
        var digits = id.AsSpan(Prefix.Length);
        if (digits.ContainsAnyInRange('a', 'f') || Convert.FromHexString(digits, block.Enciphered, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        ReadOnlySpan<byte> plain = block.Decrypt();
        if (BinaryPrimitives.ReadUInt16BigEndian(plain[8..]) != Check)
        {
            return false;
        }

        (user, message) = (BinaryPrimitives.ReadInt64BigEndian(plain), BinaryPrimitives.ReadInt64BigEndian(plain[8..]) & 0xFFFF_FFFF_FFFF);
        return user is >= 0 and <= UserMax && message >= 1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var block in _block.Values)
        {
            block.Dispose();
        }

        _block.Dispose();
        _aes.Dispose();
    }

    /// <summary>One thread's cipher and the block it works on. Blocks don't depend on each other, so it is used again and again.</summary>
    private sealed class Block(Aes aes) : IDisposable
    {
        private readonly ICryptoTransform _encryptor = aes.CreateEncryptor();
        private readonly ICryptoTransform _decryptor = aes.CreateDecryptor();

        public byte[] Plain { get; } = new byte[16];

        public byte[] Enciphered { get; } = new byte[16];

        public byte[] Encrypt()
        {
            _encryptor.TransformBlock(Plain, 0, 16, Enciphered, 0);
            return Enciphered;
        }

        public byte[] Decrypt()
        {
            _decryptor.TransformBlock(Enciphered, 0, 16, Plain, 0);
            return Plain;
        }

        public void Dispose()
        {
            _encryptor.Dispose();
            _decryptor.Dispose();
        }
    }
}
