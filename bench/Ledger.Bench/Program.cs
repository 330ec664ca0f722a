// How many rows a second one writer of the ledger makes durable, and what a row costs in processor time, by batch size.
//   dotnet run -c Release --project bench/Ledger.Bench -- [seconds] [users] [connection string | sqlite]
//   dotnet run -c Release --project bench/Ledger.Bench -- fold [seconds] [events a second] [businesses] [sqlite]
//   dotnet run -c Release --project bench/Ledger.Bench -- fold-cold [events] [businesses] [sqlite]
// Without a connection string it starts a PostgreSQL of its own; with "sqlite" it writes to a file in a temporary directory, and the last columns are 0.
// Each commit: record of 150 bytes, message of 250, one event; three businesses, fenced.
using System.Diagnostics;
using System.Globalization;
using Actors.Ledger;
using Actors.Ledger.Bench;
using Actors.Policy;
using Actors.Policy.Users;
using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

if (args is ["fold", ..])
{
    await FoldBench.WarmAsync(Number(1, 30), Number(2, 20_000), Number(3, 100), args.Contains("sqlite"));
    return;
}

if (args is ["fold-cold", ..])
{
    await FoldBench.ColdAsync(Number(1, 5_000_000), Number(2, 100), args.Contains("sqlite"));
    return;
}

var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
var users = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20_000;
var isSqlite = args is [_, _, "sqlite"];
await using var server = args.Length > 2
    ? null
    : await PostgresServer.StartAsync("shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=15min");
var connectionString = args.Length > 2 ? args[2] : server!.ConnectionString;
var directory = Directory.CreateTempSubdirectory("actors-ledger-bench-").FullName;
await using ILedgerStore store = isSqlite
    ? new SqliteLedgerStore(directory, TimeProvider.System)
    : new PostgresLedgerStore(connectionString, TimeProvider.System, NullLogger.Instance);
await store.StartAsync(CancellationToken.None);
await using var source = isSqlite ? null : NpgsqlDataSource.Create(connectionString);

var versions = (await store.ReadUsersAsync([.. Enumerable.Range(1, users).Select(user => (long)user)], CancellationToken.None))
    .ToDictionary(record => (int)record.User, record => record.Version);
var random = new Random(1);
var load = await RunAsync(500, TimeSpan.Zero, users, inOrder: true);
Console.WriteLine($"| batch | rows/s | backend µs/row | whole server µs/row | this process µs/row | WAL bytes/row |");
Console.WriteLine($"|---|---|---|---|---|---|");
Print("load", load);
await RunAsync(200, TimeSpan.FromSeconds(3), 0, inOrder: false);
foreach (var size in new[] { 50, 200, 500 })
{
    Print(size.ToString(CultureInfo.InvariantCulture), await RunAsync(size, TimeSpan.FromSeconds(seconds), 0, inOrder: false));
}

await store.DisposeAsync();
Directory.Delete(directory, recursive: true);

void Print(string name, (double Rows, double Seconds, double Backend, double Server, double Own, double Wal) r)
{
    var (backend, all, own) = (r.Backend * 1e6 / r.Rows, r.Server * 1e6 / r.Rows, r.Own * 1e6 / r.Rows);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {name} | {r.Rows / r.Seconds:F0} | {backend:F1} | {all:F1} | {own:F1} | {r.Wal / r.Rows:F0} |"));
}

async Task<(double Rows, double Seconds, double Backend, double Server, double Own, double Wal)> RunAsync(int size, TimeSpan time, int count, bool inOrder)
{
    var (backend, all, own, wal) = (await CpuAsync(true), await CpuAsync(false), Environment.CpuUsage.TotalTime.TotalSeconds, await WalAsync());
    var started = TimeProvider.System.GetTimestamp();
    var rows = 0;
    var busy = TimeSpan.Zero;
    while (inOrder ? rows < count : busy < time)
    {
        var batch = inOrder
            ? Enumerable.Range(rows + 1, Math.Min(size, count - rows)).Select(Commit).ToArray()
            : Choose(size).Select(Commit).ToArray();
        var outcomes = await store.WriteAsync(batch, CancellationToken.None);
        if (outcomes.Any(outcome => outcome != CommitOutcome.Committed))
        {
            throw new InvalidOperationException("A commit was lost: the figures would be wrong.");
        }

        rows += batch.Length;
        busy = TimeProvider.System.GetElapsedTime(started);
        foreach (var commit in batch)
        {
            versions[(int)commit.User] = commit.ExpectedVersion + 1;
        }
    }

    return (rows, busy.TotalSeconds, await CpuAsync(true) - backend, await CpuAsync(false) - all,
        Environment.CpuUsage.TotalTime.TotalSeconds - own, await WalAsync() - wal);
}

IEnumerable<int> Choose(int size)
{
    var chosen = new SortedSet<int>();
    while (chosen.Count < size)
    {
        chosen.Add(random.Next(1, users + 1));
    }

    return chosen;
}

EncodedCommit Commit(int user)
{
    var expected = versions.GetValueOrDefault(user);
    var business = 1_000_000_000_000_001 + random.Next(3);
    var now = new Instant(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
    var happened = new UserEvent(EventKind.Accepted, now, business, expected + 1, business + 100, business + 200, Category.Marketing, Counted: true);
    var message = new NewMessage(
        expected + 1, Direction.ToUser, business, business + 100, business + 200, Category.Marketing, now, new byte[250], null, 0, null, new byte[20]);
    return new EncodedCommit(
        user, expected, random.NextInt64(), new byte[150], new Change(UserState.Empty, [happened]) { Message = message }, [], new Fence(business, 0));
}

async Task<double> WalAsync()
{
    if (source is null)
    {
        return 0;
    }

    await using var command = source.CreateCommand("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8");
    return (double)(await command.ExecuteScalarAsync())!;
}

// Processor time of the writers' server processes, or of all of the server's, out of /proc; 0 for a server elsewhere.
async Task<double> CpuAsync(bool writers)
{
    if (server is null)
    {
        return 0;
    }

    var postmaster = await server.ReadProcessIdAsync();
    var total = 0L;
    foreach (var process in Process.GetProcesses())
    {
        using (process)
        {
            try
            {
                var stat = await File.ReadAllTextAsync($"/proc/{process.Id}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var title = await File.ReadAllTextAsync($"/proc/{process.Id}/cmdline");
                if (int.Parse(fields[1], CultureInfo.InvariantCulture) == postmaster && (!writers || title.Contains("[local]", StringComparison.Ordinal)))
                {
                    total += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // It ended in between: it was none of ours.
            }
        }
    }

    return total / 100.0;
}

int Number(int index, int standard) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : standard;
