using System.Security.Cryptography;
using Actors.Contracts;
using Actors.Ledger;

namespace Actors.Grains.Webhooks;

/// <summary>The installation's keys that webhooks need: read when they are first asked for. One per node.</summary>
internal sealed class WebhookKeys(UserLedger ledger) : IDisposable
{
    /// <summary>Bytes of a check value.</summary>
    public const int TagLength = 16;

    private const int KeyLength = 32;

    private volatile AesGcm? _cipher;
    private volatile Wamid? _wamid;

    /// <summary>Enciphers secrets.</summary>
    /// <exception cref="LedgerUnavailableException">The key can't be had.</exception>
    public async ValueTask<AesGcm> CipherAsync() => _cipher ??= new AesGcm(await KeyAsync("webhooks"), TagLength);

    /// <summary>Makes the ids of messages.</summary>
    /// <exception cref="LedgerUnavailableException">The key can't be had.</exception>
    public async ValueTask<Wamid> WamidAsync() => _wamid ??= new Wamid(await KeyAsync("wamid"));

    public void Dispose()
    {
        _cipher?.Dispose();
        _wamid?.Dispose();
    }

    private Task<byte[]> KeyAsync(string name) => ledger.Store.ReadSecretAsync(name, KeyLength, CancellationToken.None);
}
