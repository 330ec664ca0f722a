using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Actors.Ledger;

/// <summary>Brings the tables up to date by the numbered steps in <c>db/ledger/postgres</c>, each once, in order.</summary>
internal static partial class PostgresSchema
{
    /// <summary>First key of all advisory locks of the ledger on these tables; see <see cref="PostgresWriter.LockSpace"/> for the other one.</summary>
    private const int SchemaLock = 7000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    /// <summary>Refuses a server on which an answer could be given before it is durable, and warns of standbys that no answer waits for.</summary>
    /// <exception cref="LedgerUnavailableException">With a sentence that says what to change.</exception>
    public static async Task CheckServerAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
                   current_setting('server_version_num')::int, current_setting('server_encoding'), pg_is_in_recovery(),
                   current_setting('synchronous_standby_names') = '' AND EXISTS (SELECT FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup')
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        foreach (var (ordinal, setting) in new[] { (0, "fsync"), (1, "full_page_writes"), (2, "synchronous_commit") })
        {
            if (reader.GetString(ordinal) == "off")
            {
                throw new LedgerUnavailableException(
                    $"PostgreSQL runs with {setting} off, so what was answered as accepted could be lost. Set {setting} = on and start again.");
            }
        }

        // With nobody to wait for it is as good as on; but it says not to wait, and then a standby that is to save what was answered would be added in vain.
        if (reader.GetString(2) == "local")
        {
            throw new LedgerUnavailableException(
                "PostgreSQL runs with synchronous_commit = local, so what was answered as accepted could be missing on its standbys. "
                + "Set synchronous_commit = on and start again.");
        }

        if (reader.GetInt32(3) < 140_000)
        {
            throw new LedgerUnavailableException("PostgreSQL is older than version 14. Use version 14 or later.");
        }

        if (reader.GetString(4) != "UTF8")
        {
            throw new LedgerUnavailableException($"The database's encoding is {reader.GetString(4)}. Create it with ENCODING 'UTF8'.");
        }

        if (reader.GetBoolean(5))
        {
            throw new LedgerUnavailableException("This PostgreSQL server is a standby and takes no writes. Connect to the primary.");
        }

        if (reader.GetBoolean(6))
        {
            LogNobodyWaits(logger);
        }
    }

    /// <summary>Applies the steps that are missing, one after the other; several nodes at once wait for each other, as long as it takes.</summary>
    /// <exception cref="LedgerUnavailableException">A newer program has made a step that this one can't live with.</exception>
    public static async Task ApplyAsync(
        NpgsqlConnection connection, IReadOnlyList<PostgresStep> steps, ILogger logger, CancellationToken cancellationToken)
    {
        await LockAsync(connection, logger, cancellationToken);
        try
        {
            await ExecuteAsync(
                connection,
                """
                CREATE SCHEMA IF NOT EXISTS ledger;
                CREATE TABLE IF NOT EXISTS ledger.schema_steps (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
                """,
                cancellationToken);
            var applied = await ReadAppliedAsync(connection, cancellationToken);
            foreach (var unknown in applied.Except(steps.Select(step => step.Name)))
            {
                if (!PostgresStep.IsAdditive(unknown))
                {
                    throw new LedgerUnavailableException(
                        $"The database has the schema step {unknown}, which this program doesn't know. Start a newer version.");
                }

                LogNewer(logger, unknown);
            }

            foreach (var step in steps.ExceptBy(applied, step => step.Name))
            {
                LogBegun(logger, step.Name);
                await (step.Index is null ? ApplyAsync(connection, step, logger, cancellationToken) : BuildAsync(connection, step, cancellationToken));
                LogApplied(logger, step.Name);
            }
        }
        finally
        {
            // The server ends the lock with the connection, which otherwise goes back to the pool with it.
            if (connection.FullState == ConnectionState.Open)
            {
                await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({SchemaLock}, 0)", CancellationToken.None);
            }
        }
    }

    /// <summary>
    /// Asks again and again: who waits in the server for a lock has a snapshot there, for which the build of an index beside writers would wait in turn.
    /// </summary>
    private static async Task LockAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({SchemaLock}, 0)", connection);
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                return;
            }

            if (isFirst)
            {
                LogWaits(logger);
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>In a transaction of its own: what it locks is free again before the next step begins.</summary>
    private static async Task ApplyAsync(NpgsqlConnection connection, PostgresStep step, ILogger logger, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            try
            {
                // Whoever waits for a table keeps all writers waiting behind it, who give up after two seconds: so it waits less, and comes again.
                await ExecuteAsync(connection, "SET LOCAL lock_timeout = '1s'", cancellationToken);
                await ExecuteAsync(connection, step.Text, cancellationToken);
                await NoteAsync(connection, step, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                await transaction.RollbackAsync(cancellationToken);
                LogInTheWay(logger, step.Name);
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Builds an index while writers go on, which can't be done in a transaction. What a build that was broken off has left is no index.</summary>
    private static async Task BuildAsync(NpgsqlConnection connection, PostgresStep step, CancellationToken cancellationToken)
    {
        try
        {
            // It waits for the transactions under way, and keeps nobody waiting.
            await ExecuteAsync(connection, "SET lock_timeout = 0", cancellationToken);
            await using var left = new NpgsqlCommand("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", connection);
            left.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"ledger.{step.Index}" });
            if (await left.ExecuteScalarAsync(cancellationToken) is true)
            {
                await ExecuteAsync(connection, $"DROP INDEX CONCURRENTLY ledger.{step.Index}", cancellationToken);
            }

            await ExecuteAsync(connection, step.Text, cancellationToken);
            await NoteAsync(connection, step, cancellationToken);
        }
        finally
        {
            if (connection.FullState == ConnectionState.Open)
            {
                await ExecuteAsync(connection, "RESET lock_timeout", CancellationToken.None);
            }
        }
    }

    private static async Task NoteAsync(NpgsqlConnection connection, PostgresStep step, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand("INSERT INTO ledger.schema_steps (name) VALUES ($1)", connection);
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = step.Name });
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<List<string>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await using var command = new NpgsqlCommand("SELECT name FROM ledger.schema_steps", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    /// <summary>Without an end: a step that reads a large table takes what it takes, and to begin it again wouldn't make it shorter.</summary>
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "Applied the ledger's schema step {Step}.")]
    private static partial void LogApplied(ILogger logger, string step);

    [LoggerMessage(
        EventId = 5004, Level = LogLevel.Information, Message = "Applying the ledger's schema step {Step}. On large tables this takes long; let it run.")]
    private static partial void LogBegun(ILogger logger, string step);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Information, Message = "Waiting for another node, which changes the ledger's schema.")]
    private static partial void LogWaits(ILogger logger);

    [LoggerMessage(
        EventId = 5006, Level = LogLevel.Warning,
        Message = "The schema step {Step} waits for a table that somebody else holds, such as a dump; it comes again until it gets it.")]
    private static partial void LogInTheWay(ILogger logger, string step);

    [LoggerMessage(EventId = 5007, Level = LogLevel.Information, Message = "The database has the newer schema step {Step}, with which this program goes on.")]
    private static partial void LogNewer(ILogger logger, string step);

    [LoggerMessage(
        EventId = 5008, Level = LogLevel.Warning,
        Message = "A standby follows this PostgreSQL server, and no commit waits for it (synchronous_standby_names is empty): a failover to it loses sends "
            + "that were answered as accepted. See \"Standbys\" in docs/operations.md.")]
    private static partial void LogNobodyWaits(ILogger logger);
}
