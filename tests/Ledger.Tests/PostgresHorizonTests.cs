using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>Places in the log are given before the commit: readers must neither skip nor repeat a line, whatever order the commits come in.</summary>
public sealed class PostgresHorizonTests : IAsyncLifetime
{
    // A database for each test: what one leaves in the log, another would read.
    private readonly TestPostgres _postgres = new();
    private PostgresLedgerStore _store = null!;
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _postgres.InitializeAsync();
        _source = NpgsqlDataSource.Create(_postgres.ConnectionString);
        _store = new PostgresLedgerStore(_postgres.ConnectionString, TimeProvider.System, NullLogger.Instance);
        await _store.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _source.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Fact]
    public Task Readers_skip_nothing_and_repeat_nothing_when_commits_come_late_and_out_of_order() =>
        new LateWriters().RunAsync(Enumerable.Repeat(_source, 8), rounds: 40, page: int.MaxValue, _store, _store, _store);

    [Fact]
    public async Task The_horizon_waits_for_a_writer_that_has_drawn_its_place()
    {
        await using var connection = await _source.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using var draw = new NpgsqlCommand("SELECT pg_current_xact_id(); SELECT nextval('ledger.event_seq')", connection);
        await draw.ExecuteNonQueryAsync(Cancel);

        var asked = _store.ReadHorizonAsync(Cancel);
        await _store.WriteAsync([Given.Commit(1, 0, Given.Send(1))], Cancel);
        Assert.False(asked.IsCompleted);

        await transaction.RollbackAsync(Cancel);
        await asked;
    }
}
