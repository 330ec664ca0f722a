using System.Text.Json.Nodes;
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
                async (index, _) => await platform.SendAsync(business, TestPlatform.Template(UserAt(index), "receipt"), $"key-{index}"));
            var taken = receiver.Taken.Count;
            await receiver.UntilAsync(all => all.Taken.Count > taken || sends.IsCompleted);
            await node.KillAsync();
            await sends;
        }

        await using var last = await TestNode.StartAsync(data, _settings);
        receiver.Answer = (_, _) => Task.FromResult<int?>(200);
        var accepted = (await new TestPlatform(last.Http, token).EventsAsync(business!))
            .Where(line => (string?)line["kind"] == "accepted").Select(line => (string)line["message"]!).ToHashSet();
        Assert.NotEmpty(accepted);
        await receiver.UntilAsync(all => accepted.IsSubsetOf(Told(all)) && Numbers(all)[^1] == Numbers(all).Count);
        Assert.Equal(accepted, Told(receiver));
        Assert.Equal(1, Numbers(receiver)[0]);
        Assert.All(receiver.Deliveries, delivery => Assert.True(delivery.IsSignedWith(Secret)));
        foreach (var same in receiver.Deliveries.GroupBy(delivery => delivery.Id))
        {
            Assert.All(same.Zip(same.Skip(1)), pair => Assert.Equal(pair.First.Updates.Take(pair.Second.Updates.Count), pair.Second.Updates));
        }
    }

    private static HashSet<string> Told(WebhookReceiver receiver) =>
        [.. receiver.Taken.SelectMany(delivery => delivery.Updates).Select(update => (string)JsonNode.Parse(update.Value)!["statuses"]![0]!["id"]!)];

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
