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
        counts.Count(1, 0, Reason.WindowClosed);
        counts.Count(1, 0, Reason.WindowClosed);
        counts.Count(2, 0, Reason.NoRelation);
        Assert.Equal([new(1, Reason.WindowClosed, 2), new(2, Reason.NoRelation, 1)], counts.Take(100).OrderBy(line => line.Business));
        Assert.Empty(counts.Take(100));
        counts.Count(1, 0, Reason.WindowClosed);
        Assert.Equal([new(1, Reason.WindowClosed, 1)], counts.Take(100));
    }

    [Fact]
    public void A_long_list_is_taken_piece_by_piece()
    {
        var counts = new RefusalCounts();
        for (var business = 0; business < 100; business++)
        {
            counts.Count(business, 0, Reason.PairRate);
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
        const int Templates = 3;
        var counts = new RefusalCounts();
        var (taken, named) = (0L, 0L);
        var counting = Task.WhenAll(Enumerable.Range(0, 4).Select(counter => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                counts.Count(i % 50, i % Templates, (Reason)(1 + ((i + counter) % 20)));
            }
        })));
        while (!counting.IsCompleted)
        {
            Take();
            await Task.Yield();
        }

        await counting;
        Take();
        Assert.Equal(4 * Each, taken);
        Assert.Equal(4 * Enumerable.Range(0, Each).Count(i => i % Templates > 0), named);
        Assert.Equal(0, counts.WithoutTemplate);

        void Take()
        {
            var lines = counts.Take(10_000);
            taken += lines.Sum(line => line.Count);
            named += lines.Where(line => !line.Templates.IsDefault).SelectMany(line => line.Templates).Sum(of => of.Count);
        }
    }

    [Fact]
    public void A_reason_s_count_is_of_all_templates_and_of_none_and_says_how_many_named_which()
    {
        var counts = new RefusalCounts();
        foreach (var template in new[] { 0L, 7, 7, 8 })
        {
            counts.Count(1, template, Reason.WindowClosed);
        }

        counts.Count(1, 7, Reason.PairRate);
        var lines = counts.Take(100).ToDictionary(line => line.Reason);
        Assert.Equal((4, 1), (lines[Reason.WindowClosed].Count, lines[Reason.PairRate].Count));
        Assert.Equal([new(7, 2), new(8, 1)], lines[Reason.WindowClosed].Templates.OrderBy(of => of.Template));
        Assert.Equal([new(7, 1)], lines[Reason.PairRate].Templates);
        Assert.Empty(counts.Take(100));
    }

    [Fact]
    public void Beyond_so_many_templates_of_a_business_only_the_business_s_are_counted_until_half_an_hour_has_passed()
    {
        var counts = new RefusalCounts();
        for (var template = 1; template <= RefusalCounts.TemplatesPerBusinessMax + 2; template++)
        {
            counts.Count(1, template, Reason.NoRelation);
        }

        counts.Count(2, 1, Reason.NoRelation);
        Assert.Equal(2, counts.WithoutTemplate);
        var line = Assert.Single(counts.Take(100), line => line.Business == 1);
        Assert.Equal((RefusalCounts.TemplatesPerBusinessMax + 2, RefusalCounts.TemplatesPerBusinessMax), (line.Count, line.Templates.Length));
        for (var round = 2; round <= RefusalCounts.WindowRounds; round++)
        {
            counts.Count(1, 1_000, Reason.NoRelation);
            Assert.True(Assert.Single(counts.Take(100)).Templates.IsDefault);
        }

        counts.Count(1, 1_000, Reason.NoRelation);
        Assert.Equal([new(1_000, 1)], Assert.Single(counts.Take(100)).Templates);
    }

    [Fact]
    public void Beyond_so_many_templates_of_all_only_the_businesses_are_counted_until_half_an_hour_has_passed()
    {
        const int Others = RefusalCounts.TemplatesMax / 10;
        var counts = new RefusalCounts();
        for (var template = 0; template < RefusalCounts.TemplatesMax; template++)
        {
            counts.Count(template / 10, template + 1, Reason.NoRelation);
        }

        counts.Count(Others, 1, Reason.NoRelation);
        Assert.Equal((0, 1), (counts.Uncounted, counts.WithoutTemplate));
        for (var round = 1; round <= RefusalCounts.WindowRounds; round++)
        {
            counts.Take(int.MaxValue);
        }

        counts.Count(Others, 1, Reason.NoRelation);
        Assert.Equal([new(1, 1)], Assert.Single(counts.Take(100)).Templates);
    }

    [Fact]
    public void What_is_taken_has_about_so_many_rows_templates_included()
    {
        var counts = new RefusalCounts();
        for (var business = 0; business < 10; business++)
        {
            for (var template = 1; template <= 9; template++)
            {
                counts.Count(business, template, Reason.PairRate);
            }
        }

        Assert.Equal([3, 3, 3, 1, 0], Enumerable.Range(0, 5).Select(_ => counts.Take(25).Length));
    }

    [Fact]
    public void Beyond_so_many_businesses_none_is_counted_until_one_was_idle_for_long()
    {
        var counts = new RefusalCounts();
        for (var business = 0; business <= RefusalCounts.BusinessesMax; business++)
        {
            counts.Count(business, 0, Reason.Throughput);
        }

        Assert.Equal(1, counts.Uncounted);
        Assert.Equal(RefusalCounts.BusinessesMax, counts.Take(int.MaxValue).Length);
        for (var round = 0; round < 200; round++)
        {
            Assert.Empty(counts.Take(int.MaxValue));
        }

        counts.Count(RefusalCounts.BusinessesMax, 0, Reason.Throughput);
        Assert.Equal(1, counts.Uncounted);
        Assert.Single(counts.Take(int.MaxValue));
    }
}
