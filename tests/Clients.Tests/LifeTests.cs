using System.Text.Json.Nodes;
using Actors.Tests;

namespace Actors.Clients.Tests;

/// <summary>
/// The whole life of a message, with client libraries written for the Cloud API on the side of the business: they send, check the signature of what comes
/// back, and read it.
/// </summary>
public sealed class LifeTests(NodeJs node, LifeTests.Platform platform) : IClassFixture<LifeTests.Platform>
{
    [Theory]
    [InlineData("kapso", 34600000011, true)]
    [InlineData("great-detail", 34600000012, true)]
    [InlineData("whatsapp-api-js", 34600000013, true)]
    [InlineData("cloudapi-client", 34600000014, false)]
    public async Task A_message_is_sent_delivered_read_and_answered_and_the_business_hears_of_it(string client, long user, bool answersByText)
    {
        var steps = await node.PlayAsync("life.mjs", await platform.ScenarioAsync(client, user));

        Assert.All(steps.Values, step => Assert.True((bool)step["ok"]!, step.ToJsonString()));
        var sent = (string?)steps["send"]["id"];
        Assert.Contains("131047", (string?)steps["closed"]["refused"], StringComparison.Ordinal);
        foreach (var status in (string[])["sent", "delivered", "read"])
        {
            Assert.Equal(
                (sent, status, $"{user}", $"order of {client}"),
                ((string?)steps[status]["id"], (string?)steps[status]["status"], (string?)steps[status]["to"], (string?)steps[status]["data"]));
        }

        // The user's device, on a live stream that it came back to once, saw who sent it and what it says, and each message once; each status came once and in
        // order.
        var shown = steps["device"];
        Assert.Equal(("Corner Shop", "Hello Ana, your order 4711 is ready."), ((string?)shown["from"]!["name"], (string?)shown["rendered"]!["body"]));
        Assert.Equal(["sent", "delivered", "read"], steps["order"]["statuses"]!.AsArray().Select(status => (string)status!));

        // The answer says what it answers, and opened the window: the text that was refused before goes now, and says what it answers, too.
        var answer = steps["answer"];
        Assert.Equal(
            ($"{user}", "text", "Gr\u00fc\u00dfe! \u2713 \ud83d\ude00", sent),
            ((string?)answer["from"], (string?)answer["type"], (string?)answer["body"], (string?)answer["answers"]));
        Assert.Equal((string?)steps["back"]["id"], (string?)steps["window"]["id"]);
        Assert.Equal([sent, (string?)steps["back"]["id"]], steps["order"]["messages"]!.AsArray().Select(id => (string?)id));
        var content = steps["shown"]["content"]!;
        Assert.Equal("You are welcome.", (string?)content["text"]!["body"]);
        Assert.Equal(answersByText ? (string?)answer["id"] : null, (string?)content["context"]?["message_id"]);
    }

    /// <summary>A node that calls webhooks on this machine, with one business for each client: a webhook is one of a business.</summary>
    public sealed class Platform : IAsyncLifetime
    {
        private TestNode? _node;
        private TestPlatform? _platform;

        public async ValueTask InitializeAsync()
        {
            _node = await TestNode.StartAsync(TestNode.NewDataDirectory(), "Webhooks:AllowHttp=true", "Webhooks:AllowPrivate=true");
            _platform = new TestPlatform(_node.Http, await TestNode.TokenAsync("operator", "tests"));
        }

        public ValueTask DisposeAsync() => _node?.DisposeAsync() ?? ValueTask.CompletedTask;

        public async Task<JsonObject> ScenarioAsync(string client, long user)
        {
            var business = await _platform!.RegisterAsync("Corner Shop");
            await _platform.CreateTemplateAsync(
                business, "order_ready", "UTILITY", "Hello {{1}}, your order {{2}} is ready.", (null, "Ana"), (null, "4711"));
            await _platform.OptInAsync(business, [user], TimeProvider.System.GetUtcNow());
            return new JsonObject
            {
                ["client"] = client,
                ["address"] = _node!.Address.ToString().TrimEnd('/'),
                ["token"] = business.Token,
                ["business"] = business.Id,
                ["number"] = business.Number,
                ["user"] = $"{user}",
                ["userToken"] = await TestNode.TokenAsync("user", $"{user}"),
                ["template"] = "order_ready",
                ["language"] = "en_US",
                ["data"] = $"order of {client}",
                ["secret"] = "the-secret-of-the-life-tests",
            };
        }
    }
}
