using System.Text.Json.Nodes;
using Actors.Api.Auth;
using Actors.Tests;
using Microsoft.AspNetCore.Http;

namespace Actors.Cluster.Tests;

/// <summary>
/// The node is killed again and again while it tells a receiver that refuses, drops, hangs, is slow, is away, and can't digest one update: nothing else is
/// missing in the end, and no number.
/// </summary>
public sealed class G8_Webhooks_survive_kills
{
    private const int Rounds = 3, PerRound = 120, PoisonedUser = Rounds * PerRound, LastUser = PoisonedUser + 1, Calm = 10;
    private const string Secret = "a-secret-of-sixteen-and-more";

    private static readonly string[] _settings =
    [
        "Policy:Throughput:Default=100000", "Policy:Templates:AutoApprove=true", "Webhooks:AllowHttp=true", "Webhooks:AllowPrivate=true",
    ];

    private static readonly TokenIssuer _tokens = new(new AuthSettings { SigningKey = TestNode.SigningKey }, TimeProvider.System);

    /// <summary>What events are called, and statuses, in their order.</summary>
    private static readonly Dictionary<string, string> _words = new() { ["accepted"] = "sent", ["delivered"] = "delivered", ["read"] = "read" };

    private readonly Random _random = new(8);

    /// <summary>The update that is refused whatever comes with it.</summary>
    private (string Message, string Word) _poison;

    [Fact]
    public async Task G8_every_accepted_message_is_told_under_numbers_without_a_gap_whenever_the_node_dies()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (delivery, context) => FailAsync(receiver, delivery, context);
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
            switch (round)
            {
                case 0:   // killed while it hangs, and more is sent: what it was told last must come again as it was
                    await receiver.UntilAsync(all => all.Taken.Count > taken);
                    var seen = receiver.Deliveries.Count;
                    receiver.Answer = (_, context) => HangAsync(context);
                    await receiver.UntilAsync(all => all.Deliveries.Count > seen);
                    break;
                case 1:   // away since the kill; what is poisoned comes behind a delivery that waits for it, so it isn't alone in its own
                    await ResumeUntilAsync(platform, business, async () => await LastTryAsync(platform, business) == "unreachable");
                    var sent = await platform.SendAsync(business, TestPlatform.Template(UserAt(PoisonedUser), "receipt"), "poison");
                    _poison = (sent.Wamid ?? throw new InvalidOperationException($"{sent}"), "sent");
                    receiver.Answer = (delivery, context) => FailAsync(receiver, delivery, context);
                    await receiver.ComeBackAsync();
                    await ResumeUntilAsync(platform, business, () => Task.FromResult(receiver.Deliveries.Count(IsPoisoned) > 3));
                    break;
                default:   // killed while it looks for the poison
                    await ResumeUntilAsync(platform, business, () => Task.FromResult(receiver.Taken.Count > taken));
                    break;
            }

