using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>Reads for many users' inboxes at once.</summary>
public sealed partial class SqliteLedgerStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredMessage>[]> ReadMessagesAsync(IReadOnlyList<MessagesPlace> places, int limit, CancellationToken cancellationToken) =>
        AtOnceAsync(
            places,
            (session, place) => session.Prepare($"{SelectMessage} AND number > ?2 AND direction = 0 AND length(content) > 0 ORDER BY number LIMIT ?3")
                .Bind(1, place.User).Bind(2, place.After).Bind(3, limit),
            Message,
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StatusLine>[]> ReadStatusesAsync(IReadOnlyList<StatusesPlace> places, int limit, CancellationToken cancellationToken) =>
        AtOnceAsync(
            places,
            (session, place) => session.Prepare(
                """
                SELECT number, status, max(coalesce(delivered_at, 0), coalesce(read_at, 0), coalesce(ended_at, 0)) AS changed FROM messages
                WHERE user = ?1 AND number > ?2 AND number <= ?3 AND direction = 0 AND status > 0 AND changed >= ?4 ORDER BY number LIMIT ?5
                """)
                .Bind(1, place.User).Bind(2, place.After).Bind(3, place.UpTo).Bind(4, place.Since.Milliseconds).Bind(5, limit),
            row => new StatusLine(row.Int64(0), (MessageStatus)row.Int64(1), new Instant(row.Int64(2))),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredConsent>> ReadConsentsAsync(
        IReadOnlyList<(long User, uint Number)> entries, CancellationToken cancellationToken) =>
        [
            .. (await AtOnceAsync(
                entries,
                (session, entry) => session.Prepare($"{SelectConsents} WHERE user = ?1 AND number = ?2").Bind(1, entry.User).Bind(2, entry.Number),
                Consent,
                cancellationToken)).SelectMany(rows => rows),
        ];

    /// <summary>One question for each place, in one transaction: each of its own would lock and unlock the log's index.</summary>
    private Task<IReadOnlyList<TRow>[]> AtOnceAsync<TPlace, TRow>(
        IReadOnlyList<TPlace> places,
        Func<SqliteSession, TPlace, SqliteStatement> ask,
        Func<SqliteStatement, TRow> read,
        CancellationToken cancellationToken) => ReaderPool.RunAsync(
        session =>
        {
            var answers = new IReadOnlyList<TRow>[places.Count];
            session.Execute("BEGIN");
            for (var i = 0; i < answers.Length; i++)
            {
                var select = ask(session, places[i]);
                var rows = new List<TRow>();
                while (select.Step())
                {
                    rows.Add(read(select));
                }

                select.Reset();
                answers[i] = rows;
            }

            session.Execute("COMMIT");
            return answers;
        },
        cancellationToken);
}
