using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Grains.Tests;

/// <summary>What nodes count of the shadow policy is summed, each report once, and kept.</summary>
public sealed class ShadowSumTests(Running<SqliteDatabase> running) : IClassFixture<Running<SqliteDatabase>>
{
    private static readonly ShadowCount Same = new(null, null, 3);
    private static readonly ShadowCount Capped = new(null, Reason.MarketingCap, 2);
    private static readonly ShadowCount Freed = new(Reason.Throughput, null, 4);

    private readonly Instant _setAt = Instant.From(TimeProvider.System.GetUtcNow());
    private readonly Guid _first = Guid.NewGuid();
    private readonly Guid _second = Guid.NewGuid();

    private IShadowGrain Shadow => running.Node.Grains.GetGrain<IShadowGrain>(0);

    [Fact]
    public async Task Two_nodes_are_summed_each_report_counts_once_and_the_sum_outlives_a_restart()
    {
        await Shadow.AddAsync(new ShadowReport(_first, 1, _setAt, [Same, Capped], 1));
        await Shadow.AddAsync(new ShadowReport(_second, 1, _setAt, [Capped, Freed], 0));
        await Shadow.AddAsync(new ShadowReport(_first, 1, _setAt, [Same, Capped], 1));
        await IsAsync(1, Same, Capped with { Sends = 4 }, Freed);
        await running.RestartAsync();
        await Shadow.AddAsync(new ShadowReport(_second, 1, _setAt, [Capped, Freed], 0));
        await Shadow.AddAsync(new ShadowReport(_first, 2, _setAt, [Freed], 2));
        await IsAsync(3, Same, Capped with { Sends = 4 }, Freed with { Sends = 8 });
    }

    [Fact]
    public async Task Another_shadow_begins_anew_and_what_is_told_of_the_one_before_counts_no_more()
    {
        await Shadow.AddAsync(new ShadowReport(_first, 1, _setAt, [Same], 0));
        var next = _setAt + TimeSpan.FromMilliseconds(1);
        Assert.Empty((await Shadow.SumAsync(next)).Counts);
        await Shadow.AddAsync(new ShadowReport(_second, 1, next, [Capped], 0));
        await Shadow.AddAsync(new ShadowReport(_first, 2, _setAt, [Same], 7));
        Assert.Equal([Capped], (await Shadow.SumAsync(next)).Counts);
        await IsAsync(0);
    }

    [Fact]
    public async Task Runs_that_are_over_stay_counted_and_do_not_fill_the_state()
    {
        for (var run = 0; run < ShadowGrain.RunsMax + 20; run++)
        {
            await Shadow.AddAsync(new ShadowReport(Guid.NewGuid(), 1, _setAt, [Same with { Sends = 1 }], 0));
        }

        await IsAsync(0, Same with { Sends = ShadowGrain.RunsMax + 20 });
        Assert.Equal(ShadowGrain.RunsMax, (await running.Node.StoredAsync<ShadowState>("shadow", Shadow.GetGrainId())).Runs.Length);
    }

    [Fact]
    public async Task What_is_told_of_the_policy_is_the_sum()
    {
        var policy = running.Node.Grains.GetGrain<IPolicyGrain>(0);
        Assert.Empty(await policy.SetShadowAsync([new("MarketingCap:PerDay", ["1"])], "operator:ann"));
        var set = (await policy.ShadowAsync())!;
        Assert.Equal((0, 0), (set.Counts.Length, set.Untried));
        await Shadow.AddAsync(new ShadowReport(_first, 1, set.At, [Capped], 5));
        var told = (await policy.ShadowAsync())!;
        Assert.Equal((Capped, 5), (Assert.Single(told.Counts), told.Untried));

        // Set again at the same instant or with the clock set back: a later one all the same.
        var ahead = set.At + TimeSpan.FromDays(1);
        var audit = new AuditEntry(ahead, "operator:ann", "shadow_set", 0, "policy shadow", "");
        await running.Node.Ledger.Store.WriteShadowAsync(
            new StoredShadow(ahead, "operator:ann", """{"MarketingCap:PerDay":["1"]}"""), audit, TestContext.Current.CancellationToken);
        Assert.Empty(await policy.SetShadowAsync([new("MarketingCap:PerDay", ["2"])], "operator:ann"));
        Assert.True((await policy.ShadowAsync())!.At > ahead);
    }

    private async Task IsAsync(long untried, params ShadowCount[] counts)
    {
        var sum = await Shadow.SumAsync(_setAt);
        Assert.Equal(untried, sum.Untried);
        Assert.Equal(counts.ToHashSet(), sum.Counts.ToHashSet());
        Assert.Equal(counts.Length, sum.Counts.Length);
    }
}
