using Actors.Policy.Users;

namespace Actors.Policy.Tests.Users;

/// <summary>Quiet hours of the push to the millisecond, and what is noted before it.</summary>
public sealed class PushTests
{
    private static readonly Instant Midnight = new(20_000 * Instant.Day);

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData((9 * 3_600_000) - 1, true)]
    [InlineData(9 * 3_600_000, false)]
    public void Marketing_waits_in_quiet_hours_and_neither_a_millisecond_before_nor_after_them(long afterStart, bool waits)
    {
        var start = Midnight + TimeSpan.FromHours(22);
        var state = With(new QuietHours(22 * 60, 7 * 60, "UTC"));
        var decision = Push.Decide(state, [new(7, 1)], start + TimeSpan.FromMilliseconds(afterStart), (_, _) => TimeSpan.Zero);

        Assert.Equal(waits ? start + TimeSpan.FromHours(9) : null, decision.QuietUntil);
        Assert.Equal(waits ? null : new long[] { 0, 8 }, decision.Change?.Next.Receipts.Select(receipt => receipt.Message));
    }

    [Fact]
    public void Without_quiet_hours_it_goes_and_is_noted_once()
    {
        var first = Push.Decide(With(null), [new(7, 1)], Midnight, (_, _) => null);
        var again = Push.Decide(first.Change!.Next, [new(7, 1)], Midnight, (_, _) => null);

        Assert.Equal((null, null), (first.QuietUntil, again.QuietUntil));
        Assert.Null(again.Change);
    }

    [Fact]
    public void The_users_own_time_decides_where_it_is_ahead()
    {
        var state = With(new QuietHours(22 * 60, 7 * 60, "UTC")) with { LastAt = Midnight + TimeSpan.FromHours(22) };
        Assert.NotNull(Push.Decide(state, [new(7, 1)], Midnight + TimeSpan.FromHours(21), (_, _) => TimeSpan.Zero).QuietUntil);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_user_has_withdrawn_from_is_not_pushed_and_keeps_its_place(bool isQuiet)
    {
        var withdrawn = new Consent(ConsentStatus.WithdrawnByUser, Midnight, ConsentSource.App, 1);
        Relation[] said =
        [
            new() { Business = 1, BlockedAt = Midnight },
            new() { Business = 1, Stop = MarketingStop.ByWord },
            new() { Business = 1, Marketing = withdrawn },
            new() { Business = 1, RestsUntil = Midnight + TimeSpan.FromMilliseconds(1) },
        ];
        var quiet = isQuiet ? new QuietHours(0, 60, "UTC") : null;
        foreach (var relation in said)
        {
            AssertWithheld(With(quiet) with { Relations = [relation, new Relation { Business = 2 }] }, isQuiet ? [] : [7], [7, isQuiet ? 8 : 0]);
        }

        // A rest that is over, a block by the business, another category: nothing of these is a withdrawal from marketing.
        Relation[] others =
        [
            new() { Business = 1, RestsUntil = Midnight },
            new() { Business = 1, BlockedByBusinessAt = Midnight },
            new() { Business = 1, Utility = withdrawn },
        ];
        foreach (var relation in others)
        {
            AssertWithheld(With(quiet) with { Relations = [relation] }, [], isQuiet ? [7, 8] : [0, 0]);
        }

        var off = With(quiet);
        AssertWithheld(off with { Preferences = off.Preferences with { Marketing = false } }, isQuiet ? [] : [7, 8], [7, 8]);
        AssertWithheld(off with { Preferences = off.Preferences with { Businesses = false } }, isQuiet ? [] : [7, 8], [7, 8]);

        static void AssertWithheld(UserState state, long[] withheld, long[] receipts)
        {
            var decision = Push.Decide(state, [new(7, 1), new(8, 2)], Midnight, (_, _) => TimeSpan.Zero);
            Assert.Equal(withheld, decision.Withheld);
            Assert.Equal(receipts, (decision.Change?.Next ?? state).Receipts.Select(receipt => receipt.Message));
        }
    }

    /// <summary>A user with receipts of the messages 7 and 8.</summary>
    private static UserState With(QuietHours? quiet) => new()
    {
        Preferences = Preferences.Default with { QuietHours = quiet },
        Receipts = [new Receipt(1, Midnight, 7), new Receipt(2, Midnight, 8)],
    };
}
