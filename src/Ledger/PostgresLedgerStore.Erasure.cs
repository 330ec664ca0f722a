using Actors.Policy;
using Actors.Policy.Users;
using Npgsql;
using NpgsqlTypes;

namespace Actors.Ledger;

/// <summary>What is held about one person, and its end.</summary>
public sealed partial class PostgresLedgerStore
{
    /// <summary>The condition of the index <c>events_by_person</c>: kinds that don't follow from the rows of messages. Never changes.</summary>
    private const string OfPerson = "user_id > 0 AND kind NOT IN (1, 2, 3, 4, 5, 6, 19)";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredMessage>> ReadHistoryAsync(
        long user, long after, int limit, bool undelivered, CancellationToken cancellationToken) =>
        await QueryAsync(
            $"""
            SELECT {MessageColumns} FROM ledger.messages WHERE user_id = $1 AND number > $2
            {(undelivered ? $"AND direction = {(int)Direction.ToUser} AND status = {(int)MessageStatus.Accepted}" : "")} ORDER BY number LIMIT $3
            """,
            ReadMessage,
            cancellationToken,
            Long(user),
            Long(after),
            Long(limit));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerEvent>> ReadUserEventsAsync(long user, long after, int limit, CancellationToken cancellationToken) =>
        await QueryAsync(
            $"SELECT {EventColumns} FROM ledger.events WHERE user_id = $1 AND seq > $2 AND {OfPerson} ORDER BY seq LIMIT $3",
            ReadEvent,
            cancellationToken,
            Long(user),
            Long(after),
            Long(limit));

    /// <inheritdoc/>
    public async Task<CommitOutcome> EraseAsync(EncodedCommit commit, EncodedErasure erasure, CancellationToken cancellationToken)
    {
        var isCommitting = false;
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

            // The user first: it locks out other commits of theirs, and gives the transaction its id before a place in the event log is drawn.
            if (await ExecuteAsync(
                connection,
                "UPDATE ledger.users SET version = version + 1, operation = $3, record = $4 WHERE id = $1 AND version = $2",
                cancellationToken,
                Long(commit.User),
                Long(commit.ExpectedVersion),
                Long(commit.Operation),
                new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = commit.Record }) == 0)
            {
                return CommitOutcome.Conflict;
            }

            await PostgresErasure.RemoveAsync(connection, commit, erasure, OfPerson, cancellationToken);
            isCommitting = true;
            await transaction.CommitAsync(CancellationToken.None);
            return CommitOutcome.Committed;
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw isCommitting ? new UnknownOutcomeException(null, e) : Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredWithdrawal>> ReadWithdrawalsAsync(
        long user, IReadOnlyList<ReadOnlyMemory<byte>> hashes, CancellationToken cancellationToken) => await QueryAsync(
        "SELECT hash, taken, at, messages FROM ledger.withdrawals WHERE hash = ANY ($1)",
        row => new StoredWithdrawal(row.GetFieldValue<byte[]>(0), (Categories)row.GetInt16(1), new Instant(row.GetInt64(2)), row.GetInt64(3)),
        cancellationToken,
        new NpgsqlParameter<ReadOnlyMemory<byte>[]> { TypedValue = [.. hashes], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });

    /// <inheritdoc/>
    public async Task LiftWithdrawalAsync(long user, ReadOnlyMemory<byte> hash, Categories categories, CancellationToken cancellationToken) => await QueryAsync(
        "UPDATE ledger.withdrawals SET taken = taken & ~$2::smallint WHERE hash = $1 AND taken & $2::smallint <> 0",
        _ => 0,
        cancellationToken,
        new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = hash },
        Short((short)categories));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredErasure>> ReadErasuresAsync(Instant before, CancellationToken cancellationToken) => await QueryAsync(
        """
        SELECT user_id, up_to, pseudonym, at, block_lists, walked FROM ledger.erasures
        WHERE (NOT walked OR cardinality(block_lists) > 0) AND at < $1 ORDER BY user_id, up_to
        """,
        row => new StoredErasure(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), new Instant(row.GetInt64(3)), row.GetFieldValue<long[]>(4), row.GetBoolean(5)),
        cancellationToken,
        Long(before.Milliseconds));

    /// <inheritdoc/>
    public async Task KeepBlockListsAsync(StoredErasure erasure, IReadOnlyList<long> left, CancellationToken cancellationToken) => await QueryAsync(
        "UPDATE ledger.erasures SET block_lists = $3 WHERE user_id = $1 AND up_to = $2",
        _ => 0,
        cancellationToken,
        Long(erasure.User),
        Long(erasure.UpTo),
        new NpgsqlParameter<long[]> { TypedValue = [.. left] });

    /// <inheritdoc/>
    public async Task RewriteErasedAsync(Instant before, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            for (var (isMore, attempt) = (true, 1); isMore;)
            {
                try
                {
                    isMore = await PostgresErasure.StepAsync(connection, before, cancellationToken);
                    attempt = 1;
                }
                catch (PostgresException e) when (IsContention(e) && attempt < WalkAttempts)
                {
                    attempt++;
                }
            }
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public async Task ForgetErasedAsync(Instant before, CancellationToken cancellationToken) => await QueryAsync(
        """
        WITH gone AS (
            DELETE FROM ledger.erasures WHERE walked AND cardinality(block_lists) = 0 AND at < $1 RETURNING user_id, version)
        DELETE FROM ledger.users u USING gone WHERE u.id = gone.user_id AND u.version = gone.version
        """,
        _ => 0,
        cancellationToken,
        Long(before.Milliseconds));
}
