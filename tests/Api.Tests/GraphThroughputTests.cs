using Actors.Api.Sends;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Actors.Api.Tests;

/// <summary>How many decisions a number gets.</summary>
public sealed class GraphThroughputTests
{
    [Fact]
    public void No_sliding_second_ever_holds_more_than_the_limit_and_none_is_refused_too_early() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 400].Array[1, 200]).Sample((limit, steps) =>
        {
            var time = new FakeTimeProvider();
            var throughputs = new Throughputs(time);
            var taken = new List<TimeSpan>();
            var now = TimeSpan.Zero;
            foreach (var step in steps)
            {
                time.Advance(TimeSpan.FromMilliseconds(step));
                now += TimeSpan.FromMilliseconds(step);
                var room = taken.Count(at => at > now - TimeSpan.FromSeconds(1)) < limit;
                var wait = throughputs.Take(1, limit);
                Assert.Equal(room, wait is null);
                if (room)
                {
                    taken.Add(now);
                }
                else
                {
                    Assert.Equal(taken[^limit] + TimeSpan.FromSeconds(1) - now, wait!.Value);
                }
            }
        });

    [Fact]
    public void Numbers_do_not_share_a_limit()
    {
        var throughputs = new Throughputs(new FakeTimeProvider());

        Assert.Null(throughputs.Take(1, 1));
        Assert.NotNull(throughputs.Take(1, 1));
        Assert.Null(throughputs.Take(2, 1));
    }

    /// <summary>On a thread of its own: a number that is swept away for ever is looked for for ever, too.</summary>
    [Fact]
    public Task Numbers_that_rest_are_forgotten_and_their_limit_is_not() => Task.Run(() =>
    {
        var time = new FakeTimeProvider();
        var throughputs = new Throughputs(time);
        for (var round = 0; round < 3; round++)
        {
            for (var number = 0; number < 20_000; number++)
            {
                Assert.Null(throughputs.Take(number, 1));
            }

            Assert.NotNull(throughputs.Take(19_999, 1));
            time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.InRange(throughputs.Count, 1, 20_000);
    }, TestContext.Current.CancellationToken);
}
