using Actors.Policy;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Actors.Ledger;

/// <summary>The ledger on PostgreSQL 14 or later. Tables are in <c>db/ledger/postgres</c>.</summary>
/// <remarks>
/// Every session has the settings of <see cref="SessionSettings"/>. Writers keep their connections (<see cref="PostgresWriter"/>), the clock keeps
/// one of its own so that load doesn't spoil its readings; all else takes a connection for one question. What a server says is thrown as
/// <see cref="LedgerUnavailableException"/> unless a method says otherwise.
/// </remarks>
public sealed partial class PostgresLedgerStore : ILedgerStore
{
    /// <summary>
    /// One plan for each prepared statement, found once. Every question here is answered through an index, in the order of the arrays given: that
    /// keeps the order in which rows are locked the same in all writers, so that they don't wait for each other in a circle.
    /// </summary>
    private const string SessionSettings =
        "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off "
        + "-c client_connection_check_interval=500 -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s "
        + "-c default_transaction_isolation=read\\ committed";

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PostgresHorizon[] _horizons;
    private readonly SemaphoreSlim _clockTurn = new(1, 1);
    private NpgsqlConnection? _clock;
    private NpgsqlCommand? _clockReading;

    /// <summary>Creates it; <see cref="StartAsync"/> connects.</summary>
    /// <param name="connectionString">As Npgsql understands it.</param>
    /// <param name="time">For waiting, not for instants: those are the database's.</param>
    /// <param name="logger">Where changes of the schema and trouble are told.</param>
    public PostgresLedgerStore(string connectionString, TimeProvider time, ILogger logger)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true, MaxAutoPrepare = 64, AutoPrepareMinUsages = 2 };
        builder.Options = $"{builder.Options} {SessionSettings}".TrimStart();
        builder.ApplicationName ??= "actors";
        _source = NpgsqlDataSource.Create(builder);
        _time = time;
        _logger = logger;
        _horizons = [.. LogSequences.Select(sequence => new PostgresHorizon(_source, sequence, time))];
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        await AskAsync(
            async connection =>
            {
                await PostgresServers.RefuseSplitAsync(connection, cancellationToken);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<Instant> ReadClockAsync(CancellationToken cancellationToken)
    {
        await _clockTurn.WaitAsync(cancellationToken);
        try
        {
            if (_clockReading is null)
            {
                _clock = await _source.OpenConnectionAsync(cancellationToken);
                _clockReading = new NpgsqlCommand("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint", _clock);
                await _clockReading.PrepareAsync(cancellationToken);
            }

            return new Instant((long)(await _clockReading.ExecuteScalarAsync(cancellationToken))!);
        }
        catch (Exception e)
        {
            await CloseClockAsync();
            if (IsOutage(e))
            {
                throw Unavailable(e);
            }

            throw;
        }
        finally
        {
            _clockTurn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseWritersAsync();
        await CloseClockAsync();
        await _source.DisposeAsync();
        _clockTurn.Dispose();
    }

    /// <summary>Whether it is the server, or the way to it, that failed, and not this program.</summary>
    private static bool IsOutage(Exception e) => e is NpgsqlException or TimeoutException or IOException;

    /// <summary>The server's message may quote rows: only its code goes on.</summary>
    private static LedgerUnavailableException Unavailable(Exception e) => new(
        e is PostgresException refused ? $"PostgreSQL answered {refused.SqlState}."
            : e is TimeoutException or { InnerException: TimeoutException } ? "PostgreSQL didn't answer in time."
            : "PostgreSQL can't be reached.",
        e);

    private async ValueTask CloseClockAsync()
    {
        if (_clockReading is not null)
        {
            await _clockReading.DisposeAsync();
        }

        if (_clock is not null)
        {
            await _clock.DisposeAsync();
        }

        (_clock, _clockReading) = (null, null);
    }
}
