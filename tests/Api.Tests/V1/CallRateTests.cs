using Actors.Api.V1;
using Microsoft.Extensions.Time.Testing;

namespace Actors.Api.Tests.V1;

/// <summary>What it costs to remember callers, of whom anybody can be as many as they like.</summary>
public sealed class CallRateTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(20));

    [Fact]
    public void Beyond_the_most_callers_a_new_one_waits_until_one_of_them_has_rested()
    {
        var rate = new CallRate<int>(_time, max: 2, Minute, buckets: 60, callersMax: 3);
        Assert.All([1, 2, 3], caller => Assert.Null(rate.Take(caller)));
        Assert.Equal([TimeSpan.FromSeconds(40)], Enumerable.Range(4, 1_000).Select(rate.Take).Distinct());
        Assert.Equal(3, rate.Callers);

        // Whoever is remembered goes on, by their own count.
        Assert.Null(rate.Take(1));
        Assert.NotNull(rate.Take(1));

        _time.Advance(61 * Minute);
        Assert.All([1, 4, 5], caller => Assert.Null(rate.Take(caller)));
        Assert.NotNull(rate.Take(6));
        Assert.Equal(3, rate.Callers);
    }

    [Fact]
    public void However_many_come_all_are_looked_at_once_in_a_bucket()
    {
        var rate = new CallRate<int>(_time, max: 2, Minute, buckets: 60, callersMax: 12_000);
        for (var sweeps = 1; sweeps <= 2; sweeps++)
        {
            Assert.Equal(12_000, Enumerable.Range(0, 17_000).Count(caller => rate.Take(caller) is null));
            Assert.Equal(sweeps, rate.Sweeps);
            _time.Advance(Minute);
        }
    }

    [Fact]
    public void Without_a_most_everybody_is_counted_and_who_has_rested_goes()
    {
        var rate = new CallRate<int>(_time, max: 1, Minute, buckets: 60);
        Assert.Equal(30_000, Enumerable.Range(0, 30_000).Count(caller => rate.Take(caller) is null));
        Assert.DoesNotContain(null, Enumerable.Range(0, 30_000).Select(rate.Take));
        Assert.Equal(30_000, rate.Callers);
        _time.Advance(61 * Minute);
        Assert.Null(rate.Take(-1));
        Assert.Equal(1, rate.Callers);
    }
}
