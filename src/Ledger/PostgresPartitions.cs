using System.Globalization;
using Actors.Policy;
using Npgsql;

namespace Actors.Ledger;

/// <summary>
/// The partitions of the event log. Partition n holds the places [n × 2^36, (n + 1) × 2^36): more than a day can fill. A day ends by moving the
/// sequence on to the next partition's start, which keeps no writer waiting, and the next partitions are made ahead: no insert is ever without one.
/// </summary>
internal sealed class PostgresPartitions(NpgsqlConnection connection)
{
    /// <summary>From how many rounds on a sequence is set, not drawn, forward.</summary>
    public const long FarRounds = 1 << 20;

    private const int Bits = 36, Ahead = 3, LockKey = 7002, DropAttempts = 20;

    /// <summary>1, or that of a server of several: then the rest of a place by it says which one (<see cref="SplitPlaces"/>).</summary>
    private const string Increment = "(SELECT seqincrement FROM pg_sequence WHERE seqrelid = 'ledger.event_seq'::regclass)";

    private const string Numbers =
        "FROM pg_inherits JOIN pg_class ON oid = inhrelid, substr(relname, length('events_') + 1) AS number WHERE inhparent = 'ledger.events'::regclass";

    /// <summary>The place before the first event that is kept.</summary>
    public async Task<long> ReadEarliestAsync(CancellationToken cancellationToken)
    {
        var first = await ReadAsync($"SELECT min(number::bigint) {Numbers}", cancellationToken) ?? 0;
        return first == 0 ? 0 : (first << Bits) - 1;
    }

    /// <summary>Makes the partitions that are missing, from the current one on.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(cancellationToken);
        await PrepareLockedAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Ends the current partition once its oldest event is a day old.</summary>
    public async Task CutAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(cancellationToken);
        await PrepareLockedAsync(cancellationToken);
        var current = await ReadCurrentAsync(cancellationToken);
        var oldest = await PostgresWalk.ReadOldestBehindAsync(connection, (current << Bits) - 1, long.MaxValue, cancellationToken);
        var now = await ReadAsync("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint", cancellationToken);
        if (now - oldest >= Instant.Day)
        {
            await ReadAsync(
                $"SELECT setval('ledger.event_seq', {(current + 1) << Bits} + (last_value & ({Increment} - 1))) FROM ledger.event_seq", cancellationToken);
            await PrepareLockedAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Moves the sequence of one of several servers forward to a round that is far ahead, and makes the partitions there first.
    /// </summary>
    /// <remarks>
    /// Setting isn't atomic with what others draw: were it for a near place, it could set the sequence back. It is done only where they would have to draw half
    /// a million places between two steps of one statement; less is drawn one by one (<see cref="PostgresHorizon.AdvanceAsync"/>).
    /// </remarks>
    public async Task MoveAsync(long round, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(cancellationToken);
        await PrepareLockedAsync(round >> (Bits - SplitPlaces.Bits), cancellationToken);
        await ReadAsync(Forward("ledger.event_seq", round), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Sets a sequence forward to a round, if it is still far behind it.</summary>
    public static string Forward(string sequence, long round) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT setval('{sequence}', {round << SplitPlaces.Bits} + (last_value & {SplitPlaces.Step - 1})) FROM {sequence}
        WHERE last_value >> {SplitPlaces.Bits} < {round - (FarRounds / 2)}
        """);

    /// <summary>
    /// Drops the partitions that are at an end and whose newest event is before <paramref name="before"/>; oldest first, until one is younger.
    /// </summary>
    public async Task DropAsync(Instant before, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= DropAttempts;)
        {
            try
            {
                if (!await DropOldestAsync(before, cancellationToken))
                {
                    return;
                }

                attempt = 1;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && attempt < DropAttempts)
            {
                attempt++;
            }
        }
    }

    private async Task<bool> DropOldestAsync(Instant before, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(cancellationToken);
        var oldest = await ReadAsync($"SELECT min(number::bigint) {Numbers}", cancellationToken);
        if (oldest is not { } number || number >= await ReadCurrentAsync(cancellationToken) || !await IsOldAsync(number, before, cancellationToken))
        {
            return false;
        }

        // Whoever waits for this lock keeps all writers waiting behind it, so it waits only briefly. Parent first, as writers do. Then asked again: a
        // writer that was under way may have added a young event.
        await ExecuteAsync($"SET LOCAL lock_timeout = '50ms'; LOCK TABLE ONLY ledger.events, ledger.events_{number}", cancellationToken);
        if (!await IsOldAsync(number, before, cancellationToken))
        {
            return false;
        }

        await ExecuteAsync($"DROP TABLE ledger.events_{number}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// Events stand in the order of their times but for moments: the last one says how old all are, or one behind it, where its own time lies ahead. Those by
    /// which old messages are still to be found stay.
    /// </summary>
    private async Task<bool> IsOldAsync(long number, Instant before, CancellationToken cancellationToken)
    {
        var last = await ReadAsync($"SELECT max(seq) FROM ledger.events_{number}", cancellationToken);
        if (last is null)
        {
            // Of several servers, one without traffic has partitions that never had an event, which are as old as what stands behind them: were they
            // dropped before the others', readers of the others' events would be told that something is missing.
            return await ReadAsync($"SELECT {Increment}", cancellationToken) == 1
                || await PostgresWalk.IsAnyOldBehindAsync(connection, ((number + 1) << Bits) - 1, long.MaxValue, before, cancellationToken);
        }

        var walked = await ReadAsync($"SELECT position FROM ledger.readers WHERE name = '{PostgresWalk.RowsReader}'", cancellationToken);
        return last <= walked
            && (await ReadAsync($"SELECT at FROM ledger.events_{number} WHERE seq = {last}", cancellationToken) < before.Milliseconds
                || await PostgresWalk.IsAnyOldBehindAsync(connection, last.Value, long.MaxValue, before, cancellationToken));
    }

    private async Task PrepareLockedAsync(CancellationToken cancellationToken) =>
        await PrepareLockedAsync(await ReadCurrentAsync(cancellationToken), cancellationToken);

    private async Task PrepareLockedAsync(long current, CancellationToken cancellationToken)
    {
        var newest = await ReadAsync($"SELECT max(number::bigint) {Numbers}", cancellationToken) ?? -1;
        for (var number = Math.Max(newest + 1, current); number <= current + Ahead; number++)
        {
            // Attached rather than created in place: that is the way that keeps no writer waiting.
            await ExecuteAsync(
                $"""
                CREATE TABLE ledger.events_{number} (LIKE ledger.events INCLUDING DEFAULTS INCLUDING INDEXES);
                ALTER TABLE ledger.events ATTACH PARTITION ledger.events_{number} FOR VALUES FROM ({number << Bits}) TO ({(number + 1) << Bits});
                """,
                cancellationToken);
        }
    }

    private async Task<long> ReadCurrentAsync(CancellationToken cancellationToken) =>
        (await ReadAsync($"SELECT last_value >> {Bits} FROM ledger.event_seq", cancellationToken))!.Value;

    /// <summary>One node at a time changes partitions.</summary>
    private async Task<NpgsqlTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock({LockKey}, 0); SET LOCAL lock_timeout = '2s'", connection);
        command.CommandTimeout = 90;
        await command.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<long?> ReadAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        var value = await command.ExecuteScalarAsync(cancellationToken);
        return value is null or DBNull ? null : Convert.ToInt64(value, CultureInfo.InvariantCulture);
    }
}
