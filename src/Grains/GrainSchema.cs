using System.Reflection;
using Microsoft.Data.Sqlite;
using Npgsql;
using Orleans.Configuration;

namespace Actors.Grains;

/// <summary>
/// The tables of the slow-changing grains: in a file of their own, so that they and the ledger don't wait for each other, or in the PostgreSQL
/// database.
/// </summary>
internal sealed partial class GrainSchema : IAsyncDisposable
{
    /// <summary>By this name Orleans' AdoNet storage finds <c>Microsoft.Data.Sqlite</c>.</summary>
    private const string SqliteInvariant = "System.Data.SQLite";

    private readonly string? _file;
    private readonly NpgsqlDataSource? _postgres;

    public GrainSchema(GrainsSettings settings)
    {
        if (settings.Directory is { } directory)
        {
            _file = new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, "grains.db"), DefaultTimeout = 30 }.ToString();
            return;
        }

        _postgres = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            ApplicationName = "actors-grains",
            MaxPoolSize = settings.StateConnectionsMax,
            MaxAutoPrepare = 8,
        });
    }

    public void Configure(AdoNetGrainStorageOptions options)
    {
        options.Invariant = _postgres is null ? SqliteInvariant : "Npgsql";
        options.ConnectionString = _file;
        options.DataSource = _postgres;
    }

    /// <summary>Brings the tables up to date; repeating it changes nothing, also on several nodes at once.</summary>
    public Task ApplyAsync(CancellationToken cancellationToken) =>
        _postgres is null ? ApplySqliteAsync(cancellationToken) : ApplyPostgresAsync(_postgres, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    private async Task ApplySqliteAsync(CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(_file);
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL;";
        await command.ExecuteNonQueryAsync(cancellationToken);
        command.CommandText = "PRAGMA synchronous;";
        if (await command.ExecuteScalarAsync(cancellationToken) is not >= 2L)
        {
            throw new InvalidOperationException("SQLite would not wait for the disk here (synchronous is below FULL); what is answered would not be durable.");
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        command.Transaction = (SqliteTransaction)transaction;
        command.CommandText = Script("sqlite/grain-state.sql");
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ApplyPostgresAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Script("postgres/grain-state.sql"), connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        command.CommandText = Script("postgres/membership.sql");
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string Script(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the script {name} is missing");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
