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

    /// <summary>The place up to which the log is final. Waits for the writers under way.</summary>
    public async Task<long> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var place = await ReadPlaceAsync(connection, cancellationToken);
        await WaitAsync(connection, place, cancellationToken);
        return place;
    }

    /// <summary>The newest place drawn, whether it is final or not.</summary>
    public async Task<long> ReadPlaceAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await ReadPlaceAsync(connection, cancellationToken);
    }

    /// <summary>Waits until the log is final up to a place that was drawn before.</summary>
    public async Task WaitAsync(long place, CancellationToken cancellationToken)
    {
        if (place != Volatile.Read(ref _final))
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await WaitAsync(connection, place, cancellationToken);
        }
    }

    /// <summary>
    /// Draws places, for nobody, until the newest one is of a round: whatever is written afterwards stands behind that round. Drawn one by one, since a
    /// sequence can't be set forward without the danger of setting it back behind what others draw meanwhile.
    /// </summary>
    /// <returns>The newest place drawn.</returns>
    public async Task<long> AdvanceAsync(long round, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var draw = new NpgsqlCommand(
            $"""
            SELECT coalesce((SELECT max(nextval('{sequence}')) FROM generate_series(1, $1 - (last_value >> {SplitPlaces.Bits}))), last_value) FROM {sequence}
            """,
            connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = round } },
        };
        return (long)(await draw.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<long> ReadPlaceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand($"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}", connection);
        return (long)(await read.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task WaitAsync(NpgsqlConnection connection, long place, CancellationToken cancellationToken)
    {
        if (place == Volatile.Read(ref _final))
        {
            return;
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
    }
}
