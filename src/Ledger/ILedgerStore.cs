using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>One user's commit, encoded, on its way into a batch.</summary>
/// <param name="User">The wa_id.</param>
/// <param name="ExpectedVersion">Written only if the stored version is this; 0 for no row yet.</param>
/// <param name="Operation">Random id of this commit, stored with the record, by which an unknown outcome is found out.</param>
/// <param name="Record">The encoded record (<see cref="UserRecordCodec"/>).</param>
/// <param name="Change">Its rows.</param>
/// <param name="ConsentHashes">One hash for each new consent entry, in order.</param>
/// <param name="Fence">The epoch that it was decided under; null for the user's own acts.</param>
/// <param name="Policy">The version of the policy's numbers that it was decided by; null where none matters.</param>
public sealed record EncodedCommit(
    long User,
    long ExpectedVersion,
    long Operation,
    ReadOnlyMemory<byte> Record,
    Change Change,
    IReadOnlyList<ReadOnlyMemory<byte>> ConsentHashes,
    Fence? Fence,
    uint? Policy = null)
{
    /// <summary>One body for each event, in order: encoded by whoever commits, not by the one writer that all wait for.</summary>
    internal byte[][] EventBodies { get; } = EventCodec.Encode(Change.Events);
}

/// <summary>A stored record, still encoded.</summary>
public readonly record struct EncodedRecord(long User, long Version, long Operation, ReadOnlyMemory<byte> Record);

/// <summary>
/// The connection was lost, or timed out, after the batch may have been committed. <see cref="ILedgerStore.ResolveAsync"/> finds out.
/// </summary>
public sealed class UnknownOutcomeException : Exception
{
    /// <summary>Creates it.</summary>
    /// <param name="backend">Identifies the server process that may still commit, for <see cref="ILedgerStore.ResolveAsync"/>.</param>
    /// <param name="inner">What happened.</param>
    public UnknownOutcomeException(object? backend, Exception inner) : base("The outcome of a batch is unknown.", inner) => Backend = backend;

    /// <summary>Identifies the server process that may still commit.</summary>
    public object? Backend { get; }
}

/// <summary>
/// The storage is there, but rolled the batch back: nothing was written. A deadlock, a serialization failure, or a row that it refuses; the caller
/// tries again, and then by halves, so that one bad row can't fail the rest.
/// </summary>
public sealed class BatchRejectedException : Exception
{
    /// <summary>Creates it.</summary>
    public BatchRejectedException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}

