using Actors.Api.Sends;
using Actors.Policy.Sends;

namespace Actors.Api.Tests.Sends;

/// <summary>Refusals are counted once each, whoever counts and takes at the same time, and of a bounded number of businesses.</summary>
public sealed class RefusalCountsTests
{
    [Fact]
    public void What_was_taken_is_not_taken_again()
    {
        var counts = new RefusalCounts();
        counts.Count(1, Reason.WindowClosed);
        counts.Count(1, Reason.WindowClosed);
        counts.Count(2, Reason.NoRelation);
        Assert.Equal([new(1, Reason.WindowClosed, 2), new(2, Reason.NoRelation, 1)], counts.Take(100).OrderBy(line => line.Business));
        Assert.Empty(counts.Take(100));
        counts.Count(1, Reason.WindowClosed);
        Assert.Equal([new(1, Reason.WindowClosed, 1)], counts.Take(100));
    }

    [Fact]
    public void A_long_list_is_taken_piece_by_piece()
    {
        var counts = new RefusalCounts();
        for (var business = 0; business < 100; business++)
        {
            counts.Count(business, Reason.PairRate);
        }

        var taken = new List<long>();
        while (counts.Take(30) is { IsEmpty: false } some)
        {
            Assert.True(some.Length <= 30);
            taken.AddRange(some.Select(line => line.Business));
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(business => (long)business), taken.Order());
    }

    [Fact]
    public async Task Counting_while_others_count_and_one_takes_loses_none()
    {
        const int Each = 50_000;
        var counts = new RefusalCounts();
        long taken = 0;
        var counting = Task.WhenAll(Enumerable.Range(0, 4).Select(counter => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                counts.Count(i % 50, (Reason)(1 + ((i + counter) % 20)));
            }
        })));
        while (!counting.IsCompleted)
        {
            taken += counts.Take(10_000).Sum(line => line.Count);
            await Task.Yield();
        }

        await counting;
        Assert.Equal(4 * Each, taken + counts.Take(10_000).Sum(line => line.Count));
    }

    [Fact]
    public void Beyond_so_many_businesses_none_is_counted_until_one_was_idle_for_long()
    {
        var counts = new RefusalCounts();
        for (var business = 0; business <= RefusalCounts.BusinessesMax; business++)
        {
            counts.Count(business, Reason.Throughput);
        }

        Assert.Equal(1, counts.Uncounted);
        Assert.Equal(RefusalCounts.BusinessesMax, counts.Take(int.MaxValue).Length);
        for (var round = 0; round < 200; round++)
        {
            Assert.Empty(counts.Take(int.MaxValue));
        }

        counts.Count(RefusalCounts.BusinessesMax, Reason.Throughput);
        Assert.Equal(1, counts.Uncounted);
        Assert.Single(counts.Take(int.MaxValue));
    }
}
