using System.Globalization;
using System.Reflection;
using Actors.Policy;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Ledger;

/// <summary>The ledger in one SQLite file: one writer thread, readers on connections of their own, one process.</summary>
public sealed partial class SqliteLedgerStore : ILedgerStore
{
    private const int Readers = 2;

    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private FileStream? _lock;
    private SqliteWorker? _writer;
    private SqliteWorker? _readers;

    // Only the writer thread changes these, after what they say is durable.
    private readonly Dictionary<long, long> _epochs = [];
    private long _seq;
    private long _dropped;

    /// <summary>Creates it; <see cref="StartAsync"/> opens the file.</summary>
    /// <param name="directory">The data directory; made if it isn't there. The ledger is the file <c>ledger.db</c> in it.</param>
    /// <param name="time">The host's clock.</param>
    /// <param name="logger">For steps of the schema.</param>
    public SqliteLedgerStore(string directory, TimeProvider time, ILogger<SqliteLedgerStore>? logger = null) =>
        (_directory, _time, _logger) = (Path.GetFullPath(directory), time, logger ?? NullLogger<SqliteLedgerStore>.Instance);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            MakeDirectory();
            _lock = Lock();
            var path = Path.Combine(_directory, "ledger.db");
            _writer = new SqliteWorker("ledger-writer", [new SqliteSession(path)]);
            await _writer.RunAsync(Prepare, cancellationToken);
            _readers = new SqliteWorker("ledger-reader", [.. Enumerable.Range(0, Readers).Select(_ => Reader(path))]);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or SqliteException)
        {
            throw Unusable(exception);
        }
        catch (LedgerUnavailableException exception) when (exception.InnerException is SqliteException sqlite)
        {
            throw Unusable(sqlite);
        }
    }

    /// <inheritdoc/>
    public Task<Instant> ReadClockAsync(CancellationToken cancellationToken) => Task.FromResult(Instant.From(_time.GetUtcNow()));

    /// <inheritdoc/>
    public Task<byte[]> KeepSecretAsync(string name, byte[] secret, CancellationToken cancellationToken) => Writer.RunAsync(
        session => session.Transact(() =>
        {
            session.Prepare("INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
                .Bind(1, name).Bind(2, secret).Run();
            var select = session.Prepare("SELECT value FROM secrets WHERE name = ?1").Bind(1, name);
            var kept = select.Step() ? select.Bytes(0) : [];
            select.Reset();
            return kept;
        }),
        cancellationToken);

    /// <inheritdoc/>
    public Task DropSecretsAsync(string from, string to, CancellationToken cancellationToken) => DropNamesAsync("secrets", from, to, cancellationToken);

    /// <inheritdoc/>
    public Task DropPositionsAsync(string from, string to, CancellationToken cancellationToken) => DropNamesAsync("readers", from, to, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The ledger closes its store, and so does the container that made it: the second time there is nothing left to close.
        var (readers, writer, held) = (_readers, _writer, _lock);
        (_readers, _writer, _lock) = (null, null, null);
        await (readers?.DisposeAsync() ?? default);
        await (writer?.DisposeAsync() ?? default);
        await (held?.DisposeAsync() ?? default);
    }

    private SqliteWorker Writer => _writer ?? throw new LedgerUnavailableException("The ledger isn't started.");

    private SqliteWorker ReaderPool => _readers ?? throw new LedgerUnavailableException("The ledger isn't started.");

    private Task<int> DropNamesAsync(string table, string from, string to, CancellationToken cancellationToken) => Writer.RunAsync(
        session => session.Transact(() =>
        {
            session.Prepare($"DELETE FROM {table} WHERE name >= ?1 AND name < ?2").Bind(1, from).Bind(2, to).Run();
            return session.Changes;
        }),
        cancellationToken);

    // Messages and the installation's secrets are in it: nobody else's to read.
    private void MakeDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_directory);
        }
        else
        {
            Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private LedgerUnavailableException Unusable(Exception why) => new($"The data directory {_directory} can't be used: {why.Message}", why);

    // The operating system gives the lock up when the process ends, however it ends.
    private FileStream Lock()
    {
        try
        {
            return new FileStream(Path.Combine(_directory, "ledger.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new LedgerUnavailableException(
                $"The data directory {_directory} is in use by another process: stop that one, or give this one a directory of its own (Data:Directory).",
                exception);
        }
    }

    private static SqliteSession Reader(string path)
    {
        var session = new SqliteSession(path);
        session.Execute("PRAGMA query_only = 1");
        return session;
    }

    private bool Prepare(SqliteSession session)
    {
        if (session.Text("PRAGMA journal_mode = WAL") != "wal")
        {
            throw new LedgerUnavailableException($"The data directory {_directory} is on a file system that SQLite's write-ahead log doesn't work on.");
        }

        // A checkpoint writes each page once, however often it changed: 64 MB of log (16,000 pages) instead of 4 are worth a third of the commits.
        // The last two matter on macOS only, where a plain fsync leaves the data in the drive's cache.
        session.Execute(
            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000; PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 67108864; "
            + "PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1; PRAGMA secure_delete = FAST");
        if (session.Number("PRAGMA synchronous") != 2)
        {
            throw new LedgerUnavailableException("SQLite doesn't wait for the disk: what is told durable would not be.");
        }

        ApplySchema(session);
        _dropped = session.Number("SELECT value FROM marks WHERE name = 'events_dropped'");
        Volatile.Write(ref _seq, Math.Max(_dropped, session.Number("SELECT coalesce(max(seq), 0) FROM events")));
        return true;
    }

    private void ApplySchema(SqliteSession session)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var steps = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("sqlite/", StringComparison.Ordinal))
            .ToDictionary(name => int.Parse(name.AsSpan("sqlite/".Length, 4), CultureInfo.InvariantCulture));
        var applied = session.Number("PRAGMA user_version");
        if (applied > steps.Keys.Max())
        {
            throw new LedgerUnavailableException($"The ledger in {_directory} was written by a newer version of this program.");
        }

        foreach (var (number, name) in steps.Where(step => step.Key > applied).OrderBy(step => step.Key))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var sql = reader.ReadToEnd();
            session.Execute($"BEGIN IMMEDIATE;\n{sql}\n;PRAGMA user_version = {number};\nCOMMIT");
            LogStep(_logger, name);
        }
    }

    [LoggerMessage(EventId = 3401, Level = LogLevel.Information, Message = "Applied the ledger's schema step {Step}")]
    private static partial void LogStep(ILogger logger, string step);
}
