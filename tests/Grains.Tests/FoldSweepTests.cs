using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Grains.Tests;

/// <summary>What the fold does by the clock, and what it tells of itself.</summary>
public sealed class FoldSweepTests(Running<SqliteDatabase> running) : IClassFixture<Running<SqliteDatabase>>
{
    private TestNode Node => running.Node;

    [Fact]
    public async Task Every_business_and_every_template_judges_itself_and_one_that_fails_holds_up_no_other()
    {
        var businesses = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            businesses.Add(await Folding.NewSenderAsync(Node));
            await Node.Template(businesses[^1], "bye").CreateAsync(Given.Draft(), "operator:ann");
            await Node.Template(businesses[^1], "bye").CreateAsync(Given.Draft("de"), "operator:ann");
        }

        var judged = new List<FoldTarget>();
        var metrics = Node.Services.GetRequiredService<FoldMetrics>();
        var sweep = new FoldSweep(Node.Ledger.Store, JudgeAsync, atOnce: 1, metrics, NullLogger.Instance);
        await sweep.OnceAsync(TestContext.Current.CancellationToken);

        var expected = businesses.SelectMany(b => new FoldTarget[] { new(b, null), new(b, "hello"), new(b, "bye") });
        Assert.Equal(expected.ToHashSet(), judged.Where(target => businesses.Contains(target.Business)).ToHashSet());
        Assert.Equal(judged.Count, judged.Distinct().Count());

        Task JudgeAsync(FoldTarget target, ImmutableArray<EventLine> events)
        {
            Assert.Empty(events);
            judged.Add(target);
            return target.Template is null ? FaultyStore.Away() : Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Some_judge_at_the_same_time_and_no_more_than_asked_for()
    {
        const int AtOnce = 4;
        for (var i = 0; i < AtOnce * 2; i++)
        {
            await Folding.NewSenderAsync(Node);
        }

        var (judging, most) = (0, 0);
        var all = new TaskCompletionSource();
        var sweep = new FoldSweep(Node.Ledger.Store, JudgeAsync, AtOnce, Node.Services.GetRequiredService<FoldMetrics>(), NullLogger.Instance);
        await sweep.OnceAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, AtOnce), (judging, most));

        async Task JudgeAsync(FoldTarget target, ImmutableArray<EventLine> events)
        {
            most = Math.Max(most, Interlocked.Increment(ref judging));
            if (most == AtOnce)
            {
                all.TrySetResult();
            }

            await all.Task;
            Interlocked.Decrement(ref judging);
        }
    }

    [Fact]
    public async Task Judged_by_time_alone_nothing_changes_where_nothing_is_due()
    {
        var business = await Folding.NewSenderAsync(Node);
        await Node.Business(business).FoldAsync([]);
        Assert.Null((await Node.StoredAsync(business)).FoldedTo);
        await Folding.DeliverAsync(Node, business, 2);
        await Folding.CountedAsync(Node, business, 2, 0);
        var before = await Node.StoredAsync(business, "hello");
        await Node.Business(business).FoldAsync([]);
        await Node.Template(business, "hello").FoldAsync([]);
        await Folding.CountedAsync(Node, business, 2, 0);
        Assert.Equal(before.Version, (await Node.StoredAsync(business, "hello")).Version);
    }

    [Fact]
    public async Task When_all_is_folded_there_is_no_lag()
    {
        var business = await Folding.NewSenderAsync(Node);
        await Folding.DeliverAsync(Node, business, 2);
        await Folding.CountedAsync(Node, business, 2, 0);
        var metrics = Node.Services.GetRequiredService<FoldMetrics>();
        while (metrics.Lag() != TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Lag_is_the_age_of_the_oldest_event_that_is_not_folded()
    {
        await Folding.DeliverAsync(Node, await Folding.NewSenderAsync(Node), 1);
        await Node.FoldedAsync();
        var (horizon, now) = (Node.Ledger.Horizon, Node.Ledger.Clock.Now);
        using var metrics = new FoldMetrics(Node.Ledger);
        metrics.Read(0, horizon, now);
        metrics.Stands(horizon - 1, now - TimeSpan.FromSeconds(30));
        Assert.InRange(metrics.Lag(), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));

        // What isn't read yet is at least as young as the newest that is.
        metrics.Stands(horizon - 1, null);
        metrics.Read(1, horizon - 1, now - TimeSpan.FromSeconds(90));
        Assert.InRange(metrics.Lag(), TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(120));
    }
}
