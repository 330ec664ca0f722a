using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Nodes;

internal sealed partial class FaultyStore
{
    /// <summary>Runs an erasure, or doesn't.</summary>
    public Func<Func<Task<CommitOutcome>>, Task<CommitOutcome>> OnErase { get; set; } = erase => erase();

    public Task<IReadOnlyList<StoredMessage>> ReadHistoryAsync(
        long user, long after, int limit, bool undelivered, CancellationToken cancellationToken) =>
        inner.ReadHistoryAsync(user, after, limit, undelivered, cancellationToken);

    public Task<IReadOnlyList<LedgerEvent>> ReadUserEventsAsync(long user, long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadUserEventsAsync(user, after, limit, cancellationToken);

    public Task<CommitOutcome> EraseAsync(EncodedCommit commit, EncodedErasure erasure, CancellationToken cancellationToken) =>
        OnErase(() => inner.EraseAsync(commit, erasure, cancellationToken));

    public Task<IReadOnlyList<StoredWithdrawal>> ReadWithdrawalsAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> hashes, CancellationToken cancellationToken) => inner.ReadWithdrawalsAsync(hashes, cancellationToken);

    public Task LiftWithdrawalAsync(ReadOnlyMemory<byte> hash, Categories categories, CancellationToken cancellationToken) =>
        inner.LiftWithdrawalAsync(hash, categories, cancellationToken);

    public Task<IReadOnlyList<StoredErasure>> ReadErasuresAsync(Instant before, CancellationToken cancellationToken) =>
        inner.ReadErasuresAsync(before, cancellationToken);

    public Task RewriteErasedAsync(Instant before, CancellationToken cancellationToken) => inner.RewriteErasedAsync(before, cancellationToken);

    public Task ForgetErasedAsync(Instant before, CancellationToken cancellationToken) => inner.ForgetErasedAsync(before, cancellationToken);
}
