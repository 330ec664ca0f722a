using System.Text.Json;

namespace Actors.Api.Tests.V1;

/// <summary>A node whose restrictions are short, so that their end can be awaited.</summary>
public sealed class ShortRestrictionsNode : NodeFixture
{
    protected override string[] Arguments =>
    [
        "--Policy:Enforcement:NoMarketingFirst", "00:00:02",
        "--Policy:Enforcement:NoMarketingSecond", "00:00:00",
        "--Policy:Enforcement:WindowOnly", "00:00:02",
    ];
}

/// <summary>Restrictions end on their own, at their instant.</summary>
public sealed class RestrictionsEndTests(ShortRestrictionsNode node) : IClassFixture<ShortRestrictionsNode>
{
    [Theory]
    [InlineData(2, "marketing")]
    [InlineData(4, "utility")]
    public async Task A_restriction_ends_at_its_instant_though_nobody_calls(int strikes, string category)
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, GraphTemplates.Sale);
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.OptInAsync(business, user, "marketing", "utility");
        var until = "";
        for (var strike = 0; strike < strikes; strike++)
        {
            var struck = await node.CallAsync(
                "POST", $"/v1/businesses/{business.Id}/violations", node.Operator, new { type = "scam", note = "sold air" });
            until = struck.Body.TryGetProperty("until", out var end) ? end.GetString()! : "";
        }

        var send = category == "marketing" ? GraphTemplates.Send(user, "summer_sale") : GraphTemplates.Send(user, "order_update", "Ann", "17");
        var path = $"/v24.0/{business.Number}/messages";
        var reply = await node.CallAsync("POST", path, business.Token, send);
        Assert.Equal((403, 368), (reply.Status, reply.Code));
        while (reply.Status != 200)
        {
            Assert.True(reply.Code is 368 or 130429, reply.Text);
            reply = await node.CallAsync("POST", path, business.Token, send);
        }

        var id = reply.Body.GetProperty("messages")[0].GetProperty("id").GetString();
        var message = await node.CallAsync("GET", $"/v1/numbers/{business.Number}/messages/{id}", business.Token);
        var accepted = message.Body.GetProperty("timeline")[0].GetProperty("at").GetString();
        Assert.True(string.CompareOrdinal(accepted, until) >= 0, $"accepted at {accepted}, restricted until {until}");
    }
}

