using Actors.Policy;

namespace Actors.Ledger;

/// <summary>What is dropped when its time is over. Messages and events stand in the order written: the old ones are at the beginning.</summary>
public sealed partial class SqliteLedgerStore
{
    private const int DropChunk = 2_000, MessageChunk = 500;

    /// <inheritdoc/>
    public async Task DropContentsAsync(Instant before, CancellationToken cancellationToken)
    {
        while (await Writer.RunAsync(session => DropSomeContents(session, before), cancellationToken))
        {
        }
    }

    /// <inheritdoc/>
    public async Task DropEventsAsync(Instant before, CancellationToken cancellationToken)
    {
        // In pieces, so that commits get their turn in between.
        while (await Writer.RunAsync(session => DropSomeRows(session, before), cancellationToken))
        {
        }

        while (await Writer.RunAsync(session => DropSome(session, before), cancellationToken))
        {
        }
    }

    private static bool DropSomeContents(SqliteSession session, Instant before)
    {
        var done = session.Number("SELECT coalesce((SELECT value FROM marks WHERE name = 'contents_dropped'), 0)");
        var (upTo, more) = OldMessages(session, done, before);
        if (upTo <= done)
        {
            return false;
        }

        session.Transact(() =>
        {
            session.Prepare("UPDATE messages SET content = zeroblob(0) WHERE rowid > ?1 AND rowid <= ?2 AND length(content) > 0")
                .Bind(1, done).Bind(2, upTo).Run();
            session.Prepare("INSERT INTO marks (name, value) VALUES ('contents_dropped', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1")
                .Bind(1, upTo).Run();
            return true;
        });
        return more;
    }

    private static bool DropSomeRows(SqliteSession session, Instant before)
    {
        var (upTo, more) = OldMessages(session, 0, before);
        if (upTo == 0)
        {
            return false;
        }

        session.Transact(() =>
        {
            session.Prepare("DELETE FROM messages WHERE rowid <= ?1").Bind(1, upTo).Run();

            // When the newest row is gone, too, its place is given again: contents behind it are new ones.
            session.Execute(
                "UPDATE marks SET value = min(value, (SELECT coalesce(max(rowid), 0) FROM messages)) WHERE name = 'contents_dropped'");
            return true;
        });
        return more;
    }

    /// <summary>The last of the messages behind a place that are old without a break, 0 for none; and whether there may be more.</summary>
    private static (long UpTo, bool More) OldMessages(SqliteSession session, long after, Instant before)
    {
        var find = session.Prepare(
            """
            SELECT max(place), min(iif(at >= ?1, place, NULL)), count(*)
            FROM (SELECT rowid AS place, at FROM messages WHERE rowid > ?2 ORDER BY rowid LIMIT ?3)
            """)
            .Bind(1, before.Milliseconds).Bind(2, after).Bind(3, MessageChunk);
        find.Step();
        var (last, firstKept, found) = (find.OptionalInt64(0), find.OptionalInt64(1), find.Int64(2));
        find.Reset();
        return (firstKept - 1 ?? last ?? 0, firstKept is null && found == MessageChunk);
    }

    private bool DropSome(SqliteSession session, Instant before)
    {
        // Only what stands before every event that is kept: the log loses its beginning, never a line in the middle.
        var find = session.Prepare(
            "SELECT max(seq), min(iif(at >= ?1, seq, NULL)), count(*) FROM (SELECT seq, at FROM events ORDER BY seq LIMIT ?2)")
            .Bind(1, before.Milliseconds).Bind(2, DropChunk);
        find.Step();
        var (last, firstKept, found) = (find.OptionalInt64(0), find.OptionalInt64(1), find.Int64(2));
        find.Reset();
        if ((firstKept - 1 ?? last) is not { } upTo || upTo <= _dropped)
        {
            return false;
        }

        session.Transact(() =>
        {
            session.Prepare("DELETE FROM events WHERE seq <= ?1").Bind(1, upTo).Run();
            session.Prepare("UPDATE marks SET value = ?1 WHERE name = 'events_dropped'").Bind(1, upTo).Run();
            return true;
        });
        Volatile.Write(ref _dropped, upTo);
        return firstKept is null && found == DropChunk;
    }
}
