using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests;

public sealed class InstantTests
{
    [Fact]
    public void The_full_hour_at_or_after_an_instant()
    {
        Assert.Equal(Now, Now.CeilingToHour());
        Assert.Equal(Now + TimeSpan.FromHours(1), (Now + Tick).CeilingToHour());
        Assert.Equal(Now, (Now - Tick).CeilingToHour());
    }

    [Fact]
    public void Instants_are_compared_as_times()
    {
        var later = Now + Tick;
        Assert.True(Now < later && later > Now && Now <= later && later >= Now);
        Assert.False(later < Now || Now > later || later <= Now || Now >= later);
        Assert.True(new Instant(5) <= new Instant(5) && new Instant(5) >= new Instant(5));
        Assert.False(new Instant(5) < new Instant(5) || new Instant(5) > new Instant(5));
        Assert.Equal(later, Instant.Max(Now, later));
        Assert.Equal(later, Instant.Max(later, Now));
        Assert.Equal([Now, later], new[] { later, Now }.Order());
    }

    [Fact]
    public void Instants_and_lengths_add_up()
    {
        Assert.Equal(Tick, (Now + Tick) - Now);
        Assert.Equal(Now, Now + Day - Day);
        Assert.Equal(Now, Now + TimeSpan.FromTicks(9_999));
        Assert.Equal(Instant.Day, (long)Day.TotalMilliseconds);
        Assert.Equal(Now, Instant.From(Now.ToDateTimeOffset()));
        Assert.Equal("2026-09-01T12:00:00.000Z", Now.ToString());
    }
}
