using System.Globalization;
using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.Data.Sqlite;

namespace Actors.Ledger;

/// <summary>What is held about one person, and its end. What goes is overwritten in the file, also where that costs a page.</summary>
public sealed partial class SqliteLedgerStore
{
    /// <summary>The condition of the index <c>events_by_person</c>: kinds that don't follow from the rows of messages. Never changes.</summary>
    private const string OfPerson = "user > 0 AND kind NOT IN (1, 2, 3, 4, 5, 6, 19)";

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>> ReadHistoryAsync(long user, long after, int limit, bool undelivered, CancellationToken cancellationToken) =>
        AllAsync(
            session => session.Prepare(undelivered
                ? $"{SelectMessage} AND number > ?2 AND direction = {(int)Direction.ToUser} AND status = {(int)MessageStatus.Accepted} ORDER BY number LIMIT ?3"
                : $"{SelectMessage} AND number > ?2 ORDER BY number LIMIT ?3").Bind(1, user).Bind(2, after).Bind(3, limit),
            Message,
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LedgerEvent>> ReadUserEventsAsync(long user, long after, int limit, CancellationToken cancellationToken) => AllAsync(
        session => session.Prepare($"{SelectEvents} INDEXED BY events_by_person WHERE user = ?1 AND seq > ?2 AND {OfPerson} ORDER BY seq LIMIT ?3")
            .Bind(1, user).Bind(2, after).Bind(3, limit),
        Event,
        cancellationToken);

    /// <inheritdoc/>
    public Task<CommitOutcome> EraseAsync(EncodedCommit commit, EncodedErasure erasure, CancellationToken cancellationToken) =>
        Writer.RunAsync(
            session =>
            {
                var (seq, isDone) = (_seq, false);
                try
                {
                    var outcome = Overwriting(session, () =>
                    {
                        var written = Erase(session, commit, erasure, ref seq);
                        isDone = true;
                        return written;
                    });
                    Volatile.Write(ref _seq, seq);
                    return outcome;
                }
                catch (SqliteException exception) when (isDone)
                {
                    throw new UnknownOutcomeException(null, exception);
                }
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredWithdrawal>> ReadWithdrawalsAsync(
        long user, IReadOnlyList<ReadOnlyMemory<byte>> hashes, CancellationToken cancellationToken) => ReaderPool.RunAsync<IReadOnlyList<StoredWithdrawal>>(
        session =>
        {
            var found = new List<StoredWithdrawal>();
            foreach (var hash in hashes)
            {
                var select = session.Prepare("SELECT taken, at, messages FROM withdrawals WHERE hash = ?1").Bind(1, hash.Span);
                if (select.Step())
                {
                    found.Add(new StoredWithdrawal(hash, (Categories)select.Int64(0), new Instant(select.Int64(1)), select.Int64(2)));
                }

                select.Reset();
            }

            return found;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task LiftWithdrawalAsync(long user, ReadOnlyMemory<byte> hash, Categories categories, CancellationToken cancellationToken) => Writer.RunAsync(
        session => session.Transact(() =>
        {
            session.Prepare("UPDATE withdrawals SET taken = taken & ~?2 WHERE hash = ?1 AND taken & ?2 <> 0")
                .Bind(1, hash.Span).Bind(2, (long)categories).Run();
            return true;
        }),
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredErasure>> ReadErasuresAsync(Instant before, CancellationToken cancellationToken) => AllAsync(
        session => session.Prepare(
            """
            SELECT user, up_to, pseudonym, at, block_lists, walked FROM erasures WHERE (walked = 0 OR block_lists <> '') AND at < ?1
            ORDER BY user, up_to
            """).Bind(1, before.Milliseconds),
        row => new StoredErasure(row.Int64(0), row.Int64(1), row.Int64(2), new Instant(row.Int64(3)), Ids(row.Text(4)), row.Int64(5) != 0),
        cancellationToken);

    /// <inheritdoc/>
    public Task KeepBlockListsAsync(StoredErasure erasure, IReadOnlyList<long> left, CancellationToken cancellationToken) => Writer.RunAsync(
        session => session.Transact(() =>
        {
            session.Prepare("UPDATE erasures SET block_lists = ?3 WHERE user = ?1 AND up_to = ?2")
                .Bind(1, erasure.User).Bind(2, erasure.UpTo).Bind(3, string.Join(',', left)).Run();
            return true;
        }),
        cancellationToken);

    private static CommitOutcome Erase(SqliteSession session, EncodedCommit commit, EncodedErasure erasure, ref long seq)
    {
        session.Prepare(UpdateUser).Bind(1, commit.User).Bind(2, commit.ExpectedVersion).Bind(3, commit.Operation).Bind(4, commit.Record.Span).Run();
        if (session.Changes == 0)
        {
            return CommitOutcome.Conflict;
        }

        session.Prepare("DELETE FROM messages WHERE user = ?1").Bind(1, commit.User).Run();
        session.Prepare("DELETE FROM consents WHERE user = ?1").Bind(1, commit.User).Run();
        var pseudonym = PseudonymOf(session, commit.User) ?? erasure.Pseudonym;
        session.Prepare(
            $"""
            UPDATE events INDEXED BY events_by_person SET user = ?2
            WHERE user = ?1 AND {OfPerson} AND NOT (at >= ?3 AND kind IN ({string.Join(',', StoredErasure.Consents.Select(kind => (int)kind))}))
            """)
            .Bind(1, commit.User).Bind(2, pseudonym).Bind(3, erasure.ToldFrom.Milliseconds).Run();

        // Whoever has to hear of these hears whose they are until the walk comes by.
        for (var i = 0; i < commit.Change.Events.Length; i++)
        {
            WriteEvent(session, ++seq, commit.User, commit.Change.Events[i], commit.EventBodies[i]);
        }

        foreach (var withdrawal in erasure.Withdrawals)
        {
            session.Prepare(
                """
                INSERT INTO withdrawals (hash, taken, at, messages) VALUES (?1, ?2, ?4, ?5)
                ON CONFLICT (hash) DO UPDATE SET taken = (taken & ~?3) | ?2, at = ?4, messages = ?5
                """)
                .Bind(1, withdrawal.Hash.Span).Bind(2, (long)withdrawal.Taken).Bind(3, (long)withdrawal.Said).Bind(4, withdrawal.At.Milliseconds)
                .Bind(5, withdrawal.Messages).Run();
        }

        session.Prepare(
            """
            INSERT INTO erasures (user, up_to, pseudonym, at, version, messages, block_lists, walked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)
            ON CONFLICT (user, up_to) DO UPDATE SET at = ?4, version = ?5, messages = ?6, block_lists = ?7, walked = 0
            """)
            .Bind(1, commit.User).Bind(2, seq).Bind(3, pseudonym).Bind(4, erasure.Audit.At.Milliseconds).Bind(5, commit.ExpectedVersion + 1)
            .Bind(6, commit.Change.Next.Messages).Bind(7, string.Join(',', commit.Change.Erasure!.BlockLists)).Run();
        WriteAudit(session, erasure.Audit);
        return CommitOutcome.Committed;
    }

    private static long? PseudonymOf(SqliteSession session, long user)
    {
        var find = session.Prepare("SELECT pseudonym FROM erasures WHERE user = ?1 ORDER BY up_to LIMIT 1").Bind(1, user);
        long? pseudonym = find.Step() ? find.Int64(0) : null;
        find.Reset();
        return pseudonym;
    }

    /// <summary>A transaction whose deletions are overwritten: long contents on pages of their own, too.</summary>
    private static T Overwriting<T>(SqliteSession session, Func<T> work)
    {
        session.Execute("PRAGMA secure_delete = ON");
        try
        {
            return session.Transact(work);
        }
        finally
        {
            session.Execute("PRAGMA secure_delete = FAST");
        }
    }

    private static long[] Ids(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => long.Parse(id, NumberStyles.None, CultureInfo.InvariantCulture))];
}
