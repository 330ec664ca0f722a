using Actors.Policy;

namespace Actors.Ledger;

/// <summary>The walk over the log that takes those who were erased out of it, and the end of their tombstones.</summary>
public sealed partial class SqliteLedgerStore
{
    private const int EraseChunk = 5_000, CheckpointAttempts = 20;

    /// <inheritdoc/>
    public async Task RewriteErasedAsync(Instant before, CancellationToken cancellationToken)
    {
        while (await Writer.RunAsync(session => Overwriting(session, () => Step(session, before)), cancellationToken) is { } walk)
        {
            if (walk.Place < walk.End)
            {
                continue;
            }

            // The log holds pages as they were before: it goes, too, as soon as no reader is in it.
            for (var attempt = 0; attempt < CheckpointAttempts && !await Writer.RunAsync(Checkpoint, cancellationToken); attempt++)
            {
                await Task.Yield();
            }

            await Writer.RunAsync(
                session => session.Transact(() =>
                {
                    session.Prepare("UPDATE erasures SET walked = 1 WHERE walked = 0 AND at < ?1 AND up_to <= ?2")
                        .Bind(1, walk.Before.Milliseconds).Bind(2, walk.End).Run();
                    WriteWalk(session, default);
                    return true;
                }),
                cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task ForgetErasedAsync(Instant before, CancellationToken cancellationToken) => Writer.RunAsync(
        session =>
        {
            var forgotten = Overwriting(session, () =>
            {
                session.Prepare(
                    """
                    DELETE FROM users WHERE EXISTS (
                        SELECT 1 FROM erasures x WHERE x.user = users.id AND x.version = users.version AND x.walked = 1 AND x.block_lists = '' AND x.at < ?1)
                    AND id IN (SELECT user FROM erasures)
                    """).Bind(1, before.Milliseconds).Run();
                session.Prepare("DELETE FROM erasures WHERE walked = 1 AND block_lists = '' AND at < ?1").Bind(1, before.Milliseconds).Run();
                return session.Changes;
            });
            return forgotten > 0 && Checkpoint(session);
        },
        cancellationToken);

    /// <summary>One transaction of the walk for those who were erased before an instant; null where nothing is left to do.</summary>
    private static ErasureWalk? Step(SqliteSession session, Instant before)
    {
        var walk = ReadWalk(session);
        if (walk.End == 0)
        {
            if (Optional(session.Prepare("SELECT max(up_to) FROM erasures WHERE walked = 0 AND at < ?1").Bind(1, before.Milliseconds)) is not { } end)
            {
                return null;
            }

            walk = new ErasureWalk(0, end, before);
        }

        walk = walk with { Place = Rewrite(session, walk) };
        if (walk.Place >= walk.End)
        {
            session.Prepare(
                """
                DELETE FROM expiries WHERE EXISTS (
                    SELECT 1 FROM erasures x
                    WHERE x.user = expiries.user AND expiries.number <= x.messages AND x.walked = 0 AND x.at < ?1 AND x.up_to <= ?2)
                """).Bind(1, walk.Before.Milliseconds).Bind(2, walk.End).Run();
        }

        WriteWalk(session, walk);
        return walk;
    }

    /// <summary>Rewrites what follows the walk's place; the place that it came to.</summary>
    private static long Rewrite(SqliteSession session, ErasureWalk walk)
    {
        var find = session.Prepare("SELECT max(seq) FROM (SELECT seq FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3)")
            .Bind(1, walk.Place).Bind(2, walk.End).Bind(3, EraseChunk);
        if (Optional(find) is not { } last)
        {
            return walk.End;
        }

        session.Prepare(
            """
            UPDATE events SET user = x.pseudonym FROM erasures x
            WHERE events.seq > ?1 AND events.seq <= ?2 AND x.user = events.user AND events.seq <= x.up_to AND x.walked = 0 AND x.at < ?3
            """)
            .Bind(1, walk.Place).Bind(2, last).Bind(3, walk.Before.Milliseconds).Run();
        return last;
    }

    private static ErasureWalk ReadWalk(SqliteSession session)
    {
        var places = new Dictionary<string, long>();
        foreach (var reader in ErasureWalk.Readers)
        {
            places[reader] = Optional(session.Prepare("SELECT position FROM readers WHERE name = ?1").Bind(1, reader)) ?? 0;
        }

        return ErasureWalk.From(places);
    }

    private static void WriteWalk(SqliteSession session, ErasureWalk walk)
    {
        foreach (var (reader, place) in ErasureWalk.Readers.Zip(walk.Places))
        {
            session.Prepare("INSERT INTO readers (name, position) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET position = ?2")
                .Bind(1, reader).Bind(2, place).Run();
        }
    }

    private static long? Optional(SqliteStatement find)
    {
        var found = find.Step() ? find.OptionalInt64(0) : null;
        find.Reset();
        return found;
    }

    /// <summary>Writes the log into the file and empties it; false where a reader is in the way.</summary>
    private static bool Checkpoint(SqliteSession session)
    {
        // Commits wait meanwhile: so readers are hardly waited for.
        session.Execute("PRAGMA busy_timeout = 100");
        try
        {
            return session.Number("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
        }
        finally
        {
            session.Execute("PRAGMA busy_timeout = 5000");
        }
    }
}
