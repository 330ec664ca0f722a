using Actors.Policy.Businesses;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

public sealed class QuotaBookTests
{
    private static readonly QuotaBook Open = QuotaBook.Empty.Settle(1);

    /// <summary>The last instant whose place comes free a day after <see cref="Now"/>, which is a full five minutes.</summary>
    private static readonly Instant Edge = Now - QuotaBook.ClockSlack;

    [Fact]
    public void A_place_is_free_lent_spent_and_free_again()
    {
        var (book, piece) = Open.Lend(250, 100, 1, Now);
        Assert.Equal(new QuotaPiece(1, 100), piece);
        Assert.Equal((150, 0, 100), (book.Free(250, Now), book.Used(Now), book.Lent));

        book = book.Count(10, Edge, 1).Count(11, Edge, 1);
        Assert.Equal((150, 2, 98), (book.Free(250, Now), book.Used(Now), book.Lent));

        book = book.TakeBack(1, 98);
        Assert.Equal((248, 0), (book.Free(250, Now), book.Lent));
        Assert.Empty(book.Pieces);

        Assert.Equal(Now + Day, book.NextFreeAt(Now));
        Assert.Equal(2, book.Used(Now + Day - Tick));
        Assert.Equal(0, book.Used(Now + Day));
        Assert.Null(book.NextFreeAt(Now + Day));
        Assert.Empty(book.Forget(Now + Day).Spent);
        Assert.Single(book.Forget(Now + Day - Tick).Spent);
    }

    [Fact]
    public void What_a_piece_paid_that_is_settled_counts_and_touches_no_other()
    {
        var (book, piece) = Open.Lend(250, 10, 1, Now);
        book = book.Count(1, Now, piece!.Value.Id + 1);
        Assert.Equal((1, 10), (book.Used(Now), book.Lent));
    }

    [Fact]
    public void A_place_counts_up_to_five_minutes_and_the_clocks_slack_too_long_and_never_too_short()
    {
        var late = Open.Count(1, Edge + Tick, 0);
        Assert.Equal(1, late.Used(Now + Day + QuotaBook.Exactness - Tick));
        Assert.Equal(0, late.Used(Now + Day + QuotaBook.Exactness));

        var both = late.Count(2, Edge, 0).Count(3, Edge + QuotaBook.Exactness, 0);
        Assert.Equal([1, 2], both.Spent.Select(spent => spent.Count));
        Assert.Equal(both.Spent, both.Spent.OrderBy(spent => spent.Until));
    }

    /// <summary>Stamped by a clock that is 250 ms behind, counted out by one that is 750 ms ahead, and the next one stamped by the first again.</summary>
    [Fact]
    public void No_difference_of_clocks_frees_a_place_before_its_day_is_over()
    {
        for (var stamp = Now - TimeSpan.FromSeconds(2); stamp <= Now + Tick; stamp += Tick)
        {
            var freeAt = Open.Count(1, stamp, 0).NextFreeAt(Now)!.Value;
            var nextStamp = freeAt - TimeSpan.FromMilliseconds(750) - TimeSpan.FromMilliseconds(250);
            Assert.True(nextStamp >= stamp + Day, $"{nextStamp - stamp} after {stamp}");
        }
    }

    [Fact]
    public void An_opening_counts_once()
    {
        var book = Open.Lend(250, 5, 1, Now).Book.Count(10, Now, 1);
        Assert.Same(book, book.Count(10, Now, 1));
        Assert.Same(book, book.Count(9, Now, 1));
        Assert.Equal(2, book.Count(11, Now, 1).Used(Now));
    }

    [Fact]
    public void No_more_is_lent_than_is_free_and_nothing_under_another_epoch()
    {
        var (book, piece) = Open.Lend(3, 100, 1, Now);
        Assert.Equal(3, piece!.Value.Left);
        Assert.Null(book.Lend(3, 1, 1, Now).Piece);
        Assert.Null(book.Lend(2, 1, 1, Now).Piece);
        Assert.Equal(-1, book.Free(2, Now));
        Assert.Null(Open.Lend(3, 1, 2, Now).Piece);
        Assert.Null(Open.Lend(3, 0, 1, Now).Piece);
        Assert.Equal(2, book.Settle(2).Lend(3, 1, 2, Now).Piece!.Value.Id);
    }
}

/// <summary>G6: a business never opens more users than its limit in any 24 hours.</summary>
public sealed class G6_The_messaging_limit_holds_over_every_window_of_the_history
{
    private readonly record struct Step(int Deed, int Node, int Amount, int Minutes);

