using System.Diagnostics.CodeAnalysis;
using Actors.Ledger;
using Actors.Policy;
using Actors.Tests;

namespace Actors.Grains.Tests.Nodes;

/// <summary>A real store that fails where a test wants it to.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "made by tests")]
internal sealed class FaultyStore(ILedgerStore inner) : ForwardingStore(inner)
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

    /// <summary>Runs an erasure, or doesn't.</summary>
    public Func<Func<Task<CommitOutcome>>, Task<CommitOutcome>> OnErase { get; set; } = erase => erase();

    /// <summary>What a reader sees of its saved position.</summary>
    public Func<long, long> ShowPosition { get; set; } = stored => stored;

    /// <summary>The place before the earliest event that a reader is shown as kept.</summary>
    public Func<long, long> ShowEarliest { get; set; } = kept => kept;

    public Func<Instant, Instant> ShowClock { get; set; } = shown => shown;

    /// <summary>A storage that is away.</summary>
    public static Task Away() => throw new LedgerUnavailableException("the test's storage is away");

    /// <summary>A connection that is lost.</summary>
    public static Task Lost() => throw new UnknownOutcomeException(null, new IOException("the test's connection is lost"));

    public override async Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken)
    {
        await BeforeWrite(batch);
        var outcomes = await Inner.WriteAsync(batch, cancellationToken);
        await AfterWrite(batch);
        return outcomes;
    }

    public override async Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken)
    {
        await BeforeResolve();
        return await Inner.ResolveAsync(batch, backend, cancellationToken);
    }

    public override async Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(IReadOnlyList<long> users, CancellationToken cancellationToken)
    {
        await BeforeRead();
        return await Inner.ReadUsersAsync(users, cancellationToken);
    }

    public override async Task<OldSends> ReadOldSendsAsync(long after, long upTo, Instant before, int limit, CancellationToken cancellationToken)
    {
        await BeforeExpiries();
        return await Inner.ReadOldSendsAsync(after, upTo, before, limit, cancellationToken);
    }

    public override async Task WriteExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken)
    {
        await BeforeExpiries();
        await Inner.WriteExpiriesAsync(expiries, cancellationToken);
    }

    public override async Task<IReadOnlyList<DueMessage>> ReadExpiriesAsync(Instant dueAt, int limit, CancellationToken cancellationToken)
    {
        await BeforeExpiries();
        return await Inner.ReadExpiriesAsync(dueAt, limit, cancellationToken);
    }

    public override async Task DropExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken)
    {
        await BeforeExpiries();
        await Inner.DropExpiriesAsync(expiries, cancellationToken);
    }

    public override async Task AppendAsync(GrainChange change, CancellationToken cancellationToken)
    {
        await BeforeAppend(change);
        await Inner.AppendAsync(change, cancellationToken);
        await AfterAppend(change);
    }

    public override async Task<BusinessFence> ReadFenceAsync(long business, CancellationToken cancellationToken)
    {
        await BeforeFence();
        return await Inner.ReadFenceAsync(business, cancellationToken);
    }

    public override async Task<Instant> ReadClockAsync(CancellationToken cancellationToken) => ShowClock(await Inner.ReadClockAsync(cancellationToken));

    public override async Task<IReadOnlyList<LedgerEvent>> ReadEventsAsync(
        long? business, long after, long upTo, int limit, CancellationToken cancellationToken)
    {
        await BeforeEvents();
        return await Inner.ReadEventsAsync(business, after, upTo, limit, cancellationToken);
    }

    public override async Task<long> ReadPositionAsync(string reader, CancellationToken cancellationToken) =>
        ShowPosition(await Inner.ReadPositionAsync(reader, cancellationToken));

    public override async Task WritePositionAsync(string reader, long position, CancellationToken cancellationToken)
    {
        await BeforePosition(position);
        await Inner.WritePositionAsync(reader, position, cancellationToken);
        await AfterPosition(position);
    }

    public override async Task<long> ReadEarliestAsync(CancellationToken cancellationToken) => ShowEarliest(await Inner.ReadEarliestAsync(cancellationToken));

    public override async Task<bool> ApplyAnalyticsAsync(AnalyticsBatch batch, CancellationToken cancellationToken)
    {
        await BeforeAnalytics(batch);
        var isApplied = await Inner.ApplyAnalyticsAsync(batch, cancellationToken);
        await AfterAnalytics(batch);
        return isApplied;
    }

    public override async Task<bool> AppendPolicyAsync(StoredPolicy policy, AuditEntry audit, CancellationToken cancellationToken)
    {
        await BeforePolicy();
        var isAppended = await Inner.AppendPolicyAsync(policy, audit, cancellationToken);
        await AfterPolicy();
        return isAppended;
    }

    public override async Task<StoredPolicy?> ReadPolicyAsync(CancellationToken cancellationToken)
    {
        await BeforePolicyRead();
        return await Inner.ReadPolicyAsync(cancellationToken);
    }

    public override Task<CommitOutcome> EraseAsync(EncodedCommit commit, EncodedErasure erasure, CancellationToken cancellationToken) =>
        OnErase(() => Inner.EraseAsync(commit, erasure, cancellationToken));
}
