using Actors.Contracts;

namespace Actors.Api;

/// <summary>Message ids of this installation. Their key is the ledger's secret <c>wamid</c>, asked for once.</summary>
internal sealed class Wamids(IGrainFactory grains) : IDisposable
{
    private volatile Wamid? _wamid;

    /// <summary>What encodes and decodes them; waits only for the first one.</summary>
    public ValueTask<Wamid> GetAsync() => _wamid is { } wamid ? new(wamid) : new(FetchAsync());

    /// <inheritdoc/>
    public void Dispose() => _wamid?.Dispose();

    private async Task<Wamid> FetchAsync()
    {
        var key = await grains.GetGrain<ILedgerGrain>(0).SecretAsync(Wamid.SecretName);

        // Who comes second makes another one of the same key; both are good as long as the process lives.
        return _wamid = new Wamid(key.AsSpan());
    }
}
