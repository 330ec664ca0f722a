using Actors.Policy;
using Actors.Policy.Users;

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

        // What was dropped is overwritten, long contents on pages of their own, too; elsewhere only where it costs no page more.
        session.Execute("PRAGMA secure_delete = ON");
        session.Transact(() =>
        {
            session.Prepare("UPDATE messages SET content = zeroblob(0) WHERE rowid > ?1 AND rowid <= ?2 AND length(content) > 0")
                .Bind(1, done).Bind(2, upTo).Run();
            session.Prepare("INSERT INTO marks (name, value) VALUES ('contents_dropped', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1")
                .Bind(1, upTo).Run();
            return true;
        });
        session.Execute("PRAGMA secure_delete = FAST");
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
        var (upTo, _, more) = Old(session, "messages", "rowid", after, before, MessageChunk);
        return (upTo ?? 0, more);
    }

    /// <summary>
    /// The last line behind a place that is old, and all before it; the first that is not by its own time, where that is not behind it (<see cref="LogAge"/>);
    /// and whether there may be more.
    /// </summary>
    private static (long? UpTo, long? Ahead, bool More) Old(SqliteSession session, string table, string key, long after, Instant before, int limit)
    {
        var find = session.Prepare($"SELECT {key}, at FROM {table} WHERE {key} > ?1 ORDER BY {key} LIMIT ?2").Bind(1, after).Bind(2, limit);
        long? upTo = null, ahead = null;
        var (age, last, found) = (new LogAge(before), after, 0);
        while (find.Step())
        {
            (last, found) = (find.Int64(0), found + 1);
            ahead ??= find.Int64(1) >= before.Milliseconds ? last : null;
            upTo = age.IsOldUpTo(find.Int64(1)) ? last : upTo;
        }

        find.Reset();
        if (upTo is null && found == limit && IsAnyOldBehind(session, table, key, last, before))
        {
            upTo = last;
        }

        return (upTo, ahead <= upTo ? ahead : null, upTo is not null && found == limit);
    }

    /// <summary>Whether something behind a place is surely past its time: looks at few places, each twice as far away as the one before.</summary>
    private static bool IsAnyOldBehind(SqliteSession session, string table, string key, long place, Instant before)
    {
        var look = session.Prepare($"SELECT at FROM {table} WHERE {key} >= ?1 ORDER BY {key} LIMIT 1");
        for (var doubling = 0; doubling <= LogAge.Doublings; doubling++)
        {
            look.Reset().Bind(1, place + (1L << doubling));
            if (!look.Step())
            {
                break;
            }

            if (LogAge.IsSurelyOld(look.Int64(0), before))
            {
                look.Reset();
                return true;
            }
        }

        look.Reset();
        return false;
    }

    private bool DropSome(SqliteSession session, Instant before)
    {
        // Only what stands before every event that is kept: the log loses its beginning, never a line in the middle.
        var (old, ahead, more) = Old(session, "events", "seq", 0, before, DropChunk);
        if (old is not { } upTo || upTo <= _dropped)
        {
            return false;
        }

        if (ahead is { } first && FirstNeeded(session, first, upTo) is { } needed)
        {
            // Its message's row may not be known to be old yet.
            (upTo, more) = (needed - 1, false);
            if (upTo <= _dropped)
            {
                return false;
            }
        }

        session.Transact(() =>
        {
            session.Prepare("DELETE FROM events WHERE seq <= ?1").Bind(1, upTo).Run();
            session.Prepare("UPDATE marks SET value = ?1 WHERE name = 'events_dropped'").Bind(1, upTo).Run();
            return true;
        });
        Volatile.Write(ref _dropped, upTo);
        return more;
    }

    /// <summary>The first event between two places by which the row of a message is still to be found; null when there is none.</summary>
    private static long? FirstNeeded(SqliteSession session, long from, long upTo)
    {
        var find = session.Prepare(
            $"""
            SELECT min(e.seq) FROM events e JOIN messages m ON m.user = e.user AND m.number = e.message
            WHERE e.seq >= ?1 AND e.seq <= ?2 AND e.kind IN ({(int)EventKind.Accepted}, {(int)EventKind.Inbound})
            """)
            .Bind(1, from).Bind(2, upTo);
        find.Step();
        var needed = find.OptionalInt64(0);
        find.Reset();
        return needed;
    }
}
