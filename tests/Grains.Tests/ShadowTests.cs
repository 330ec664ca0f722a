using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Grains.Tests;

/// <summary>A shadow policy is tried on every send and changes nothing: the user's half of it, and which numbers it may have.</summary>
public sealed class ShadowTests(Running<SqliteDatabase> running) : IClassFixture<Running<SqliteDatabase>>, IAsyncLifetime
{
    private const string Ann = "operator:ann";

    private TestNode Node => running.Node;

    private IPolicyGrain Policy => Node.Grains.GetGrain<IPolicyGrain>(0);

    private PolicyBook Book => (PolicyBook)Node.Services.GetService(typeof(PolicyBook))!;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync() => await SetAsync();

    [Fact]
    public async Task What_it_says_of_the_users_half_comes_with_the_answer_and_nothing_else_happens()
    {
        await SetAsync(("MarketingCap:PerBusinessPerDay", "0"), ("Messages:UndeliveredMax", "2"));
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(Node, business);
        var replies = new List<SendReply>();
        foreach (var category in new[] { Category.Marketing, Category.Utility, Category.Utility, Category.Marketing })
        {
            replies.Add(await Node.User(user).SendAsync(Asking(Given.Send(business, category))));
        }

        Assert.Equal(
            [SendOutcome.Accepted, SendOutcome.Accepted, SendOutcome.Accepted, SendOutcome.Refused], replies.Select(reply => reply.Outcome));
        Assert.Equal(
            [new(Reason.MarketingCap, false), new(null, false), new(Reason.TooManyUndelivered, false), new(Reason.TooManyUndelivered, false)],
            replies.Select(reply => reply.Shadow!.Value));
        Assert.Equal(3, (await Node.User(user).InboxAsync(0, 100)).Length);
        var dry = await Node.User(user).DryRunAsync(Asking(Given.Send(business)));
        Assert.Equal((SendOutcome.WouldAccept, Reason.TooManyUndelivered), (dry.Outcome, dry.Shadow!.Value.Reason));
    }

    [Fact]
    public async Task It_says_whether_a_send_would_open_a_conversation_and_what_a_restriction_would_forbid_outside_the_window()
    {
        await SetAsync(("MarketingCap:PerDay", "3"));
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(Node, business);
        var send = Given.Send(business);
        var without = Asking(send with { Command = send.Command with { Quota = null } });
        var reply = await Node.User(user).SendAsync(without);
        Assert.Equal((Reason.MessagingLimit, new ShadowSaid(null, true)), (reply.Reason, reply.Shadow));
        var restricted = send with { Shadow = new ShadowAsk(Book.Shadow!.Id, Node.Ledger.Clock.Now + TimeSpan.FromDays(1)) };
        Assert.Equal(new ShadowSaid(Reason.BusinessRestricted, false), (await Node.User(user).SendAsync(restricted)).Shadow);
        Assert.Equal(new ShadowSaid(null, false), (await Node.User(user).SendAsync(Asking(send))).Shadow);
    }

    [Fact]
    public async Task It_says_nothing_where_it_is_not_asked_where_another_is_tried_and_of_a_replay()
    {
        await SetAsync(("MarketingCap:PerDay", "3"));
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(Node, business);
        var send = Given.Send(business, key: 1, body: 1);
        var (id, other) = (Book.Shadow!.Id, Given.Send(business));
        Assert.Null((await Node.User(user).SendAsync(other)).Shadow);
        Assert.Null((await Node.User(user).SendAsync(other with { Shadow = new ShadowAsk(id with { Policy = id.Policy + 1 }, null) })).Shadow);
        Assert.Null((await Node.User(user).SendAsync(other with { Shadow = new ShadowAsk(id with { SetAt = new Instant(1) }, null) })).Shadow);
        Assert.NotNull((await Node.User(user).SendAsync(Asking(send))).Shadow);
        var replayed = await Node.User(user).SendAsync(Asking(send));
        Assert.Equal((SendOutcome.Replayed, null), (replayed.Outcome, replayed.Shadow));
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
        string[] sections = ["Window", "MarketingCap", "PairRate", "Throughput", "Limit", "Quality", "Enforcement"];
        string[] besides = ["Templates:FirstPause", "Templates:SecondPause", "Messages:UndeliveredMax"];
        string[] never =
        [
            "MarketingCap:Rest", "Quality:PrivacyFloor",
            "Enforcement:AppealWithin", "Enforcement:NearRedPoints", "Enforcement:NearStrikePercent", "Enforcement:WarnAgain",
        ];
        var all = PolicyKeys.All.Select(key => new PolicyValue(key.Name, key.Read(PolicyNumbers.Default))).ToArray();
        var faults = await Policy.SetShadowAsync([.. all], Ann);
        var refused = faults.Select(fault => fault.Key).ToHashSet();
        Assert.Equal(
            all.Select(value => value.Key).Where(key => !refused.Contains(key)),
            all.Select(value => value.Key).Where(key => besides.Contains(key) || (sections.Contains(key.Split(':')[0]) && !never.Contains(key))));
        Assert.Contains("the feedback", faults.Single(fault => fault.Key == "MarketingCap:Rest").Rule, StringComparison.Ordinal);
        Assert.Null(await Policy.ShadowAsync());
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
                    var reply = await Node.User(user).SendAsync(Asking(Given.Send(business, deed < 2 ? Category.Marketing : Category.Utility)));
                    if (Book.Shadow is { Numbers.MarketingCap.PerDay: 2 })
                    {
                        Assert.Equal(reply.Reason, reply.Shadow!.Value.Reason);
                    }

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

    private SendRequest Asking(SendRequest send) => send with { Shadow = Book.Shadow is { } shadow ? new ShadowAsk(shadow.Id, null) : null };

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
