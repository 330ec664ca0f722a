using System.Security.Cryptography;
using Actors.Ledger;

namespace Actors.Grains;

/// <summary>
/// Sees that all members of a cluster have the same key for tokens, by a mark of it that the first one has left in the ledger: with different ones, tokens
/// would be good on some nodes only.
/// </summary>
internal sealed class SharedKey(UserLedger ledger, GrainsSettings settings)
{
    private const string Name = "shared-key";

    /// <exception cref="MismatchException">The others have another one.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (settings.KeyMark is not { } mark)
        {
            return;
        }

        if (settings.AdoptKey)
        {
            await ledger.Store.DropSecretsAsync(Name, Name + " ", cancellationToken);
        }

        if (!await IsSharedAsync(mark, cancellationToken))
        {
            throw new MismatchException(
                "its Auth:SigningKey, or Auth:Authority, isn't that of the cluster. Write the same as on the other nodes; to change it, stop them all and "
                + "start one with --Cluster:AdoptKey true.");
        }
    }

    /// <summary>Whether a member's mark is that of the cluster.</summary>
    public async Task<bool> IsSharedAsync(byte[] mark, CancellationToken cancellationToken) =>
        CryptographicOperations.FixedTimeEquals(await ledger.Store.KeepSecretAsync(Name, mark, cancellationToken), mark);
}
