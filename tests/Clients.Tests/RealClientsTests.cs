using System.Text.Json.Nodes;
using Actors.Tests;

namespace Actors.Clients.Tests;

/// <summary>Client libraries written for the Cloud API, unmodified, against the real node: each does its own main things.</summary>
public sealed class RealClientsTests(NodeJs node, RealClientsTests.Platform platform) : IClassFixture<RealClientsTests.Platform>
{
    private static readonly string[] _sends = ["text", "template", "named", "buttons"];

    [Theory]
    [InlineData("kapso.mjs", true)]
    [InlineData("great-detail.mjs", true)]
    [InlineData("whatsapp-api-js.mjs", true)]
    [InlineData("cloudapi-client.mjs", false)]
    public async Task A_client_written_for_the_Cloud_API_works_unchanged(string script, bool listsTemplates)
    {
        var steps = await node.PlayAsync(script, platform.Scenario());

        Assert.All(steps.Values, step => Assert.True((bool)step["ok"]!, step.ToJsonString()));
        Assert.All(_sends, send => Assert.StartsWith("wamid.", (string?)steps[send]["id"]));
        Assert.All(_sends, send => Assert.Equal($"{Platform.User}", (string?)steps[send]["waId"]));
        Assert.Equal(_sends.Length, _sends.Select(send => (string?)steps[send]["id"]).Distinct().Count());

        // Free text to a user who agreed, but never wrote: the window is closed.
        Assert.Equal(131047, (int?)steps["refusal"]["code"]);
        Assert.True((bool?)steps["refusal"]["known"], "the client's own error type must carry it");
        Assert.False(string.IsNullOrEmpty((string?)steps["refusal"]["details"]));

        Assert.True((bool?)steps["read"]["success"]);
        Assert.Equal(listsTemplates, steps.ContainsKey("templates"));
        if (listsTemplates)
        {
            Assert.Equal(["order_named", "order_ready"], steps["templates"]["names"]!.AsArray().Select(name => (string)name!).Order());
        }
    }

    /// <summary>A node with one business, a user in a window, and one who agreed but never wrote.</summary>
    public sealed class Platform : IAsyncLifetime
    {
        /// <summary>Wrote to the business.</summary>
        public const long User = 34600000001;

        /// <summary>Opted in, never wrote.</summary>
        public const long Silent = 34600000002;

        private TestNode? _node;
        private TestBusiness? _business;
        private string _inbound = "";

        public async ValueTask InitializeAsync()
        {
            _node = await TestNode.StartAsync(TestNode.NewDataDirectory());
            var platform = new TestPlatform(_node.Http, await TestNode.TokenAsync("operator", "tests"));
            _business = await platform.RegisterAsync("Corner Shop");
            await platform.CreateTemplateAsync(
                _business, "order_ready", "UTILITY", "Hello {{1}}, your order {{2}} is ready.", (null, "Ana"), (null, "4711"));
            await platform.CreateTemplateAsync(
                _business, "order_named", "UTILITY", "Hello {{name}}, your order {{order}} is ready.", ("name", "Ana"), ("order", "4711"));
            await platform.OptInAsync(_business, [User, Silent], TimeProvider.System.GetUtcNow());
            _inbound = await platform.WriteAsync(await TestNode.TokenAsync("user", $"{User}"), User, _business, "Is it ready?");
        }

        public ValueTask DisposeAsync() => _node?.DisposeAsync() ?? ValueTask.CompletedTask;

        public JsonObject Scenario() => new()
        {
            ["address"] = _node!.Address.ToString().TrimEnd('/'),
            ["token"] = _business!.Token,
            ["business"] = _business.Id,
            ["number"] = _business.Number,
            ["user"] = $"{User}",
            ["silent"] = $"{Silent}",
            ["inbound"] = _inbound,
            ["positional"] = "order_ready",
            ["named"] = "order_named",
            ["language"] = "en_US",
        };
    }
}
