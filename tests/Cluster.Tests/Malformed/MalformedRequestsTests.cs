using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Actors.Tests;

namespace Actors.Cluster.Tests.Malformed;

/// <summary>However malformed a request is: no defect, no crash, no request that hangs, nothing changed.</summary>
public sealed class MalformedRequestsTests
{
    private const long User = 34600300001;
    private const int Connections = 32;
    private static readonly TimeSpan _answeredWithin = TimeSpan.FromSeconds(20);

    private static int Requests => Environment.GetEnvironmentVariable("ACTORS_LONG") == "1" ? 100_000 : 10_000;

    [Fact]
    public async Task Malformed_requests_are_refused_and_change_nothing()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ACTORS_SEED"), out var given) ? given : Random.Shared.Next();
        await using var node = await TestNode.StartAsync(
            TestNode.NewDataDirectory(), "Policy:Throughput:Default=1000000", "Policy:Templates:AutoApprove=true");
        var operatorToken = await TestNode.TokenAsync("operator", "tests");
        var userToken = await TestNode.TokenAsync("user", $"{User}");
        var platform = new TestPlatform(node.Http, operatorToken);
        var (business, other) = (await PrepareAsync(platform, "Corner Shop"), await PrepareAsync(platform, "Other Shop"));
        var sent = await platform.SendAsync(business, TestPlatform.Template(User, "news"), "first");
        Assert.NotNull(sent.Wamid);
        var template = await platform.OkAsync(HttpMethod.Get, $"/v23.0/{business.Id}/message_templates", business.Token);
        string TokenOf(Role role) => role switch
        {
            Role.Business => business.Token,
            Role.User => userToken,
            Role.Operator => operatorToken,
        };

        var calls = Endpoint.All(business, (string)template["data"]![0]!["id"]!, User, sent.Wamid);
        var generator = new Generator(seed, calls, TokenOf, [other.Token, TestNode.SigningKey]);
        var before = await StateAsync(platform, [business, other], operatorToken, userToken);

        var faults = new ConcurrentQueue<string>();
        var statuses = new ConcurrentDictionary<int, int>();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = _answeredWithin };
        var requests = Enumerable.Range(0, Requests).Select(_ => generator.Next());
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (request, _) =>
        {
            var (status, fault) = await AnswerAsync(http, node.Address, request);
            statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
            if (fault is not null)
            {
                faults.Enqueue($"{fault}: {request}");
            }
        });

        Assert.True(faults.IsEmpty, $"seed {seed}, {faults.Count} faults:\n{string.Join('\n', faults.Take(20))}\n{node.Output}");
        Assert.True(statuses.GetValueOrDefault(400) > Requests / 10, $"most were to be refused as malformed: {string.Join(", ", statuses)}");
        var after = await StateAsync(platform, [business, other], operatorToken, userToken);
        Assert.Equal(before, after);

        // And it still does its work.
        Assert.NotNull((await platform.SendAsync(other, TestPlatform.Template(User, "news"), "last")).Wamid);
        Assert.DoesNotContain("Unhandled exception", node.Output, StringComparison.Ordinal);
    }

    private static async Task<TestBusiness> PrepareAsync(TestPlatform platform, string name)
    {
        var business = await platform.RegisterAsync(name);
        await platform.CreateTemplateAsync(business, "news", "MARKETING", "New shoes are in.");
        await platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Thank you, {{1}}, it is paid.", (null, "Ana"));
        await platform.OptInAsync(business, [User], TimeProvider.System.GetUtcNow());
        return business;
    }

    private static async Task<(int Status, string? Fault)> AnswerAsync(HttpClient http, Uri address, Request request)
    {
        HttpRequestMessage message;
        try
        {
            message = request.ToMessage(address);
        }
        catch (Exception e) when (e is UriFormatException or FormatException or ArgumentException)
        {
            return (-1, null);   // the client itself won't send it
        }

        using (message)
        {
            try
            {
                using var answer = await http.SendAsync(message);
                return ((int)answer.StatusCode, Fault(request, answer.StatusCode, answer, await answer.Content.ReadAsStringAsync()));
            }
            catch (OperationCanceledException)
            {
                return (0, $"no answer within {_answeredWithin}");
            }
            catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError)
            {
                return (0, "the node is gone");
            }
            catch (HttpRequestException)
            {
                return (-1, null);   // the server closed on what is no HTTP, or the client won't send it
            }
        }
    }

    private static string? Fault(Request request, HttpStatusCode status, HttpResponseMessage answer, string body)
    {
        if (status == HttpStatusCode.ServiceUnavailable)
        {
            return answer.Headers.RetryAfter is null && !request.Path.StartsWith("/health", StringComparison.Ordinal) ? "503 without Retry-After" : null;
        }

        if ((int)status >= 500)
        {
            return $"{(int)status} {body}";
        }

        if ((int)status < 400)
        {
            return request.From.MayAnswer(request.Method, body) ? null : $"accepted with {(int)status} {body}";
        }

        return body.Length == 0 || Explains(body) ? null : $"{(int)status} explains nothing: {body}";
    }

    private static bool Explains(string body)
    {
        try
        {
            var answer = JsonNode.Parse(body);
            return answer?["error"]?["code"] is not null || answer?["code"] is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Everything that the interface shows of what is stored.</summary>
    private static async Task<string> StateAsync(TestPlatform platform, TestBusiness[] businesses, string operatorToken, string userToken)
    {
        var state = new JsonObject
        {
            ["businesses"] = await ReadAsync("/v1/businesses?limit=1000", operatorToken),
            ["audit"] = await ReadAsync("/v1/audit?limit=1000", operatorToken),
            ["user"] = await ReadAsync($"/v1/users/{User}", userToken),
            ["inbox"] = await ReadAsync($"/v1/users/{User}/inbox", userToken),
        };
        foreach (var business in businesses)
        {
            state[business.Id] = new JsonObject
            {
                ["events"] = new JsonArray([.. (await platform.EventsAsync(business)).Select(line => line.DeepClone())]),
                ["opt_ins"] = await ReadAsync($"/v1/businesses/{business.Id}/opt-ins?limit=1000", business.Token),
                ["templates"] = await ReadAsync($"/v23.0/{business.Id}/message_templates?limit=100", business.Token),
                ["profile"] = await ReadAsync($"/v23.0/{business.Number}/whatsapp_business_profile", business.Token),
                ["blocked"] = await ReadAsync($"/v23.0/{business.Number}/block_users", business.Token),
            };
        }

        return state.ToJsonString();

        async Task<JsonNode> ReadAsync(string path, string token) => await platform.OkAsync(HttpMethod.Get, path, token);
    }
}
