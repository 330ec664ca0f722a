using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests;

/// <summary>A store in front of a real one, whose round trips can be made to fail, hang or lie.</summary>
internal sealed partial class FaultyStore(ILedgerStore inner) : ILedgerStore
{
    public delegate Task<CommitOutcome[]> Write(IReadOnlyList<EncodedCommit> batch);

    public delegate Task<IReadOnlyList<EncodedRecord>> Read(IReadOnlyList<long> users);

    /// <summary>What a write does; gets the real one.</summary>
    public Func<IReadOnlyList<EncodedCommit>, Write, Task<CommitOutcome[]>> OnWrite { get; set; } = (batch, write) => write(batch);

    /// <summary>What finding out does; gets the real one.</summary>
    public Func<IReadOnlyList<EncodedCommit>, Write, Task<CommitOutcome[]>> OnResolve { get; set; } = (batch, resolve) => resolve(batch);

    /// <summary>What reading users does; gets the real one.</summary>
    public Func<IReadOnlyList<long>, Read, Task<IReadOnlyList<EncodedRecord>>> OnRead { get; set; } = (users, read) => read(users);

    /// <summary>What reading the horizon does; gets the real one.</summary>
    public Func<Func<Task<long>>, Task<long>> OnHorizon { get; set; } = read => read();