    /// <summary>
    /// Nodes that borrow, open, lose what they hold, whose clocks differ, and a counting that lags behind; the book sees nothing but what the grain is told.
    /// </summary>
    [Fact]
    public void Whatever_nodes_do_with_what_they_are_lent()
    {
        var opened = 0;
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 2], Gen.Int[1, 9], Gen.Int[0, 200], (deed, node, amount, minutes) => new Step(deed, node, amount, minutes))
            .Array[1, 120].Sample(
                steps =>
                {
                    var run = new Run();
                    foreach (var step in steps)
                    {
                        run.Do(step);
                    }

                    opened += run.Log.Count;
                },
                iter: Check.Iter * 8,
                threads: 1);
        Assert.True(opened > Check.Iter * 8, $"only {opened} conversations were opened: the histories show too little");
    }

    private sealed class Run
    {
        private const int Limit = 12;

        /// <summary>What each node's clock shows more than the ledger's. The last is that of the node that lends, with a commit seen that was ahead.</summary>
        private static readonly TimeSpan[] Clocks = [.. new[] { 0, -250, 250, 750 }.Select(offset => TimeSpan.FromMilliseconds(offset))];

        private readonly List<(long Piece, long Epoch)>[] _held = [[], [], []];
        private QuotaBook _book = QuotaBook.Empty;
        private Instant _now = Now;
        private long _epoch = 1;
        private long _horizon;

        public List<(Instant At, Instant Stamp, long Piece)> Log { get; } = [];

        private Instant LenderNow => _now + Clocks[3];

        public void Do(Step step)
        {
            _now += TimeSpan.FromMinutes(step.Deed == 0 ? step.Minutes : 0) + (step.Deed == 1 ? Day - TimeSpan.FromMinutes(step.Amount) : TimeSpan.Zero) + Tick;
            _now += step.Deed == 2 ? ToTheEdge(step.Amount) : TimeSpan.Zero;
            var held = _held[step.Node];
            switch (step.Deed)
            {
                case <= 3:
                    (_book, var piece) = _book.Lend(Limit, step.Amount, _epoch, LenderNow);
                    held.AddRange(Enumerable.Repeat((piece?.Id ?? 0, _epoch), piece?.Left ?? 0));
                    break;
                case <= 6:
                    // The fence: what was lent under an epoch that has moved can't commit.
                    held.RemoveAll(place => place.Epoch != _epoch);
                    foreach (var place in held.Take(step.Amount).ToList())
                    {
                        held.Remove(place);
                        Log.Add((_now, _now + Clocks[step.Node], place.Piece));
                        Check();
                    }

                    break;
                case 7:
                    Fold(Math.Min(Log.Count, _book.Position + step.Amount));
                    break;
                case 8:
                    Fold(Log.Count);
                    break;
                case 9:
                    var back = held.FindAll(place => place.Epoch == _epoch);
                    held.Clear();
                    foreach (var pieceOf in back.GroupBy(place => place.Piece))
                    {
                        _book = _book.TakeBack(pieceOf.Key, pieceOf.Count());
                    }

                    break;
                case 10:
                    held.Clear();   // the node dies
                    break;
                default:
                    (_epoch, _horizon) = (_epoch + 1, Log.Count);
                    break;
            }

            if (_book.Epoch != _epoch && _book.Position >= _horizon)
            {
                _book = _book.Settle(_epoch);
            }
        }

        private void Fold(long to)
        {
            // From before the book's place: what is told twice counts once.
            for (var seq = Math.Max(1, _book.Position - 2); seq <= to; seq++)
            {
                _book = _book.Count(seq, Log[(int)seq - 1].Stamp, Log[(int)seq - 1].Piece);
            }

            _book = _book.Forget(LenderNow);
        }

        /// <summary>To where a place comes free, or to a full five minutes: there is where a clock's difference matters.</summary>
        private TimeSpan ToTheEdge(int amount)
        {
            var exactness = (long)QuotaBook.Exactness.TotalMilliseconds;
            var edge = amount % 2 == 0 ? _book.NextFreeAt(LenderNow) - Clocks[3]
                : new Instant((((_now.Milliseconds / exactness) + 1) * exactness) + ((amount - 4) * 50));
            return edge is { } at && at > _now ? at - _now : TimeSpan.Zero;
        }

        /// <summary>By the ledger's time, and by what the nodes have written down: whoever reads the ledger sees only that.</summary>
        private void Check()
        {
            Assert.True(Log.Count(opened => opened.At > _now - Day) <= Limit);
            var stamp = Log[^1].Stamp;
            foreach (var end in Log.Where(opened => opened.Stamp >= stamp).Select(opened => opened.Stamp))
            {
                Assert.True(Log.Count(opened => opened.Stamp > end - Day && opened.Stamp <= end) <= Limit);
            }
        }
    }
}
