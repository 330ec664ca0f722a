using Actors.Contracts;

namespace Actors.Api.Enrolments;

/// <summary>The enrolment keys of this installation: made of the ledger's secret <c>enrolment</c>, asked for once.</summary>
internal sealed class EnrolmentKeyring(IGrainFactory grains) : IDisposable
{
    private volatile EnrolmentKeys? _keys;

    /// <summary>The keys; waits only for the first time.</summary>
    public ValueTask<EnrolmentKeys> GetAsync() => _keys is { } keys ? new(keys) : new(FetchAsync());

    /// <inheritdoc/>
    public void Dispose() => _keys?.Dispose();

    private async Task<EnrolmentKeys> FetchAsync()
    {
        var secret = await grains.GetGrain<ILedgerGrain>(0).SecretAsync("enrolment");

        // Who comes second makes others of the same secret; both are good as long as the process lives.
        return _keys = new EnrolmentKeys(secret.AsSpan());
    }
}
