using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Actors.Clients.Tests;

/// <summary>What client libraries written for the Cloud API do with webhooks: their own handshake, check of the signature, and reading.</summary>
public sealed class WebhookClientsTests(NodeJs node)
{
    private const string Secret = "a secret, not only of ASCII: \u00e4\u2713";

    /// <summary>Every sample of the field that all of them know, as it is sent: escaped.</summary>
    private static readonly Dictionary<string, string> _samples = new[] { "status-*.json", "inbound-*.json" }
        .SelectMany(names => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "webhooks"), names))
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => JsonNode.Parse(File.ReadAllText(file))!.ToJsonString());

    [Theory]
    [InlineData("kapso")]
    [InlineData("great-detail")]
    [InlineData("whatsapp-api-js")]
    [InlineData("cloudapi-client")]
    public async Task A_client_checks_and_reads_every_update_of_messages(string client)
    {
        var steps = await node.PlayAsync("samples.mjs", new JsonObject
        {
            ["client"] = client,
            ["secret"] = Secret,
            ["deliveries"] = new JsonArray([.. _samples.Select(sample => Delivery(sample.Key, sample.Value))]),
        });

        Assert.All(steps.Values, step => Assert.True((bool)step["ok"]!, step.ToJsonString()));
        Assert.Equal("1158201444", (string?)steps["handshake"]["challenge"]);
        Assert.NotEmpty(_samples);
        foreach (var (name, sample) in _samples)
        {
            var value = JsonNode.Parse(sample)!;
            var update = Assert.Single(steps[name]["updates"]!.AsArray())!;
            if (value["statuses"]?[0] is { } status)
            {
                Assert.Equal(
                    [(string?)status["id"], (string?)status["status"], (string?)status["recipient_id"], (string?)status["biz_opaque_callback_data"]],
                    [(string?)update["id"], (string?)update["status"], (string?)update["to"], (string?)update["data"]]);
                Assert.Equal((int?)status["errors"]?[0]?["code"], (int?)update["code"]);
            }
            else
            {
                var message = value["messages"]![0]!;
                Assert.Equal(
                    [(string?)message["id"], (string?)message["type"], (string?)message["from"], (string?)message["context"]?["id"]],
                    [(string?)update["id"], (string?)update["type"], (string?)update["from"], (string?)update["answers"]]);
                Assert.Equal((string?)message["text"]?["body"], (string?)update["body"]);
                Assert.True((string?)update["way"] is null or "inbound", "the client must see that it came from a user");
            }
        }
    }

    private static JsonObject Delivery(string name, string value)
    {
        var body = $$"""{"object":"whatsapp_business_account","entry":[{"id":"1000000007000000","changes":[{"value":{{value}},"field":"messages"}]}]}""";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body));
        return new JsonObject { ["name"] = name, ["body"] = body, ["signature"] = "sha256=" + Convert.ToHexStringLower(signature) };
    }
}