    /// <summary>What reading the clock does; gets the real one.</summary>
    public Func<Func<Task<Instant>>, Task<Instant>> OnClock { get; set; } = read => read();

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken) =>
        OnWrite(batch, commits => inner.WriteAsync(commits, cancellationToken));

    public Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken) =>
        OnResolve(batch, commits => inner.ResolveAsync(commits, backend, cancellationToken));

    public Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(IReadOnlyList<long> users, CancellationToken cancellationToken) =>
        OnRead(users, some => inner.ReadUsersAsync(some, cancellationToken));

    public Task<long> ReadHorizonAsync(CancellationToken cancellationToken) => OnHorizon(() => inner.ReadHorizonAsync(cancellationToken));

    public Task<Instant> ReadClockAsync(CancellationToken cancellationToken) => OnClock(() => inner.ReadClockAsync(cancellationToken));

    public Task<StoredMessage?> ReadMessageAsync(long user, long number, CancellationToken cancellationToken) =>
        inner.ReadMessageAsync(user, number, cancellationToken);

    public Task<StoredMessage?> FindMessageAsync(long user, ulong key, CancellationToken cancellationToken) =>
        inner.FindMessageAsync(user, key, cancellationToken);

    public Task<IReadOnlyList<StoredMessage>> ReadMessagesAsync(
        long user, long after, Direction? direction, int limit, CancellationToken cancellationToken) =>
        inner.ReadMessagesAsync(user, after, direction, limit, cancellationToken);

    public Task<IReadOnlyList<(long User, StoredMessage Message)>> ReadMessagesAsync(
        IReadOnlyList<(long User, long Number)> messages, CancellationToken cancellationToken) => inner.ReadMessagesAsync(messages, cancellationToken);

    public Task<IReadOnlyList<StoredMessage>[]> ReadMessagesAsync(
        IReadOnlyList<MessagesPlace> places, int limit, CancellationToken cancellationToken) => inner.ReadMessagesAsync(places, limit, cancellationToken);

    public Task<IReadOnlyList<StatusLine>[]> ReadStatusesAsync(
        IReadOnlyList<StatusesPlace> places, int limit, CancellationToken cancellationToken) => inner.ReadStatusesAsync(places, limit, cancellationToken);

    public Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(
        IReadOnlyList<(long User, uint Number)> entries, CancellationToken cancellationToken) => inner.ReadConsentsAsync(entries, cancellationToken);

    public Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(long user, CancellationToken cancellationToken) =>
        inner.ReadConsentsAsync(user, cancellationToken);

    public Task<IReadOnlyList<StoredConsent>> ReadBusinessConsentsAsync(long business, long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadBusinessConsentsAsync(business, after, limit, cancellationToken);

    public Task<IReadOnlyList<LedgerEvent>> ReadEventsAsync(long? business, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        inner.ReadEventsAsync(business, after, upTo, limit, cancellationToken);

    public Task<UndeliveredPage> ReadUndeliveredAsync(long business, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        inner.ReadUndeliveredAsync(business, after, upTo, limit, cancellationToken);

    public Task<IReadOnlyList<StoredMessage>> ReadUnfinishedAsync(
        long user, long upTo, MessageStatus below, int limit, CancellationToken cancellationToken) =>
        inner.ReadUnfinishedAsync(user, upTo, below, limit, cancellationToken);

    public Task<IReadOnlyList<StoredMessage>> ReadKeptAsync(long user, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        inner.ReadKeptAsync(user, after, upTo, limit, cancellationToken);

    public Task<OldSends> ReadOldSendsAsync(long after, long upTo, Instant before, int limit, CancellationToken cancellationToken) =>
        inner.ReadOldSendsAsync(after, upTo, before, limit, cancellationToken);

    public Task WriteExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) =>
        inner.WriteExpiriesAsync(expiries, cancellationToken);

    public Task<IReadOnlyList<DueMessage>> ReadExpiriesAsync(Instant dueAt, int limit, CancellationToken cancellationToken) =>
        inner.ReadExpiriesAsync(dueAt, limit, cancellationToken);

    public Task DropExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) =>
        inner.DropExpiriesAsync(expiries, cancellationToken);

    public Task<long> ReadEarliestAsync(CancellationToken cancellationToken) => inner.ReadEarliestAsync(cancellationToken);

    public Task<long> ReadPositionAsync(string reader, CancellationToken cancellationToken) => inner.ReadPositionAsync(reader, cancellationToken);

    public Task WritePositionAsync(string reader, long position, CancellationToken cancellationToken) =>
        inner.WritePositionAsync(reader, position, cancellationToken);
    public Task<bool> ApplyAnalyticsAsync(AnalyticsBatch batch, CancellationToken cancellationToken) => inner.ApplyAnalyticsAsync(batch, cancellationToken);

    public Task<IReadOnlyList<(CountKey Key, long Count)>> ReadAnalyticsAsync(AnalyticsQuery query, CancellationToken cancellationToken) =>
        inner.ReadAnalyticsAsync(query, cancellationToken);

    public Task<IReadOnlyList<StoredGroup>> ReadGroupsAsync(long business, HalfHour from, HalfHour to, CancellationToken cancellationToken) =>
        inner.ReadGroupsAsync(business, from, to, cancellationToken);

    public Task<IReadOnlyList<StoredGroup>> ReadOpenGroupsAsync(HalfHour from, CancellationToken cancellationToken) =>
        inner.ReadOpenGroupsAsync(from, cancellationToken);

    public Task DropAnalyticsAsync(HalfHour before, CancellationToken cancellationToken) => inner.DropAnalyticsAsync(before, cancellationToken);

    public Task DropContentsAsync(Instant before, CancellationToken cancellationToken) => inner.DropContentsAsync(before, cancellationToken);

    public Task DropEventsAsync(Instant before, CancellationToken cancellationToken) => inner.DropEventsAsync(before, cancellationToken);

    public Task AppendAsync(GrainChange change, CancellationToken cancellationToken) => inner.AppendAsync(change, cancellationToken);

    public Task<BusinessFence> ReadFenceAsync(long business, CancellationToken cancellationToken) => inner.ReadFenceAsync(business, cancellationToken);

    public Task<IReadOnlyList<DirectoryEntry>> ReadDirectoryAsync(DirectoryQuery query, CancellationToken cancellationToken) =>
        inner.ReadDirectoryAsync(query, cancellationToken);

    public Task<DirectoryEntry?> FindDirectoryAsync(long id, CancellationToken cancellationToken) => inner.FindDirectoryAsync(id, cancellationToken);

    public Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadAuditAsync(after, limit, cancellationToken);

    public Task<bool> AppendPolicyAsync(StoredPolicy policy, AuditEntry audit, CancellationToken cancellationToken) =>
        inner.AppendPolicyAsync(policy, audit, cancellationToken);

    public Task<StoredPolicy?> ReadPolicyAsync(CancellationToken cancellationToken) => inner.ReadPolicyAsync(cancellationToken);

    public Task<IReadOnlyList<StoredPolicy>> ReadPoliciesAsync(uint from, int limit, CancellationToken cancellationToken) =>
        inner.ReadPoliciesAsync(from, limit, cancellationToken);

    public Task WriteShadowAsync(StoredShadow shadow, AuditEntry audit, CancellationToken cancellationToken) =>
        inner.WriteShadowAsync(shadow, audit, cancellationToken);

    public Task<StoredShadow?> ReadShadowAsync(CancellationToken cancellationToken) => inner.ReadShadowAsync(cancellationToken);

    public Task<byte[]> ReadSecretAsync(string name, int length, CancellationToken cancellationToken) =>
        inner.ReadSecretAsync(name, length, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
