using System.Security.Cryptography;

namespace Actors.Ledger;

/// <summary>Secrets that nobody chooses.</summary>
public static class LedgerSecrets
{
    /// <summary>A secret of the installation, made at random on first use and the same for all nodes ever after.</summary>
    /// <param name="store">Keeps it.</param>
    /// <param name="name">Which.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<byte[]> ReadSecretAsync(this ILedgerStore store, string name, int length, CancellationToken cancellationToken)
    {
        var secret = await store.KeepSecretAsync(name, RandomNumberGenerator.GetBytes(length), cancellationToken);
        return secret.Length == length
            ? secret
            : throw new InvalidDataException($"The secret {name} is stored with {secret.Length} bytes, not {length}.");
    }
}
