using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Actors.Bench.Load;

/// <summary>Tells our node about businesses, templates and users, through its own HTTP interface.</summary>
internal static class NodeSetup
{
    /// <summary>
    /// The numbers of the policy that would refuse what is measured: the accepted send. Consent, window and marketing cap stay as they are by default.
    /// </summary>
    public static readonly string[] OutOfTheWay =
    [
        "--Policy:PairRate:Interval", "00:00:00", "--Policy:Throughput:Default", "1000000", "--Policy:Messages:UndeliveredMax", "1000000000",
    ];

    /// <summary>Lets webhooks lead to this machine.</summary>
    public static readonly string[] ReceiverHere = ["--Webhooks:AllowHttp", "true", "--Webhooks:AllowPrivate", "true"];

    private const int OptInsPerRequest = 20_000;
    private const int UsersAtOnce = 64;

    public static async Task<IReadOnlyList<Sender>> FillAsync(Target node, Uri url, string[] configuration, string key)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = UsersAtOnce };
        using var http = new HttpClient(handler) { BaseAddress = url, Timeout = TimeSpan.FromMinutes(10) };
        var operatorToken = await TokenAsync(configuration, "operator", "bench");
        var senders = new List<Sender>();
        for (var business = 0; business < node.Population.Businesses; business++)
        {
            senders.Add(await RegisterAsync(http, operatorToken, business, node.Population.Users));
            await ApproveAsync(
                http, operatorToken, senders[^1], "order_update", "UTILITY", "Hello {{1}}, your order {{2}} is on its way to you.", ["Ann", "1234"]);
            await ApproveAsync(
                http, operatorToken, senders[^1], "spring_offer", "MARKETING", "Spring is here: use the code {{1}} to save ten percent.", ["SPRING"]);
            await OptInAsync(http, senders[^1], node.Population, business);
        }

        var userToken = await TokenAsync(configuration, "user", node.Population.FirstWaId.ToString(CultureInfo.InvariantCulture));
        await OpenWindowsAsync(http, node.Population, senders, userToken, key);
        return senders;
    }

    /// <summary>Has a node try numbers on every send that it doesn't obey.</summary>
    /// <param name="changes">What differs from its policy, as JSON.</param>
    public static async Task ShadowAsync(Target node, string changes)
    {
        using var http = new HttpClient { BaseAddress = new($"http://{node.Endpoint}") };
        using var body = new StringContent($$"""{"changes":{{changes}}}""", Encoding.UTF8, "application/json");
        await SendAsync(http, await TokenAsync(node.Configuration, "operator", "bench"), HttpMethod.Put, "/v1/policy/shadow", body);
    }

    /// <summary>What the shadow has counted.</summary>
    public static async Task<string> ShadowCountsAsync(Target node)
    {
        using var http = new HttpClient { BaseAddress = new($"http://{node.Endpoint}") };
        return await SendAsync(http, await TokenAsync(node.Configuration, "operator", "bench"), HttpMethod.Get, "/v1/policy/shadow", null);
    }

    /// <summary>A token as the node's own command makes it.</summary>
    public static async Task<string> TokenAsync(string[] configuration, string role, string subject)
    {
        var output = await Child.RunAsync("dotnet", [Repository.Program("Silo"), "token", role, subject, .. configuration]);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Trim();
    }

    private static async Task<Sender> RegisterAsync(HttpClient http, string operatorToken, int business, int users)
    {
        var answer = await CallAsync(http, operatorToken, HttpMethod.Post, "/v1/businesses", JsonContent.Create(new JsonObject
        {
            ["name"] = $"Bench {business + 1}",
            ["country"] = "DE",
            ["accept_terms"] = true,
            ["numbers"] = 1,
        }));
        var sender = new Sender(Number(answer["id"]), Number(answer["numbers"]![0]!["id"]), answer["token"]!.GetValue<string>());
        await LimitAsync(http, operatorToken, sender, users);
        return sender;
    }

    /// <summary>
    /// The smallest limit under which every user can be written to: sends pay for what they open as they do elsewhere. Only more users than the highest
    /// limit has go without one. Older builds, the other side of a comparison, have no limits.
    /// </summary>
    private static async Task LimitAsync(HttpClient http, string operatorToken, Sender sender, int users)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/businesses/{sender.Id}/limit");
        var tier = users <= 100_000 ? 100_000 : (JsonNode)"unlimited";
        request.Content = JsonContent.Create(new JsonObject { ["tier"] = tier, ["note"] = "room for every user" });
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", operatorToken);
        using var answer = await http.SendAsync(request);
        if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.NotFound)
        {
            throw new InvalidOperationException($"The limit was answered with {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private static async Task ApproveAsync(
        HttpClient http, string operatorToken, Sender sender, string name, string category, string text, string[] samples)
    {
        var template = await CallAsync(http, sender.Token, HttpMethod.Post, $"/v24.0/{sender.Id}/message_templates", JsonContent.Create(new JsonObject
        {
            ["name"] = name,
            ["language"] = "en_US",
            ["category"] = category,
            ["components"] = new JsonArray(new JsonObject
            {
                ["type"] = "BODY",
                ["text"] = text,
                ["example"] = new JsonObject { ["body_text"] = new JsonArray(new JsonArray([.. samples.Select(sample => (JsonNode)sample)])) },
            }),
        }));
        var approval = JsonContent.Create(new JsonObject { ["decision"] = "approve" });
        await CallAsync(http, operatorToken, HttpMethod.Post, $"/v1/templates/{Number(template["id"])}/review", approval);
    }

    private static async Task OptInAsync(HttpClient http, Sender sender, Population population, int business)
    {
        var at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        for (var first = 0; first < population.Users; first += OptInsPerRequest)
        {
            var lines = new StringBuilder();
            var expected = 0;
            for (var user = first; user < Math.Min(first + OptInsPerRequest, population.Users); user++)
            {
                var allowed = population[user, business] & ~Allowed.Window;
                if (allowed == Allowed.Nothing)
                {
                    continue;
                }

                var categories = allowed.HasFlag(Allowed.Marketing) ? "\"utility\",\"marketing\"" : "\"utility\"";
                lines.Append(CultureInfo.InvariantCulture, $$"""
                    {"user":"{{population.WaId(user)}}","categories":[{{categories}}],"source":"website","wording":"I want news of this shop.","at":"{{at}}"}
                    """).Append('\n');
                expected++;
            }

            using var content = new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson");
            var answer = await SendAsync(http, sender.Token, HttpMethod.Post, $"/v1/businesses/{sender.Id}/opt-ins", content);
            var refused = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !IsDone(line)).ToList();
            var answered = answer.Count(c => c == '\n');
            if (refused.Count > 0 || answered < expected)
            {
                throw new InvalidOperationException($"Of {expected} opt-ins {answered} were answered and {refused.Count} refused: {refused.FirstOrDefault()}");
            }
        }
    }

    private static bool IsDone(string line) => JsonNode.Parse(line) is JsonObject entry && !entry.ContainsKey("error") && !entry.ContainsKey("code");

    private static async Task OpenWindowsAsync(HttpClient http, Population population, List<Sender> senders, string sample, string key)
    {
        var claims = Jwt.Claims(sample).ToJsonString();
        var users = Enumerable.Range(0, population.Users).Where(user => population[user, population.WindowOf(user)].HasFlag(Allowed.Window));
        await Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = UsersAtOnce }, async (user, cancel) =>
        {
            var number = population.WaId(user).ToString(CultureInfo.InvariantCulture);
            var mine = JsonNode.Parse(claims)!.AsObject();
            mine["sub"] = number;
            await CallAsync(http, Jwt.Sign(mine, key), HttpMethod.Post, $"/v1/users/{number}/messages", JsonContent.Create(new JsonObject
            {
                ["to"] = senders[population.WindowOf(user)].PhoneNumber.ToString(CultureInfo.InvariantCulture),
                ["type"] = "text",
                ["text"] = new JsonObject { ["body"] = "When does my parcel come?" },
            }));
        });
    }

    private static async Task<JsonNode> CallAsync(HttpClient http, string token, HttpMethod method, string path, HttpContent body) =>
        JsonNode.Parse(await SendAsync(http, token, method, path, body))!;

    public static async Task<string> SendAsync(HttpClient http, string token, HttpMethod method, string path, HttpContent? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{method} {path} gave {(int)answer.StatusCode}: {text}");
    }

    /// <summary>Ids are strings in some shapes and numbers in others.</summary>
    private static long Number(JsonNode? id) => long.Parse(id!.ToString(), CultureInfo.InvariantCulture);
}
