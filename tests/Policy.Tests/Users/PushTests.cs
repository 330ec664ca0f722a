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
        var decision = Push.Decide(state, [7], start + TimeSpan.FromMilliseconds(afterStart), (_, _) => TimeSpan.Zero);

        Assert.Equal(waits ? start + TimeSpan.FromHours(9) : null, decision.QuietUntil);
        Assert.Equal(waits ? null : new long[] { 0, 8 }, decision.Change?.Next.Receipts.Select(receipt => receipt.Message));
    }

    [Fact]
    public void Without_quiet_hours_it_goes_and_is_noted_once()
    {
        var first = Push.Decide(With(null), [7], Midnight, (_, _) => null);
        var again = Push.Decide(first.Change!.Next, [7], Midnight, (_, _) => null);

        Assert.Equal((null, null), (first.QuietUntil, again.QuietUntil));
        Assert.Null(again.Change);
    }

    [Fact]
    public void The_users_own_time_decides_where_it_is_ahead()
    {
        var state = With(new QuietHours(22 * 60, 7 * 60, "UTC")) with { LastAt = Midnight + TimeSpan.FromHours(22) };
        Assert.NotNull(Push.Decide(state, [7], Midnight + TimeSpan.FromHours(21), (_, _) => TimeSpan.Zero).QuietUntil);
    }

    /// <summary>A user with receipts of the messages 7 and 8.</summary>
    private static UserState With(QuietHours? quiet) => new()
    {
        Preferences = Preferences.Default with { QuietHours = quiet },
        Receipts = [new Receipt(1, Midnight, 7), new Receipt(2, Midnight, 8)],
    };
}
