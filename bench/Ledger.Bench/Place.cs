using System.Net;
using System.Net.Sockets;
using Actors.Grains;
using Actors.Tests;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Ledger.Bench;

/// <summary>Where one run keeps what is durable: files in a temporary directory, or a PostgreSQL of its own. Goes with the run.</summary>
internal sealed class Place : IAsyncDisposable
{
    private readonly PostgresServer? _server;
    private readonly string _directory = Directory.CreateTempSubdirectory("actors-fold-bench-").FullName;

    private Place(PostgresServer? server) => _server = server;

    public static async Task<Place> CreateAsync(bool isSqlite) =>
        new(isSqlite ? null : await PostgresServer.StartAsync("shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=15min"));

    /// <summary>The ledger's storage, without a node.</summary>
    public ILedgerStore Store() => _server is null
        ? new SqliteLedgerStore(_directory, TimeProvider.System)
        : new PostgresLedgerStore(_server.ConnectionString, TimeProvider.System, NullLogger.Instance);

    /// <summary>A node with the product's grains, without the API.</summary>
    public IHost Host()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), 0, serviceId: "actors", clusterId: "actors");
            silo.AddActorsGrains(_server is null ? GrainsSettings.Sqlite(_directory) : GrainsSettings.Postgres(_server.ConnectionString));
        });
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? default);
        Directory.Delete(_directory, recursive: true);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
