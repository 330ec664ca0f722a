using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Users;

namespace Actors.Tests;

/// <summary>A store in front of another one, which it asks for everything: for tests that put something in between.</summary>
internal abstract class ForwardingStore(ILedgerStore inner) : ILedgerStore
{
    protected ILedgerStore Inner => inner;

    public virtual int Parts => inner.Parts;

    public virtual int PartOf(long user) => inner.PartOf(user);

    public virtual Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public virtual Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken) =>
        inner.WriteAsync(batch, cancellationToken);

    public virtual Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken) =>
        inner.ResolveAsync(batch, backend, cancellationToken);

    public virtual Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(IReadOnlyList<long> users, CancellationToken cancellationToken) =>
        inner.ReadUsersAsync(users, cancellationToken);

    public virtual Task<long> ReadHorizonAsync(CancellationToken cancellationToken) => inner.ReadHorizonAsync(cancellationToken);

    public virtual Task<Instant> ReadClockAsync(CancellationToken cancellationToken) => inner.ReadClockAsync(cancellationToken);

    public virtual Task<StoredMessage?> ReadMessageAsync(long user, long number, CancellationToken cancellationToken) =>
        inner.ReadMessageAsync(user, number, cancellationToken);

    public virtual Task<StoredMessage?> FindMessageAsync(long user, ulong key, CancellationToken cancellationToken) =>
        inner.FindMessageAsync(user, key, cancellationToken);

    public virtual Task<IReadOnlyList<StoredMessage>> ReadMessagesAsync(
        long user, long after, Direction? direction, int limit, CancellationToken cancellationToken) =>
        inner.ReadMessagesAsync(user, after, direction, limit, cancellationToken);

    public virtual Task<IReadOnlyList<(long User, StoredMessage Message)>> ReadMessagesAsync(
        IReadOnlyList<(long User, long Number)> messages, CancellationToken cancellationToken) =>
        inner.ReadMessagesAsync(messages, cancellationToken);

    public virtual Task<IReadOnlyList<StoredMessage>[]> ReadMessagesAsync(
        IReadOnlyList<MessagesPlace> places, int limit, CancellationToken cancellationToken) =>
        inner.ReadMessagesAsync(places, limit, cancellationToken);

    public virtual Task<IReadOnlyList<StatusLine>[]> ReadStatusesAsync(
        IReadOnlyList<StatusesPlace> places, int limit, CancellationToken cancellationToken) =>
        inner.ReadStatusesAsync(places, limit, cancellationToken);

    public virtual Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(
        IReadOnlyList<(long User, uint Number)> entries, CancellationToken cancellationToken) =>
        inner.ReadConsentsAsync(entries, cancellationToken);

    public virtual Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(long user, CancellationToken cancellationToken) =>
        inner.ReadConsentsAsync(user, cancellationToken);

    public virtual Task<IReadOnlyList<StoredConsent>> ReadBusinessConsentsAsync(long business, long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadBusinessConsentsAsync(business, after, limit, cancellationToken);

    public virtual Task<IReadOnlyList<LedgerEvent>> ReadEventsAsync(long? business, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        inner.ReadEventsAsync(business, after, upTo, limit, cancellationToken);

    public virtual Task<UndeliveredPage> ReadUndeliveredAsync(long business, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        inner.ReadUndeliveredAsync(business, after, upTo, limit, cancellationToken);

    public virtual Task<IReadOnlyList<StoredMessage>> ReadUnfinishedAsync(
        long user, long after, long upTo, MessageStatus below, int limit, CancellationToken cancellationToken) =>
        inner.ReadUnfinishedAsync(user, after, upTo, below, limit, cancellationToken);

    public virtual Task<IReadOnlyList<StoredMessage>> ReadKeptAsync(long user, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        inner.ReadKeptAsync(user, after, upTo, limit, cancellationToken);

    public virtual Task<OldSends> ReadOldSendsAsync(long after, long upTo, Instant before, int limit, CancellationToken cancellationToken) =>
        inner.ReadOldSendsAsync(after, upTo, before, limit, cancellationToken);

    public virtual Task WriteExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) =>
        inner.WriteExpiriesAsync(expiries, cancellationToken);

    public virtual Task<IReadOnlyList<DueMessage>> ReadExpiriesAsync(Instant dueAt, int limit, CancellationToken cancellationToken) =>
        inner.ReadExpiriesAsync(dueAt, limit, cancellationToken);

    public virtual Task DropExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) =>
        inner.DropExpiriesAsync(expiries, cancellationToken);

    public virtual Task<long> ReadEarliestAsync(CancellationToken cancellationToken) => inner.ReadEarliestAsync(cancellationToken);

    public virtual Task<long> ReadPositionAsync(string reader, CancellationToken cancellationToken) =>
        inner.ReadPositionAsync(reader, cancellationToken);

    public virtual Task WritePositionAsync(string reader, long position, CancellationToken cancellationToken) =>
        inner.WritePositionAsync(reader, position, cancellationToken);

    public virtual Task DropPositionsAsync(string from, string to, CancellationToken cancellationToken) =>
        inner.DropPositionsAsync(from, to, cancellationToken);

    public virtual Task<bool> ApplyAnalyticsAsync(AnalyticsBatch batch, CancellationToken cancellationToken) =>
        inner.ApplyAnalyticsAsync(batch, cancellationToken);

    public virtual Task<IReadOnlyList<(CountKey Key, long Count)>> ReadAnalyticsAsync(AnalyticsQuery query, CancellationToken cancellationToken) =>
        inner.ReadAnalyticsAsync(query, cancellationToken);

    public virtual Task<IReadOnlyList<StoredGroup>> ReadGroupsAsync(long business, HalfHour from, HalfHour to, CancellationToken cancellationToken) =>
        inner.ReadGroupsAsync(business, from, to, cancellationToken);

    public virtual Task<IReadOnlyList<StoredGroup>> ReadOpenGroupsAsync(HalfHour from, CancellationToken cancellationToken) =>
        inner.ReadOpenGroupsAsync(from, cancellationToken);

    public virtual Task DropAnalyticsAsync(HalfHour before, CancellationToken cancellationToken) =>
        inner.DropAnalyticsAsync(before, cancellationToken);

    public virtual Task DropContentsAsync(Instant before, CancellationToken cancellationToken) => inner.DropContentsAsync(before, cancellationToken);

    public virtual Task DropEventsAsync(Instant before, CancellationToken cancellationToken) => inner.DropEventsAsync(before, cancellationToken);

    public virtual Task AppendAsync(GrainChange change, CancellationToken cancellationToken) => inner.AppendAsync(change, cancellationToken);

    public virtual Task<BusinessFence> ReadFenceAsync(long business, CancellationToken cancellationToken) =>
        inner.ReadFenceAsync(business, cancellationToken);

    public virtual Task<IReadOnlyList<DirectoryEntry>> ReadDirectoryAsync(DirectoryQuery query, CancellationToken cancellationToken) =>
        inner.ReadDirectoryAsync(query, cancellationToken);

    public virtual Task<DirectoryEntry?> FindDirectoryAsync(long id, CancellationToken cancellationToken) =>
        inner.FindDirectoryAsync(id, cancellationToken);

    public virtual Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadAuditAsync(after, limit, cancellationToken);

    public virtual Task<bool> AppendPolicyAsync(StoredPolicy policy, AuditEntry audit, CancellationToken cancellationToken) =>
        inner.AppendPolicyAsync(policy, audit, cancellationToken);

    public virtual Task<StoredPolicy?> ReadPolicyAsync(CancellationToken cancellationToken) => inner.ReadPolicyAsync(cancellationToken);

    public virtual Task<IReadOnlyList<StoredPolicy>> ReadPoliciesAsync(uint from, int limit, CancellationToken cancellationToken) =>
        inner.ReadPoliciesAsync(from, limit, cancellationToken);

    public virtual Task WriteShadowAsync(StoredShadow shadow, AuditEntry audit, CancellationToken cancellationToken) =>
        inner.WriteShadowAsync(shadow, audit, cancellationToken);

    public virtual Task<StoredShadow?> ReadShadowAsync(CancellationToken cancellationToken) => inner.ReadShadowAsync(cancellationToken);

    public virtual Task<byte[]> KeepSecretAsync(string name, byte[] secret, CancellationToken cancellationToken) =>
        inner.KeepSecretAsync(name, secret, cancellationToken);

    public virtual Task DropSecretsAsync(string from, string to, CancellationToken cancellationToken) =>
        inner.DropSecretsAsync(from, to, cancellationToken);

    public virtual ValueTask DisposeAsync() => inner.DisposeAsync();

    public virtual Task<IReadOnlyList<StoredMessage>> ReadHistoryAsync(
        long user, long after, int limit, bool undelivered, CancellationToken cancellationToken) =>
        inner.ReadHistoryAsync(user, after, limit, undelivered, cancellationToken);

    public virtual Task<IReadOnlyList<LedgerEvent>> ReadUserEventsAsync(long user, long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadUserEventsAsync(user, after, limit, cancellationToken);

    public virtual Task<CommitOutcome> EraseAsync(EncodedCommit commit, EncodedErasure erasure, CancellationToken cancellationToken) =>
        inner.EraseAsync(commit, erasure, cancellationToken);

    public virtual Task<IReadOnlyList<StoredWithdrawal>> ReadWithdrawalsAsync(
        long user, IReadOnlyList<ReadOnlyMemory<byte>> hashes, CancellationToken cancellationToken) =>
        inner.ReadWithdrawalsAsync(user, hashes, cancellationToken);

    public virtual Task LiftWithdrawalAsync(long user, ReadOnlyMemory<byte> hash, Categories categories, CancellationToken cancellationToken) =>
        inner.LiftWithdrawalAsync(user, hash, categories, cancellationToken);

    public virtual Task<IReadOnlyList<StoredErasure>> ReadErasuresAsync(Instant before, CancellationToken cancellationToken) =>
        inner.ReadErasuresAsync(before, cancellationToken);

    public virtual Task KeepBlockListsAsync(StoredErasure erasure, IReadOnlyList<long> left, CancellationToken cancellationToken) =>
        inner.KeepBlockListsAsync(erasure, left, cancellationToken);

    public virtual Task RewriteErasedAsync(Instant before, CancellationToken cancellationToken) =>
        inner.RewriteErasedAsync(before, cancellationToken);

    public virtual Task ForgetErasedAsync(Instant before, CancellationToken cancellationToken) => inner.ForgetErasedAsync(before, cancellationToken);
}
