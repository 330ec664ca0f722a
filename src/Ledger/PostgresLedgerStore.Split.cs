using Npgsql;

namespace Actors.Ledger;

/// <summary>What is numbered by a sequence of its own, in its order.</summary>
internal enum LedgerLog
{
    Events = 0,
    Consents = 1,
    Audit = 2,
}

/// <summary>What <see cref="SplitLedgerStore"/> asks one of its servers for.</summary>
public sealed partial class PostgresLedgerStore
{
    /// <summary>By <see cref="LedgerLog"/>.</summary>
    internal static readonly string[] LogSequences = ["ledger.event_seq", "ledger.consents_seq_seq", "ledger.audit_seq_seq"];

    /// <summary>Brings the schema up to date, whether users are split over several servers or not.</summary>
    internal Task PrepareAsync(CancellationToken cancellationToken) => AskAsync(
        async connection =>
        {
            await PostgresSchema.CheckServerAsync(connection, _logger, cancellationToken);
            await PostgresSchema.ApplyAsync(connection, PostgresStep.All, _logger, cancellationToken);
            await new PostgresPartitions(connection).PrepareAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>Asks on a connection of its own.</summary>
    internal async Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            return await ask(connection);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable(e);
        }
    }

    /// <summary>The newest place drawn in a log, whether it is final or not.</summary>
    internal Task<long> ReadPlaceAsync(LedgerLog log, CancellationToken cancellationToken) =>
        OutageAsync(() => _horizons[(int)log].ReadPlaceAsync(cancellationToken));

    /// <summary>Moves the newest place of a log forward, if it is behind, until it is of a round: what is written afterwards stands behind that.</summary>
    /// <param name="log">Which.</param>
    /// <param name="place">The newest place as last read.</param>
    /// <param name="round">The round.</param>
    /// <param name="cancellationToken">Ends it; asked again, it goes on.</param>
    /// <returns>The newest place drawn.</returns>
    internal async Task<long> AdvanceAsync(LedgerLog log, long place, long round, CancellationToken cancellationToken)
    {
        var rounds = round - SplitPlaces.RoundOf(place);
        if (rounds <= 0)
        {
            return place;
        }

        if (rounds > PostgresPartitions.FarRounds)
        {
            await AskAsync(
                async connection =>
                {
                    if (log == LedgerLog.Events)
                    {
                        await new PostgresPartitions(connection).MoveAsync(round, cancellationToken);
                        return 0;
                    }

                    await using var command = new NpgsqlCommand(PostgresPartitions.Forward(LogSequences[(int)log], round), connection);
                    return await command.ExecuteNonQueryAsync(cancellationToken);
                },
                cancellationToken);
        }

        return await OutageAsync(() => _horizons[(int)log].AdvanceAsync(round, cancellationToken));
    }

    /// <summary>Waits until a log is final up to a place that was drawn before.</summary>
    internal Task WaitAsync(LedgerLog log, long place, CancellationToken cancellationToken) => OutageAsync(async () =>
    {
        await _horizons[(int)log].WaitAsync(place, cancellationToken);
        return true;
    });

    /// <summary>
    /// Moves an epoch that another server counts to at least so much, in the way of <see cref="AppendAsync(GrainChange, CancellationToken)"/>: after the return
    /// none that was decided under an earlier one can be committed here.
    /// </summary>
    internal async Task RaiseEpochAsync(long business, long epoch, CancellationToken cancellationToken) => await AskAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await LockFenceAsync(connection, business, cancellationToken);
            await RaiseEpochsAsync(connection, [(business, epoch)], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>Waits for the batches in flight, which hold this lock shared; those behind see what is committed with it. Held until the commit.</summary>
    internal static async Task LockFenceAsync(NpgsqlConnection connection, long business, CancellationToken cancellationToken) => await ExecuteAsync(
        connection,
        "SELECT pg_advisory_xact_lock($1, $2)",
        cancellationToken,
        new NpgsqlParameter<int> { TypedValue = PostgresWriter.LockSpace },
        new NpgsqlParameter<int> { TypedValue = PostgresWriter.LockSlot(business) });

    internal static async Task RaiseEpochsAsync(
        NpgsqlConnection connection, IReadOnlyList<(long Business, long Epoch)> epochs, CancellationToken cancellationToken) => await ExecuteAsync(
        connection,
        """
        INSERT INTO ledger.epochs AS e (business, epoch) SELECT business, epoch FROM unnest($1, $2) AS x (business, epoch) ORDER BY business
        ON CONFLICT (business) DO UPDATE SET epoch = excluded.epoch WHERE e.epoch < excluded.epoch
        """,
        cancellationToken,
        Array(epochs, one => one.Business),
        Array(epochs, one => one.Epoch));

    /// <summary>Takes back a version of the policy that the home server has lost with its restore, unless it is another one by now.</summary>
    internal static async Task LowerPolicyAsync(NpgsqlConnection connection, long from, long to, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            connection,
            "UPDATE ledger.epochs SET epoch = $3 WHERE business = $1 AND epoch = $2",
            cancellationToken,
            Long(Fence.OfPolicy),
            Long(from),
            Long(to));

    /// <summary>All epochs that have ever moved.</summary>
    internal async Task<IReadOnlyList<(long Business, long Epoch)>> ReadEpochsAsync(CancellationToken cancellationToken) => await QueryAsync(
        "SELECT business, epoch FROM ledger.epochs", row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);

    private static async Task<T> OutageAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable(e);
        }
    }
}
