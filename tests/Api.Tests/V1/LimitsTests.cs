using Actors.Ledger;
using Actors.Silo;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.V1;

/// <summary>G6 over HTTP: users whom a business opens in 24 hours.</summary>
public sealed class LimitsTests(LimitsTests.FastNode node) : IClassFixture<LimitsTests.FastNode>
{
    private const int Limit = 250;

    [Fact]
    public async Task G6_all_of_the_limit_can_be_used_and_no_more()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        var users = Enumerable.Range(0, Limit + 50).Select(_ => NodeFixture.NewUser()).ToArray();
        await Parallel.ForEachAsync(users, async (user, _) => await node.OptInAsync(business, user, "utility"));

        var replies = await Task.WhenAll(users.Select(user => SendAsync(business, user)));

        Assert.Equal(Limit, replies.Count(reply => reply.Status == 200));
        Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal((400, 131048), (reply.Status, reply.Code)));

        // Whom it has opened it may write to again; the rest has to wait, and is told how long.
        var opened = users[Array.FindIndex(replies, reply => reply.Status == 200)];
        var refused = users[Array.FindIndex(replies, reply => reply.Status != 200)];
        Assert.Equal(200, (await SendAsync(business, opened)).Status);
        var limits = await UntilAsync(business, used: Limit);
        var again = await SendAsync(business, refused);
        Assert.Equal(131048, again.Code);
        Assert.True(again.Headers.ContainsKey("Retry-After"));
        var trace = again.Error.GetProperty("error_data").GetProperty("decision").EnumerateArray().ToArray();
        var step = trace.Single(one => one.GetProperty("rule").GetString() == "messaging_limit");
        var facts = step.GetProperty("facts");
        Assert.Equal(("250", "true"), (facts.GetProperty("limit").GetString(), facts.GetProperty("opens_conversation").GetString()));
        Assert.Equal(limits.Body.GetProperty("next_free_at").GetString(), step.GetProperty("retry_at").GetString());
        Assert.Equal((Limit, 0), (limits.Body.GetProperty("limit").GetInt32(), limits.Body.GetProperty("left").GetInt32()));
        Assert.True(limits.Body.TryGetProperty("next_free_at", out _));

        // A higher limit holds from its answer on.
        await node.CallAsync("PUT", $"/v1/businesses/{business.Id}/limit", node.Operator, new { tier = 2000, note = "known sender" });
        Assert.Equal(200, (await SendAsync(business, refused)).Status);

        // So does a lower one.
        await node.CallAsync("PUT", $"/v1/businesses/{business.Id}/limit", node.Operator, new { tier = 250, note = "complaints" });
        var last = users.Last(user => user != refused && replies[Array.IndexOf(users, user)].Status != 200);
        Assert.Equal(131048, (await SendAsync(business, last)).Code);

        await node.CallAsync("PUT", $"/v1/businesses/{business.Id}/limit", node.Operator, new { tier = "unlimited", note = "trusted" });
        Assert.Equal(200, (await SendAsync(business, last)).Status);
    }

    [Fact]
    public async Task G6_the_last_place_is_not_refused_because_a_send_holds_it_that_does_not_need_it()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        var users = Enumerable.Range(0, Limit).Select(_ => NodeFixture.NewUser()).ToArray();
        await Parallel.ForEachAsync(users, async (user, _) => await node.OptInAsync(business, user, "utility"));
        Assert.All(await Task.WhenAll(users.SkipLast(1).Select(user => SendAsync(business, user))), reply => Assert.Equal(200, reply.Status));
        var inWindow = NodeFixture.NewUser();
        await node.WriteAsync(inWindow, business);

        var (holds, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        node.Store.BeforeWrite = batch =>
        {
            if (!batch.Any(commit => commit.User == inWindow))
            {
                return Task.CompletedTask;
            }

            holds.TrySetResult();
            return released.Task;
        };
        var held = node.SendTextAsync(business, inWindow);
        await holds.Task;

        // It is answered, or waits for the storage or for the place: then the other send ends, and it may have been in vain.
        var last = SendAsync(business, users[^1]);
        await Task.WhenAny(last, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None));
        released.SetResult();
        Assert.Equal((200, 200), ((await held).Status, (await last).Status));
        node.Store.BeforeWrite = _ => Task.CompletedTask;
    }

    /// <summary>A node on which a number's messages per second are out of the way, and whose writes can be held.</summary>
    public sealed class FastNode : NodeFixture
    {
        private ILedgerStore _store = null!;

        internal WatchedStore Store => (WatchedStore)(object)_store;

        protected override string[] Arguments => [.. base.Arguments, "--Policy:Throughput:Default", "100000"];

        protected override void Configure(IServiceCollection services) => services.AddSingleton(provider =>
            _store = WatchedStore.Around(
                ActivatorUtilities.CreateInstance<SqliteLedgerStore>(provider, provider.GetRequiredService<NodeSettings>().DataDirectory)));
    }

    /// <summary>Sends; again while the answer is that the limit is still being counted.</summary>
    private async Task<TestReply> SendAsync(TestBusiness business, long user)
    {
        while (true)
        {
            var send = GraphTemplates.Send(user, "order_update", "Ann", "17");
            var reply = await node.CallAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, send);
            if (reply.Status != 503)
            {
                return reply;
            }
        }
    }

    private async Task<TestReply> UntilAsync(TestBusiness business, int used)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var limits = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/limits", business.Token);
            Assert.Equal(200, limits.Status);
            if (limits.Body.GetProperty("used").GetInt32() == used)
            {
                return limits;
            }

            Assert.False(limit.IsCancellationRequested, limits.Text);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }
}
