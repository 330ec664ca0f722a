using System.Text.Json;

namespace Actors.Api.Tests.V1;

/// <summary>The business's side in the trace of a refusal and of a dry run, and the whole trace for operators.</summary>
public sealed class TraceTests(NodeFixture node)
{
    private readonly long _user = NodeFixture.NewUser();

    [Fact]
    public async Task A_dry_run_tells_of_tier_restriction_quality_and_limit()
    {
        var business = await BusinessAsync();
        await StrikeAsync(business, 1);
        var dry = await DecideAsync(business, business.Token);
        Assert.True(dry.Body.GetProperty("accepted").GetBoolean(), dry.Text);
        var status = Facts(dry.Body.GetProperty("trace"), "business_status");
        Assert.Equal(("1", "warning", "unknown", "no"), (Of(status, "tier"), Of(status, "restriction"), Of(status, "quality"), Of(status, "locked")));
        Assert.True(status.TryGetProperty("restricted_until", out _));
        var limit = Facts(dry.Body.GetProperty("trace"), "messaging_limit");
        Assert.Equal(("250", "true", "never"), (Of(limit, "limit"), Of(limit, "opens_conversation"), Of(limit, "opened_at")));

        await node.CallAsync("PUT", $"/v1/businesses/{business.Id}/limit", node.Operator, new { tier = "unlimited", note = "trusted" });
        Assert.Equal("unlimited", Of(Facts((await DecideAsync(business, business.Token)).Body.GetProperty("trace"), "messaging_limit"), "limit"));
    }

    [Fact]
    public async Task A_refusal_tells_of_tier_restriction_and_quality_and_until_when()
    {
        var business = await BusinessAsync();
        await StrikeAsync(business, 5);
        var refused = await node.SendTextAsync(business, _user);
        Assert.Equal(368, refused.Code);
        var trace = refused.Error.GetProperty("error_data").GetProperty("decision");
        var status = Facts(trace, "business_status");
        Assert.Equal(("5", "nothing", "unknown"), (Of(status, "tier"), Of(status, "restriction"), Of(status, "quality")));
        Assert.Equal(Of(status, "restricted_until"), Step(trace, "business_status").GetProperty("retry_at").GetString());
    }

    [Fact]
    public async Task An_operator_sees_the_whole_trace_of_a_dry_run_and_nothing_is_sent()
    {
        var business = await BusinessAsync();
        await node.CallAsync("PUT", $"/v1/users/{NodeFixture.User(_user)}/businesses/{business.Id}/block", node.TokenOf(_user), new { reason = "spam" });
        var own = await DecideAsync(business, business.Token);
        var whole = await DecideAsync(business, node.Operator);
        Assert.Equal(("no_relation", "blocked_by_user"), (Of(own.Body, "reason"), Of(whole.Body, "reason")));
        Assert.Equal("reach", own.Body.GetProperty("trace").EnumerateArray().Last().GetProperty("rule").GetString());
        Assert.Equal("messaging_limit", whole.Body.GetProperty("trace").EnumerateArray().Last().GetProperty("rule").GetString());
        Assert.Equal("withdrawn_by_block", Of(Facts(whole.Body.GetProperty("trace"), "consent"), "consent_status"));
        Assert.Equal(Of(own.Body.GetProperty("error"), "details"), Of(whole.Body.GetProperty("error"), "details"));
    }

    [Fact]
    public async Task An_operator_sees_all_of_why_a_message_was_accepted_and_not_what_it_says()
    {
        var business = await BusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Sale);
        await node.OptInAsync(business, _user, "marketing");
        var sent = await node.CallAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, GraphTemplates.Send(_user, "summer_sale"));
        var path = $"/v1/numbers/{business.Number}/messages/{sent.Body.GetProperty("messages")[0].GetProperty("id").GetString()}";
        var (own, whole) = ((await node.CallAsync("GET", path, business.Token)).Body, (await node.CallAsync("GET", path, node.Operator)).Body);
        Assert.True(own.TryGetProperty("content", out _));
        Assert.False(whole.TryGetProperty("content", out _));
        Assert.False(own.GetProperty("why").GetProperty("marketing_cap").TryGetProperty("week", out _));
        Assert.Equal((1, 6), Place(whole.GetProperty("why").GetProperty("marketing_cap").GetProperty("week")));
        Assert.Equal(Of(own, "status"), Of(whole, "status"));

        static (int, int) Place(JsonElement place) => (place.GetProperty("place").GetInt32(), place.GetProperty("of").GetInt32());
    }

    private async Task<TestBusiness> BusinessAsync()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.OptInAsync(business, _user, "utility");
        return business;
    }

    private async Task StrikeAsync(TestBusiness business, int strikes)
    {
        for (var strike = 0; strike < strikes; strike++)
        {
            var reply = await node.CallAsync("POST", $"/v1/businesses/{business.Id}/violations", node.Operator, new { type = "scam", note = "sold air" });
            Assert.Equal(200, reply.Status);
        }
    }

    private Task<TestReply> DecideAsync(TestBusiness business, string token) =>
        node.CallAsync("POST", $"/v1/numbers/{business.Number}/decisions", token, GraphTemplates.Send(_user, "order_update", "Ann", "17"));

    private static JsonElement Step(JsonElement trace, string rule) => trace.EnumerateArray().Single(step => step.GetProperty("rule").GetString() == rule);

    private static JsonElement Facts(JsonElement trace, string rule) => Step(trace, rule).GetProperty("facts");

    private static string? Of(JsonElement facts, string name) => facts.GetProperty(name).GetString();
}
