using Actors.Policy.Analytics;

namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    private const long Template = 3_000_000_000_000_001;

    private static readonly HalfHour Midnight = HalfHour.Of(Given.At()).Midnight;

    [Fact]
    public async Task Counts_are_added_up_and_there_after_a_restart()
    {
        var later = Midnight.Next;
        Assert.True(await ApplyAsync(0, 7, (Count(Midnight), 2), (Count(Midnight, Template), 1), (Count(Midnight, measure: Measure.Read), 5)));
        Assert.True(await ApplyAsync(7, 9, (Count(Midnight), 3), (Count(later), 4)));
        await RestartAsync();

        Assert.Equal(9, await Store.ReadPositionAsync("counting", Cancel));
        Assert.Equal(
            [(Count(Midnight), 5), (Count(Midnight, measure: Measure.Read), 5), (Count(Midnight, Template), 1), (Count(later), 4)],
            await CountsAsync(Midnight, later.Next, false, 0, Template));
        Assert.Equal([(Count(later), 4)], await CountsAsync(later, later.Next, false, 0));
        Assert.Equal([(Count(Midnight), 5), (Count(Midnight, measure: Measure.Read), 5)], await CountsAsync(Midnight, later, false, 0));
        Assert.Equal([(Count(Midnight), 9), (Count(Midnight, measure: Measure.Read), 5)], await CountsAsync(Midnight, Midnight.NextMidnight, true, 0));
        Assert.Empty(await CountsAsync(Midnight, Midnight, false, 0));
        Assert.Empty(await CountsAsync(later.Next, Midnight.NextMidnight, false, 0, Template));
        Assert.Empty(await Store.ReadAnalyticsAsync(new AnalyticsQuery(Given.Business + 1, [0], Midnight, later, false), Cancel));
    }

    [Fact]
    public async Task The_half_hours_of_a_day_are_its_own()
    {
        var last = new HalfHour(Midnight.NextMidnight.Number - 1);
        await ApplyAsync(0, 1, (Count(new HalfHour(Midnight.Number - 1)), 1), (Count(Midnight), 10), (Count(last), 100), (Count(last.Next), 1_000));
        Assert.Equal([(Count(Midnight), 110)], await CountsAsync(Midnight, Midnight.NextMidnight, true, 0));
        Assert.Equal([(Count(Midnight), 110), (Count(last.Next), 1_000)], await CountsAsync(Midnight, last.Next.NextMidnight, true, 0));
    }

    [Fact]
    public async Task Counts_that_go_on_from_another_place_change_nothing()
    {
        Assert.False(await ApplyAsync(3, 4, (Count(Midnight), 1)));
        Assert.Equal(0, await Store.ReadPositionAsync("counting", Cancel));
        Assert.True(await ApplyAsync(0, 7, (Count(Midnight), 1)));
        foreach (var (expected, next) in new[] { (0L, 7L), (0, 9), (6, 8), (8, 9) })
        {
            Assert.False(await ApplyAsync(expected, next, (Count(Midnight), 1)));
        }

        Assert.Equal(7, await Store.ReadPositionAsync("counting", Cancel));
        Assert.Equal([(Count(Midnight), 1)], await CountsAsync(Midnight, Midnight.Next, false, 0));
        Assert.Empty(await Store.ReadOpenGroupsAsync(default, Cancel));

        // At the same place time can still go on.
        Assert.True(await Store.ApplyAnalyticsAsync(new AnalyticsBatch("counting", 7, 7) { Closed = Given.At(5) }, Cancel));
        Assert.True(await Store.ApplyAnalyticsAsync(new AnalyticsBatch("counting", 7, 7) { Closed = Given.At(4) }, Cancel));
        Assert.Equal(Given.At(5).Milliseconds, await Store.ReadPositionAsync("counting/closed", Cancel));
    }

    [Fact]
    public async Task Of_many_who_go_on_from_the_same_place_one_counts()
    {
        for (var round = 0L; round < 10; round++)
        {
            var counted = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ApplyAsync(round, round + 1, (Count(Midnight), 1), (Count(Midnight.Next), 2))));
            Assert.Equal(1, counted.Count(one => one));
        }

        Assert.Equal([(Count(Midnight), 10), (Count(Midnight.Next), 20)], await CountsAsync(Midnight, Midnight.NextMidnight, false, 0));
    }

    [Fact]
    public async Task Readers_of_their_own_add_to_the_same_counts_at_once()
    {
        var keys = Enumerable.Range(0, 50).Select(i => Count(new HalfHour(Midnight.Number + (i % 5)), detail: (short)(i / 5))).Order(CountKey.Order).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async node =>
        {
            for (var number = 0; number < 8; number++)
            {
                var batch = new AnalyticsBatch($"refusals/{node}", number, number + 1) { Counts = [.. keys.Select(key => (key, 1L))] };
                Assert.True(await Store.ApplyAnalyticsAsync(batch, Cancel));
            }
        }));
        var counts = await CountsAsync(Midnight, Midnight.NextMidnight, false, 0);
        Assert.Equal(keys.Length, counts.Count);
        Assert.All(counts, count => Assert.Equal(40, count.Count));
    }

    [Fact]
    public async Task Groups_are_counted_up_and_their_people_replaced()
    {
        var later = Midnight.Next;
        await ApplyGroupsAsync(0, 1, (Group(Midnight), 1, [1, 2, 3, 4]), (Group(later), 3, [9]));
        await ApplyGroupsAsync(1, 2, (Group(Midnight), 1, [1, 2, 3, 4, 5, 6, 7, 8]));
        await ApplyGroupsAsync(1, 2, (Group(Midnight), 1, []));
        await RestartAsync();

        Assert.Equal(
            ["2 0102030405060708", "3 09"], (await Store.ReadGroupsAsync(Given.Business, Midnight, later.Next, Cancel)).OrderBy(g => g.Count).Select(Text));
        Assert.Equal(["3 09"], (await Store.ReadGroupsAsync(Given.Business, later, later.Next, Cancel)).Select(Text));
        Assert.Equal(["3 09"], (await Store.ReadOpenGroupsAsync(later, Cancel)).Select(Text));
        Assert.Equal(2, (await Store.ReadOpenGroupsAsync(Midnight, Cancel)).Count);
        Assert.Empty(await Store.ReadGroupsAsync(Given.Business + 1, Midnight, later.Next, Cancel));
        Assert.Equal(Group(later), Assert.Single(await Store.ReadGroupsAsync(Given.Business, later, later.Next, Cancel)).Key);
    }

    [Fact]
    public async Task What_is_old_is_dropped_and_nothing_else()
    {
        var counts = Enumerable.Range(0, 10).SelectMany(half => Enumerable.Range(0, 3).Select(detail => (Count(Later(half), detail: (short)detail), 1L)));
        await ApplyAsync(0, 1, [.. counts]);
        await ApplyGroupsAsync(1, 2, [.. Enumerable.Range(0, 10).Select(half => (Group(Later(half)), 1L, new byte[] { 1 }))]);

        await Store.DropAnalyticsAsync(Later(4), Cancel);
        await Store.DropAnalyticsAsync(Later(4), Cancel);

        var kept = await CountsAsync(Midnight, Later(10), false, 0);
        Assert.Equal(18, kept.Count);
        Assert.Equal(Later(4), kept[0].Key.Period);
        Assert.Equal(6, (await Store.ReadOpenGroupsAsync(default, Cancel)).Count);

        static HalfHour Later(int half) => new(Midnight.Number + half);
    }

    [Fact]
    public async Task Runs_of_nodes_are_forgotten_once_they_have_ended_and_no_other_reader_is()
    {
        var now = Given.At();
        string[] ended = [.. new[] { 0, 4, 400 }.Select(days => RunFrom(now - TimeSpan.FromDays(3 + days) - TimeSpan.FromMilliseconds(1)))];
        string[] others = ["counting", "refusal", "refusals0", "analytics/closed"];
        string[] kept = [.. new[] { 0d, 1, 2.9 }.Select(days => RunFrom(now - TimeSpan.FromDays(days))), .. others];
        foreach (var reader in ended.Concat(kept))
        {
            Assert.True(await Store.ApplyAnalyticsAsync(new AnalyticsBatch(reader, 0, 5) { Counts = [(Count(Midnight), 1)] }, Cancel));
        }

        var (from, to) = NodeRuns.EndedBy(now);
        await Store.DropPositionsAsync(from, to, Cancel);
        await Store.DropPositionsAsync(from, to, Cancel);
        await RestartAsync();

        foreach (var reader in ended.Concat(kept))
        {
            Assert.Equal(kept.Contains(reader) ? 5 : 0, await Store.ReadPositionAsync(reader, Cancel));
        }

        Assert.Equal([(Count(Midnight), 10)], await CountsAsync(Midnight, Midnight.Next, false, 0));

        static string RunFrom(Policy.Instant at) => NodeRuns.ReaderOf(Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(at.Milliseconds)));
    }

    private static CountKey Count(HalfHour period, long template = 0, Measure measure = Measure.Sent, short detail = 3) =>
        new(period, Given.Business, template, measure, detail);

    private static GroupKey Group(HalfHour period) => new(period, Given.Business, Template, Opinion.Blocked);

    private static string Text(StoredGroup group) => $"{group.Count} {Convert.ToHexString(group.People.Span)}";

    private Task<bool> ApplyAsync(long expected, long next, params (CountKey Key, long Added)[] counts) =>
        Store.ApplyAnalyticsAsync(new AnalyticsBatch("counting", expected, next) { Counts = counts }, Cancel);

    private Task<bool> ApplyGroupsAsync(long expected, long next, params (GroupKey Key, long Added, byte[] People)[] groups) => Store.ApplyAnalyticsAsync(
        new AnalyticsBatch("counting", expected, next) { Groups = [.. groups.Select(group => new GroupChange(group.Key, group.Added, group.People))] }, Cancel);

    private Task<IReadOnlyList<(CountKey Key, long Count)>> CountsAsync(HalfHour from, HalfHour to, bool byDay, params long[] templates) =>
        Store.ReadAnalyticsAsync(new AnalyticsQuery(Given.Business, templates, from, to, byDay), Cancel);
}
