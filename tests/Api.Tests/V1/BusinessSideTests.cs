using System.Text.Json;

namespace Actors.Api.Tests.V1;

/// <summary>Events, messages, decisions and tokens of a business.</summary>
public sealed class BusinessSideTests(NodeFixture node)
{
    internal static readonly object MarketingTemplate = new
    {
        name = "offer",
        language = "en_US",
        category = "MARKETING",
        components = new[] { new { type = "BODY", text = "Ten percent off this week." } },
    };

    [Fact]
    public async Task A_reader_that_keeps_its_cursor_sees_every_event_once_and_in_order()
    {
        var business = await node.NewBusinessAsync();
        var users = Enumerable.Range(0, 7).Select(_ => NodeFixture.NewUser()).ToArray();
        await Task.WhenAll(users.Select(u => node.OptInAsync(business, u, "marketing")));
        await Task.WhenAll(users.Select(u => node.WriteAsync(u, business)));

        var events = await EventsAsync(business, until: e => e.Count(x => Kind(x) == "inbound") == users.Length, limit: 3);

        Assert.Equal(events.Count, events.Select(Seq).Distinct().Count());
        Assert.Equal(events.Select(Seq).Order(), events.Select(Seq));
        Assert.Equal(users.Length, events.Count(e => Kind(e) == "opted_in"));
    }

    [Fact]
    public async Task A_block_a_report_and_feedback_are_not_among_the_events()
    {
        var business = await node.NewBusinessAsync();
        var (user, witness) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        await node.CallAsync("PUT", $"/v1/users/{user}/businesses/{business.Id}/block", node.TokenOf(user));
        await node.CallAsync("POST", $"/v1/users/{user}/businesses/{business.Id}/reports", node.TokenOf(user), new { reason = "spam" });
        await node.WriteAsync(witness, business);

        var events = await EventsAsync(business, until: e => e.Any(x => Kind(x) == "inbound"), limit: 100);

        Assert.DoesNotContain(events, e => e.TryGetProperty("user", out var of) && of.GetString() == NodeFixture.User(user) && Kind(e) != "opted_out");
        Assert.DoesNotContain(events, e => Kind(e).Contains("block", StringComparison.Ordinal) || Kind(e).Contains("report", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("?after=x", "after")]
    [InlineData("?after=AgAAAAAAAAAAtF0", "after")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?limit=1&limit=2", "limit")]
    [InlineData("?since=1", "since")]
    public async Task A_list_refuses_what_it_does_not_know(string query, string field)
    {
        var business = await node.NewBusinessAsync();

        var reply = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/events{query}", business.Token);

        Assert.Equal((400, field), (reply.Status, Assert.Single(OptInsApiTests.Fields(reply))));
    }

    [Fact]
    public async Task A_dry_run_gives_the_answer_of_the_send_and_changes_nothing()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, MarketingTemplate);

        var stranger = await DecideAsync(business, Offer(user));
        await node.OptInAsync(business, user, "marketing");
        var first = await DecideAsync(business, Offer(user));
        var again = await DecideAsync(business, Offer(user));
        var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, Offer(user));
        var full = await DecideAsync(business, Offer(user));
        var refused = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, Offer(user));

