using System.Globalization;
using Actors.Api.Sends;
using Actors.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Actors.Api.Tests.V1;

/// <summary>What the shadow policy counts of sends over HTTP: both halves of a decision, and nothing else differs.</summary>
public sealed partial class ShadowSendsTests(ShadowSendsTests.Node node) : IClassFixture<ShadowSendsTests.Node>, IAsyncLifetime
{
    private const string Path = "/v1/policy/shadow";
    private const string Accepted = "accepted";

    private PolicyBook Book => node.Services.GetRequiredService<PolicyBook>();

    private IGrainFactory Grains => node.Services.GetRequiredService<IGrainFactory>();

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await node.CallAsync("DELETE", Path, node.Operator);
        while (Book.Shadow is not null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    [Fact]
    public async Task A_lower_throughput_is_counted_and_every_send_is_accepted()
    {
        await SetAsync(("Throughput:Default", "2"));
        var (business, user) = await TalkingAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => node.SendTextAsync(business, user)));
        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        var (differ, untried) = await TriedAsync(20);
        var (key, sends) = Assert.Single(differ);
        Assert.Equal(((Accepted, "throughput"), 0), (key, untried));
        Assert.InRange(sends, 2, 18);
    }

    [Fact]
    public async Task With_a_higher_throughput_what_was_throttled_ends_as_the_users_half_says_and_nothing_is_committed()
    {
        var (business, user) = await TalkingAsync();
        var stranger = NodeFixture.NewUser();
        await UnderPolicyAsync(async () =>
        {
            await SetAsync(("Throughput:Default", "1000"));
            long[] people = [user, stranger];
            var replies = Enumerable.Range(0, 16).Select(i => people[i % 2]).Select(to => (To: to, Reply: node.SendTextAsync(business, to))).ToArray();
            await Task.WhenAll(replies.Select(one => one.Reply));
            var throttled = replies.Where(one => one.Reply.Result is { Status: not 200, Code: 130429 }).ToList();
            Assert.NotEmpty(throttled);
            var (differ, untried) = await TriedAsync(16);
            Assert.Equal(0, untried);
            Assert.Equal(throttled.Count(one => one.To == user), differ.GetValueOrDefault(("throughput", Accepted)));
            Assert.Equal(throttled.Count(one => one.To == stranger), differ.GetValueOrDefault(("throughput", "no_relation")));
            Assert.Equal(replies.Count(one => one.Reply.Result.Status == 200), (await Grains.GetGrain<IUserGrain>(user).InboxAsync(0, 100)).Length);
        }, ("Throughput:Default", "1"));
    }

    [Fact]
    public async Task A_flood_of_throttled_sends_does_not_reach_the_users_and_shows_as_untried()
    {
        var (business, user) = await TalkingAsync();
        await UnderPolicyAsync(async () =>
        {
            await SetAsync(("Throughput:Default", "100000"));
            await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => node.SendTextAsync(business, user)));
            var (differ, untried) = await TriedAsync(150);
            Assert.InRange(untried, 1, 149);
            Assert.True(differ[("throughput", Accepted)] > 0);
        }, ("Throughput:Default", "1"));
    }

    [Fact]
    public async Task A_replay_a_dry_run_and_what_is_no_decision_are_not_counted()
    {
        await SetAsync(("Messages:UndeliveredMax", "1"));
        var (business, user) = await TalkingAsync();
        await node.SendTextAsync(business, user, "hi", ("Idempotency-Key", "k-1"));
        Assert.Equal(200, (await node.SendTextAsync(business, user, "hi", ("Idempotency-Key", "k-1"))).Status);
        await node.CallAsync("POST", $"/v1/numbers/{business.Number}/decisions", business.Token, NodeFixture.Text(user));
        Assert.NotEqual(200, (await node.CallAsync("POST", $"/v24.0/{business.Number + 7}/messages", business.Token, NodeFixture.Text(user))).Status);
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
        var (differ, untried) = await TriedAsync(2);
        Assert.Equal((1, 0), (differ[(Accepted, "too_many_undelivered")], untried));
    }

    [Fact]
    public async Task A_business_that_has_just_sent_is_soon_tried_by_a_shadow_that_is_set_since()
    {
        var (business, user) = await TalkingAsync();
        await node.SendTextAsync(business, user);
        await SetAsync(("Messages:UndeliveredMax", "1"));
        var sends = 0;
        for (var untried = 0L; untried == sends; sends++)
        {
            Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
            untried = (await TriedAsync(sends + 1)).Untried;
            Assert.True(sends < 12, "its lease is still of before the shadow");   // it would renew by itself after 10 seconds
        }

        Assert.Equal((1, "too_many_undelivered"), ((await TriedAsync(sends)).Differ.Single().Value, (await TriedAsync(sends)).Differ.Single().Key.Shadow));
    }

    [Fact]
    public async Task A_limit_that_is_not_raised_is_counted_from_the_send_that_it_has_no_place_for()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await UnderPolicyAsync(async () =>
        {
            await SetAsync(("Limit:UsePercent", "1000"));
            await FoldAsync(business, 0, delivered: 10, reports: 0);
            Assert.Equal(2_000, (await LimitsAsync(business)).Limit);
            Assert.All(await OpenAsync(business, 250), reply => Assert.Equal(200, reply.Status));
            Assert.Empty((await TriedAsync(250)).Differ);
            await UsedAsync(business, 250);
            Assert.All(await OpenAsync(business, 5), reply => Assert.Equal(200, reply.Status));
            var (key, sends) = Assert.Single((await TriedAsync(255)).Differ);
            Assert.Equal(((Accepted, "messaging_limit"), 5), (key, sends));
        }, ("Limit:UsePercent", "1"), ("Quality:KnownFrom", "1"));
    }

    [Fact]
    public async Task Openings_of_another_node_count_for_a_limit_that_is_tried_a_second_later()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await OpenAsync(business, 3);
        await UsedAsync(business, 3);
        var clock = new FakeTimeProvider();
        var other = new TriedLimits(Grains, clock);   // as on a node that sends nothing of it
        Assert.False(await other.IsUsedUpAsync(business.Id, 5, hasOpened: false));
        await OpenAsync(business, 3);
        await UsedAsync(business, 6);
        clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(await other.IsUsedUpAsync(business.Id, 5, hasOpened: false));
        Assert.False(await other.IsUsedUpAsync(business.Id, 5, hasOpened: true));   // its own it counts at once
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await other.IsUsedUpAsync(business.Id, 5, hasOpened: false));
        Assert.False(await other.IsUsedUpAsync(business.Id, 7, hasOpened: false));
    }

    [Fact]
    public async Task A_limit_that_is_raised_lets_through_what_was_refused_for_it()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await SetAsync(("Limit:UsePercent", "1"), ("Quality:KnownFrom", "1"));
        await FoldAsync(business, 0, delivered: 10, reports: 0);
        Assert.Equal(250, (await LimitsAsync(business)).Limit);
        Assert.All(await OpenAsync(business, 250), reply => Assert.Equal(200, reply.Status));
        await UsedAsync(business, 250);
        Assert.All(await OpenAsync(business, 3), reply => Assert.Equal(131048, reply.Code));
        var (key, sends) = Assert.Single((await TriedAsync(253)).Differ);
        Assert.Equal((("messaging_limit", Accepted), 3), (key, sends));
    }

    [Fact]
    public async Task A_spammer_whom_it_would_strike_sends_and_one_whom_it_would_not_is_refused()
    {
        var user = NodeFixture.NewUser();
        await SetAsync(("Enforcement:BurstDelivered", "50"), ("Enforcement:BurstReports", "20"));
        var spammer = await WithTemplatesAsync(user);
        await ViolateAsync(spammer, 1);
        await FoldAsync(spammer, 0, delivered: 60, reports: 30);
        Assert.Equal(200, (await SendAsync(spammer, user, marketing: true)).Status);
        Assert.Equal(((Accepted, "business_restricted"), 1), Only(await TriedAsync(1)));

        // Outside the window only the user's half knows that it is: both halves are asked by where it would stand.
        await SetAsync(
            ("Enforcement:NoMarketingFirst", "00:00:00"), ("Enforcement:NoMarketingSecond", "00:00:00"), ("Enforcement:WindowOnly", "00:00:00"));
        var struck = await WithTemplatesAsync(user);
        await ViolateAsync(struck, 4);
        Assert.Equal(368, (await SendAsync(struck, user, marketing: false)).Code);
        Assert.Equal((("business_restricted", Accepted), 1), Only(await TriedAsync(1)));
    }

    [Fact]
    public async Task A_template_that_it_would_pause_is_sent_and_one_that_it_would_not_is_paused()
    {
        await SetAsync(("Quality:KnownFrom", "20"));
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        var template = long.Parse(await node.NewTemplateAsync(business, GraphTemplates.Sale), CultureInfo.InvariantCulture);
        await node.OptInAsync(business, user, "marketing");
        await FoldAsync(business, template, delivered: 25, reports: 20);
        Assert.Equal(200, (await SendAsync(business, user, marketing: true)).Status);
        Assert.Equal(1, (await TriedAsync(1)).Differ[(Accepted, "template_paused")]);

        await SetAsync(("Quality:ReportTenths", "0"), ("MarketingCap:PerBusinessPerDay", "9"), ("MarketingCap:PerDay", "9"));
        var other = await node.NewBusinessAsync();
        template = long.Parse(await node.NewTemplateAsync(other, GraphTemplates.Sale), CultureInfo.InvariantCulture);
        await node.OptInAsync(other, user, "marketing");
        await FoldAsync(other, template, delivered: 60, reports: 30);
        Assert.Equal(132015, (await SendAsync(other, user, marketing: true)).Code);
        Assert.Equal(1, (await TriedAsync(1)).Differ[("template_paused", Accepted)]);
    }

    [Fact]
    public async Task The_counts_outlive_a_restart()
    {
        await SetAsync(("Messages:UndeliveredMax", "1"));
        var (business, user) = await TalkingAsync();
        await node.SendTextAsync(business, user);
        await node.SendTextAsync(business, user);
        await TriedAsync(2);
        await node.SendTextAsync(business, user);   // of this one nobody has asked before the node stops
        await node.RestartAsync();
        Assert.Equal(2, (await TriedAsync(3)).Differ[(Accepted, "too_many_undelivered")]);
        await node.SendTextAsync(business, user);
        Assert.Equal(3, (await TriedAsync(4)).Differ[(Accepted, "too_many_undelivered")]);
    }

    [Fact]
    public async Task A_shadow_like_the_policy_never_differs_whatever_happens() => await UnderPolicyAsync(async () =>
    {
        await SetAsync(("Throughput:Default", "6"), ("Enforcement:BurstReports", "20"), ("MarketingCap:PerDay", "2"));
        var random = new Random(3);
        var user = NodeFixture.NewUser();
        var businesses = await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            var business = await node.NewBusinessAsync();
            var template = await node.NewTemplateAsync(business, GraphTemplates.Sale);
            await node.NewTemplateAsync(business, GraphTemplates.Order);
            await node.OptInAsync(business, user, "marketing", "utility");
            return (Business: business, Template: long.Parse(template, CultureInfo.InvariantCulture));
        }));
        var (total, refused) = (0, new HashSet<int>());
        for (var step = 0; step < 60; step++)
        {
            var (business, template) = businesses[random.Next(3)];
            switch (random.Next(10))
            {
                case 0:
                    await ViolateAsync(business, 1);
                    break;
                case 1:
                    await node.CallAsync("POST", $"/v1/businesses/{business.Id}/unlock", node.Operator, new { note = "enough" });
                    break;
                case 2:
                    await FoldAsync(business, template, delivered: 60, reports: random.Next(2) * 30);
                    break;
                case 3:
                    await node.WriteAsync(user, business);
                    break;
                default:
                    var replies = await Task.WhenAll(Enumerable.Range(0, random.Next(1, 12)).Select(i => i % 3 == 2
                        ? node.SendTextAsync(business, i % 2 == 0 ? user : NodeFixture.NewUser()) : SendAsync(business, user, marketing: i % 3 == 0)));
                    total += replies.Length;
                    refused.UnionWith(replies.Where(reply => reply.Status != 200).Select(reply => reply.Code));
                    break;
            }
        }

        var (differ, untried) = await TriedAsync(total);
        Assert.Equal((0, 0), (differ.Count, untried));
        Assert.Superset(new HashSet<int> { 368, 130429, 131047 }, refused);
    }, ("Throughput:Default", "6"));
}
