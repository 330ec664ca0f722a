using System.Collections.Concurrent;
using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>
/// Transactions that draw their places in the log and commit late, out of order, or not at all, and readers beside them: by the horizon, who must see each
/// committed line once and in order, and a naive one, who shows that this isn't easy.
/// </summary>
internal sealed class LateWriters
{
    private readonly ConcurrentBag<long> _committed = [];
    private readonly HashSet<long> _naive = [];
    private Task _writing = Task.CompletedTask;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Writes, reads meanwhile, and compares.</summary>
    /// <param name="writers">Where each writes.</param>
    /// <param name="rounds">Transactions of each.</param>
    /// <param name="page">Lines that a reader asks for at once.</param>
    /// <param name="stores">A reader by the horizon each; the first for the naive one, too.</param>
    public async Task RunAsync(IEnumerable<NpgsqlDataSource> writers, int rounds, int page, params ILedgerStore[] stores)
    {
        _writing = Task.WhenAll(writers.Select((source, writer) => Task.Run(() => WriteAsync(source, writer, rounds), Cancel)));
        var readers = stores.Select(store => Task.Run(() => ReadAsync(store, page), Cancel)).ToArray();
        var naive = Task.Run(() => ReadNaivelyAsync(stores[0]), Cancel);
        await _writing;
        await naive;
        foreach (var seen in await Task.WhenAll(readers))
        {
            Assert.Equal(seen.Order(), seen);
            Assert.Equal(_committed.Order(), seen);
        }

        // The test is one only if the simple way to read loses lines here.
        Assert.True(_naive.Count < _committed.Count, "The writers were too tame: also a reader without a horizon saw everything.");
    }

    private async Task WriteAsync(NpgsqlDataSource source, int writer, int rounds)
    {
        var random = new Random(writer);
        await using var connection = await source.OpenConnectionAsync(Cancel);
        for (var round = 0; round < rounds; round++)
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancel);
            var places = new List<long>();
            await using (var insert = new NpgsqlCommand(
                $"""
                SELECT pg_current_xact_id();
                INSERT INTO ledger.events (at, user_id, business, message, kind, body)
                SELECT 0, {writer}, 1, 0, 1, '\x0100000000' FROM generate_series(1, {random.Next(1, 4)}) RETURNING seq
                """,
                connection))
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
            places.ForEach(_committed.Add);
        }
    }

    private async Task<List<long>> ReadAsync(ILedgerStore store, int page)
    {
        var seen = new List<long>();
        var after = 0L;
        for (var last = false; ;)
        {
            var horizon = await store.ReadHorizonAsync(Cancel);
            Assert.True(horizon >= after);
            while (await store.ReadEventsAsync(null, after, horizon, page, Cancel) is { Count: > 0 } lines)
            {
                seen.AddRange(lines.Select(line => line.Seq));
                after = lines[^1].Seq;
            }

            after = horizon;
            if (last)
            {
                return seen;
            }

            // One more round after the writers have ended sees all that they wrote: also that a horizon covers what was committed before it was asked for.
            last = _writing.IsCompleted;
        }
    }

    private async Task ReadNaivelyAsync(ILedgerStore store)
    {
        var after = 0L;
        for (var last = false; ;)
        {
            foreach (var line in await store.ReadEventsAsync(null, after, long.MaxValue, int.MaxValue, Cancel))
            {
                _naive.Add(line.Seq);
                after = line.Seq;
            }

            if (last)
            {
                return;
            }

            last = _writing.IsCompleted;
        }
    }
}