        Assert.Equal((false, "no_relation", 131026), (Accepted(stranger), Reason(stranger), ErrorCode(stranger)));
        Assert.True(Accepted(first), first.Text);
        Assert.True(Accepted(again), again.Text);
        Assert.True(sent.Status == 200, sent.Text);
        Assert.Equal((false, "marketing_cap", 131049), (Accepted(full), Reason(full), ErrorCode(full)));
        Assert.Equal(131049, refused.Code);
        Assert.Equal(refused.Error.GetProperty("error_data").GetProperty("decision").ToString(), full.Body.GetProperty("trace").ToString());
        Assert.True(full.Body.TryGetProperty("retry_at", out _));
    }

    [Fact]
    public async Task A_dry_run_of_something_that_is_no_send_is_refused()
    {
        var business = await node.NewBusinessAsync();

        var read = await DecideAsync(business, new { messaging_product = "whatsapp", status = "read", message_id = await AnInboundAsync(business) });
        var bad = await DecideAsync(business, new { messaging_product = "whatsapp", to = "1", type = "text" });
        var text = await node.RawAsync("POST", $"/v1/numbers/{business.Number}/decisions", business.Token, "hi"u8.ToArray(), "text/plain");
        var other = await DecideAsync(business with { Numbers = [business.Number + 5] }, Offer(NodeFixture.NewUser()));

        Assert.Equal((400, "invalid_request"), (read.Status, OptInsApiTests.CodeOf(read)));
        Assert.Equal((400, "invalid_request"), (bad.Status, OptInsApiTests.CodeOf(bad)));
        Assert.Equal((415, "wrong_content_type"), (text.Status, OptInsApiTests.CodeOf(text)));
        Assert.Equal((404, "number_unknown"), (other.Status, OptInsApiTests.CodeOf(other)));
    }

    [Fact]
    public async Task A_business_sees_its_message_and_why_it_was_accepted_but_not_what_others_sent()
    {
        var (business, other) = (await node.NewBusinessAsync(), await node.NewBusinessAsync());
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, MarketingTemplate);
        await node.OptInAsync(business, user, "marketing");
        var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, Offer(user, "basket 9"));
        Assert.True(sent.Status == 200, sent.Text);
        var id = sent.Body.GetProperty("messages")[0].GetProperty("id").GetString();

        var seen = await node.CallAsync("GET", $"/v1/numbers/{business.Number}/messages/{id}", business.Token);
        var stranger = await node.CallAsync("GET", $"/v1/numbers/{other.Number}/messages/{id}", other.Token);
        var inbox = await node.CallAsync("GET", $"/v1/users/{user}/inbox", node.TokenOf(user));

        Assert.Equal(("out", "marketing", "accepted"), (Text(seen, "direction"), Text(seen, "category"), Text(seen, "status")));
        Assert.Equal("basket 9", Text(seen, "biz_opaque_callback_data"));
        var why = seen.Body.GetProperty("why");
        Assert.Equal("website", why.GetProperty("consent").GetProperty("source").GetString());
        Assert.True(why.GetProperty("opened_conversation").GetBoolean());
        Assert.Equal(0, why.GetProperty("policy_version").GetInt32());
        Assert.Equal(["business_day"], why.GetProperty("marketing_cap").EnumerateObject().Select(p => p.Name));
        Assert.Equal((404, "message_unknown"), (stranger.Status, OptInsApiTests.CodeOf(stranger)));
        var cap = inbox.Body.GetProperty("messages")[0].GetProperty("why").GetProperty("marketing_cap");
        Assert.Equal(["business_day", "day", "day_basis", "week"], cap.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task A_business_reads_what_a_user_wrote()
    {
        var business = await node.NewBusinessAsync();
        var id = await AnInboundAsync(business);

        var seen = await node.CallAsync("GET", $"/v1/numbers/{business.Number}/messages/{id}", business.Token);

        Assert.Equal("in", Text(seen, "direction"));
        Assert.Equal("hello", seen.Body.GetProperty("content").GetProperty("text").GetProperty("body").GetString());
        Assert.False(seen.Body.TryGetProperty("why", out _));
    }

    [Fact]
    public async Task A_token_gives_no_scope_that_its_maker_lacks()
    {
        var business = await node.NewBusinessAsync();
        var path = $"/v1/businesses/{business.Id}/tokens";

        var manager = await node.CallAsync("POST", path, business.Token, new { scope = new[] { "manage" }, days = 1 });
        var token = Text(manager, "token");
        var more = await node.CallAsync("POST", path, token, new { scope = new[] { "send" } });
        var same = await node.CallAsync("POST", path, token, new { });
        var wrong = await node.CallAsync("POST", path, business.Token, new { scope = new[] { "send read" }, days = 0 });

        Assert.Equal(201, manager.Status);
        Assert.Equal((403, "forbidden"), (more.Status, OptInsApiTests.CodeOf(more)));
        Assert.Equal((201, "manage"), (same.Status, Assert.Single(same.Body.GetProperty("scope").EnumerateArray().ToArray()).GetString()));
        Assert.Equal(["scope", "days"], OptInsApiTests.Fields(wrong));
    }

    [Fact]
    public async Task A_revocation_ends_every_token_and_an_operator_can_issue_a_new_one()
    {
        var business = await node.NewBusinessAsync();
        var path = $"/v1/businesses/{business.Id}/tokens";

        var revoked = await node.CallAsync("DELETE", path, business.Token);
        var dead = await node.CallAsync("GET", $"/v1/businesses/{business.Id}", business.Token);
        var fresh = await node.CallAsync("POST", path, node.Operator, new { scope = new[] { "read" } });
        var alive = await node.CallAsync("GET", $"/v1/businesses/{business.Id}", Text(fresh, "token"));

        Assert.Equal((204, 401, 201, 200), (revoked.Status, dead.Status, fresh.Status, alive.Status));
    }

    [Fact]
    public async Task A_business_makes_five_thousand_management_calls_an_hour()
    {
        var business = await node.NewBusinessAsync();
        var statuses = new int[Actors.Api.V1.ManagementRate.PerHour + 1];
        await Parallel.ForAsync(0, statuses.Length, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
            statuses[i] = (await node.CallAsync("POST", $"/v1/numbers/{business.Number}/decisions", business.Token, new { })).Status);
        var next = await node.CallAsync("DELETE", $"/v1/businesses/{business.Id}/tokens", business.Token);

        var graph = await node.CallAsync("POST", $"/{business.Number}/whatsapp_business_profile", business.Token, new { messaging_product = "whatsapp" });

        Assert.Single(statuses, 429);
        Assert.Equal(80007, graph.Code);
        Assert.Equal((429, "rate_limited"), (next.Status, OptInsApiTests.CodeOf(next)));
        Assert.True(next.Headers.ContainsKey("Retry-After"));
    }

    private async Task<List<JsonElement>> EventsAsync(TestBusiness business, Predicate<List<JsonElement>> until, int limit)
    {
        var events = new List<JsonElement>();
        var cursor = "";
        while (!until(events))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var page = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/events?limit={limit}{cursor}", business.Token);
            Assert.True(page.Status == 200, page.Text);
            events.AddRange(page.Body.GetProperty("events").EnumerateArray());
            cursor = "&after=" + page.Body.GetProperty("next").GetString();
        }

        return events;
    }

    private Task<string> AnInboundAsync(TestBusiness business) => node.WriteAsync(NodeFixture.NewUser(), business);

    private Task<TestReply> DecideAsync(TestBusiness business, object body) =>
        node.CallAsync("POST", $"/v1/numbers/{business.Number}/decisions", business.Token, body);

    internal static object Offer(long user, string? data = null) => new
    {
        messaging_product = "whatsapp",
        to = NodeFixture.User(user),
        type = "template",
        template = new { name = "offer", language = new { code = "en_US" } },
        biz_opaque_callback_data = data,
    };

    private static bool Accepted(TestReply reply) => reply.Body.GetProperty("accepted").GetBoolean();

    private static string? Reason(TestReply reply) => Text(reply, "reason");

    private static int ErrorCode(TestReply reply) => reply.Body.GetProperty("error").GetProperty("code").GetInt32();

    private static string? Text(TestReply reply, string name) => reply.Body.GetProperty(name).GetString();

    private static string Kind(JsonElement e) => e.GetProperty("kind").GetString()!;

    private static long Seq(JsonElement e) => e.GetProperty("seq").GetInt64();
}
