using System.Text.Json.Nodes;
using Actors.Api.Auth;
using Actors.Tests;

namespace Actors.Cluster.Tests;

/// <summary>The node is killed again and again while it tells a receiver that fails now and then: nothing is missing in the end, and no number.</summary>
public sealed class G8_Webhooks_survive_kills
{
    private const int Rounds = 3, PerRound = 40;
    private const string Secret = "a-secret-of-sixteen-and-more";

    private static readonly string[] _settings =
    [
        "Policy:Throughput:Default=100000", "Policy:Templates:AutoApprove=true", "Webhooks:AllowHttp=true", "Webhooks:AllowPrivate=true",
    ];

    private static readonly TokenIssuer _tokens = new(new AuthSettings { SigningKey = TestNode.SigningKey }, TimeProvider.System);

    /// <summary>What events are called, and statuses, in their order.</summary>
    private static readonly Dictionary<string, string> _words = new() { ["accepted"] = "sent", ["delivered"] = "delivered", ["read"] = "read" };

    [Fact]
    public async Task G8_every_accepted_message_is_told_under_numbers_without_a_gap_whenever_the_node_dies()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var random = new Random(8);
        receiver.Answer = (_, context) =>
        {
            lock (random)
            {
                switch (random.Next(10))
                {
                    case 0:
                        return Task.FromResult<int?>(500);
                    case 1:
                        context.Abort();
                        return Task.FromResult<int?>(null);
                    default:
                        return Task.FromResult<int?>(200);
                }
            }
        };
        var data = TestNode.NewDataDirectory();
        var token = await TestNode.TokenAsync("operator", "tests");
        TestBusiness? business = null;
        for (var round = 0; round < Rounds; round++)
        {
            await using var node = await TestNode.StartAsync(data, _settings);
            var platform = new TestPlatform(node.Http, token);
            business ??= await PrepareAsync(platform, receiver);
            var sends = Parallel.ForEachAsync(
                Enumerable.Range(round * PerRound, PerRound),
                new ParallelOptions { MaxDegreeOfParallelism = 8 },
                async (index, _) => await LiveAsync(platform, business, index));
            var taken = receiver.Taken.Count;
            await receiver.UntilAsync(all => all.Taken.Count > taken || sends.IsCompleted);
            await node.KillAsync();
            await sends;
        }

        await using var last = await TestNode.StartAsync(data, _settings);
        receiver.Answer = (_, _) => Task.FromResult<int?>(200);
        var happened = (await new TestPlatform(last.Http, token).EventsAsync(business!))
            .Where(line => _words.ContainsKey((string)line["kind"]!))
            .Select(line => ((string)line["message"]!, _words[(string)line["kind"]!])).ToHashSet();
        Assert.All(_words.Values, word => Assert.Contains(happened, one => one.Item2 == word));
        await receiver.UntilAsync(all => happened.IsSubsetOf(Told(all)) && Numbers(all)[^1] == Numbers(all).Count);
        Assert.Equal(happened, Told(receiver).ToHashSet());

        // Of each message nothing gets there before what came before it: what was told first, whether it was taken or not.
        foreach (var message in Statuses(receiver.Deliveries).GroupBy(status => status.Message))
        {
            var words = message.Select(status => status.Word).Distinct().ToList();
            Assert.Equal(_words.Values.Take(words.Count), words);
        }

        Assert.Equal(1, Numbers(receiver)[0]);
        Assert.All(receiver.Deliveries, delivery => Assert.True(delivery.IsSignedWith(Secret)));
        foreach (var same in receiver.Deliveries.GroupBy(delivery => delivery.Id))
        {
            Assert.All(same.Zip(same.Skip(1)), pair => Assert.Equal(pair.First.Updates.Take(pair.Second.Updates.Count), pair.Second.Updates));
        }
    }

    /// <summary>A message is sent, and where that is heard of its user gets it, and reads it; each as far as the node lives.</summary>
    private static async Task LiveAsync(TestPlatform platform, TestBusiness business, int index)
    {
        var user = UserAt(index);
        if ((await platform.SendAsync(business, TestPlatform.Template(user, "receipt"), $"key-{index}")).Wamid is not { } message)
        {
            return;
        }

        try
        {
            var (path, token) = ($"/v1/users/{user}/messages/{message}/status", _tokens.ForUser(user, TimeSpan.FromHours(1)));
            foreach (var status in new[] { "delivered", "read" })
            {
                await platform.CallAsync(HttpMethod.Post, path, token, new JsonObject { ["status"] = status });
            }
        }
        catch (HttpRequestException)
        {
            return;   // it was killed: what came of it, its events say
        }
    }

    private static HashSet<(string Message, string Word)> Told(WebhookReceiver receiver) => [.. Statuses(receiver.Taken)];

    private static IEnumerable<(string Message, string Word)> Statuses(IEnumerable<WebhookDelivery> deliveries) => deliveries
        .SelectMany(delivery => delivery.Updates).Select(update => JsonNode.Parse(update.Value)!["statuses"]![0]!)
        .Select(status => ((string)status["id"]!, (string)status["status"]!));

    private static async Task<TestBusiness> PrepareAsync(TestPlatform platform, WebhookReceiver receiver)
    {
        var business = await platform.RegisterAsync("Corner Shop");
        await platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Your order is paid.");
        await platform.OptInAsync(business, Enumerable.Range(0, Rounds * PerRound).Select(UserAt), TimeProvider.System.GetUtcNow());
        await platform.OkAsync(HttpMethod.Post, $"/v25.0/{business.Id}/subscribed_apps", business.Token, new JsonObject
        {
            ["override_callback_uri"] = receiver.Address.AbsoluteUri,
            ["verify_token"] = WebhookReceiver.VerifyToken,
            ["secret"] = Secret,
        });
        return business;
    }

    private static IReadOnlyList<long> Numbers(WebhookReceiver receiver) => [.. receiver.Taken.Select(delivery => delivery.Sequence).Distinct().Order()];

    private static long UserAt(int index) => 4_915_200_000_000 + index;
}
