using System.Collections.Concurrent;
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
    public async Task Readers_skip_nothing_and_repeat_nothing_when_commits_come_late_and_out_of_order()
    {
        const int Writers = 8, Rounds = 40;
        var committed = new ConcurrentBag<long>();
        var naive = new ConcurrentBag<long>();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer), Cancel)));
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(ReadAsync, Cancel)).ToArray();
        var naiveReader = Task.Run(ReadNaivelyAsync, Cancel);
        await writing;
        await naiveReader;

        foreach (var seen in await Task.WhenAll(readers))
        {
            Assert.Equal(seen.Order(), seen);
            Assert.Equal(committed.Order(), seen);
        }

        // The test is one only if the simple way to read loses lines here.
        Assert.True(naive.Count < committed.Count, "The writers were too tame: also a reader without a horizon saw everything.");

        async Task WriteAsync(int writer)
        {
            var random = new Random(writer);
            await using var connection = await _source.OpenConnectionAsync(Cancel);
            for (var round = 0; round < Rounds; round++)
            {
                await using var transaction = await connection.BeginTransactionAsync(Cancel);
                await using var insert = new NpgsqlCommand(
                    $"""
                    SELECT pg_current_xact_id();
                    INSERT INTO ledger.events (at, user_id, business, message, kind, body)
                    SELECT 0, {writer}, 1, 0, 1, '\x0100000000' FROM generate_series(1, {random.Next(1, 4)}) RETURNING seq
                    """,
                    connection);
                var places = new List<long>();
                await using (var reader = await insert.ExecuteReaderAsync(Cancel))
                {
                    await reader.NextResultAsync(Cancel);
                    while (await reader.ReadAsync(Cancel))
                    {
                        places.Add(reader.GetInt64(0));
                    }
                }

                await using var dawdle = new NpgsqlCommand($"SELECT pg_sleep({random.Next(0, 25)} / 1000.0)", connection);
                await dawdle.ExecuteNonQueryAsync(Cancel);
                if (random.Next(5) == 0)
                {
                    await transaction.RollbackAsync(Cancel);
                    continue;
                }

                await transaction.CommitAsync(Cancel);
                places.ForEach(committed.Add);
            }
        }

        async Task<List<long>> ReadAsync()
        {
            var seen = new List<long>();
            var after = 0L;
            for (var last = false; ;)
            {
                var horizon = await _store.ReadHorizonAsync(Cancel);
                Assert.True(horizon >= after);
                seen.AddRange((await _store.ReadEventsAsync(null, after, horizon, int.MaxValue, Cancel)).Select(line => line.Seq));
                after = horizon;
                if (last)
                {
                    return seen;
                }

                // One more round after the writers have ended sees all that they wrote.
                last = writing.IsCompleted;
            }
        }

        async Task ReadNaivelyAsync()
        {
            var after = 0L;
            for (var last = false; ;)
            {
                var page = await _store.ReadEventsAsync(null, after, long.MaxValue, int.MaxValue, Cancel);
                foreach (var line in page)
                {
                    naive.Add(line.Seq);
                    after = line.Seq;
                }

                if (last)
                {
                    return;
                }

                last = writing.IsCompleted;
            }
        }
    }

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
