using Npgsql;

namespace Actors.Ledger;

/// <summary>
/// Finds the place up to which a log is final. Places are drawn from a sequence before the commit, so the newest visible place says nothing about
/// those before it.
/// </summary>
/// <remarks>
/// Read the newest place drawn, then take a transaction id of one's own: whoever drew a place up to there had an id before, a smaller one. Once no
/// smaller id is in progress, all up to that place is final. Condition: a writer has its transaction id before it draws a place.
/// The place must be durable, too: after a crash the sequence would give again what an aborted writer had drawn, and a reader would already stand behind it.
/// So the log of the server must have been flushed up to where it was when the id was taken.
/// </remarks>
internal sealed class PostgresHorizon(NpgsqlDataSource source, string sequence, TimeProvider time)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(2);
    private long _final;

    /// <summary>Waits for the writers under way.</summary>
    public async Task<long> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        long place;
        await using (var read = new NpgsqlCommand($"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}", connection))
        {
            place = (long)(await read.ExecuteScalarAsync(cancellationToken))!;
        }

        if (place == Volatile.Read(ref _final))
        {
            return place;
        }

        string id, flushed;
        await using (var take = new NpgsqlCommand("SELECT pg_current_xact_id()::text, pg_current_wal_insert_lsn()::text", connection))
        await using (var reader = await take.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            (id, flushed) = (reader.GetString(0), reader.GetString(1));
        }

        await using var probe = new NpgsqlCommand(
            "SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AND pg_current_wal_flush_lsn() >= $2::pg_lsn", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = id }, new NpgsqlParameter<string> { TypedValue = flushed } },
        };
        while (!(bool)(await probe.ExecuteScalarAsync(cancellationToken))!)
        {
            await Task.Delay(Step, time, cancellationToken);
        }

        Volatile.Write(ref _final, place);
        return place;
    }
}