/// <summary>Where the ledger's rows are: PostgreSQL or SQLite. Both hold the same promises; one conformance suite checks both.</summary>
/// <remarks>
/// Methods that read throw <see cref="LedgerUnavailableException"/> when the storage is away. Nothing here retries a write whose outcome is unknown.
/// </remarks>
public partial interface ILedgerStore : IAsyncDisposable
{
    /// <summary>Brings the schema up to date, also when several nodes start at once, and checks that the storage is durable.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes a batch, all of one part, in one durable transaction: sorted by user, each user at most once. A commit whose version or epoch has moved is left
    /// out whole; the others are not touched by that. Returns one outcome for each commit, in order: committed, conflict, stale or old policy.
    /// </summary>
    /// <exception cref="UnknownOutcomeException">It may or may not have been committed.</exception>
    /// <exception cref="BatchRejectedException">Rolled back: nothing was written, and trying again may help.</exception>
    /// <exception cref="LedgerUnavailableException">Nothing was written.</exception>
    Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken);

    /// <summary>
    /// After an unknown outcome: makes sure that the old server process can't commit any more, then reads which of the batch are durable. Returns committed,
    /// conflict, unavailable (not written) or, where a later commit of the user hides it, unknown.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">Can't be known now.</exception>
    Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken);

    /// <summary>Reads many users at once; users without a row are missing in the result. Any order.</summary>
    Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(IReadOnlyList<long> users, CancellationToken cancellationToken);

    /// <summary>Reads one message; null when there is none.</summary>
    Task<StoredMessage?> ReadMessageAsync(long user, long number, CancellationToken cancellationToken);

    /// <summary>Finds a user's newest message by the hash of its idempotency key; null when there is none.</summary>
    Task<StoredMessage?> FindMessageAsync(long user, ulong key, CancellationToken cancellationToken);

    /// <summary>A user's messages with numbers above <paramref name="after"/>, ascending, as far as their contents are kept.</summary>
    /// <param name="direction">Only this way; null for both.</param>
    Task<IReadOnlyList<StoredMessage>> ReadMessagesAsync(long user, long after, Direction? direction, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Reads many messages in one round trip, of whatever users; those that aren't there are missing in the result. Any order. Contents only of what users
    /// wrote (<see cref="Direction.FromUser"/>): what tells of a send's fate needs none, and many of them may be large.
    /// </summary>
    /// <param name="messages">Users and numbers within the user, each pair once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<(long User, StoredMessage Message)>> ReadMessagesAsync(
        IReadOnlyList<(long User, long Number)> messages, CancellationToken cancellationToken);

    /// <summary>
    /// Messages to a user with <paramref name="after"/> &lt; number &lt;= <paramref name="upTo"/> that haven't come as far as <paramref name="below"/>, oldest
    /// first, without contents.
    /// </summary>
    Task<IReadOnlyList<StoredMessage>> ReadUnfinishedAsync(
        long user, long after, long upTo, MessageStatus below, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Messages to a user with <paramref name="after"/> &lt; number &lt;= <paramref name="upTo"/> that were read and whose contents are kept, oldest first,
    /// without them.
    /// </summary>
    Task<IReadOnlyList<StoredMessage>> ReadKeptAsync(long user, long after, long upTo, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Messages to many users, each behind its place, ascending, as far as their contents are kept; in one round trip. A user may come more than once.
    /// </summary>
    /// <param name="limit">At most so many for each place.</param>
    /// <returns>One list for each place, in order.</returns>
    Task<IReadOnlyList<StoredMessage>[]> ReadMessagesAsync(IReadOnlyList<MessagesPlace> places, int limit, CancellationToken cancellationToken);

    /// <summary>Statuses of messages to many users, ascending by number; in one round trip. Also of messages whose contents are no longer kept.</summary>
    /// <param name="limit">At most so many for each place.</param>
    /// <returns>One list for each place, in order.</returns>
    Task<IReadOnlyList<StatusLine>[]> ReadStatusesAsync(IReadOnlyList<StatusesPlace> places, int limit, CancellationToken cancellationToken);

    /// <summary>Single entries of many users' consent logs, by user and number; those that there are, in no order.</summary>
    Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(IReadOnlyList<(long User, uint Number)> entries, CancellationToken cancellationToken);

    /// <summary>A user's consent log, oldest first.</summary>
    Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(long user, CancellationToken cancellationToken);

    /// <summary>
    /// The consent log of a business over all users, in log order, with places above <paramref name="after"/> and final (nothing before
    /// them can still come).
    /// </summary>
    Task<IReadOnlyList<StoredConsent>> ReadBusinessConsentsAsync(long business, long after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The highest place of the event log up to which everything is final: whatever commits later stands behind it, whatever was committed before it was
    /// asked for doesn't. Asked by the pump again and again; may wait for writers under way.
    /// </summary>
    Task<long> ReadHorizonAsync(CancellationToken cancellationToken);

    /// <summary>Events with <paramref name="after"/> &lt; seq &lt;= <paramref name="upTo"/>, in order; of one business, or of all where it is null.</summary>
    Task<IReadOnlyList<LedgerEvent>> ReadEventsAsync(long? business, long after, long upTo, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Messages of a business to users that are neither delivered nor at an end, found by its events with <paramref name="after"/> &lt; seq &lt;= <paramref
    /// name="upTo"/>.
    /// </summary>
    /// <param name="business">The business's id.</param>
    /// <param name="after">The place to go on behind.</param>
    /// <param name="upTo">The last place that is looked at; it is final.</param>
    /// <param name="limit">At most so many events are looked at.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<UndeliveredPage> ReadUndeliveredAsync(long business, long after, long upTo, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Sends of all businesses that were accepted at or before an instant and wait for their delivery, found by the events with <paramref name="after"/>
    /// &lt; seq &lt;= <paramref name="upTo"/>.
    /// </summary>
    /// <param name="after">The place to go on behind.</param>
    /// <param name="upTo">The last place that is looked at; it is final.</param>
    /// <param name="before">What was accepted later is too young.</param>
    /// <param name="limit">At most so many events are looked at.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<OldSends> ReadOldSendsAsync(long after, long upTo, Instant before, int limit, CancellationToken cancellationToken);

    /// <summary>Notes durably when messages are due. What is noted already changes nothing.</summary>
    Task WriteExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken);

    /// <summary>What is noted as due at an instant or before it, earliest first, and which of it still waits.</summary>
    Task<IReadOnlyList<DueMessage>> ReadExpiriesAsync(Instant dueAt, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets durably what was noted. What isn't noted changes nothing.</summary>
    Task DropExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken);

    /// <summary>The place before the earliest event that is kept; 0 when nothing was dropped yet.</summary>
    Task<long> ReadEarliestAsync(CancellationToken cancellationToken);

    /// <summary>Up to which place a reader has done its work; 0 when it never said.</summary>
    /// <param name="reader">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<long> ReadPositionAsync(string reader, CancellationToken cancellationToken);

    /// <summary>Notes durably up to which place a reader has done its work. Never moves back: an older place changes nothing.</summary>
    Task WritePositionAsync(string reader, long position, CancellationToken cancellationToken);

    /// <summary>Forgets the places of readers that are no more.</summary>
    /// <param name="from">From this name on, in the order of names' bytes.</param>
    /// <param name="to">Up to the last name before this one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task DropPositionsAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>
    /// Adds counts and moves their reader's place, durably, in one short transaction: only if the reader is where they go on from. So each stretch of the log
    /// counts once, whoever reads it and however often.
    /// </summary>
    /// <returns>Whether they were added; false changes nothing.</returns>
    /// <exception cref="LedgerUnavailableException">They may or may not have been added; the reader's place finds out.</exception>
    Task<bool> ApplyAnalyticsAsync(AnalyticsBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// The counts that a query asks for, but those that are 0, in order of period, template, measure and detail. By day, a day's stand under its first half
    /// hour.
    /// </summary>
    Task<IReadOnlyList<(CountKey Key, long Count)>> ReadAnalyticsAsync(AnalyticsQuery query, CancellationToken cancellationToken);

    /// <summary>The groups of a business from a half hour on, up to the one before another. Any order.</summary>
    Task<IReadOnlyList<StoredGroup>> ReadGroupsAsync(long business, HalfHour from, HalfHour to, CancellationToken cancellationToken);

    /// <summary>All groups of all businesses from a half hour on. Any order.</summary>
    Task<IReadOnlyList<StoredGroup>> ReadOpenGroupsAsync(HalfHour from, CancellationToken cancellationToken);

    /// <summary>Drops counts and groups of half hours before one, in small transactions.</summary>
    Task DropAnalyticsAsync(HalfHour before, CancellationToken cancellationToken);

    /// <summary>
    /// Empties the contents of messages older than <paramref name="before"/>; their rows stay. In small transactions, so that commits get their turn; goes on
    /// where it, or another node, stopped. Leaves to a node that is at it what it is at.
    /// </summary>
    Task DropContentsAsync(Instant before, CancellationToken cancellationToken);

    /// <summary>
    /// Drops the rows of messages older than <paramref name="before"/>, in the way of <see cref="DropContentsAsync"/>, and then events (and with them their
    /// places) older than that, as far as the storage can do it cheaply. No event goes before the row of the message that it names.
    /// </summary>
    Task DropEventsAsync(Instant before, CancellationToken cancellationToken);

    /// <summary>
    /// Takes a grain's change once, durably, in one transaction; a repetition changes nothing. When it moves the epoch, it waits for the commits in
    /// flight that were decided under the old one: after the return none can be committed.
    /// </summary>
    Task AppendAsync(GrainChange change, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a version of the policy the newest, durably, with its line of the audit, in one transaction: only if the newest is the one before it (version 0:
    /// if there is none). It waits for the commits in flight: after the return none that was decided by an older version can be committed.
    /// </summary>
    /// <returns>Whether it was; false changes nothing.</returns>
    /// <exception cref="LedgerUnavailableException">Nothing was written.</exception>
    /// <exception cref="UnknownOutcomeException">It may or may not have been; trying again finds out.</exception>
    Task<bool> AppendPolicyAsync(StoredPolicy policy, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>The newest version of the policy; null while there is none.</summary>
    Task<StoredPolicy?> ReadPolicyAsync(CancellationToken cancellationToken);

    /// <summary>Versions of the policy from <paramref name="from"/> on, ascending.</summary>
    Task<IReadOnlyList<StoredPolicy>> ReadPoliciesAsync(uint from, int limit, CancellationToken cancellationToken);

    /// <summary>Sets the shadow policy, with its line of the audit.</summary>
    Task WriteShadowAsync(StoredShadow shadow, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>The shadow policy; null while there never was one.</summary>
    Task<StoredShadow?> ReadShadowAsync(CancellationToken cancellationToken);

    /// <summary>The business's epoch and version, and the policy's version.</summary>
    Task<BusinessFence> ReadFenceAsync(long business, CancellationToken cancellationToken);

    /// <summary>The directory, ascending by id.</summary>
    Task<IReadOnlyList<DirectoryEntry>> ReadDirectoryAsync(DirectoryQuery query, CancellationToken cancellationToken);

    /// <summary>One directory entry; null when there is none.</summary>
    Task<DirectoryEntry?> FindDirectoryAsync(long id, CancellationToken cancellationToken);

    /// <summary>The audit, in order, behind <paramref name="after"/>.</summary>
    Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Keeps a secret of the installation, the same for all nodes ever after: the one that was said first.</summary>
    /// <param name="name">Which.</param>
    /// <param name="secret">Kept where there is none of this name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is kept.</returns>
    Task<byte[]> KeepSecretAsync(string name, byte[] secret, CancellationToken cancellationToken);

    /// <summary>Forgets secrets for good: what was made with them says nothing any more.</summary>
    /// <param name="from">From this name on, in the order of names' bytes.</param>
    /// <param name="to">Up to the last name before this one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task DropSecretsAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>The storage's own clock, on a connection of its own.</summary>
    Task<Instant> ReadClockAsync(CancellationToken cancellationToken);
}

/// <summary>Undelivered messages of a business.</summary>
/// <param name="Messages">User and number within the user, in the order of acceptance.</param>
/// <param name="Next">The place up to which everything was looked at.</param>
public sealed record UndeliveredPage(IReadOnlyList<(long User, long Number)> Messages, long Next)
{
    /// <summary>The page of the events that were looked at, in order; those of other messages have number 0.</summary>
    internal static UndeliveredPage Of(IReadOnlyList<(long Seq, long User, long Number)> lines, long upTo, int limit) => new(
        [.. lines.Where(line => line.Number > 0).Select(line => (line.User, line.Number))], lines.Count == limit ? lines[^1].Seq : upTo);
}
