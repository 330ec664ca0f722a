using System.Security.Cryptography;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy.Analytics;
using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>What happens is counted exactly once, whatever fails in between.</summary>
public abstract class AnalyticsTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private readonly TDatabase _database = new();
    private TestNode _node = null!;
    private FaultyStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _node = await TestNode.StartAsync(_database, wrap: inner => _store = new FaultyStore(inner));
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Counts_are_what_counting_the_log_by_hand_gives()
    {
        var businesses = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Folding.NewSenderAsync(_node)));
        await Task.WhenAll(businesses.SelectMany(business => Enumerable.Range(0, 10).Select(seed => Counting.LiveAsync(_node, business, seed))));
        await _node.CountedAsync();
        foreach (var business in businesses)
        {
            await Counting.IsExactAsync(_node, business);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sums_that_may_not_be_stored_count_once(bool wasWritten)
    {
        var business = await Folding.NewSenderAsync(_node);
        var tries = 0;
        Task LoseThree(AnalyticsBatch batch) => batch.Next > batch.Expected && Interlocked.Increment(ref tries) <= 3 ? FaultyStore.Away() : Task.CompletedTask;
        _ = wasWritten ? _store.AfterAnalytics = LoseThree : _store.BeforeAnalytics = LoseThree;
        for (var seed = 0; tries <= 3; seed++)
        {
            await Counting.LiveAsync(_node, business, seed % 10);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await _node.CountedAsync();
        await Counting.IsExactAsync(_node, business);
    }

    [Fact]
    public async Task One_that_dies_between_its_pages_leaves_the_rest_to_the_next()
    {
        var business = await Folding.NewSenderAsync(_node);
        for (var seed = 0; seed < 4; seed++)
        {
            await Counting.LiveAsync(_node, business, seed);
            await _node.ForgetAsync(_node.Grains.GetGrain<IAnalyticsGrain>(0));
        }

        await _node.CountedAsync();
        await Counting.IsExactAsync(_node, business);
    }

    [Fact]
    public async Task A_reader_that_is_shown_an_old_place_counts_nothing_twice()
    {
        var business = await Folding.NewSenderAsync(_node);
        await Counting.LiveAsync(_node, business, 1);
        await _node.CountedAsync();

        var tried = new TaskCompletionSource();
        _store.ShowPosition = stored => stored > 1 && stored < 1_000_000_000_000 ? 1 : stored;
        _store.BeforeAnalytics = batch => batch.Expected == 1 ? Done() : Task.CompletedTask;
        await _node.ForgetAsync(_node.Grains.GetGrain<IAnalyticsGrain>(0));
        await _node.Grains.GetGrain<IAnalyticsGrain>(0).WakeAsync();
        await Counting.LiveAsync(_node, business, 2);
        await tried.Task;
        _store.ShowPosition = stored => stored;

        await _node.CountedAsync();
        await Counting.IsExactAsync(_node, business);

        Task Done()
        {
            tried.TrySetResult();
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task People_are_told_apart_up_to_ten_also_by_the_next_activation()
    {
        var business = await Folding.NewSenderAsync(_node);
        var users = await Folding.DeliverAsync(_node, business, 12);
        foreach (var some in users.Chunk(4))
        {
            await Folding.BlockAsync(_node, business, some);
            await _node.User(some[0]).UnblockAsync(business);
            await _node.User(some[0]).BlockAsync(business, ComplaintReason.Spam);
            await _node.CountedAsync();
            await _node.ForgetAsync(_node.Grains.GetGrain<IAnalyticsGrain>(0));
        }

        var stored = await _node.Ledger.Store.ReadOpenGroupsAsync(default, CancellationToken.None);
        var groups = stored.Where(group => group.Key.Business == business).ToList();
        Assert.Equal(15, groups.Sum(group => group.Count));

        // Who blocks again is charged to no template.
        Assert.InRange(MarksOf(Ids.Template(business, 0)).Distinct().Count(), 10, 12);
        Assert.Equal(3, MarksOf(0).Distinct().Count());
        Assert.All(groups, group => Assert.True(AnalyticsGroups.MarksOf(group.People.Span).Length <= SmallGroups.FewestPeople));

        IEnumerable<uint> MarksOf(long template) => groups.Where(group => group.Key.Template == template)
            .SelectMany(group => AnalyticsGroups.MarksOf(group.People.Span).ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Marks_of_people_are_made_with_a_secret_of_their_day_that_goes_once_the_day_is_closed(bool closesWhileItRuns)
    {
        var store = _node.Ledger.Store;
        var business = await Folding.NewSenderAsync(_node);
        var users = await Folding.DeliverAsync(_node, business, 3);
        await Folding.BlockAsync(_node, business, users);
        await _node.CountedAsync();

        var today = HalfHour.Of(_node.Ledger.Clock.Now).Midnight;
        var (yesterday, tomorrow) = (new HalfHour(today.Number - HalfHour.PerDay), today.NextMidnight);
        var secret = await SecretAsync(today);
        var groups = (await store.ReadOpenGroupsAsync(default, CancellationToken.None)).Where(group => group.Key.Business == business).ToList();
        foreach (var group in groups)
        {
            var made = users.Select(user => Mark(secret, user, business, group.Key.Period.Midnight.Number));
            Assert.NotEqual(0, group.People.Length);
            Assert.Subset(made.ToHashSet(), AnalyticsGroups.MarksOf(group.People.Span).ToHashSet());
        }

        // The next activation goes on with today's and tomorrow's, and forgets those of days that are closed when it begins, or close while it runs.
        var (old, next) = (await SecretAsync(yesterday), await SecretAsync(tomorrow));
        await _node.ClosedAsync(today.Start);
        _store.ShowPosition = stored => closesWhileItRuns && stored >= Actors.Policy.Instant.Day ? 0 : stored;
        await _node.ForgetAsync(_node.Grains.GetGrain<IAnalyticsGrain>(0));
        await Given.OptedInAsync(_node, business);
        await _node.CountedAsync();
        _store.ShowPosition = stored => stored;
        Assert.NotEqual(old, await SecretAsync(yesterday));
        Assert.Equal(secret, await SecretAsync(today));
        Assert.Equal(next, await SecretAsync(tomorrow));

        Task<byte[]> SecretAsync(HalfHour day) => store.ReadSecretAsync(AnalyticsLoop.SecretOf(day), 32, CancellationToken.None);

        static uint Mark(byte[] secret, long user, long business, int day) => BitConverter.ToUInt32(HMACSHA256.HashData(
            secret, (byte[])[.. BitConverter.GetBytes(user), .. BitConverter.GetBytes(business), .. BitConverter.GetBytes(day)]));
    }

    [Theory]
    [InlineData(9, null)]
    [InlineData(10, 10L)]
    public async Task What_people_say_is_shown_from_ten_of_them_on_once_its_half_hour_is_closed(int people, long? shown)
    {
        var business = Given.NewBusiness();
        var template = Ids.Template(business, 0);
        var now = _node.Ledger.Clock.Now;
        var past = HalfHour.Of(now - TimeSpan.FromDays(2));
        foreach (var half in new[] { past, HalfHour.Of(now) })
        {
            var group = new GroupKey(half, business, template, Opinion.Reported);
            var marks = Enumerable.Range(0, people).SelectMany(person => BitConverter.GetBytes(person)).ToArray();
            Assert.True(await _node.Ledger.Store.ApplyAnalyticsAsync(
                new AnalyticsBatch($"test/{half.Number}/{business}", 0, 1) { Groups = [new GroupChange(group, people, marks)] }, CancellationToken.None));
        }

        await _node.ClosedAsync(past.NextMidnight.Start);
        foreach (var byDay in new[] { false, true })
        {
            var view = await _node.Reads.AnalyticsAsync(new AnalyticsAsk(business, [0, template], past.Start, past.End, byDay));
            Assert.Equal([0, template], view.Periods.Select(period => period.Template));
            Assert.All(view.Periods, period => Assert.Equal(shown, period.Count(Opinion.Reported)));
            Assert.All(view.Periods, period => Assert.Null(period.Count(Opinion.Blocked)));
            var open = await _node.Reads.AnalyticsAsync(new AnalyticsAsk(business, [0, template], now, HalfHour.Of(now).End, byDay));
            Assert.All(open.Periods, period => Assert.Null(period.Count(Opinion.Reported)));
        }
    }

    [Fact]
    public async Task Refusals_that_a_node_tells_again_count_once()
    {
        var (business, run) = (Given.NewBusiness(), Guid.NewGuid());
        await _node.Reads.RefusedAsync(run, 1, [new(business, Reason.WindowClosed, 3), new(business, Reason.NoRelation, 1)]);
        await _node.Reads.RefusedAsync(run, 1, [new(business, Reason.WindowClosed, 3), new(business, Reason.NoRelation, 1)]);
        await _node.Reads.RefusedAsync(run, 2, [new(business, Reason.WindowClosed, 2)]);
        await _node.Reads.RefusedAsync(Guid.NewGuid(), 1, [new(business, Reason.WindowClosed, 10)]);
        _store.AfterAnalytics = _ => FaultyStore.Away();
        await Assert.ThrowsAsync<OutageException>(() => _node.Reads.RefusedAsync(run, 3, [new(business, Reason.WindowClosed, 100)]));
        _store.AfterAnalytics = _ => Task.CompletedTask;
        await _node.Reads.RefusedAsync(run, 3, [new(business, Reason.WindowClosed, 100)]);

        var period = Assert.Single((await Counting.TodayAsync(_node, business)).Periods, period => period.Counts.Length > 0);
        Assert.Equal(115, period.Count(Measure.Refused, (short)Reason.WindowClosed));
        Assert.Equal(1, period.Count(Measure.Refused, (short)Reason.NoRelation));
    }

    [Fact]
    public async Task Refusals_count_for_the_business_and_those_that_name_a_template_for_it_too()
    {
        var business = Given.NewBusiness();
        var (sale, order) = (Ids.Template(business, 0), Ids.Template(business, 1));

        // As a node tells them: at the end of a window a reason may have two lines, and a template may stand twice in one.
        await _node.Reads.RefusedAsync(Guid.NewGuid(), 1,
        [
            new(business, Reason.NoRelation, 6, [new(sale, 2), new(order, 1), new(sale, 1)]), new(business, Reason.PairRate, 1, [new(order, 1)]),
            new(business, Reason.NoRelation, 1),
        ]);
        var now = _node.Ledger.Clock.Now;
        foreach (var byDay in new[] { false, true })
        {
            var view = await _node.Reads.AnalyticsAsync(new AnalyticsAsk(business, [0, sale, order], now - TimeSpan.FromHours(1), now, byDay));
            foreach (var (template, noRelation, pairRate) in new[] { (0L, 7, 1), (sale, 3, 0), (order, 1, 1) })
            {
                var periods = view.Periods.Where(period => period.Template == template).ToArray();
                Assert.Equal(noRelation, periods.Sum(period => period.Count(Measure.Refused, (short)Reason.NoRelation)));
                Assert.Equal(pairRate, periods.Sum(period => period.Count(Measure.Refused, (short)Reason.PairRate)));
            }
        }
    }

    [Fact]
    public async Task Periods_are_widened_to_whole_ones_and_all_are_there()
    {
        var half = HalfHour.Of(_node.Ledger.Clock.Now).Midnight;
        foreach (var (from, to, byDay, periods) in new[]
        {
            (0L, 1L, false, 1), (0, 1_800_000, false, 1), (0, 1_800_001, false, 2), (1_799_999, 1_800_000, false, 1), (1_800_000, 1_800_001, false, 1),
            (0, 86_400_000, true, 1), (0, 86_400_001, true, 2), (86_399_999, 86_400_001, true, 2), (5, 6, true, 1), (0, 86_400_000, false, 48),
        })
        {
            var ask = new AnalyticsAsk(1, [0], half.Start + TimeSpan.FromMilliseconds(from), half.Start + TimeSpan.FromMilliseconds(to), byDay);
            var view = await _node.Reads.AnalyticsAsync(ask);
            Assert.Equal(periods, view.Periods.Length);
            Assert.True(view.Periods[0].Start <= ask.From && ask.From < view.Periods[0].End);
            Assert.True(view.Periods[^1].Start < ask.To && ask.To <= view.Periods[^1].End);
            Assert.Equal(view.Periods.Skip(1).Select(period => period.Start), view.Periods.SkipLast(1).Select(period => period.End));
        }
    }
}

public sealed class SqliteAnalyticsTests : AnalyticsTests<SqliteDatabase>;

public sealed class PostgresAnalyticsTests : AnalyticsTests<PostgresDatabase>;

/// <summary>Two nodes on one database that know nothing of each other: two activations count the same log, and an event counts once.</summary>
public sealed class AnalyticsTwoNodesTests(TwoNodesTests.Pair pair) : IClassFixture<TwoNodesTests.Pair>
{
    [Fact]
    public async Task Two_activations_count_each_event_once()
    {
        var business = await Folding.NewSenderAsync(pair.Nodes[0]);
        for (var seed = 0; seed < 6; seed++)
        {
            await Task.WhenAll(pair.Nodes.Select(node => Counting.LiveAsync(node, business, seed)));
            var dies = pair.Nodes[seed % 2];
            await dies.ForgetAsync(dies.Grains.GetGrain<IAnalyticsGrain>(0));
            await dies.Grains.GetGrain<IAnalyticsGrain>(0).WakeAsync();
        }

        await Task.WhenAll(pair.Nodes.Select(node => node.CountedAsync()));
        await Counting.IsExactAsync(pair.Nodes[0], business);
    }
}