/// <summary>Violations, locks, appeals, limits and quality, and what the Cloud API's shapes show of them.</summary>
public sealed class EnforcementApiTests(NodeFixture node)
{
    [Fact]
    public async Task Violations_lead_up_the_ladder_and_a_restricted_business_hears_368_with_the_end()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, GraphTemplates.Sale);
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.OptInAsync(business, user, "marketing", "utility");
        var warned = await StrikeAsync(business);
        var restricted = await StrikeAsync(business);
        Assert.Equal((1, "warning"), (Number(warned, "tier"), Text(warned, "restriction")));
        Assert.Equal((2, "no_marketing"), (Number(restricted, "tier"), Text(restricted, "restriction")));

        var path = $"/v24.0/{business.Number}/messages";
        var marketing = await node.CallAsync("POST", path, business.Token, GraphTemplates.Send(user, "summer_sale"));
        Assert.Equal((403, 368), (marketing.Status, marketing.Code));
        Assert.True(marketing.Headers.ContainsKey("Retry-After"), marketing.Text);
        Assert.Contains(Text(restricted, "until")!, marketing.Text, StringComparison.Ordinal);
        var utility = await node.CallAsync("POST", path, business.Token, GraphTemplates.Send(user, "order_update", "Ann", "17"));
        Assert.True(utility.Status == 200, utility.Text);

        await StrikeAsync(business);
        Assert.Equal("window_only", Text(await StrikeAsync(business), "restriction"));
        var outside = await node.CallAsync("POST", path, business.Token, GraphTemplates.Send(user, "order_update", "Ann", "18"));
        Assert.Equal((403, 368), (outside.Status, outside.Code));
        await node.WriteAsync(user, business);
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);

        Assert.Equal("nothing", Text(await StrikeAsync(business), "restriction"));
        var nothing = await node.SendTextAsync(business, user);
        Assert.Equal((403, 368), (nothing.Status, nothing.Code));
        var health = await node.CallAsync("GET", $"/v24.0/{business.Number}?fields=status,health_status", business.Token);
        Assert.Equal(("RESTRICTED", "BLOCKED"), (Text(health, "status"), health.Body.GetProperty("health_status").GetProperty("can_send_message").GetString()));

        Assert.Equal("locked", Text(await StrikeAsync(business), "restriction"));
        Assert.Equal(131031, (await node.SendTextAsync(business, user)).Code);
        Assert.Equal((5, "none"), (Number(await NoteAsync(business, "unlock"), "tier"), Text(await NoteAsync(business, "unlock"), "restriction")));
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
    }

    [Fact]
    public async Task A_lock_holds_with_its_answer_and_until_the_unlock()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
        Assert.Equal("locked", Text(await NoteAsync(business, "lock"), "restriction"));
        var refused = await node.SendTextAsync(business, user);
        Assert.Equal((403, 131031), (refused.Status, refused.Code));
        var seen = await node.CallAsync("GET", $"/v24.0/{business.Number}?fields=status", business.Token);
        Assert.Equal("BANNED", Text(seen, "status"));
        await NoteAsync(business, "unlock");
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
    }

    [Fact]
    public async Task A_business_appeals_and_an_operator_decides()
    {
        var business = await node.NewBusinessAsync();
        await StrikeAsync(business);
        var path = $"/v1/businesses/{business.Id}/appeals";
        var unknown = await node.CallAsync("POST", path, business.Token, new { strike = 2, text = "not us" });
        var early = await node.CallAsync("POST", path + "/1", node.Operator, new { decision = "reversed", note = "x" });
        var filed = await node.CallAsync("POST", path, business.Token, new { strike = 1, text = "not us" });
        var twice = await node.CallAsync("POST", path, business.Token, new { strike = 1, text = "not us" });
        Assert.Equal(
            [(404, "strike_unknown"), (404, "appeal_unknown"), (201, null), (409, "appealed_before")],
            new[] { unknown, early, filed, twice }.Select(r => (r.Status, Text(r, "code"))));

        var queue = (await node.CallAsync("GET", "/v1/appeals?status=FILED&limit=1000", node.Operator)).Body.GetProperty("appeals").EnumerateArray();
        var line = Assert.Single(queue, a => a.GetProperty("business").GetString() == $"{business.Id}");
        Assert.Equal((1, "violation"), (line.GetProperty("strike").GetInt32(), line.GetProperty("cause").GetString()));

        var reversed = await node.CallAsync("POST", path + "/1", node.Operator, new { decision = "reversed", note = "right you are" });
        var again = await node.CallAsync("POST", path + "/1", node.Operator, new { decision = "upheld", note = "no" });
        Assert.Equal((200, 0, "none"), (reversed.Status, Number(reversed, "tier"), Text(reversed, "restriction")));
        Assert.Equal((409, "appeal_decided"), (again.Status, Text(again, "code")));
        var seen = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/enforcement", business.Token);
        var appeal = seen.Body.GetProperty("strikes")[0].GetProperty("appeal");
        Assert.Equal(("REVERSED", "right you are"), (appeal.GetProperty("status").GetString(), appeal.GetProperty("note").GetString()));
    }

    [Fact]
    public async Task What_is_wrong_with_a_body_is_named()
    {
        var business = await node.NewBusinessAsync();
        var path = $"/v1/businesses/{business.Id}/";
        var violation = await node.CallAsync("POST", path + "violations", node.Operator, new { type = "Scam!", note = " " });
        var decision = await node.CallAsync("POST", path + "appeals/1", node.Operator, new { decision = "maybe", note = "x" });
        var limit = await node.CallAsync("PUT", path + "limit", node.Operator, new { tier = 300, note = "x" });
        var text = await node.CallAsync("POST", path + "appeals", business.Token, new { strike = 1, text = new string('x', 2_001) });
        var status = await node.CallAsync("GET", "/v1/appeals?status=open", node.Operator);
        Assert.Equal(["type", "note"], OptInsApiTests.Fields(violation));
        Assert.Equal(
            ["decision", "tier", "text", "status"], new[] { decision, limit, text, status }.Select(reply => Assert.Single(OptInsApiTests.Fields(reply))));
        Assert.Equal(404, (await node.CallAsync("POST", "/v1/businesses/1000000000000000/lock", node.Operator, new { note = "x" })).Status);
    }

    [Fact]
    public async Task An_operator_sets_the_limit_and_the_number_shows_it()
    {
        var business = await node.NewBusinessAsync();
        var path = $"/v1/businesses/{business.Id}/limit";
        foreach (var (tier, shown) in new (object, string)[] { (10_000, "TIER_10K"), ("unlimited", "TIER_UNLIMITED"), (250, "TIER_250") })
        {
            var set = await node.CallAsync("PUT", path, node.Operator, new { tier, note = "known" });
            var seen = await node.CallAsync("GET", $"/v24.0/{business.Number}?fields=whatsapp_business_manager_messaging_limit", business.Token);
            Assert.Equal((200, shown), (set.Status, Text(seen, "whatsapp_business_manager_messaging_limit")));
        }
    }

    [Fact]
    public async Task Quality_is_open_with_its_terms()
    {
        var business = await node.NewBusinessAsync();
        var own = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/quality", business.Token);
        var full = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/quality", node.Operator);
        Assert.Equal((200, "UNKNOWN"), (own.Status, Text(own, "rating")));
        Assert.False(own.Body.TryGetProperty("score", out _));
        Assert.False(own.Body.GetProperty("terms").TryGetProperty("negative", out _));
        Assert.Equal(200, own.Body.GetProperty("terms").GetProperty("prior_delivered").GetInt32());
        Assert.Equal(10, own.Body.GetProperty("signals").GetProperty("shown_from_users").GetInt32());
        Assert.Equal(0, full.Body.GetProperty("terms").GetProperty("negative").GetDouble());
        Assert.Equal(0, own.Body.GetProperty("templates").GetArrayLength());
    }

    private Task<TestReply> StrikeAsync(TestBusiness business) =>
        node.CallAsync("POST", $"/v1/businesses/{business.Id}/violations", node.Operator, new { type = "scam", note = "sold air" });

    private Task<TestReply> NoteAsync(TestBusiness business, string act) =>
        node.CallAsync("POST", $"/v1/businesses/{business.Id}/{act}", node.Operator, new { note = "because" });

    private static string? Text(TestReply reply, string name) =>
        reply.Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Number(TestReply reply, string name) => reply.Body.GetProperty(name).GetInt32();
}
