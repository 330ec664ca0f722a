using System.Collections.Concurrent;
using Actors.Contracts;

namespace Actors.Api.Tests.Sends;

/// <summary>A number's throughput over real nodes: two silos on one database, and what sends on each of them takes.</summary>
public sealed class RateNodesTests(RateNodes nodes) : RateNodesTest(nodes), IClassFixture<RateNodes>
{
    [Fact]
    public async Task A_burst_may_use_it_whole_on_whatever_node_it_comes()
    {
        var epoch = await RegisterAsync();
        using var first = Nodes.Throughputs(0);
        using var second = Nodes.Throughputs(1);
        Assert.Equal(Level, await BurstAsync(first, epoch));
        Assert.Equal(Level, await WholeAsync(second, epoch));
        Assert.Equal(Level, await WholeAsync(first, epoch));

        // An epoch that moves takes nobody's share.
        await Nodes.Business(Business).RevokeTokensAsync("operator:ann");
        Assert.True((await first.TakeAsync(Business, Number, epoch, Level)).IsStale || await EpochAsync() != epoch);
        Assert.Equal(Level, await WholeAsync(first, await EpochAsync()));
    }

    [Fact]
    public async Task Where_nobody_lends_the_share_at_hand_goes_on()
    {
        var epoch = await RegisterAsync();
        using var first = Nodes.Throughputs(0);
        using var second = Nodes.Throughputs(1);
        Assert.Equal(Level, await BurstAsync(first, epoch));
        Nodes.Lost[Business] = true;
        Assert.Equal(Level, await WholeAsync(first, epoch));
        await Assert.ThrowsAnyAsync<Exception>(async () => await second.TakeAsync(Business, Number, epoch, Level));
        Nodes.Lost.Clear();
        Assert.Equal(Level, await WholeAsync(second, epoch));

        // Short of it, and nobody there to ask: refused, not failed.
        Nodes.Lost[Business] = true;
        Assert.NotNull((await first.TakeAsync(Business, Number, epoch, Level)).Wait);
        Nodes.Lost.Clear();
    }

    [Fact]
    public async Task Under_load_no_second_over_all_nodes_holds_more_while_lenders_end_and_epochs_move()
    {
        await RegisterAsync();
        using var first = Nodes.Throughputs(0);
        using var second = Nodes.Throughputs(1);
        var accepted = new ConcurrentBag<(long From, long To)>();
        var until = TimeProvider.System.GetTimestamp() + (3 * TimeProvider.System.TimestampFrequency);
        var senders = new[] { first, second }.SelectMany(node => Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var epoch = await EpochAsync();
            while (TimeProvider.System.GetTimestamp() < until)
            {
                try
                {
                    var from = TimeProvider.System.GetTimestamp();
                    var take = await node.TakeAsync(Business, Number, epoch, Level);
                    var to = TimeProvider.System.GetTimestamp();
                    if (take is { Wait: null, IsStale: false } && await EpochAsync() == epoch)   // as a commit does
                    {
                        accepted.Add((from, to));
                        continue;
                    }
                }
                catch (OutageException)
                {
                    // Another activation wrote first.
                }

                epoch = await EpochAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }
        })));
        var disturbance = Task.Run(async () =>
        {
            for (var i = 0; TimeProvider.System.GetTimestamp() < until; i++)
            {
                await (i % 2 == 0 ? Nodes.EndAsync(Business) : Nodes.Business(Business).RevokeTokensAsync("operator:ann"));
                await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System);
            }
        });
        await Task.WhenAll([.. senders, disturbance]);

        // What surely lies within one second: taking may have lasted.
        var all = accepted.ToArray();
        var most = all.Max(one => all.Count(other => other.From >= one.From && other.To < one.From + TimeProvider.System.TimestampFrequency));
        Assert.InRange(most, 1, Level);
    }
}

/// <summary>A node that is told to stop, and one that asks anew although it stops.</summary>
public sealed class RateReturnTests(RateNodes nodes) : RateNodesTest(nodes), IClassFixture<RateNodes>
{
    [Fact]
    public async Task The_share_of_a_node_that_stops_is_another_ones_at_once()
    {
        var epoch = await RegisterAsync();
        using var other = Nodes.Throughputs(0);
        using var stopping = Nodes.Throughputs(1);
        Assert.Equal(Level, await BurstAsync(stopping, epoch));
        var stop = stopping.StopAsync(TestContext.Current.CancellationToken);

        // What it has decided within the last second counts as long as that lasts.
        Assert.NotNull((await other.TakeAsync(Business, Number, epoch, Level)).Wait);
        await stop;
        stopping.Dispose();   // it can't be asked any more whether it holds something

        // At once, but for a busy machine; what wasn't given back would be counted as lost after 10 s, with a new epoch.
        var (burst, stopped) = (0, TimeProvider.System.GetTimestamp());
        while ((burst = await BurstAsync(other, epoch)) == 0 && TimeProvider.System.GetElapsedTime(stopped) < TimeSpan.FromSeconds(5))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal(Level, burst);
        Assert.Equal(epoch, await EpochAsync());
    }

    [Fact]
    public async Task A_request_that_outlasts_the_stop_asks_anew_and_no_second_holds_more()
    {
        var epoch = await RegisterAsync();
        using var other = Nodes.Throughputs(0);
        using var stopping = Nodes.Throughputs(1);
        Assert.Equal(1, await BurstAsync(stopping, epoch, most: 1));
        await stopping.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, stopping.Count);
        Assert.Equal(Level, await BurstAsync(stopping, epoch));
        Assert.NotNull((await other.TakeAsync(Business, Number, epoch, Level)).Wait);
    }

    [Fact]
    public async Task Where_nobody_lends_a_node_stops_all_the_same()
    {
        var epoch = await RegisterAsync();
        using var stopping = Nodes.Throughputs(1);
        Assert.Equal(1, await BurstAsync(stopping, epoch, most: 1));
        Nodes.Lost[Business] = true;
        await stopping.StopAsync(TestContext.Current.CancellationToken);
        Nodes.Lost.Clear();
    }
}

/// <summary>A node that ends and gives nothing back.</summary>
public sealed class RateLostTests(RateNodes nodes) : RateNodesTest(nodes), IClassFixture<RateNodes>
{
    [Fact]
    public async Task The_share_of_a_dead_node_is_won_back()
    {
        var epoch = await RegisterAsync();
        using var alive = Nodes.Throughputs(0);
        using (var dead = Nodes.Throughputs(1))
        {
            Assert.Equal(Level, await BurstAsync(dead, epoch));
        }

        Assert.NotNull((await alive.TakeAsync(Business, Number, epoch, Level)).Wait);
        while ((await alive.TakeAsync(Business, Number, await EpochAsync(), Level)) is { IsStale: true } or { Wait: not null })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.NotEqual(epoch, await EpochAsync());
        Assert.Equal(Level, await WholeAsync(alive, await EpochAsync()));
    }
}