            await node.KillAsync();
            await sends;
            if (round == 0)
            {
                await receiver.DieAsync();
            }
        }

        await using var last = await TestNode.StartAsync(data, _settings);
        var again = new TestPlatform(last.Http, token);
        var hung = 0;
        receiver.Answer = (delivery, context) =>
            Interlocked.Exchange(ref hung, 1) == 0 ? HangAsync(context) : FailAsync(receiver, delivery, context);
        await LiveAsync(again, business!, LastUser);
        var happened = (await again.EventsAsync(business!))
            .Where(line => _words.ContainsKey((string)line["kind"]!))
            .Select(line => ((string)line["message"]!, _words[(string)line["kind"]!])).ToHashSet();
        Assert.All(_words.Values, word => Assert.Contains(happened, one => one.Item2 == word));
        Assert.True(happened.Remove(_poison));
        await ResumeUntilAsync(again, business!, async () => happened.IsSubsetOf(Told(receiver)) && await PendingAsync(again, business!) == 0);
        Assert.Equal(happened, Told(receiver));
        Assert.Equal(1, hung);

        // The poison alone is parked; under two numbers where it was sent ahead, too, to see whether the receiver is there.
        var parked = (await again.OkAsync(HttpMethod.Get, $"/v1/businesses/{business!.Id}/webhooks/1/parked", business.Token))["parked"]!.AsArray();
        Assert.NotEmpty(parked);
        Assert.All(parked, one => Assert.Equal(1, (int)one!["updates"]!));
        var poisoned = parked.Select(one => (long)one!["sequence"]!).ToHashSet();
        Assert.All(poisoned, number => Assert.True(IsPoisoned(receiver.Deliveries.Last(delivery => delivery.Sequence == number))));
        var numbers = receiver.Taken.Select(delivery => delivery.Sequence).Concat(poisoned).Distinct().Order().ToList();
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(n => (long)n), numbers);

        // Of each message nothing gets there before what came before it: what was told first, whether it was taken or not.
        foreach (var message in Statuses(receiver.Deliveries).GroupBy(status => status.Message))
        {
            var words = message.Select(status => status.Word).Distinct().ToList();
            Assert.Equal(_words.Values.Take(words.Count), words);
        }

        Assert.All(receiver.Deliveries, delivery => Assert.True(delivery.IsSignedWith(Secret)));
        foreach (var same in receiver.Deliveries.GroupBy(delivery => delivery.Id))
        {
            Assert.All(same.Zip(same.Skip(1)), pair => Assert.Equal(pair.First.Updates.Take(pair.Second.Updates.Count), pair.Second.Updates));
        }
    }

    /// <summary>Refuses, drops or is slow now and then, but each delivery at most once: with the one that hangs no other is taken for poison.</summary>
    private async Task<int?> FailAsync(WebhookReceiver receiver, WebhookDelivery delivery, HttpContext context)
    {
        int dice;
        lock (_random)
        {
            dice = receiver.Deliveries.Count(one => one.Id == delivery.Id) > 1 ? Calm : _random.Next(Calm);
        }

        switch (dice)
        {
            case 0:
                return 500;
            case 1:
                context.Abort();
                return null;
            case 2:
                await Task.Delay(TimeSpan.FromMilliseconds(1_500), TimeProvider.System, CancellationToken.None);
                break;
            default:
                break;
        }

        return IsPoisoned(delivery) ? 500 : 200;
    }

    /// <summary>Answers as little as it can: until the node gives up, or is killed.</summary>
    private static async Task<int?> HangAsync(HttpContext context)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        return null;
    }

    private bool IsPoisoned(WebhookDelivery delivery) => Statuses([delivery]).Contains(_poison);

    /// <summary>What waits for its next try is tried at once, until something is so: a test can't wait as long as a receiver may have to.</summary>
    private static async Task ResumeUntilAsync(TestPlatform platform, TestBusiness business, Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await platform.OkAsync(HttpMethod.Post, $"/v1/businesses/{business.Id}/webhooks/1/resume", business.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string?> LastTryAsync(TestPlatform platform, TestBusiness business) =>
        (string?)(await FieldAsync(platform, business))["last_try"]?["result"];

    private static async Task<int> PendingAsync(TestPlatform platform, TestBusiness business) => (int)(await FieldAsync(platform, business))["pending"]!;

    /// <summary>How far the one field of the one webhook is.</summary>
    private static async Task<JsonNode> FieldAsync(TestPlatform platform, TestBusiness business) =>
        (await platform.OkAsync(HttpMethod.Get, $"/v1/businesses/{business.Id}/webhooks", business.Token))["webhooks"]![0]!["fields"]![0]!;

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
        await platform.OptInAsync(business, Enumerable.Range(0, LastUser + 1).Select(UserAt), TimeProvider.System.GetUtcNow());
        await platform.OkAsync(HttpMethod.Post, $"/v25.0/{business.Id}/subscribed_apps", business.Token, new JsonObject
        {
            ["override_callback_uri"] = receiver.Address.AbsoluteUri,
            ["verify_token"] = WebhookReceiver.VerifyToken,
            ["secret"] = Secret,
        });
        return business;
    }

    private static long UserAt(int index) => 4_915_200_000_000 + index;
}
