using Actors.Policy.Businesses;

namespace Actors.Policy.Tests.Businesses;

public sealed class ImportBookTests
{
    private static readonly Instant Full = new(1_790_000_000_000 / 300_000 * 300_000);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);   // more than what clocks may differ by
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(LimitTier.First, 2_500L)]
    [InlineData(LimitTier.Second, 20_000L)]
    [InlineData(LimitTier.Fourth, 1_000_000L)]
    [InlineData(LimitTier.Unlimited, null)]
    public void So_many_a_day_by_tier(LimitTier tier, long? imports) => Assert.Equal(imports, ImportBook.PerDay(tier, new ConsentNumbers()));

    [Fact]
    public void Exactly_so_many_are_taken_and_the_next_come_free_a_day_later()
    {
        var (book, taken, retryAt) = ImportBook.Empty.Take(10, 4, Full - Second);
        Assert.Equal((4, null), (taken, retryAt));
        (book, taken, retryAt) = book.Take(10, 7, Full + TimeSpan.FromMinutes(5) - Second);
        Assert.Equal((6, Full + Day), (taken, retryAt));
        Assert.Equal((0, Full + Day), (book.Take(10, 1, Full + Day - Tick).Taken, book.Take(10, 1, Full + Day - Tick).RetryAt));
        Assert.Equal(4, book.Take(10, 5, Full + Day).Taken);
        Assert.Equal(6, book.Used(Full + Day));
    }

    [Fact]
    public void An_import_never_counts_shorter_than_a_day()
    {
        var (book, _, _) = ImportBook.Empty.Take(1, 1, Full + Tick);
        Assert.Equal(0, book.Take(1, 1, Full + Tick + Day).Taken);
        Assert.Equal(1, book.Take(1, 1, Full + TimeSpan.FromMinutes(5) + Day).Taken);
    }

    [Fact]
    public void Where_the_limit_was_lowered_nothing_is_taken()
    {
        var (book, _, _) = ImportBook.Empty.Take(100, 100, Full);
        Assert.Equal(0, book.Take(10, 1, Full).Taken);
    }

    [Fact]
    public void Imports_of_the_same_five_minutes_stand_in_one_line_and_none_in_none()
    {
        var (book, _, _) = ImportBook.Empty.Take(10, 4, Full);
        (book, _, _) = book.Take(10, 3, Full + Tick);
        Assert.Equal(7, Assert.Single(book.Spent).Count);
        (book, var taken, _) = book.Take(7, 1, Full + TimeSpan.FromMinutes(10));
        Assert.Equal(0, taken);
        Assert.Equal(7, Assert.Single(book.Spent).Count);
    }

    [Fact]
    public void What_is_over_says_nothing_of_when_the_next_come_free()
    {
        var (book, _, _) = ImportBook.Empty.Take(3, 3, Full - Second);
        var (next, taken, retryAt) = book.Take(3, 4, Full + Day);
        Assert.Equal((3, QuotaBook.UntilOf(Full + Day)), (taken, retryAt));
        Assert.Single(next.Spent);
    }
}
