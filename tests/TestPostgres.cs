using Npgsql;

namespace Actors.Tests;

/// <summary>
/// A database of its own for a test class (<c>IClassFixture&lt;TestPostgres&gt;</c>), on a real PostgreSQL: the server of
/// <c>ACTORS_TEST_POSTGRES</c>, or one that this process starts from installed binaries. Where there is neither, tests that ask for it are skipped;
/// under <c>CI=true</c> they fail.
/// </summary>
public sealed class TestPostgres : IAsyncLifetime
{
    private static readonly SemaphoreSlim _turn = new(1, 1);
    private static PostgresServer? _shared;
    private string? _connectionString;
    private string? _missing;
    private string? _administrator;

    /// <summary>Of the fresh database.</summary>
    public string ConnectionString
    {
        get
        {
            if (_connectionString is null)
            {
                Assert.False(Environment.GetEnvironmentVariable("CI") == "true", _missing);
                Assert.Skip(_missing!);
            }

            return _connectionString;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("ACTORS_TEST_POSTGRES") is { Length: > 0 } given)
        {
            _administrator = given;
        }
        else if (PostgresServer.FindBinaries() is null)
        {
            _missing = "No PostgreSQL: install it, or set ACTORS_TEST_POSTGRES to a connection string whose user may create databases.";
            return;
        }
        else
        {
            await _turn.WaitAsync();
            try
            {
                _shared ??= await PostgresServer.StartAsync();
            }
            finally
            {
                _turn.Release();
            }
        }

        _connectionString = await CreateDatabaseAsync(_administrator ?? _shared!.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        // A server of our own goes with its folder; dropping a database there only costs a checkpoint.
        if (_administrator is not null && _connectionString is not null)
        {
            var database = new NpgsqlConnectionStringBuilder(_connectionString).Database;
            await ExecuteAsync(_administrator, $"DROP DATABASE {database} WITH (FORCE)");
        }
    }

    /// <summary>Skips the test where no server of its own can be had, or fails it where one must be had.</summary>
    public static void RequireServer()
    {
        if (PostgresServer.FindBinaries() is null)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", "No PostgreSQL server programs.");
            Assert.Skip("No PostgreSQL server programs.");
        }
    }

    /// <summary>One more fresh database on a server.</summary>
    public static async Task<string> CreateDatabaseAsync(string administrator)
    {
        var name = $"actors_test_{Guid.NewGuid():N}";
        await ExecuteAsync(administrator, $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        return new NpgsqlConnectionStringBuilder(administrator) { Database = name }.ConnectionString;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
