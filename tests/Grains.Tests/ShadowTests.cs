using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Grains.Tests;

/// <summary>A shadow policy is tried on every send, is counted, and changes nothing.</summary>
public sealed class ShadowTests(Running<SqliteDatabase> running) : IClassFixture<Running<SqliteDatabase>>, IAsyncLifetime
{
    private const string Ann = "operator:ann";

    private TestNode Node => running.Node;

    private IPolicyGrain Policy => Node.Grains.GetGrain<IPolicyGrain>(0);

    private PolicyBook Book => (PolicyBook)Node.Services.GetService(typeof(PolicyBook))!;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync() => await SetAsync();

    [Fact]
    public async Task What_it_would_have_decided_otherwise_is_counted_by_reason_and_nothing_else_happens()
    {
        await SetAsync(("MarketingCap:PerBusinessPerDay", "0"), ("Messages:UndeliveredMax", "2"));
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(Node, business);
        var outcomes = new List<SendOutcome>();
        foreach (var category in new[] { Category.Marketing, Category.Utility, Category.Utility, Category.Marketing })
        {
            outcomes.Add((await Node.User(user).SendAsync(Given.Send(business, category))).Outcome);
        }

        Assert.Equal([SendOutcome.Accepted, SendOutcome.Accepted, SendOutcome.Accepted, SendOutcome.Refused], outcomes);
        Assert.Equal(
            [(null, null, 1), (null, Reason.TooManyUndelivered, 1), (null, Reason.MarketingCap, 1), (Reason.MarketingCap, Reason.TooManyUndelivered, 1L)],
            await CountsAsync());
        Assert.Equal(3, (await Node.User(user).InboxAsync(0, 100)).Length);
        Assert.Equal(SendOutcome.WouldAccept, (await Node.User(user).DryRunAsync(Given.Send(business))).Outcome);
        Assert.Equal(4, (await CountsAsync()).Sum(count => count.Sends));   // a dry run is no send
    }

