using System.Globalization;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Actors.Api.V1;

namespace Actors.Api.Tests.V1;

public sealed class OptInsApiTests(NodeFixture node)
{
    [Fact]
    public async Task An_opt_in_is_kept_with_its_proof_and_its_repetition_changes_nothing()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        var body = new
        {
            user = "+" + NodeFixture.User(user),
            categories = new[] { "marketing" },
            source = "paper",
            wording = "I want offers",
            evidence = "scan 17",
            at = "2026-01-02T03:04:05Z",
        };

        var first = await node.CallAsync("POST", Path(business), business.Token, body);
        var again = await node.CallAsync("POST", Path(business), business.Token, body);
        var list = await node.CallAsync("GET", Path(business), business.Token);

        Assert.Equal((200, true), (first.Status, first.Body.GetProperty("changed").GetBoolean()));
        Assert.Equal((200, false), (again.Status, again.Body.GetProperty("changed").GetBoolean()));
        var entry = Assert.Single(list.Body.GetProperty("opt_ins").EnumerateArray().ToArray());
        Assert.Equal(NodeFixture.User(user), entry.GetProperty("user").GetString());
        Assert.True(entry.GetProperty("granted").GetBoolean());
        Assert.Equal("marketing", Assert.Single(entry.GetProperty("categories").EnumerateArray().ToArray()).GetString());
        Assert.Equal(("business", "paper"), (entry.GetProperty("by").GetString(), entry.GetProperty("source").GetString()));
        Assert.Equal(("I want offers", "scan 17"), (entry.GetProperty("wording").GetString(), entry.GetProperty("evidence").GetString()));
        Assert.Equal("2026-01-02T03:04:05.000Z", entry.GetProperty("at").GetString());
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_named_at_once()
    {
        var business = await node.NewBusinessAsync();

        var shape = await node.CallAsync("POST", Path(business), business.Token, new { user = "49170123", sauce = "website", colour = 1 });
        var values = await node.CallAsync(
            "POST", Path(business), business.Token, new { user = "12", categories = new[] { "service" }, source = "x", wording = " ", at = "now" });

        Assert.Equal((400, "invalid_request"), (shape.Status, CodeOf(shape)));
        Assert.Equal(["at", "categories", "colour", "sauce", "source", "wording"], Fields(shape).Order());
        Assert.Equal((400, "invalid_request"), (values.Status, CodeOf(values)));
        Assert.Equal(["user", "categories", "source", "wording", "at"], Fields(values));
    }

    [Fact]
    public async Task A_business_cannot_restore_what_the_user_took_away()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.OptInAsync(business, user, "marketing");
        var optOut = await node.CallAsync("DELETE", $"/v1/users/{user}/businesses/{business.Id}/opt-in", node.TokenOf(user));
        Assert.Equal(200, optOut.Status);

        var again = await node.CallAsync("POST", Path(business), business.Token, OptIn(user, "2026-11-22T10:00:00Z"));

