using Npgsql;

namespace Actors.Bench.Scenarios;

/// <summary>
/// Makes a PostgreSQL slow in a way that anyone can make again: a session of its own takes the lock EXCLUSIVE on <c>ledger.users</c> for 200 ms, twice a
/// second. All commits of users wait for it meanwhile, reads don't.
/// </summary>
internal sealed class DatabaseBrake : IAsyncDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(500);
    private readonly NpgsqlConnection _session;
    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;

    private DatabaseBrake(NpgsqlConnection session) => _session = session;

    public static async Task<DatabaseBrake> StartAsync(string connectionString)
    {
        var session = new NpgsqlConnection(connectionString);
        await session.OpenAsync();
        var brake = new DatabaseBrake(session);
        await brake.HoldAsync();
        brake._loop = brake.HoldOnAsync();
        return brake;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
        await _session.DisposeAsync();
    }

    private async Task HoldOnAsync()
    {
        using var period = new PeriodicTimer(s_period);
        try
        {
            while (await period.WaitForNextTickAsync(_end.Token))
            {
                await HoldAsync();
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The load is over.
            return;
        }
    }

    private async Task HoldAsync()
    {
        await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE ledger.users IN EXCLUSIVE MODE; SELECT pg_sleep(0.2); COMMIT", _session);
        await command.ExecuteNonQueryAsync();
    }
}
