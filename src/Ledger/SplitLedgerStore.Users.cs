using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>What belongs to users.</summary>
public sealed partial class SplitLedgerStore
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A bug: the batch is of several parts, which no transaction holds together.</exception>
    public Task<CommitOutcome[]> WriteAsync(IReadOnlyList<EncodedCommit> batch, CancellationToken cancellationToken) =>
        batch.Count == 0 ? Task.FromResult<CommitOutcome[]>([]) : OnePart(batch).WriteAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public Task<CommitOutcome[]> ResolveAsync(IReadOnlyList<EncodedCommit> batch, object? backend, CancellationToken cancellationToken) =>
        batch.Count == 0 ? Task.FromResult<CommitOutcome[]>([]) : OnePart(batch).ResolveAsync(batch, backend, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<EncodedRecord>> ReadUsersAsync(IReadOnlyList<long> users, CancellationToken cancellationToken) =>
        ByUserAsync(users, user => user, (server, some) => server.ReadUsersAsync(some, cancellationToken));

    /// <inheritdoc/>
    public Task<StoredMessage?> ReadMessageAsync(long user, long number, CancellationToken cancellationToken) =>
        Of(user).ReadMessageAsync(user, number, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredMessage?> FindMessageAsync(long user, ulong key, CancellationToken cancellationToken) =>
        Of(user).FindMessageAsync(user, key, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>> ReadMessagesAsync(
        long user, long after, Direction? direction, int limit, CancellationToken cancellationToken) =>
        Of(user).ReadMessagesAsync(user, after, direction, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<(long User, StoredMessage Message)>> ReadMessagesAsync(
        IReadOnlyList<(long User, long Number)> messages, CancellationToken cancellationToken) =>
        ByUserAsync(messages, message => message.User, (server, some) => server.ReadMessagesAsync(some, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>> ReadUnfinishedAsync(
        long user, long after, long upTo, MessageStatus below, int limit, CancellationToken cancellationToken) =>
        Of(user).ReadUnfinishedAsync(user, after, upTo, below, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>> ReadKeptAsync(long user, long after, long upTo, int limit, CancellationToken cancellationToken) =>
        Of(user).ReadKeptAsync(user, after, upTo, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>[]> ReadMessagesAsync(
        IReadOnlyList<MessagesPlace> places, int limit, CancellationToken cancellationToken) =>
        ByPlaceAsync(places, place => place.User, (server, some) => server.ReadMessagesAsync(some, limit, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StatusLine>[]> ReadStatusesAsync(IReadOnlyList<StatusesPlace> places, int limit, CancellationToken cancellationToken) =>
        ByPlaceAsync(places, place => place.User, (server, some) => server.ReadStatusesAsync(some, limit, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(
        IReadOnlyList<(long User, uint Number)> entries, CancellationToken cancellationToken) =>
        ByUserAsync(entries, entry => entry.User, (server, some) => server.ReadConsentsAsync(some, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(long user, CancellationToken cancellationToken) =>
        Of(user).ReadConsentsAsync(user, cancellationToken);

    /// <inheritdoc/>
    public Task WriteExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) =>
        ByUserAsync(expiries, (server, some) => server.WriteExpiriesAsync(some, cancellationToken));

    /// <inheritdoc/>
    public Task DropExpiriesAsync(IReadOnlyList<Expiry> expiries, CancellationToken cancellationToken) =>
        ByUserAsync(expiries, (server, some) => server.DropExpiriesAsync(some, cancellationToken));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DueMessage>> ReadExpiriesAsync(Instant dueAt, int limit, CancellationToken cancellationToken) =>
    [
        .. (await AllAsync(server => server.ReadExpiriesAsync(dueAt, limit, cancellationToken))).SelectMany(due => due)
            .OrderBy(due => due.Noted.DueAt).ThenBy(due => due.Noted.User).ThenBy(due => due.Noted.Number).Take(limit),
    ];

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>> ReadHistoryAsync(
        long user, long after, int limit, bool undelivered, CancellationToken cancellationToken) =>
        Of(user).ReadHistoryAsync(user, after, limit, undelivered, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LedgerEvent>> ReadUserEventsAsync(long user, long after, int limit, CancellationToken cancellationToken) =>
        Of(user).ReadUserEventsAsync(user, after, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<CommitOutcome> EraseAsync(EncodedCommit commit, EncodedErasure erasure, CancellationToken cancellationToken) =>
        Of(commit.User).EraseAsync(commit, erasure, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredWithdrawal>> ReadWithdrawalsAsync(
        long user, IReadOnlyList<ReadOnlyMemory<byte>> hashes, CancellationToken cancellationToken) =>
        Of(user).ReadWithdrawalsAsync(user, hashes, cancellationToken);

    /// <inheritdoc/>
    public Task LiftWithdrawalAsync(long user, ReadOnlyMemory<byte> hash, Categories categories, CancellationToken cancellationToken) =>
        Of(user).LiftWithdrawalAsync(user, hash, categories, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredErasure>> ReadErasuresAsync(Instant before, CancellationToken cancellationToken) =>
    [
        .. (await AllAsync(server => server.ReadErasuresAsync(before, cancellationToken))).SelectMany(erased => erased)
            .OrderBy(erased => erased.User).ThenBy(erased => erased.UpTo),
    ];

    /// <inheritdoc/>
    public Task KeepBlockListsAsync(StoredErasure erasure, IReadOnlyList<long> left, CancellationToken cancellationToken) =>
        Of(erasure.User).KeepBlockListsAsync(erasure, left, cancellationToken);

    /// <inheritdoc/>
    public Task RewriteErasedAsync(Instant before, CancellationToken cancellationToken) =>
        AllAsync(server => server.RewriteErasedAsync(before, cancellationToken));

    /// <inheritdoc/>
    public Task ForgetErasedAsync(Instant before, CancellationToken cancellationToken) =>
        AllAsync(server => server.ForgetErasedAsync(before, cancellationToken));

    private PostgresLedgerStore OnePart(IReadOnlyList<EncodedCommit> batch)
    {
        var part = PartOf(batch[0].User);
        return batch.All(commit => PartOf(commit.User) == part)
            ? _servers[part]
            : throw new ArgumentException("A batch must be of one part.", nameof(batch));
    }

    private Task ByUserAsync(IReadOnlyList<Expiry> expiries, Func<PostgresLedgerStore, IReadOnlyList<Expiry>, Task> run) =>
        Task.WhenAll(expiries.GroupBy(expiry => PartOf(expiry.User)).Select(part => run(_servers[part.Key], [.. part])));

    /// <summary>One list for each place, in their order.</summary>
    private async Task<IReadOnlyList<T>[]> ByPlaceAsync<TPlace, T>(
        IReadOnlyList<TPlace> places, Func<TPlace, long> userOf, Func<PostgresLedgerStore, IReadOnlyList<TPlace>, Task<IReadOnlyList<T>[]>> ask)
    {
        var lists = new IReadOnlyList<T>[places.Count];
        await Task.WhenAll(Enumerable.Range(0, places.Count).GroupBy(index => PartOf(userOf(places[index]))).Select(async part =>
        {
            var indexes = part.ToList();
            var found = await ask(_servers[part.Key], [.. indexes.Select(index => places[index])]);
            for (var i = 0; i < indexes.Count; i++)
            {
                lists[indexes[i]] = found[i];
            }
        }));
        return lists;
    }
}
