using Actors.Policy.Businesses;

namespace Actors.Policy.Tests.Businesses;

/// <summary>What is lent of a number's throughput is never more than it, and goes to whoever asks. How nodes use it is simulated in Api.Tests.</summary>
public sealed class RateBookTests
{
    private static readonly Guid s_a = new(1, 0, 0, new byte[8]);
    private static readonly Guid s_b = new(2, 0, 0, new byte[8]);
    private static readonly Guid s_c = new(3, 0, 0, new byte[8]);

    [Fact]
    public void Who_comes_first_gets_all_and_the_next_nothing_until_some_is_given_back()
    {
        var (book, granted) = RateBook.Empty.Lend(s_a, 80);
        Assert.Equal((80, 80), (granted, book.Lent));
        (book, granted) = book.Lend(s_b, 80);
        Assert.Equal((0, 80), (granted, book.Lent));
        book = book.TakeBack(s_a, 30);
        (book, granted) = book.Lend(s_b, 80);
        Assert.Equal((30, 80), (granted, book.Lent));
        Assert.Equal((50, 30), (book.Pieces[s_a].Size, book.Pieces[s_b].Size));
    }

    [Fact]
    public void One_more_is_lent_where_one_is_free_and_it_adds_to_what_the_node_holds()
    {
        var (book, _) = RateBook.Empty.Lend(s_a, 79);
        (book, var granted) = book.Lend(s_a, 80);
        Assert.Equal((1, 80, 80), (granted, book.Lent, book.Pieces[s_a].Size));
    }

    [Fact]
    public void More_than_all_lends_nothing_where_the_throughput_has_fallen()
    {
        var (book, _) = RateBook.Empty.Lend(s_a, 1000);
        var (same, granted) = book.Lend(s_b, 80);
        Assert.Equal((0, 1000), (granted, same.Lent));
    }

    [Fact]
    public void More_than_was_lent_is_not_taken_back()
    {
        var (book, _) = RateBook.Empty.Lend(s_a, 80);
        Assert.Equal(0, book.TakeBack(s_a, 81).Lent);
        Assert.Equal(0, book.TakeBack(s_b, 1).Pieces[s_b].Size);
    }

    [Fact]
    public void A_node_says_that_it_holds_less_and_never_more()
    {
        var (book, _) = RateBook.Empty.Lend(s_a, 80);
        Assert.Equal(20, book.Told(s_a, 1, 20)!.Lent);
        Assert.Equal(80, book.Told(s_a, 1, 90)!.Lent);
        Assert.Equal(0, book.Told(s_b, 1, 90)!.Pieces[s_b].Size);
    }

    [Fact]
    public void What_is_older_than_what_was_heard_is_not_heard()
    {
        var (book, _) = RateBook.Empty.Lend(s_a, 80);
        book = book.Told(s_a, 2, 80)!;
        Assert.Null(book.Told(s_a, 2, 10));
        Assert.Null(book.Told(s_a, 1, 10));
        Assert.NotNull(book.Told(s_a, 3, 10));

        // Lending and taking back leave that as it is.
        Assert.Null(book.TakeBack(s_a, 10).Lend(s_a, 80).Book.Told(s_a, 2, 10));
        Assert.NotNull(book.Told(s_b, 1, 0));
    }

    [Theory]
    [InlineData(60, 80, 80, 60)] // goes on with what it held
    [InlineData(80, 80, 1000, 80)] // a rise isn't lent yet
    [InlineData(1000, 1000, 80, 80)] // a fall: its part of it
    [InlineData(500, 1000, 80, 40)]
    [InlineData(999, 1000, 80, 79)]
    [InlineData(0, 1000, 80, 0)]
    public void While_what_was_lent_before_may_count_a_node_goes_on_with_its_part(int held, int levelBefore, int level, int granted)
    {
        var offer = RateBook.Empty.Offer(s_a, level, isSettling: true, (held, levelBefore));
        Assert.Equal((granted, granted), (offer.Granted, offer.Book.Lent));
        Assert.Equal(level, RateBook.Empty.Offer(s_a, level, isSettling: false, (held, levelBefore)).Granted);
    }

    [Fact]
    public void Whoever_held_nothing_gets_nothing_meanwhile_and_together_they_never_hold_more_than_all()
    {
        Assert.Equal(0, RateBook.Empty.Offer(s_a, 80, isSettling: true, null).Granted);
        var (book, _) = RateBook.Empty.Offer(s_a, 80, isSettling: true, (50, 80));
        var (both, granted) = book.Offer(s_b, 80, isSettling: true, (50, 80));
        Assert.Equal((30, 80), (granted, both.Lent));
    }

    [Fact]
    public void What_a_node_may_keep_is_an_equal_part_for_each_that_holds_or_asks()
    {
        Assert.Equal(80, RateBook.Empty.Fair(s_a, 80));
        var (book, _) = RateBook.Empty.Lend(s_a, 40);
        Assert.Equal(40, book.Fair(s_b, 80));
        Assert.Equal(80, book.Fair(s_a, 80));   // its own doesn't count twice
        (book, _) = book.Lend(s_b, 80);
        Assert.Equal(26, book.Fair(s_c, 80));
        Assert.Equal(40, book.TakeBack(s_b, 40).Fair(s_c, 80));   // who holds nothing has no part
        Assert.Equal(1, book.Fair(s_c, 2));
    }
}