        Assert.Equal((409, "taken_away_by_user"), (again.Status, CodeOf(again)));
    }

    [Fact]
    public async Task An_opt_in_in_the_future_is_refused()
    {
        var business = await node.NewBusinessAsync();

        var reply = await node.CallAsync("POST", Path(business), business.Token, OptIn(NodeFixture.NewUser(), "2126-01-01T00:00:00Z"));

        Assert.Equal((400, "opt_in_in_future"), (reply.Status, CodeOf(reply)));
    }

    [Fact]
    public async Task The_business_takes_an_opt_out_for_the_user_and_the_log_says_so()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.OptInAsync(business, user, "marketing", "utility");

        var some = await node.CallAsync("DELETE", $"{Path(business)}/{user}?categories=marketing", business.Token);
        var wrong = await node.CallAsync("DELETE", $"{Path(business)}/{user}?category=utility", business.Token);
        var list = await node.CallAsync("GET", Path(business), business.Token);

        Assert.Equal(200, some.Status);
        Assert.Equal((400, "category"), (wrong.Status, Assert.Single(Fields(wrong))));
        var withdrawal = list.Body.GetProperty("opt_ins").EnumerateArray().Last();
        Assert.False(withdrawal.GetProperty("granted").GetBoolean());
        Assert.Equal("business", withdrawal.GetProperty("by").GetString());
        Assert.Equal("marketing", Assert.Single(withdrawal.GetProperty("categories").EnumerateArray().ToArray()).GetString());
    }

    [Fact]
    public async Task Each_line_of_an_import_is_answered_in_order_and_a_bad_one_stops_nobody()
    {
        var business = await node.NewBusinessAsync();
        var (first, second) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        var lines = new[]
        {
            JsonSerializer.Serialize(OptIn(first, "2026-11-01T00:00:00Z")),
            "{\"user\":",
            "",
            JsonSerializer.Serialize(new { user = "12", colour = 1 }),
            new string('x', OptInImport.LineBytesMax + 1),
            JsonSerializer.Serialize(OptIn(second, "2026-11-01T00:00:00Z")) + "\r",
            JsonSerializer.Serialize(OptIn(first, "2026-11-01T00:00:00Z")),
        };

        var reply = await ImportAsync(business, string.Join('\n', lines));

        Assert.Equal((200, "application/x-ndjson"), (reply.Status, reply.ContentType));
        var results = Lines(reply);
        Assert.Equal([1, 2, 4, 5, 6, 7], results.Select(r => r.GetProperty("line").GetInt32()));
        Assert.Equal([true, false, false, false, true, true], results.Select(r => r.GetProperty("ok").GetBoolean()));
        Assert.Equal(["malformed_json", "invalid_request", "line_too_long"], results.Skip(1).Take(3).Select(r => r.GetProperty("code").GetString()));
        Assert.False(results[5].GetProperty("changed").GetBoolean());
    }

    [Fact]
    public async Task An_import_of_many_users_records_each_of_them()
    {
        var business = await node.NewBusinessAsync();
        var users = Enumerable.Range(0, 2_000).Select(_ => NodeFixture.NewUser()).ToArray();
        var body = string.Join('\n', users.Select(u => JsonSerializer.Serialize(OptIn(u, "2026-11-01T00:00:00Z"))));

        var results = Lines(await ImportAsync(business, body));

        Assert.Equal(users.Length, results.Length);
        Assert.All(results, r => Assert.True(r.GetProperty("ok").GetBoolean(), r.ToString()));
        var seen = new List<string>();
        for (var cursor = ""; seen.Count < users.Length;)
        {
            var page = await node.CallAsync("GET", $"{Path(business)}?limit=700{cursor}", business.Token);
            var entries = page.Body.GetProperty("opt_ins").EnumerateArray().Select(o => o.GetProperty("user").GetString()!).ToArray();
            Assert.NotEmpty(entries);
            seen.AddRange(entries);
            cursor = "&after=" + page.Body.GetProperty("next").GetString();
        }

        Assert.Equal(users.Select(NodeFixture.User).Order(), seen.Order());
    }

    [Fact]
    public async Task An_import_that_is_too_large_records_nothing()
    {
        var business = await node.NewBusinessAsync();
        var first = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(OptIn(NodeFixture.NewUser(), "2026-11-01T00:00:00Z")) + "\n");
        var body = new byte[OptInImport.BytesMax + 1];
        body.AsSpan().Fill((byte)'\n');
        first.CopyTo(body, 0);

        var reply = await node.RawAsync("POST", Path(business), business.Token, body, OptInImport.ContentType);
        var list = await node.CallAsync("GET", Path(business), business.Token);

        Assert.Equal((413, "body_too_large"), (reply.Status, CodeOf(reply)));
        Assert.Empty(list.Body.GetProperty("opt_ins").EnumerateArray());
    }

    [Fact]
    public async Task A_business_imports_one_body_at_a_time_and_a_slow_one_holds_up_nobody_else()
    {
        var (business, other) = (await node.NewBusinessAsync(), await node.NewBusinessAsync());
        var (slow, first) = await StartSlowAsync(business);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        TestReply second;
        do
        {
            Assert.False(limit.IsCancellationRequested, "the first import was never under way");
            second = await ImportAsync(business, "");   // an empty body records nothing, however often it gets through before the first has come
            if (first.IsCompleted)
            {
                (await first).Dispose();   // it came while an empty one had the place, and was the second itself
                (slow, first) = await StartSlowAsync(business);
            }
        }
        while (second.Status == 200);

        var others = await ImportAsync(other, JsonSerializer.Serialize(OptIn(NodeFixture.NewUser(), "2026-11-01T00:00:00Z")));
        await slow.CompleteAsync();
        using var done = await first;

        Assert.Equal((503, "overloaded"), (second.Status, CodeOf(second)));
        Assert.True(Assert.Single(Lines(others)).GetProperty("ok").GetBoolean());
        Assert.Contains("\"ok\":true", await done.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        var business = await node.NewBusinessAsync();

        var reply = await node.RawAsync("POST", Path(business), business.Token, "a,b"u8.ToArray(), "text/csv");

        Assert.Equal((415, "wrong_content_type"), (reply.Status, CodeOf(reply)));
    }

    /// <summary>An import whose body isn't complete until the writer is.</summary>
    private async Task<(PipeWriter Body, Task<HttpResponseMessage> Answer)> StartSlowAsync(TestBusiness business)
    {
        var body = new Pipe();
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Path(business), UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", business.Token);
        request.Content = new StreamContent(body.Reader.AsStream());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(OptInImport.ContentType);
        var answer = node.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var line = JsonSerializer.Serialize(OptIn(NodeFixture.NewUser(), "2026-11-01T00:00:00Z"));
        var more = Encoding.UTF8.GetBytes(line + new string('\n', 64 * 1024));   // enough for the client to send some of it
        await body.Writer.WriteAsync(more, TestContext.Current.CancellationToken);
        return (body.Writer, answer);
    }

    internal static string? CodeOf(TestReply reply) => reply.Body.GetProperty("code").GetString();

    internal static string[] Fields(TestReply reply) =>
        [.. reply.Body.GetProperty("fields").EnumerateArray().Select(f => f.GetProperty("field").GetString()!)];

    private Task<TestReply> ImportAsync(TestBusiness business, string lines) =>
        node.RawAsync("POST", Path(business), business.Token, Encoding.UTF8.GetBytes(lines), OptInImport.ContentType + "; charset=utf-8");

    private static JsonElement[] Lines(TestReply reply) =>
        [.. reply.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    private static object OptIn(long user, string at) =>
        new { user = NodeFixture.User(user), categories = new[] { "marketing" }, source = "website", wording = "Yes", at };

    private static string Path(TestBusiness business) => string.Create(CultureInfo.InvariantCulture, $"/v1/businesses/{business.Id}/opt-ins");
}
