using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Actors.Bench.Load;

/// <summary>What a receiver has had.</summary>
/// <param name="Updates">Updates in all.</param>
/// <param name="Missing">Numbers of deliveries that a higher one came before.</param>
/// <param name="Wrong">Statuses out of their order, and wrong signatures.</param>
/// <param name="Shape">All of it in words.</param>
internal sealed record Received(long Updates, long Missing, long Wrong, string Shape);

/// <summary>The fast receiver as a child process, and the webhooks of a node's businesses that lead to it.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private const string Secret = "the-secret-of-the-bench";
    private readonly Child _program;
    private readonly HttpClient _http;
    private readonly List<(Sender Sender, string Id)> _webhooks = [];

    private WebhookReceiver(Child program, Uri url)
    {
        _program = program;
        _http = new HttpClient { BaseAddress = url };
    }

    public int ProcessId => _program.Id;

    /// <summary>Starts it.</summary>
    /// <param name="checks">Whether it checks signatures and the order of statuses, or only counts.</param>
    public static async Task<WebhookReceiver> StartAsync(bool checks)
    {
        var url = $"http://127.0.0.1:{Postgres.FreePort()}";
        string[] checking = checks ? ["--secret", Secret] : ["--order", "false"];
        var receiver = new WebhookReceiver(Child.Start("dotnet", [Repository.Program("Receiver"), "--urls", url, .. checking]), new Uri(url));
        await Patience.UntilAsync("the receiver to be ready", receiver._program, async () =>
        {
            try
            {
                using var answer = await receiver._http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                return answer.IsSuccessStatusCode ? "ready" : null;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        });
        return receiver;
    }

    /// <summary>Adds a webhook for each business of a node.</summary>
    public async Task SubscribeAsync(Target node)
    {
        using var http = new HttpClient { BaseAddress = new($"http://{node.Endpoint}") };
        foreach (var sender in node.Senders)
        {
            using var body = JsonContent.Create(new JsonObject
            {
                ["override_callback_uri"] = new Uri(_http.BaseAddress!, $"/hooks/{sender.Id}").ToString(),
                ["verify_token"] = "bench",
                ["fields"] = new JsonArray("messages"),
                ["secret"] = Secret,
            });
            var answer = await NodeSetup.SendAsync(http, sender.Token, HttpMethod.Post, $"/v24.0/{sender.Id}/subscribed_apps", body);
            _webhooks.Add((sender, JsonNode.Parse(answer)!["id"]!.ToString()));
        }
    }

    /// <summary>Holds all webhooks, so that what is to be told waits in the log, or lets them go on.</summary>
    /// <param name="act">pause or resume.</param>
    public async Task TellAsync(Target node, string act)
    {
        using var http = new HttpClient { BaseAddress = new($"http://{node.Endpoint}") };
        foreach (var (sender, id) in _webhooks)
        {
            await NodeSetup.SendAsync(http, sender.Token, HttpMethod.Post, $"/v1/businesses/{sender.Id}/webhooks/{id}/{act}", null);
        }
    }

    /// <summary>What it has had so far.</summary>
    public async Task<Received> ReceivedAsync()
    {
        var counts = JsonNode.Parse(await _http.GetStringAsync(new Uri("/counts", UriKind.Relative)))!;
        long Count(string name) => (long)counts[name]!;
        var kinds = string.Join(", ", counts["kinds"]!.AsObject().Select(kind => $"{kind.Value} {kind.Key}"));
        return new Received(
            Count("updates"),
            Count("missing"),
            Count("out_of_order") + Count("forged"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Count("updates")} updates ({kinds}) in {Count("deliveries")} deliveries, {Count("repeated")} repeated, {Count("missing")} missing, "
                + $"{Count("out_of_order")} out of order, {Count("forged")} forged"));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _program.DisposeAsync();
    }
}