    [Fact]
    public async Task A_replay_is_no_send_and_one_without_a_place_is_counted_when_it_comes_with_one()
    {
        await SetAsync(("MarketingCap:PerDay", "3"));
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(Node, business);
        var send = Given.Send(business, key: 1, body: 1);
        var without = send with { Command = send.Command with { Quota = null } };
        Assert.Equal(Reason.MessagingLimit, (await Node.User(user).SendAsync(without)).Reason);
        Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(send)).Outcome);
        Assert.Equal(SendOutcome.Replayed, (await Node.User(user).SendAsync(send)).Outcome);
        Assert.Equal([(null, null, 1L)], await CountsAsync());
    }

    [Fact]
    public async Task A_shadow_like_the_policy_never_differs_and_leaves_every_answer_and_record_as_it_is()
    {
        // The same history twice: once beside a shadow of the policy's own numbers, once without.
        var histories = Enumerable.Range(1, 8).Select(seed =>
        {
            var random = new Random(seed);
            return Enumerable.Range(0, 12).Select(_ => random.Next(6)).ToArray();
        }).ToArray();
        var without = await LivesAsync(histories);
        await SetAsync(("MarketingCap:PerDay", "2"), ("PairRate:Interval", "00:00:00"));
        Assert.Equal(without, await LivesAsync(histories));
        Assert.All(await CountsAsync(), count => Assert.Equal(count.Decided, count.Shadow));

        await SetAsync(("MarketingCap:PerDay", "0"), ("Messages:UndeliveredMax", "1"), ("Window:Length", "00:01:00"));
        Assert.Equal(without, await LivesAsync(histories));
    }

    [Fact]
    public async Task It_follows_the_policy_in_what_it_does_not_name()
    {
        await SetAsync(("MarketingCap:PerDay", "5"));
        var before = await Policy.GetAsync();
        await Policy.ChangeAsync(before.Version, [new("MarketingCap:PerWeek", ["13"])], "more", Ann);
        await UntilAsync(() => Book.Shadow!.Numbers.MarketingCap.PerWeek == 13);
        Assert.Equal((5, before.Version + 1), (Book.Shadow!.Numbers.MarketingCap.PerDay, Book.Shadow.Numbers.Version));
        Assert.NotEqual(5, Book.Current.MarketingCap.PerDay);
        await Policy.RollBackAsync(before.Version, before.Version + 1, "back", Ann);
    }

    [Fact]
    public async Task A_shadow_of_a_newer_build_is_not_tried_and_holds_up_no_start()
    {
        await SetAsync(("MarketingCap:PerDay", "5"));
        foreach (var numbers in new[] { """{"MarketingCap:PerDay":["many"]}""", "[]" })
        {
            var now = Node.Ledger.Clock.Now;
            var audit = new AuditEntry(now, Ann, "shadow_set", 0, "policy shadow", "by a newer build");
            await Node.Ledger.Store.WriteShadowAsync(new StoredShadow(now, Ann, numbers), audit, TestContext.Current.CancellationToken);
            await UntilAsync(() => Book.Shadow is null);
            await running.RestartAsync();
            Assert.Null(Book.Shadow);
            await SetAsync(("MarketingCap:PerDay", "5"));
        }
    }

    [Fact]
    public async Task A_number_that_no_send_is_tried_by_is_refused_by_name_and_nothing_is_tried()
    {
        await SetAsync();
        string[] tried = ["Window:Length", "PairRate:Interval", "PairRate:Burst", "Messages:UndeliveredMax"];
        var all = PolicyKeys.All.Select(key => new PolicyValue(key.Name, key.Read(PolicyNumbers.Default))).ToArray();
        var refused = (await Policy.SetShadowAsync([.. all], Ann)).Select(fault => fault.Key).ToHashSet();
        Assert.Equal(
            all.Where(value => !refused.Contains(value.Key)).Select(value => value.Key),
            all.Select(value => value.Key).Where(key => tried.Contains(key) || (IsOfTheCap(key) && key != "MarketingCap:Rest")));
        Assert.Null(await Policy.ShadowAsync());

        static bool IsOfTheCap(string key) => key.StartsWith("MarketingCap:", StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_kept_over_a_restart_stands_in_the_audit_and_wrong_numbers_are_told()
    {
        await SetAsync(("MarketingCap:PerDay", "5"));
        await running.RestartAsync();
        Assert.Equal(5, Book.Shadow!.Numbers.MarketingCap.PerDay);
        Assert.Equal("MarketingCap:PerDay", Assert.Single((await Policy.ShadowAsync())!.Values).Key);
        Assert.Equal((Ann, "shadow_set"), ((await Node.Reads.AuditAsync(0, 1_000))[^1].Actor, (await Node.Reads.AuditAsync(0, 1_000))[^1].Action));
        var faults = await Policy.SetShadowAsync([new("MarketingCap:PerDay", ["33"]), new("MarketingCap:PerHour", ["1"])], Ann);
        Assert.Equal(["MarketingCap:PerDay", "MarketingCap:PerHour"], faults.Select(fault => fault.Key));
        await SetAsync();
        Assert.Null(await Policy.ShadowAsync());
        Assert.Null(Book.Shadow);
    }

    /// <summary>What each of some users was answered, and what is kept of them, but for times.</summary>
    private async Task<IReadOnlyList<string>> LivesAsync(int[][] histories)
    {
        var lives = new List<string>();
        foreach (var history in histories)
        {
            long[] businesses = [Given.NewBusiness(), Given.NewBusiness()];
            var user = await Given.OptedInAsync(Node, businesses);
            var said = new List<string>();
            foreach (var deed in history)
            {
                var business = businesses[deed % 2];
                if (deed < 4)
                {
                    var reply = await Node.User(user).SendAsync(Given.Send(business, deed < 2 ? Category.Marketing : Category.Utility));
                    said.Add($"{reply.Outcome} {reply.Reason} {reply.Message} {reply.Opened} {reply.Policy}");
                }
                else
                {
                    said.Add($"{(await Node.User(user).WriteAsync(Given.Says(business, "hello"))).Refusal}");
                }
            }

            var view = await Node.User(user).ViewAsync();
            said.Add($"{view.Version} {view.State.Messages} {string.Join(' ', view.State.Relations.Select(r => r.Undelivered))}");
            lives.Add(string.Join("; ", said));
        }

        return lives;
    }

    private async Task SetAsync(params (string Key, string Text)[] numbers)
    {
        var before = Book.Shadow;
        Assert.Empty(await Policy.SetShadowAsync([.. numbers.Select(number => new PolicyValue(number.Key, [number.Text]))], Ann));
        await UntilAsync(() => numbers.Length == 0 ? Book.Shadow is null : Book.Shadow is { } shadow && shadow != before);
    }

    private async Task<IEnumerable<(Reason? Decided, Reason? Shadow, long Sends)>> CountsAsync() =>
        (await Policy.ShadowAsync())!.Counts.Select(count => (count.Decided, count.Shadow, count.Sends));

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
