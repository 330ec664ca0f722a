using Actors.Tests;
using Microsoft.AspNetCore.Http;

namespace Actors.Api.Tests.V1;

/// <summary>Webhooks over HTTP when something takes long, is changed twice, or goes wrong.</summary>
public sealed class WebhookCareTests(WebhooksTests.WebhookNode node) : IClassFixture<WebhooksTests.WebhookNode>
{
    private const string Secret = "0123456789abcdef";

    [Fact]
    public async Task A_second_rotation_waits_for_the_first_one_unless_it_is_meant_to_hold_at_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        await AddAsync(business, receiver);
        Assert.Equal(200, (await node.CallAsync("POST", $"{Path(business)}/1/secret", business.Token, new { })).Status);
        var second = await node.CallAsync("POST", $"{Path(business)}/1/secret", business.Token, new { });
        Assert.Equal((409, "rotation_under_way"), (second.Status, second.Body.GetProperty("code").GetString()));
        Assert.Equal(200, (await node.CallAsync("POST", $"{Path(business)}/1/secret", business.Token, new { hours = 0 })).Status);
        Assert.Equal(200, (await node.CallAsync("POST", $"{Path(business)}/1/secret", business.Token, new { })).Status);
    }

    [Fact]
    public async Task A_receiver_may_take_longer_for_the_challenge_than_nodes_may_for_their_calls()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        receiver.AnswerChallenge = async context =>
        {
            await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System, context.RequestAborted);
            await context.Response.WriteAsync(context.Request.Query["hub.challenge"].ToString());
        };
        var added = await node.CallAsync("POST", Path(business), business.Token, new
        {
            callback_uri = receiver.Address.AbsoluteUri,
            verify_token = WebhookReceiver.VerifyToken,
        });
        Assert.True(added.Status == 201, added.Text);
        Assert.Equal(64, added.Body.GetProperty("secret").GetString()!.Length);
    }

    [Fact]
    public async Task What_is_parked_is_listed_with_its_events_and_driven_again()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        var (poison, other) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        receiver.Answer = (delivery, _) => Task.FromResult<int?>(delivery.Body.Contains(NodeFixture.User(poison), StringComparison.Ordinal) ? 500 : 200);
        await AddAsync(business, receiver);
        await node.WriteAsync(poison, business);
        await receiver.UntilAsync(all => all.Deliveries.Count > 0);
        await node.WriteAsync(other, business);
        var parked = await node.CallAsync("GET", $"{Path(business)}/1/parked", business.Token);
        while (parked.Body.GetProperty("parked").GetArrayLength() == 0)
        {
            // Its pauses needn't be waited for.
            await node.CallAsync("POST", $"{Path(business)}/1/resume", business.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
            parked = await node.CallAsync("GET", $"{Path(business)}/1/parked", business.Token);
        }

        var one = parked.Body.GetProperty("parked")[0];
        Assert.Equal(("messages", 1), (one.GetProperty("field").GetString(), one.GetProperty("updates").GetInt32()));
        Assert.Equal(1, one.GetProperty("sequence").GetInt64());
        var last = one.GetProperty("last_try");
        Assert.Equal(("refused", 500), (last.GetProperty("result").GetString(), last.GetProperty("status").GetInt32()));
        var after = Uri.EscapeDataString(one.GetProperty("events_after").GetString()!);
        var events = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/events?after={after}", business.Token);
        var first = events.Body.GetProperty("events").EnumerateArray().First(line => line.GetProperty("kind").GetString() == "inbound");
        Assert.Contains(NodeFixture.User(poison), first.GetRawText(), StringComparison.Ordinal);

        var failed = await node.CallAsync("POST", $"{Path(business)}/1/parked/1", business.Token);
        Assert.Equal((200, false), (failed.Status, failed.Body.GetProperty("delivered").GetBoolean()));
        receiver.Answer = (_, _) => Task.FromResult<int?>(200);
        var driven = await node.CallAsync("POST", $"{Path(business)}/1/parked/1", business.Token);
        Assert.True(driven.Body.GetProperty("delivered").GetBoolean());
        var delivery = receiver.Taken[^1];
        Assert.Equal((1L, $"{business.Id}-1-1", true), (delivery.Sequence, delivery.Id, delivery.IsRedriven));
        Assert.DoesNotContain(receiver.Deliveries, tried => tried.IsRedriven && tried.Sequence != 1);
        Assert.False(receiver.Deliveries[0].IsRedriven);
        Assert.Equal(0, (await node.CallAsync("GET", $"{Path(business)}/1/parked", business.Token)).Body.GetProperty("parked").GetArrayLength());
    }

    [Fact]
    public async Task What_has_arrived_is_listed_so_for_the_business_and_operators_and_for_nobody_else()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var (business, other) = (await node.NewBusinessAsync(), await node.NewBusinessAsync());
        await AddAsync(business, receiver);
        Assert.Equal(200, (await node.CallAsync("POST", $"{Path(business)}/1/secret", business.Token, new { })).Status);
        await node.WriteAsync(NodeFixture.NewUser(), business);
        await receiver.UntilAsync(all => all.Taken.Count > 0);
        TestReply listed;
        while (!Field(listed = await node.CallAsync("GET", Path(business), business.Token)).TryGetProperty("last_try", out _))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);   // it is noted a moment later
        }

        Assert.Equal(200, listed.Status);
        var webhook = Assert.Single(listed.Body.GetProperty("webhooks").EnumerateArray());
        Assert.Equal((1, receiver.Address.AbsoluteUri), (webhook.GetProperty("id").GetInt32(), webhook.GetProperty("callback_uri").GetString()));
        Assert.Equal((false, 1_000), (webhook.GetProperty("paused").GetBoolean(), webhook.GetProperty("max_updates").GetInt32()));
        Assert.Equal((1, 0, 0), (Number("sequence"), Number("parked"), Number("erased")));
        Assert.True(webhook.TryGetProperty("created_at", out _) && webhook.TryGetProperty("rotation_ends_at", out _));
        var field = Assert.Single(webhook.GetProperty("fields").EnumerateArray());
        Assert.Equal(("messages", false), (field.GetProperty("field").GetString(), field.GetProperty("closing").GetBoolean()));
        Assert.All(["pending", "failures", "backlog_seconds"], name => Assert.Equal(0, field.GetProperty(name).GetInt32()));
        Assert.False(field.TryGetProperty("oldest_at", out _) || field.TryGetProperty("next_try_at", out _));
        var last = field.GetProperty("last_try");
        Assert.Equal(("delivered", 200), (last.GetProperty("result").GetString(), last.GetProperty("status").GetInt32()));
        Assert.DoesNotContain(Secret, listed.Text, StringComparison.Ordinal);

        Assert.Equal(listed.Text, (await node.CallAsync("GET", Path(business), node.Operator)).Text);
        Assert.Equal(403, (await node.CallAsync("GET", Path(business), other.Token)).Status);

        int Number(string name) => webhook.GetProperty(name).GetInt32();

        static System.Text.Json.JsonElement Field(TestReply reply) => reply.Body.GetProperty("webhooks")[0].GetProperty("fields")[0];
    }

    private async Task AddAsync(TestBusiness business, WebhookReceiver receiver)
    {
        var body = new { callback_uri = receiver.Address.AbsoluteUri, verify_token = WebhookReceiver.VerifyToken, secret = Secret };
        var reply = await node.CallAsync("POST", Path(business), business.Token, body);
        Assert.True(reply.Status == 201, reply.Text);
        Assert.False(reply.Body.TryGetProperty("secret", out _));
    }

    private static string Path(TestBusiness business) => $"/v1/businesses/{business.Id}/webhooks";
}
