using Actors.Policy;
using Microsoft.Extensions.Time.Testing;

namespace Actors.Ledger.Tests;

/// <summary>The clock as a started ledger keeps it: read again and again, on a storage with a clock of its own and on SQLite.</summary>
public sealed class NodeClockTests
{
    private readonly NodeTime _node = new();

    [Theory]
    [InlineData(-30)]
    [InlineData(30)]
    public async Task A_step_of_the_nodes_wall_clock_changes_nothing_where_the_storage_has_a_clock_of_its_own(int days)
    {
        await using var given = await LedgerFixture.StartAsync(time: _node);
        var start = _node.GetTimestamp();
        given.Store.OnClock = _ => Task.FromResult(StorageNow());
        await ConfirmAsync(given);

        _node.Step = TimeSpan.FromDays(days);
        Assert.InRange(given.Ledger.Clock.Now - StorageNow(), TimeSpan.FromMilliseconds(-2), TimeSpan.FromMilliseconds(2));
        for (var i = 0; i < 10; i++)
        {
            _node.Advance(TimeSpan.FromSeconds(1));
            Assert.True(given.Ledger.Clock.IsTrusted);
            Assert.InRange(given.Ledger.Clock.Now - StorageNow(), TimeSpan.FromMilliseconds(-2), TimeSpan.FromMilliseconds(2));
        }

        Instant StorageNow() => Given.At(1_000 * Instant.Day) + _node.GetElapsedTime(start);
    }

    [Fact]
    public async Task On_sqlite_a_step_of_the_host_clock_closes_until_it_is_confirmed()
    {
        await using var given = await LedgerFixture.StartAsync(time: _node);
        var before = given.Ledger.Clock.Now;
        Assert.Equal(Instant.From(_node.GetUtcNow()), before);

        _node.Step = TimeSpan.FromHours(1);
        Assert.Equal(before, given.Ledger.Clock.Now);
        _node.Advance(TimeSpan.FromSeconds(1));
        Assert.False(given.Ledger.Clock.IsTrusted);
        Assert.Equal(before + TimeSpan.FromSeconds(1), given.Ledger.Clock.Now);

        await ConfirmAsync(given);
        Assert.Equal(Instant.From(_node.GetUtcNow()), given.Ledger.Clock.Now);
        Assert.Equal(1, given.Ledger.Clock.Jumps);
    }

    [Fact]
    public async Task Readings_that_fail_take_no_trust_away_at_once()
    {
        await using var given = await LedgerFixture.StartAsync(time: _node);
        given.Store.OnClock = _ => throw new LedgerUnavailableException("away");

        _node.Advance(TimeSpan.FromMinutes(10));
        Assert.True(given.Ledger.Clock.IsTrusted);
        _node.Advance(TimeSpan.FromMinutes(15));
        Assert.False(given.Ledger.Clock.IsTrusted);

        given.Store.OnClock = read => read();
        _node.Advance(TimeSpan.FromSeconds(1));
        Assert.True(given.Ledger.Clock.IsTrusted);
    }

    [Fact]
    public async Task Time_is_not_before_a_record_that_was_read_or_committed()
    {
        await using var given = await LedgerFixture.StartAsync(time: _node);
        var ahead = given.Ledger.Clock.Now + TimeSpan.FromMilliseconds(300);

        await given.Ledger.CommitAsync(UserRecord.None(1), Given.Only(Given.Accepted(1)) with { Next = Given.State(lastAt: ahead) });

        Assert.Equal(ahead, given.Ledger.Clock.Now);
        Assert.True(given.Ledger.Clock.IsTrusted);
    }

    /// <summary>Lets readings happen until the clock is trusted.</summary>
    private async Task ConfirmAsync(LedgerFixture given)
    {
        do
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            _node.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        while (!given.Ledger.Clock.IsTrusted);
    }

    private sealed class NodeTime() : FakeTimeProvider(Given.At().ToDateTimeOffset())
    {
        public TimeSpan Step { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Step;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
