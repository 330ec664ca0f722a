using Actors.Policy.Analytics;

namespace Actors.Ledger;

/// <summary>What belongs to no user, and is on the home server.</summary>
public sealed partial class SplitLedgerStore
{
    /// <inheritdoc/>
    public Task<long> ReadPositionAsync(string reader, CancellationToken cancellationToken) => Home.ReadPositionAsync(reader, cancellationToken);

    /// <inheritdoc/>
    public Task WritePositionAsync(string reader, long position, CancellationToken cancellationToken) =>
        Home.WritePositionAsync(reader, position, cancellationToken);

    /// <inheritdoc/>
    public Task DropPositionsAsync(string from, string to, CancellationToken cancellationToken) => Home.DropPositionsAsync(from, to, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ApplyAnalyticsAsync(AnalyticsBatch batch, CancellationToken cancellationToken) => Home.ApplyAnalyticsAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<(CountKey Key, long Count)>> ReadAnalyticsAsync(AnalyticsQuery query, CancellationToken cancellationToken) =>
        Home.ReadAnalyticsAsync(query, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredGroup>> ReadGroupsAsync(long business, HalfHour from, HalfHour to, CancellationToken cancellationToken) =>
        Home.ReadGroupsAsync(business, from, to, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredGroup>> ReadOpenGroupsAsync(HalfHour from, CancellationToken cancellationToken) =>
        Home.ReadOpenGroupsAsync(from, cancellationToken);

    /// <inheritdoc/>
    public Task DropAnalyticsAsync(HalfHour before, CancellationToken cancellationToken) => Home.DropAnalyticsAsync(before, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredPolicy>> ReadPoliciesAsync(uint from, int limit, CancellationToken cancellationToken) =>
        Home.ReadPoliciesAsync(from, limit, cancellationToken);

    /// <inheritdoc/>
    public Task WriteShadowAsync(StoredShadow shadow, AuditEntry audit, CancellationToken cancellationToken) =>
        Home.WriteShadowAsync(shadow, audit, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredShadow?> ReadShadowAsync(CancellationToken cancellationToken) => Home.ReadShadowAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<BusinessFence> ReadFenceAsync(long business, CancellationToken cancellationToken) => Home.ReadFenceAsync(business, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DirectoryEntry>> ReadDirectoryAsync(DirectoryQuery query, CancellationToken cancellationToken) =>
        Home.ReadDirectoryAsync(query, cancellationToken);

    /// <inheritdoc/>
    public Task<DirectoryEntry?> FindDirectoryAsync(long id, CancellationToken cancellationToken) => Home.FindDirectoryAsync(id, cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> KeepSecretAsync(string name, byte[] secret, CancellationToken cancellationToken) =>
        Home.KeepSecretAsync(name, secret, cancellationToken);

    /// <inheritdoc/>
    public Task DropSecretsAsync(string from, string to, CancellationToken cancellationToken) => Home.DropSecretsAsync(from, to, cancellationToken);
}
