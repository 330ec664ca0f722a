using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Actors.Tests;

/// <summary>A business as the operator's answer to its registration describes it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Id of its first number.</param>
/// <param name="Token">Its first token.</param>
public sealed record TestBusiness(string Id, string Number, string Token);

/// <summary>What a business was told about a send.</summary>
/// <param name="Status">The HTTP status; 0 when the connection broke before an answer.</param>
/// <param name="Wamid">The message's id, where it was accepted.</param>
/// <param name="Code">The error's code, where it was refused.</param>
/// <param name="Replayed">Whether the answer is that of an earlier send with the same key.</param>
public readonly record struct SendAnswer(int Status, string? Wamid, int? Code, bool Replayed)
{
    /// <summary>Whether it may or may not have been accepted, or was not even looked at: to be sent again with the same key.</summary>
    public bool IsOpen => Status is 0 or 503 or 504;
}

/// <summary>The platform over HTTP, as its users see it: nothing here knows what is behind the address.</summary>
public sealed class TestPlatform(HttpClient http, string operatorToken)
{
    /// <summary>An operator's token.</summary>
    public string OperatorToken => operatorToken;

    /// <summary>Calls once and gives the status and the body, which must be JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Body)> CallAsync(HttpMethod method, string path, string token, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text) ?? new JsonObject());
    }

    /// <summary>Sends one message.</summary>
    public async Task<SendAnswer> SendAsync(TestBusiness from, JsonNode message, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v23.0/{from.Number}/messages", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", from.Token);
        request.Headers.Add("Idempotency-Key", key);
        request.Content = new StringContent(message.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var answer = await http.SendAsync(request);
            var isJson = answer.Content.Headers.ContentType?.MediaType == "application/json";   // a balancer's own answer isn't
            var body = isJson ? JsonNode.Parse(await answer.Content.ReadAsStringAsync()) : null;
            return new(
                (int)answer.StatusCode,
                (string?)body?["messages"]?[0]?["id"],
                (int?)body?["error"]?["code"],
                answer.Headers.Contains("Idempotent-Replayed"));
        }
        catch (HttpRequestException)
        {
            return default;
        }
    }

    /// <summary>Calls once, and it must succeed.</summary>
    public async Task<JsonNode> OkAsync(HttpMethod method, string path, string token, JsonNode? body = null)
    {
        var (status, answer) = await CallAsync(method, path, token, body);
        Assert.True((int)status is >= 200 and < 300, $"{method} {path}: {(int)status} {answer}");
        return answer;
    }

    /// <summary>Registers a business with one number.</summary>
    public async Task<TestBusiness> RegisterAsync(string name)
    {
        var answer = await OkAsync(HttpMethod.Post, "/v1/businesses", operatorToken, new JsonObject
        {
            ["name"] = name,
            ["country"] = "ES",
            ["accept_terms"] = true,
        });
        var business = new TestBusiness((string)answer["id"]!, (string)answer["numbers"]![0]!["id"]!, (string)answer["token"]!);
        await OkAsync(
            HttpMethod.Put, $"/v1/businesses/{business.Id}/limit", operatorToken, new JsonObject { ["tier"] = "unlimited", ["note"] = "out of the way" });
        return business;
    }

    /// <summary>Creates a template with a body text and has it approved.</summary>
    /// <param name="example">One value for each variable; with names for a template with named parameters.</param>
    public async Task CreateTemplateAsync(TestBusiness business, string name, string category, string text, params (string? Name, string Value)[] example)
    {
        var named = example.Any(value => value.Name is not null);
        var body = new JsonObject { ["type"] = "BODY", ["text"] = text };
        if (named)
        {
            body["example"] = new JsonObject
            {
                ["body_text_named_params"] = new JsonArray(
                    [.. example.Select(value => new JsonObject { ["param_name"] = value.Name, ["example"] = value.Value })]),
            };
        }
        else if (example.Length > 0)
        {
            body["example"] = new JsonObject { ["body_text"] = new JsonArray(new JsonArray([.. example.Select(value => JsonValue.Create(value.Value))])) };
        }

        var template = await OkAsync(HttpMethod.Post, $"/v23.0/{business.Id}/message_templates", business.Token, new JsonObject
        {
            ["name"] = name,
            ["language"] = "en_US",
            ["category"] = category,
            ["parameter_format"] = named ? "NAMED" : "POSITIONAL",
            ["components"] = new JsonArray(body),
        });
        if ((string?)template["status"] != "APPROVED")
        {
            await OkAsync(HttpMethod.Post, $"/v1/templates/{(string)template["id"]!}/review", operatorToken, new JsonObject { ["decision"] = "approve" });
        }
    }

    /// <summary>Opts users in, for all categories, as a business with its proof does: many lines in one call.</summary>
    public async Task OptInAsync(TestBusiness business, IEnumerable<long> users, DateTimeOffset at)
    {
        var lines = users.Select(user => new JsonObject
        {
            ["user"] = $"{user}",
            ["categories"] = new JsonArray("utility", "authentication", "marketing"),
            ["source"] = "website",
            ["wording"] = "Send me news",
            ["at"] = at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        }.ToJsonString());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/businesses/{business.Id}/opt-ins", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", business.Token);
        request.Content = new StringContent(string.Join('\n', lines) + "\n", Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"opt-ins: {(int)answer.StatusCode} {text}");
    }

    /// <summary>A user writes to a business's number; gives the message's id.</summary>
    public async Task<string> WriteAsync(string userToken, long user, TestBusiness to, string text)
    {
        var answer = await OkAsync(HttpMethod.Post, $"/v1/users/{user}/messages", userToken, new JsonObject
        {
            ["to"] = to.Number,
            ["type"] = "text",
            ["text"] = new JsonObject { ["body"] = text },
        });
        return (string)answer["id"]!;
    }

    /// <summary>The body of a template send.</summary>
    public static JsonObject Template(long user, string name, params string[] values) => new()
    {
        ["messaging_product"] = "whatsapp",
        ["to"] = $"{user}",
        ["type"] = "template",
        ["template"] = new JsonObject
        {
            ["name"] = name,
            ["language"] = new JsonObject { ["code"] = "en_US" },
            ["components"] = values.Length == 0 ? null : new JsonArray(new JsonObject
            {
                ["type"] = "body",
                ["parameters"] = new JsonArray([.. values.Select(value => new JsonObject { ["type"] = "text", ["text"] = value })]),
            }),
        },
    };

    /// <summary>All events of a business, oldest first.</summary>
    public async Task<IReadOnlyList<JsonNode>> EventsAsync(TestBusiness business)
    {
        var all = new List<JsonNode>();
        var cursor = "";
        while (true)
        {
            var page = await OkAsync(HttpMethod.Get, $"/v1/businesses/{business.Id}/events?limit=1000{cursor}", business.Token);
            var events = page["events"]!.AsArray();
            if (events.Count == 0)
            {
                return all;
            }

            all.AddRange(events.OfType<JsonNode>());
            cursor = $"&after={Uri.EscapeDataString((string)page["next"]!)}";
        }
    }
}
