using System.Reflection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Actors.Ledger;

/// <summary>Brings the tables up to date by the numbered steps in <c>db/ledger/postgres</c>, each once, in order.</summary>
internal static partial class PostgresSchema
{
    private const string Folder = "postgres/";

    /// <summary>First key of all advisory locks of the ledger on these tables; see <see cref="PostgresWriter.LockSpace"/> for the other one.</summary>
    private const int SchemaLock = 7000;

    /// <summary>Refuses a server on which an answer could be given before it is durable.</summary>
    /// <exception cref="LedgerUnavailableException">With a sentence that says what to change.</exception>
    public static async Task CheckServerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
                   current_setting('server_version_num')::int, current_setting('server_encoding'), pg_is_in_recovery()
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
    }

    /// <summary>Applies the steps that are missing, in one transaction; several nodes at once wait for each other.</summary>
    public static async Task ApplyAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // The lock comes first: CREATE … IF NOT EXISTS is no protection against another node that does the same. The wait may be longer than lock_timeout.
        await ExecuteAsync("SET LOCAL lock_timeout = '60s'", cancellationToken);
        await ExecuteAsync($"SELECT pg_advisory_xact_lock({SchemaLock}, 0)", cancellationToken);
        await ExecuteAsync(
            """
            CREATE SCHEMA IF NOT EXISTS ledger;
            CREATE TABLE IF NOT EXISTS ledger.schema_steps (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
            """,
            cancellationToken);

        var applied = await ReadAppliedAsync();
        var steps = Steps();
        if (applied.Except(steps).FirstOrDefault() is { } unknown)
        {
            throw new LedgerUnavailableException($"The database has the schema step {unknown}, which this program doesn't know. Start a newer version.");
        }

        foreach (var step in steps.Except(applied))
        {
            await ExecuteAsync(Text(step), cancellationToken);
            await using var insert = new NpgsqlCommand("INSERT INTO ledger.schema_steps (name) VALUES ($1)", connection)
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = step } },
            };
            await insert.ExecuteNonQueryAsync(cancellationToken);
            LogApplied(logger, step);
        }

        await transaction.CommitAsync(cancellationToken);

        async Task ExecuteAsync(string sql, CancellationToken cancellation)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }

        async Task<List<string>> ReadAppliedAsync()
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
    }

    private static string[] Steps() =>
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..])
            .Order(StringComparer.Ordinal),
    ];

    private static string Text(string step)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(Folder + step)!);
        return reader.ReadToEnd();
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "Applied the ledger's schema step {Step}.")]
    private static partial void LogApplied(ILogger logger, string step);
}
