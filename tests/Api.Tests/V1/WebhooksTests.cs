using Actors.Tests;
using Microsoft.AspNetCore.Http;

namespace Actors.Api.Tests.V1;

/// <summary>Webhooks over HTTP: how a business adds, sees, changes and removes them.</summary>
public sealed class WebhooksTests(WebhooksTests.WebhookNode node) : IClassFixture<WebhooksTests.WebhookNode>
{
    private const string Secret = "0123456789abcdef";

    [Fact]
    public async Task A_webhook_that_is_added_in_the_cloud_apis_form_is_told_what_happens()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        var added = await node.CallAsync("POST", $"/v24.0/{business.Id}/subscribed_apps", business.Token, Graph(receiver));
        Assert.True(added.Status == 200, added.Text);
        Assert.True(added.Body.GetProperty("success").GetBoolean());
        var secret = added.Body.GetProperty("secret").GetString()!;
        Assert.Equal(64, secret.Length);

        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        var sent = await node.SendTextAsync(business, user);
        Assert.Equal(200, sent.Status);
        await receiver.UntilAsync(all => all.Taken.Sum(delivery => delivery.Updates.Count) >= 2);
        var delivery = receiver.Taken[0];
        Assert.True(delivery.IsSignedWith(secret));
        Assert.Equal(($"{business.Id}-1-1", 1L), (delivery.Id, delivery.Sequence));
        Assert.All(receiver.Taken.SelectMany(one => one.Updates), update => Assert.Equal("messages", update.Field));
        Assert.Contains(
            receiver.Taken, one => one.Body.Contains(sent.Body.GetProperty("messages")[0].GetProperty("id").GetString()!, StringComparison.Ordinal));

        var listed = await node.CallAsync("GET", $"/{business.Id}/subscribed_apps", business.Token);
        var app = Assert.Single(listed.Body.GetProperty("data").EnumerateArray());
        Assert.Equal(receiver.Address.AbsoluteUri, app.GetProperty("override_callback_uri").GetString());
        Assert.Equal("messages", app.GetProperty("fields")[0].GetString());
        Assert.DoesNotContain(secret, listed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, (await ListAsync(business)).Text, StringComparison.Ordinal);

