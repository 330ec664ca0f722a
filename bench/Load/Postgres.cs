using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Actors.Bench.Load;

/// <summary>A PostgreSQL of its own for the run: fresh, durable, ended and removed afterwards.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    /// <summary>What docs/operations.md asks for; all else is PostgreSQL's default.</summary>
    public static readonly string[] Settings = ["shared_buffers=1GB", "max_wal_size=8GB", "min_wal_size=4GB", "checkpoint_timeout=15min"];

    /// <summary>Files of the write-ahead log, 16 MB each, that are there before the run: enough for every figure.</summary>
    private const int LogFiles = 200;

    private const string Debian = "/usr/lib/postgresql";

    private readonly Child _server;
    private readonly string _directory;
    private readonly int _port;

    private Postgres(Child server, string directory, int port) => (_server, _directory, _port) = (server, directory, port);

    public int ProcessId => _server.Id;

    public string Version { get; private set; } = "";

    public static async Task<Postgres> StartAsync()
    {
        var programs = Environment.GetEnvironmentVariable("PG_BIN")
            ?? (Directory.Exists(Debian) ? Directory.EnumerateDirectories(Debian).Order(StringComparer.Ordinal).Last() + "/bin" : null)
            ?? throw new InvalidOperationException("No PostgreSQL found: set PG_BIN to the directory of initdb and postgres.");
        var directory = Directory.CreateTempSubdirectory("actors-bench-pg-").FullName;
        var port = FreePort();
        string[] user = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
        if (user.Length > 0)
        {
            await Child.RunAsync("chown", "postgres:postgres", directory);
        }

        string[] make =
        [
            .. user, $"{programs}/initdb", "--pgdata", $"{directory}/data", "--username", "bench", "--auth", "trust", "--encoding", "UTF8", "--no-locale",
        ];
        await Child.RunAsync(make[0], make[1..]);
        string[] run =
        [
            .. user, $"{programs}/postgres", "-D", $"{directory}/data", "-k", directory, "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture),
            .. Settings.SelectMany(setting => new[] { "-c", setting }),
        ];
        var postgres = new Postgres(Child.Start(run[0], run[1..], interrupt: true), directory, port);
        postgres.Version = await postgres.ReadyAsync();
        await postgres.FillLogAsync();
        return postgres;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string ConnectionString(string database, int poolMax = 20) =>
        $"Host=127.0.0.1;Port={_port};Username=bench;Database={database};Maximum Pool Size={poolMax};"
        + "Max Auto Prepare=20;Auto Prepare Min Usages=1;No Reset On Close=true";

    /// <summary>Runs statements in a database.</summary>
    public async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false;Command Timeout=600");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>
    /// Makes the log's files that a server which has run for a while uses again and again. To make one stops every writer for some 50 ms, which a fresh server
    /// would do every second or two.
    /// </summary>
    private async Task FillLogAsync()
    {
        for (var i = 0; i < LogFiles; i++)
        {
            await ExecuteAsync("postgres", "SELECT pg_logical_emit_message(false, 'bench', 'fill'); SELECT pg_switch_wal()");
        }

        await ExecuteAsync("postgres", "CHECKPOINT");
    }

    private async Task<string> ReadyAsync()
    {
        return await Patience.UntilAsync("PostgreSQL to answer", _server, async () =>
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
                await connection.OpenAsync();
                return connection.PostgreSqlVersion.ToString();
            }
            catch (NpgsqlException)
            {
                return null;
            }
        });
    }
}

/// <summary>Waits for a fact.</summary>
internal static class Patience
{
    /// <summary>Asks ten times a second, for up to a minute or until the process that it is about has ended.</summary>
    public static async Task<T> UntilAsync<T>(string what, Child child, Func<Task<T?>> ask)
        where T : class
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        for (var asked = 0; asked < 600 && !child.HasEnded; asked++)
        {
            if (await ask() is { } answer)
            {
                return answer;
            }

            await timer.WaitForNextTickAsync();
        }

        throw new InvalidOperationException($"Waited in vain for {what}. It wrote:\n{child.LastLines}");
    }
}
