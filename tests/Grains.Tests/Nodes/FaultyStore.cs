using System.Diagnostics.CodeAnalysis;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Nodes;

/// <summary>A real store that fails where a test wants it to.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "made by tests")]
internal sealed partial class FaultyStore(ILedgerStore inner) : ILedgerStore
{
    /// <summary>Runs before each batch is written; what it throws, the batch's writer sees.</summary>
    public Func<IReadOnlyList<EncodedCommit>, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after each batch is durable, before its writer hears of it.</summary>
    public Func<IReadOnlyList<EncodedCommit>, Task> AfterWrite { get; set; } = _ => Task.CompletedTask;

    public Func<Task> BeforeResolve { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforeFence { get; set; } = () => Task.CompletedTask;

    public Func<GrainChange, Task> BeforeAppend { get; set; } = _ => Task.CompletedTask;

    public Func<GrainChange, Task> AfterAppend { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a version of the policy is made.</summary>
    public Func<Task> BeforePolicy { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs after a version of the policy is durable, before anybody hears of it.</summary>
    public Func<Task> AfterPolicy { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs before the newest version of the policy is read.</summary>
    public Func<Task> BeforePolicyRead { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs before a reader's position is saved; gets the position.</summary>
    public Func<long, Task> BeforePosition { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after a reader's position is saved; gets the position.</summary>
    public Func<long, Task> AfterPosition { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before counts are added.</summary>
    public Func<AnalyticsBatch, Task> BeforeAnalytics { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after counts are durable, before anybody hears of it.</summary>
    public Func<AnalyticsBatch, Task> AfterAnalytics { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before it is read or noted which messages are due.</summary>
    public Func<Task> BeforeExpiries { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs before events are read.</summary>
    public Func<Task> BeforeEvents { get; set; } = () => Task.CompletedTask;

    /// <summary>What a reader sees of its saved position.</summary>
    public Func<long, long> ShowPosition { get; set; } = stored => stored;

    public Func<Instant, Instant> ShowClock { get; set; } = shown => shown;

    /// <summary>A storage that is away.</summary>
    public static Task Away() => throw new LedgerUnavailableException("the test's storage is away");

    /// <summary>A connection that is lost.</summary>
    public static Task Lost() => throw new UnknownOutcomeException(null, new IOException("the test's connection is lost"));

    public async Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken)
    {
        await BeforeWrite(batch);
        var outcomes = await inner.WriteAsync(batch, cancellationToken);
        await AfterWrite(batch);
        return outcomes;
    }

    public async Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken)
    {
        await BeforeResolve();
        return await inner.ResolveAsync(batch, backend, cancellationToken);
    }

    public async Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(IReadOnlyList<long> users, CancellationToken cancellationToken)
    {
        await BeforeRead();
        return await inner.ReadUsersAsync(users, cancellationToken);
    }

    public Task<IReadOnlyList<StoredMessage>> ReadUnfinishedAsync(
        long user, long upTo, MessageStatus below, int limit, CancellationToken cancellationToken) =>
        inner.ReadUnfinishedAsync(user, upTo, below, limit, cancellationToken);

    public Task<IReadOnlyList<StoredMessage>> ReadKeptAsync(long user, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        inner.ReadKeptAsync(user, after, upTo, limit, cancellationToken);

    public async Task<OldSends> ReadOldSendsAsync(long after, long upTo, Instant before, int limit, CancellationToken cancellationToken)
    {
        await BeforeExpiries();
        return await inner.ReadOldSendsAsync(after, upTo, before, limit, cancellationToken);
    }

    public async Task WriteExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken)
    {
        await BeforeExpiries();
        await inner.WriteExpiriesAsync(expiries, cancellationToken);
    }

    public async Task<IReadOnlyList<DueMessage>> ReadExpiriesAsync(Instant dueAt, int limit, CancellationToken cancellationToken)
    {
        await BeforeExpiries();
        return await inner.ReadExpiriesAsync(dueAt, limit, cancellationToken);
    }

    public async Task DropExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken)
    {
        await BeforeExpiries();
        await inner.DropExpiriesAsync(expiries, cancellationToken);
    }

    public async Task AppendAsync(GrainChange change, CancellationToken cancellationToken)
    {
        await BeforeAppend(change);
        await inner.AppendAsync(change, cancellationToken);
        await AfterAppend(change);
    }

    public async Task<BusinessFence> ReadFenceAsync(long business, CancellationToken cancellationToken)
    {
        await BeforeFence();
        return await inner.ReadFenceAsync(business, cancellationToken);
    }

    public async Task<Instant> ReadClockAsync(CancellationToken cancellationToken) => ShowClock(await inner.ReadClockAsync(cancellationToken));

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

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

    public Task<long> ReadHorizonAsync(CancellationToken cancellationToken) => inner.ReadHorizonAsync(cancellationToken);

    public async Task<IReadOnlyList<LedgerEvent>> ReadEventsAsync(long? business, long after, long upTo, int limit, CancellationToken cancellationToken)
    {
        await BeforeEvents();
        return await inner.ReadEventsAsync(business, after, upTo, limit, cancellationToken);
    }

    public async Task<long> ReadPositionAsync(string reader, CancellationToken cancellationToken) =>
        ShowPosition(await inner.ReadPositionAsync(reader, cancellationToken));

    public async Task WritePositionAsync(string reader, long position, CancellationToken cancellationToken)
    {
        await BeforePosition(position);
        await inner.WritePositionAsync(reader, position, cancellationToken);
        await AfterPosition(position);
    }

    public Task<UndeliveredPage> ReadUndeliveredAsync(long business, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        inner.ReadUndeliveredAsync(business, after, upTo, limit, cancellationToken);

    public Task<long> ReadEarliestAsync(CancellationToken cancellationToken) => inner.ReadEarliestAsync(cancellationToken);

    public async Task<bool> ApplyAnalyticsAsync(AnalyticsBatch batch, CancellationToken cancellationToken)
    {
        await BeforeAnalytics(batch);
        var isApplied = await inner.ApplyAnalyticsAsync(batch, cancellationToken);
        await AfterAnalytics(batch);
        return isApplied;
    }

    public Task<IReadOnlyList<(CountKey Key, long Count)>> ReadAnalyticsAsync(AnalyticsQuery query, CancellationToken cancellationToken) =>
        inner.ReadAnalyticsAsync(query, cancellationToken);

    public Task<IReadOnlyList<StoredGroup>> ReadGroupsAsync(long business, HalfHour from, HalfHour to, CancellationToken cancellationToken) =>
        inner.ReadGroupsAsync(business, from, to, cancellationToken);

    public Task<IReadOnlyList<StoredGroup>> ReadOpenGroupsAsync(HalfHour from, CancellationToken cancellationToken) =>
        inner.ReadOpenGroupsAsync(from, cancellationToken);

    public Task DropAnalyticsAsync(HalfHour before, CancellationToken cancellationToken) => inner.DropAnalyticsAsync(before, cancellationToken);

    public Task DropContentsAsync(Instant before, CancellationToken cancellationToken) => inner.DropContentsAsync(before, cancellationToken);

    public Task DropEventsAsync(Instant before, CancellationToken cancellationToken) => inner.DropEventsAsync(before, cancellationToken);

    public Task<IReadOnlyList<DirectoryEntry>> ReadDirectoryAsync(DirectoryQuery query, CancellationToken cancellationToken) =>
        inner.ReadDirectoryAsync(query, cancellationToken);

    public Task<DirectoryEntry?> FindDirectoryAsync(long id, CancellationToken cancellationToken) => inner.FindDirectoryAsync(id, cancellationToken);

    public Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadAuditAsync(after, limit, cancellationToken);

    public async Task<bool> AppendPolicyAsync(StoredPolicy policy, AuditEntry audit, CancellationToken cancellationToken)
    {
        await BeforePolicy();
        var isAppended = await inner.AppendPolicyAsync(policy, audit, cancellationToken);
        await AfterPolicy();
        return isAppended;
    }

    public async Task<StoredPolicy?> ReadPolicyAsync(CancellationToken cancellationToken)
    {
        await BeforePolicyRead();
        return await inner.ReadPolicyAsync(cancellationToken);
    }

    public Task<IReadOnlyList<StoredPolicy>> ReadPoliciesAsync(uint from, int limit, CancellationToken cancellationToken) =>
        inner.ReadPoliciesAsync(from, limit, cancellationToken);

    public Task WriteShadowAsync(StoredShadow shadow, AuditEntry audit, CancellationToken cancellationToken) =>
        inner.WriteShadowAsync(shadow, audit, cancellationToken);

    public Task<StoredShadow?> ReadShadowAsync(CancellationToken cancellationToken) => inner.ReadShadowAsync(cancellationToken);

    public Task<byte[]> ReadSecretAsync(string name, int length, CancellationToken cancellationToken) =>
        inner.ReadSecretAsync(name, length, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