        Assert.Equal(200, (await node.CallAsync("DELETE", $"/{business.Id}/subscribed_apps", business.Token)).Status);
        Assert.Empty((await ListAsync(business)).Body.GetProperty("webhooks").EnumerateArray());
    }

    [Fact]
    public async Task It_shows_how_far_it_is_and_never_what_the_receiver_said()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        await AddAsync(business, receiver);
        receiver.Answer = async (_, context) =>
        {
            context.Response.StatusCode = 503;
            await context.Response.WriteAsync("the receiver's own affairs");
            return null;
        };
        await node.WriteAsync(NodeFixture.NewUser(), business);
        TestReply listed;
        do
        {
            listed = await ListAsync(business);
        }
        while (Field(listed).GetProperty("failures").GetInt32() == 0);

        var last = Field(listed).GetProperty("last_try");
        Assert.Equal(("refused", 503), (last.GetProperty("result").GetString(), last.GetProperty("status").GetInt32()));
        Assert.Equal(1, Field(listed).GetProperty("pending").GetInt32());
        Assert.True(Field(listed).TryGetProperty("next_try_at", out _));
        Assert.True(Field(listed).TryGetProperty("oldest_at", out _));
        Assert.DoesNotContain("affairs", listed.Text, StringComparison.Ordinal);
        Assert.Equal(1, listed.Body.GetProperty("webhooks")[0].GetProperty("sequence").GetInt64());

        receiver.Answer = (_, _) => Task.FromResult<int?>(200);
        Assert.Equal(204, (await node.CallAsync("POST", $"{Path(business)}/1/resume", business.Token)).Status);
        await receiver.UntilAsync(all => all.Taken.Count > 0);
    }

    [Fact]
    public async Task A_secret_is_changed_with_both_good_for_a_while()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        await AddAsync(business, receiver);
        var rotated = await node.CallAsync("POST", $"{Path(business)}/1/secret", business.Token, new { });
        var next = rotated.Body.GetProperty("secret").GetString()!;
        Assert.True(rotated.Body.TryGetProperty("both_until", out _));
        var first = await TellAsync();
        Assert.Equal(WebhookDelivery.SignatureOf(first.Body, Secret), first.Signature);
        Assert.Equal($"{first.Signature}, {WebhookDelivery.SignatureOf(first.Body, next)}", first.Signatures);
        Assert.Equal(204, (await node.CallAsync("POST", $"{Path(business)}/1/secret/finish", business.Token)).Status);
        var second = await TellAsync();
        Assert.Equal(WebhookDelivery.SignatureOf(second.Body, next), second.Signature);
        Assert.Equal(second.Signature, second.Signatures);
        var at = await node.CallAsync("POST", $"{Path(business)}/1/secret", business.Token, new { secret = Secret, hours = 0 });
        Assert.False(at.Body.TryGetProperty("secret", out _));
        Assert.True((await TellAsync()).IsSignedWith(Secret));

        async Task<WebhookDelivery> TellAsync()
        {
            var before = receiver.Taken.Count;
            await node.WriteAsync(NodeFixture.NewUser(), business);
            await receiver.UntilAsync(all => all.Taken.Count > before);
            return receiver.Taken[before];
        }
    }

    [Fact]
    public async Task While_it_is_paused_nothing_is_sent_and_nothing_is_lost()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        await AddAsync(business, receiver);
        Assert.Equal(204, (await node.CallAsync("POST", $"{Path(business)}/1/pause", business.Token)).Status);
        await node.WriteAsync(NodeFixture.NewUser(), business);
        Assert.True((await ListAsync(business)).Body.GetProperty("webhooks")[0].GetProperty("paused").GetBoolean());
        Assert.Empty(receiver.Deliveries);
        Assert.Equal(204, (await node.CallAsync("POST", $"{Path(business)}/1/resume", business.Token)).Status);
        await receiver.UntilAsync(all => all.Taken.Count > 0);
    }

    [Fact]
    public async Task The_same_address_changes_the_webhook_that_there_is()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        await AddAsync(business, receiver);
        var changed = await node.CallAsync("POST", Path(business), business.Token, new
        {
            callback_uri = receiver.Address.AbsoluteUri,
            verify_token = WebhookReceiver.VerifyToken,
            fields = new[] { "account_update", "user_preferences" },
            max_updates = 1,
        });
        Assert.Equal(201, changed.Status);
        Assert.False(changed.Body.TryGetProperty("secret", out _));
        var webhook = Assert.Single((await ListAsync(business)).Body.GetProperty("webhooks").EnumerateArray());
        Assert.Equal((1, 1), (webhook.GetProperty("id").GetInt32(), webhook.GetProperty("max_updates").GetInt32()));
        var fields = webhook.GetProperty("fields").EnumerateArray().Select(one => one.GetProperty("field").GetString()!);
        Assert.Equal(["account_update", "user_preferences"], fields.Order());
    }

    [Theory]
    [InlineData("callback_uri", "ftp://shop.example/")]
    [InlineData("callback_uri", "http://169.254.169.254/")]
    [InlineData("callback_uri", "https://ann:x@shop.example/")]
    [InlineData("secret", "short")]
    [InlineData("secret", "0123456789 bcdef")]
    [InlineData("fields", "everything")]
    [InlineData("max_updates", "0")]
    [InlineData("max_updates", "1001")]
    public async Task What_is_wrong_is_named(string field, string value)
    {
        var business = await node.NewBusinessAsync();
        var body = new Dictionary<string, object>
        {
            ["callback_uri"] = "http://127.0.0.1:65000/",
            ["verify_token"] = "x",
            [field] = field switch
            {
                "fields" => new[] { value },
                "max_updates" => int.Parse(value, System.Globalization.CultureInfo.InvariantCulture),
                _ => value,
            },
        };
        var reply = await node.CallAsync("POST", Path(business), business.Token, body);
        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Body.GetProperty("code").GetString()));
        Assert.StartsWith(field, reply.Body.GetProperty("fields")[0].GetProperty("field").GetString(), StringComparison.Ordinal);

        body["override_callback_uri"] = body["callback_uri"];
        var graph = await node.CallAsync("POST", $"/{business.Id}/subscribed_apps", business.Token, body);
        Assert.Equal((400, 100), (graph.Status, graph.Code));
        Assert.Contains(field, graph.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_the_challenge_gets_nothing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        var body = new { callback_uri = receiver.Address.AbsoluteUri, verify_token = "another word" };
        var reply = await node.CallAsync("POST", Path(business), business.Token, body);
        Assert.Equal((422, "webhook_not_verified"), (reply.Status, reply.Body.GetProperty("code").GetString()));
        var graph = await node.CallAsync(
            "POST", $"/{business.Id}/subscribed_apps", business.Token, new { override_callback_uri = body.callback_uri, body.verify_token });
        Assert.Equal((400, 100), (graph.Status, graph.Code));
        var without = await node.CallAsync("POST", $"/{business.Id}/subscribed_apps", business.Token, new { });
        Assert.Contains("override_callback_uri", without.Details, StringComparison.Ordinal);
        Assert.Empty((await ListAsync(business)).Body.GetProperty("webhooks").EnumerateArray());
    }

    [Fact]
    public async Task A_business_has_at_most_eight()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        for (var i = 1; i <= 9; i++)
        {
            var body = new { callback_uri = receiver.Address.AbsoluteUri + "?n=" + i, verify_token = WebhookReceiver.VerifyToken };
            var reply = await node.CallAsync("POST", Path(business), business.Token, body);
            Assert.Equal(i == 9 ? 409 : 201, reply.Status);
        }

        Assert.Equal(204, (await node.CallAsync("DELETE", $"{Path(business)}/3", business.Token)).Status);
        Assert.Equal(404, (await node.CallAsync("DELETE", $"{Path(business)}/3", business.Token)).Status);
        var ninth = new { callback_uri = receiver.Address.AbsoluteUri + "?n=9", verify_token = WebhookReceiver.VerifyToken };
        var added = await node.CallAsync("POST", Path(business), business.Token, ninth);
        Assert.Equal(9, added.Body.GetProperty("webhook").GetProperty("id").GetInt32());   // no number is used again
    }

    [Fact]
    public async Task What_is_not_there_is_404()
    {
        var business = await node.NewBusinessAsync();
        foreach (var (method, path, code) in new[]
        {
            ("DELETE", "/7", "webhook_unknown"), ("POST", "/7/pause", "webhook_unknown"), ("POST", "/7/resume", "webhook_unknown"),
            ("POST", "/7/secret/finish", "webhook_unknown"), ("GET", "/7/parked", "webhook_unknown"), ("POST", "/7/parked/1", "delivery_unknown"),
        })
        {
            var reply = await node.CallAsync(method, Path(business) + path, business.Token);
            Assert.Equal((404, code), (reply.Status, reply.Body.GetProperty("code").GetString()));
        }

        var unknown = await node.CallAsync("POST", $"{Path(business)}/7/secret", business.Token, new { });
        Assert.Equal(404, unknown.Status);
    }

    private Task<TestReply> ListAsync(TestBusiness business) => node.CallAsync("GET", Path(business), business.Token);

    private async Task AddAsync(TestBusiness business, WebhookReceiver receiver)
    {
        var body = new { callback_uri = receiver.Address.AbsoluteUri, verify_token = WebhookReceiver.VerifyToken, secret = Secret };
        var reply = await node.CallAsync("POST", Path(business), business.Token, body);
        Assert.True(reply.Status == 201, reply.Text);
        Assert.False(reply.Body.TryGetProperty("secret", out _));
    }

    private static object Graph(WebhookReceiver receiver) =>
        new { override_callback_uri = receiver.Address.AbsoluteUri, verify_token = WebhookReceiver.VerifyToken };

    private static System.Text.Json.JsonElement Field(TestReply listed) => listed.Body.GetProperty("webhooks")[0].GetProperty("fields")[0];

    private static string Path(TestBusiness business) => $"/v1/businesses/{business.Id}/webhooks";

    /// <summary>A node that may call this machine.</summary>
    public sealed class WebhookNode : NodeFixture
    {
        protected override string[] Arguments => ["--Webhooks:AllowHttp", "true", "--Webhooks:AllowPrivate", "true"];
    }
}
