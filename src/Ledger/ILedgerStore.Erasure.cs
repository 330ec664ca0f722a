using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>An erasure, with hashes instead of who is erased.</summary>
/// <param name="Pseudonym">
/// Random and negative: stands in the place of the user in events. An erasure of the same user whose traces are still being removed has one that is kept.
/// </param>
/// <param name="Withdrawals">What stays of the user's word.</param>
/// <param name="ToldFrom">
/// Stops, resumptions, opt-ins and opt-outs from here on name the user until the walk comes by: who has to hear of them may be behind.
/// </param>
/// <param name="Audit">Its line of the audit.</param>
public sealed record EncodedErasure(long Pseudonym, IReadOnlyList<EncodedWithdrawal> Withdrawals, Instant ToldFrom, AuditEntry Audit);

/// <summary>What stays of a user's word against a business, or against all.</summary>
/// <param name="Hash">Keyed hash of user and business, 32 bytes (<see cref="ErasureKey"/>).</param>
/// <param name="Taken">Categories that the word took away.</param>
/// <param name="Said">Of these it replaces what was there; of the others that stays.</param>
/// <param name="At">When the user was erased.</param>
/// <param name="Messages">How many messages the user had, in the row of the user alone; else 0.</param>
public readonly record struct EncodedWithdrawal(ReadOnlyMemory<byte> Hash, Categories Taken, Categories Said, Instant At, long Messages);

/// <summary>A stored withdrawal.</summary>
public readonly record struct StoredWithdrawal(ReadOnlyMemory<byte> Hash, Categories Taken, Instant At, long Messages);

/// <summary>An erasure whose traces are still being removed.</summary>
/// <param name="User">The wa_id.</param>
/// <param name="UpTo">The place in the log up to which the user's events are those of the one who was erased.</param>
/// <param name="Pseudonym">Stands in the place of the user.</param>
/// <param name="At">When the user was erased.</param>
/// <param name="BlockLists">Businesses that have the user on their own block list.</param>
/// <param name="IsWalked">Whether the events are rewritten.</param>
public sealed record StoredErasure(long User, long UpTo, long Pseudonym, Instant At, IReadOnlyList<long> BlockLists, bool IsWalked)
{
    /// <summary>
    /// Kinds of events by which consent and marketing change. The newest of them aren't rewritten with the erasure: a business has to hear that it may not
    /// write any more.
    /// </summary>
    internal static IReadOnlyList<EventKind> Consents { get; } = [EventKind.OptedIn, EventKind.OptedOut, EventKind.Stopped, EventKind.Resumed];

    /// <summary>
    /// The event as it may be told: without the user, but for what businesses have to hear: what failed with the erasure, and the newest word about consent.
    /// </summary>
    /// <param name="line">An event of the user, up to the place.</param>
    public LedgerEvent Told(LedgerEvent line) =>
        (line.Event.Kind == EventKind.Failed && line.Event.At == At) || Consents.Contains(line.Event.Kind) ? line : line with { User = Pseudonym };
}

/// <summary>What is held about one person, and its end.</summary>
public partial interface ILedgerStore
{
    /// <summary>A user's messages with numbers above <paramref name="after"/>, ascending, also those whose contents are gone.</summary>
    /// <param name="user">The wa_id.</param>
    /// <param name="after">The number to go on behind.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="undelivered">Only messages to the user that are neither delivered nor at an end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<StoredMessage>> ReadHistoryAsync(long user, long after, int limit, bool undelivered, CancellationToken cancellationToken);

    /// <summary>A user's events behind a place, in order, but for those that follow from the rows of messages (accepted, delivered, read, …).</summary>
    Task<IReadOnlyList<LedgerEvent>> ReadUserEventsAsync(long user, long after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a commit that erases its user, in one durable transaction: the tombstone, at its expected version; all rows of the user's messages and consents
    /// gone; events about the user that <see cref="ReadUserEventsAsync"/> finds rewritten to the pseudonym; the commit's events; and what stays.
    /// </summary>
    /// <returns>Committed or conflict.</returns>
    /// <exception cref="UnknownOutcomeException">It may or may not have been committed: a repetition finds out.</exception>
    /// <exception cref="LedgerUnavailableException">Nothing was written.</exception>
    Task<CommitOutcome> EraseAsync(EncodedCommit commit, EncodedErasure erasure, CancellationToken cancellationToken);

    /// <summary>What is stored under these hashes of one user, any order.</summary>
    Task<IReadOnlyList<StoredWithdrawal>> ReadWithdrawalsAsync(long user, IReadOnlyList<ReadOnlyMemory<byte>> hashes, CancellationToken cancellationToken);

    /// <summary>The user's own word gives categories back that it once took away.</summary>
    Task LiftWithdrawalAsync(long user, ReadOnlyMemory<byte> hash, Categories categories, CancellationToken cancellationToken);

    /// <summary>Erasures from before an instant whose events may still name their user, or who are on block lists; by user and place.</summary>
    Task<IReadOnlyList<StoredErasure>> ReadErasuresAsync(Instant before, CancellationToken cancellationToken);

    /// <summary>Keeps which block lists a user who was erased is still to be taken off.</summary>
    Task KeepBlockListsAsync(StoredErasure erasure, IReadOnlyList<long> left, CancellationToken cancellationToken);

    /// <summary>
    /// Rewrites the events of those who were erased before an instant to their pseudonyms: one walk over the log for all of them, in small transactions, so
    /// that commits get their turn. Its place is durable: broken off, it goes on, to the end that it aimed at, and then does those who came later.
    /// Afterwards SQLite's log is written into its file and emptied.
    /// </summary>
    Task RewriteErasedAsync(Instant before, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the tombstones of those who were erased before an instant, whose events are rewritten, who are on no block list and who haven't begun anew.
    /// </summary>
    Task ForgetErasedAsync(Instant before, CancellationToken cancellationToken);
}
