using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>Erasures, and what outlives them.</summary>
public sealed partial class UserLedger
{
    private volatile ErasureKey? _erasureKey;

    /// <summary>What an earlier erasure of a user left; null where they never were erased.</summary>
    /// <param name="user">The wa_id.</param>
    /// <param name="business">Also their word against this business; 0 for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    public async ValueTask<Past?> ReadPastAsync(long user, long business, CancellationToken cancellationToken = default)
    {
        var key = await ErasureKeyAsync(cancellationToken);
        var (alone, both) = (key.Hash(user, 0), business == 0 ? null : key.Hash(user, business));
        Past? past = null;
        Instant? knownAt = null;
        var taken = Categories.None;
        foreach (var stored in await Store.ReadWithdrawalsAsync(user, both is null ? [alone] : [alone, both], cancellationToken))
        {
            taken |= stored.Taken;
            var isAlone = stored.Hash.Span.SequenceEqual(alone);
            (past, knownAt) = isAlone ? (new Past(stored.At, stored.Messages, Categories.None), knownAt) : (past, stored.At);
        }

        return past is null ? null : past with { Taken = taken, KnownAt = knownAt };
    }

    /// <summary>The user's own word gives back what it once took away from all businesses, before they were erased.</summary>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    public async Task LiftAsync(long user, Categories categories, CancellationToken cancellationToken = default) =>
        await Store.LiftWithdrawalAsync(user, (await ErasureKeyAsync(cancellationToken)).Hash(user, 0), categories, cancellationToken);

    /// <summary>Events as they may be told to others, in the same order: those of somebody who was erased meanwhile have lost their user.</summary>
    /// <remarks>In the log they lose them with the walk. Read after the events: an erasure that came before them is never missed.</remarks>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    public async Task<IReadOnlyList<LedgerEvent>> WithoutErasedAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancellationToken)
    {
        if (!events.Any(line => line.User > 0))
        {
            return events;
        }

        var erased = (await Store.ReadErasuresAsync(new Instant(long.MaxValue), cancellationToken)).Where(one => !one.IsWalked).ToLookup(one => one.User);
        return erased.Count == 0
            ? events
            : [.. events.Select(line => erased[line.User].FirstOrDefault(one => line.Seq <= one.UpTo) is { } one ? one.Told(line) : line)];
    }

    private async ValueTask<CommitResult> EraseAsync(UserRecord basis, Change change, Erasure erased)
    {
        try
        {
            var key = await ErasureKeyAsync(_stopping.Token);
            var at = change.Next.LastAt;
            var erasure = new EncodedErasure(
                ErasureKey.NewPseudonym(),
                [
                    .. erased.Withdrawals.Select(withdrawal => new EncodedWithdrawal(
                        key.Hash(basis.User, withdrawal.Business),
                        withdrawal.Taken,
                        withdrawal.Said,
                        at,
                        withdrawal.Business == 0 ? change.Next.Messages : 0)),
                ],
                at - Erasure.Settle,
                new AuditEntry(at, "user", "user_erased", 0, Convert.ToHexStringLower(key.Hash(basis.User, 0)), ""));
            var record = UserRecordCodec.Encode(change.Next, default);
            var operation = _operations + Interlocked.Increment(ref _operation);
            var outcome = await Store.EraseAsync(
                new EncodedCommit(basis.User, basis.Version, operation, record, change, [], null), erasure, CancellationToken.None);
            _pump.Signal();
            Clock.Observe(at);
            return outcome == CommitOutcome.Committed
                ? new CommitResult(outcome, new UserRecord(basis.User, basis.Version + 1, change.Next, default) { Stored = record })
                : new CommitResult(outcome, null);
        }
        catch (LedgerUnavailableException)
        {
            return new CommitResult(CommitOutcome.Unavailable, null);
        }
        catch (UnknownOutcomeException)
        {
            return new CommitResult(CommitOutcome.Unknown, null);
        }
    }

    private async ValueTask<ErasureKey> ErasureKeyAsync(CancellationToken cancellationToken) =>
        _erasureKey ??= new ErasureKey(await Store.ReadSecretAsync(ErasureKey.Name, ErasureKey.Length, cancellationToken));
}
