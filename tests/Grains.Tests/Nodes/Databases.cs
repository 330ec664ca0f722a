using Actors.Tests;

namespace Actors.Grains.Tests.Nodes;

/// <summary>Where nodes of a test class keep what is durable.</summary>
public interface IDatabase : IAsyncLifetime
{
    /// <summary>Settings of a node on it.</summary>
    GrainsSettings Settings { get; }

    /// <summary>Whether several nodes may run on it at once.</summary>
    bool IsShared { get; }
}

public sealed class SqliteDatabase : IDatabase
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("actors-grains-");

    public GrainsSettings Settings => GrainsSettings.Sqlite(_directory.FullName);

    public bool IsShared => false;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return default;
    }
}

public sealed class PostgresDatabase : IDatabase
{
    private readonly TestPostgres _server = new();

    public GrainsSettings Settings => GrainsSettings.Postgres(_server.ConnectionString);

    public bool IsShared => true;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
