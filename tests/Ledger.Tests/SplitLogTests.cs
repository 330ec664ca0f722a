using Npgsql;

namespace Actors.Ledger.Tests;

/// <summary>Two servers write one log: readers must neither skip nor repeat a line, whichever server is busy, idle or slow.</summary>
public sealed class SplitLogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(4, 4)]
    [InlineData(6, 1)]
    [InlineData(1, 6)]
    public async Task Readers_skip_nothing_and_repeat_nothing_whichever_server_is_busy(int homeWriters, int otherWriters)
    {
        await using var split = await SplitFixture.StartAsync();
        await using var second = split.Open();
        await second.StartAsync(Cancel);
        await new LateWriters().RunAsync(
            [.. Enumerable.Repeat(split.Home, homeWriters), .. Enumerable.Repeat(split.Other, otherWriters)],
            rounds: 30, page: 7, split.Store, split.Store, second);
    }

    [Fact]
    public async Task What_was_committed_on_a_server_is_final_at_once_though_the_other_one_is_idle()
    {
        await using var split = await SplitFixture.StartAsync();
        foreach (var part in new[] { 0, 1, 1, 0, 1 })
        {
            // A hundred on the one, nothing on the other, then the other way round.
            var before = (await split.Store.ReadEventsAsync(null, 0, long.MaxValue, int.MaxValue, Cancel)).Select(line => line.Seq).ToList();
            foreach (var user in split.UsersOf(part, 1 + (1_000 * before.Count)).Take(100))
            {
                await split.WriteAsync(user);
            }

            var horizon = await split.Store.ReadHorizonAsync(Cancel);
            var lines = await split.Store.ReadEventsAsync(null, 0, horizon, int.MaxValue, Cancel);
            Assert.Equal(before.Count + 100, lines.Count);
            Assert.Equal(before, lines.Take(before.Count).Select(line => line.Seq));
            Assert.All(lines.Skip(before.Count), line => Assert.Equal(part, line.Seq % 64));
        }

        // Nothing moves where nothing is written: servers don't chase each other.
        var place = await SplitFixture.AskAsync(split.Home, "SELECT last_value FROM ledger.event_seq");
        for (var i = 0; i < 5; i++)
        {
            await split.Store.ReadHorizonAsync(Cancel);
        }

        Assert.Equal(place, await SplitFixture.AskAsync(split.Home, "SELECT last_value FROM ledger.event_seq"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_horizon_waits_for_a_writer_that_drew_its_place_before_the_sequence_was_moved_on(bool isHome)
    {
        await using var split = await SplitFixture.StartAsync();
        var (slow, fast) = isHome ? (split.Home, 1) : (split.Other, 0);
        await using var connection = await slow.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using var insert = new NpgsqlCommand(
            """
            SELECT pg_current_xact_id();
            INSERT INTO ledger.events (at, user_id, business, message, kind, body) VALUES (0, 9, 1, 0, 1, '\x0100000000')
            """,
            connection);
        await insert.ExecuteNonQueryAsync(Cancel);
        foreach (var user in split.UsersOf(fast).Take(20))
        {
            await split.WriteAsync(user);
        }

        var asked = split.Store.ReadHorizonAsync(Cancel);
        while ((long)(await SplitFixture.AskAsync(slow, "SELECT last_value FROM ledger.event_seq"))! >> 6 < 20)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        Assert.False(asked.IsCompleted);
        await transaction.CommitAsync(Cancel);

        var lines = await split.Store.ReadEventsAsync(null, 0, await asked, int.MaxValue, Cancel);
        Assert.Equal(21, lines.Count);
        Assert.Equal(9, lines[isHome ? 0 : 1].User);
    }

    [Fact]
    public async Task A_server_follows_one_that_has_begun_another_day_into_partitions_that_are_there()
    {
        await using var split = await SplitFixture.StartAsync();
        await split.WriteAsync(split.UsersOf(0).First());
        await SplitFixture.AskAsync(split.Home, "SELECT setval('ledger.event_seq', (9::bigint << 36) + (last_value & 63)) FROM ledger.event_seq");
        await SplitFixture.AskAsync(split.Home, "SELECT setval('ledger.consents_seq_seq', (1::bigint << 30) + (last_value & 63)) FROM ledger.consents_seq_seq");
        var horizon = await split.Store.ReadHorizonAsync(Cancel);
        Assert.Empty(await split.Store.ReadBusinessConsentsAsync(Given.Business, 0, 9, Cancel));

        var user = split.UsersOf(1).First();
        await split.WriteAsync(user);
        await split.Store.WriteAsync([Given.Commit(split.UsersOf(1).ElementAt(1), 0, Given.OptIn(1))], Cancel);

        var line = (await split.Store.ReadEventsAsync(null, horizon, await split.Store.ReadHorizonAsync(Cancel), 9, Cancel))[0];
        Assert.Equal((user, 9L, 1L), (line.User, line.Seq >> 36, line.Seq & 63));
        Assert.Equal(1L, Assert.Single(await split.Store.ReadBusinessConsentsAsync(Given.Business, 1 << 30, 9, Cancel)).Seq & 63);
        Assert.Equal(12L, await SplitFixture.AskAsync(
            split.Other, "SELECT max(substr(inhrelid::regclass::text, 15)::bigint) FROM pg_inherits WHERE inhparent = 'ledger.events'::regclass"));
    }

    [Fact]
    public async Task A_server_without_traffic_makes_nobody_believe_that_something_is_missing()
    {
        await using var split = await SplitFixture.StartAsync();
        await split.WriteAsync(split.UsersOf(0).First());
        for (var day = 0; day < 2; day++)
        {
            // The event is more than a day old by the server's clock: the day ends, there and on the other server.
            await split.Store.DropEventsAsync(Given.At(-1), Cancel);
            await split.Store.ReadHorizonAsync(Cancel);
            await split.WriteAsync(split.UsersOf(0).ElementAt(day + 1));
        }

        Assert.Equal(2L, await SplitFixture.AskAsync(split.Other, "SELECT last_value >> 36 FROM ledger.event_seq"));
        await split.Store.DropEventsAsync(Given.At(-1), Cancel);

        Assert.Equal(0, await split.Store.ReadEarliestAsync(Cancel));
        Assert.Equal(3, (await split.Store.ReadEventsAsync(null, 0, await split.Store.ReadHorizonAsync(Cancel), 9, Cancel)).Count);
    }

    [Fact]
    public async Task The_audit_of_all_servers_is_read_in_one_order_and_misses_nothing()
    {
        await using var split = await SplitFixture.StartAsync();
        var seen = new List<string>();
        var after = 0L;
        for (var i = 0; i < 20; i++)
        {
            var source = i % 3 == 0 ? split.Home : split.Other;
            await SplitFixture.AskAsync(source, $"INSERT INTO ledger.audit (at, actor, action, business, target, note) VALUES ({i}, 'a', 'b', 0, '{i}', '')");
            foreach (var line in await split.Store.ReadAuditAsync(after, 9, Cancel))
            {
                seen.Add(line.Entry.Target);
                after = line.Seq;
            }
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), seen);
    }
}
