using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Actors.Grains.Webhooks;

/// <summary>
/// Secrets of webhooks: stored enciphered with a key that lies in the ledger and not beside them, shown once, and never logged. What is signed must be
/// signed with the secret itself, so no hash of it would do.
/// </summary>
internal static class WebhookSecrets
{
    private const int NonceLength = 12;

    /// <summary>A new one, at random: 64 characters.</summary>
    public static string Make() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>The signature of a body, as the Cloud API writes it.</summary>
    public static string Sign(string secret, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, hash);
        return "sha256=" + Convert.ToHexStringLower(hash);
    }

    /// <summary>As it is stored: nonce, check value and the enciphered text.</summary>
    public static string Seal(AesGcm cipher, string secret)
    {
        var text = Encoding.UTF8.GetBytes(secret);
        var stored = new byte[NonceLength + WebhookKeys.TagLength + text.Length];
        var (nonce, tag, enciphered) = Parts(stored);
        RandomNumberGenerator.Fill(nonce.Span);
        cipher.Encrypt(nonce.Span, text, enciphered.Span, tag.Span);
        return Base64Url.EncodeToString(stored);
    }

    /// <summary>The secret that was stored.</summary>
    /// <exception cref="CryptographicException">What is stored was damaged, or is of another installation.</exception>
    public static string Open(AesGcm cipher, string stored)
    {
        var (nonce, tag, enciphered) = Parts(Base64Url.DecodeFromChars(stored));
        var text = new byte[enciphered.Length];
        cipher.Decrypt(nonce.Span, enciphered.Span, tag.Span, text);
        return Encoding.UTF8.GetString(text);
    }

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Enciphered) Parts(byte[] stored) => (
        stored.AsMemory(0, NonceLength),
        stored.AsMemory(NonceLength, WebhookKeys.TagLength),
        stored.AsMemory(NonceLength + WebhookKeys.TagLength));
}
