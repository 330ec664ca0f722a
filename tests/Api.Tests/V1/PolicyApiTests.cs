using System.Text.Json;
using Actors.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.V1;

/// <summary>Operators change the policy over HTTP. On a node of their own: the numbers are everybody's.</summary>
public sealed class PolicyApiTests(PolicyApiTests.Node node) : IClassFixture<PolicyApiTests.Node>
{
    private const string Versions = "/v1/policy/versions";
    private const string Shadow = "/v1/policy/shadow";

    [Fact]
    public async Task All_numbers_are_shown_with_value_default_and_range()
    {
        var reply = await node.CallAsync("GET", "/v1/policy", node.Operator);
        Assert.Equal(200, reply.Status);
        var numbers = reply.Body.GetProperty("numbers").EnumerateArray().ToDictionary(n => n.GetProperty("key").GetString()!);
        Assert.Equal(Policy.PolicyKeys.All.Select(key => key.Name).Order(), numbers.Keys.Order());
        var burst = numbers["PairRate:Burst"];
        Assert.Equal(
            ("44", "45", "a whole number from 1 to 100000"),
            (burst.GetProperty("value").GetString(), burst.GetProperty("default").GetString(), burst.GetProperty("range").GetString()));
        Assert.Contains("STOP", numbers["Consent:StopWords"].GetProperty("value").EnumerateArray().Select(word => word.GetString()));
    }

    [Fact]
    public async Task A_change_holds_with_its_answer_and_is_rolled_back()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);

        var (version, changed) = await ChangeAsync(new() { ["Messages:UndeliveredMax"] = "1", ["Consent:StopWords"] = new[] { "STOP", "HALT" } });
        Assert.Equal(201, changed.Status);
        Assert.Equal(("operator:ann", "a try"), (Text(changed, "actor"), Text(changed, "reason")));
        var refused = await node.SendTextAsync(business, user);
        Assert.Equal((131026, version), (refused.Code, refused.Error.GetProperty("error_data").GetProperty("policy_version").GetUInt32()));
        var dry = await node.CallAsync("POST", $"/v1/numbers/{business.Number}/decisions", business.Token, NodeFixture.Text(user));
        Assert.Equal((false, version), (dry.Body.GetProperty("accepted").GetBoolean(), dry.Body.GetProperty("policy_version").GetUInt32()));

        var back = await node.CallAsync("POST", $"{Versions}/{version - 1}/rollback", node.Operator, new { @base = version, reason = "enough" });
        Assert.Equal((201, version + 1, version - 1), (back.Status, Number(back, "version"), Number(back, "rolled_back_to")));
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);

        var page = await node.CallAsync("GET", $"{Versions}?limit=1000", node.Operator);
        var shown = page.Body.GetProperty("versions").EnumerateArray().Single(v => v.GetProperty("version").GetUInt32() == version);
        var change = shown.GetProperty("changes").GetProperty("Messages:UndeliveredMax");
        Assert.Equal(("1000", "1"), (change.GetProperty("from").GetString(), change.GetProperty("to").GetString()));
        Assert.Equal(JsonValueKind.Array, shown.GetProperty("changes").GetProperty("Consent:StopWords").GetProperty("to").ValueKind);
    }

    [Fact]
    public async Task A_lower_throughput_holds_with_its_answer()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
        var (version, _) = await ChangeAsync(new() { ["Throughput:Default"] = "1" });
        var refused = new List<TestReply>();
        for (var i = 0; i < 20 && refused.Count == 0; i++)
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => node.SendTextAsync(business, user)));
            refused.AddRange(replies.Where(reply => reply.Status != 200));
        }

        Assert.NotEmpty(refused);
        Assert.All(refused, reply => Assert.Equal(
            (130429, version), (reply.Code, reply.Error.GetProperty("error_data").GetProperty("policy_version").GetUInt32())));
        await node.CallAsync("POST", $"{Versions}/{version - 1}/rollback", node.Operator, new { @base = version, reason = "enough" });
    }

    [Theory]
    [InlineData("""{"base":0,"changes":{"MarketingCap:PerDay":"33"},"reason":"x"}""", "changes.MarketingCap:PerDay", "it must be a whole number from 0 to 32")]
    [InlineData("""{"base":0,"changes":{"MarketingCap:PerHour":"3"},"reason":"x"}""", "changes.MarketingCap:PerHour", "the policy has no such number")]
    [InlineData("""{"base":0,"changes":{"MarketingCap:PerDay":3},"reason":"x"}""", "changes.MarketingCap:PerDay", "it must be text as in configuration")]
    [InlineData("""{"base":0,"changes":{"MarketingCap:PerDay":["1","2"]},"reason":"x"}""", "changes.MarketingCap:PerDay", "it must be a whole number")]
    [InlineData("""{"base":0,"changes":{"Consent:StopWords":[]},"reason":"x"}""", "changes.Consent:StopWords", "it must be one or more words")]
    [InlineData("""{"base":0,"changes":{},"reason":"x"}""", "changes", "it must name at least one number")]
    [InlineData("""{"base":-1,"changes":{"MarketingCap:PerDay":"3"},"reason":"x"}""", "base", "it must be a whole number from 0")]
    [InlineData("""{"base":0,"changes":{"MarketingCap:PerDay":"3"},"reason":" "}""", "reason", "it must have 1 to 500 characters")]
    public async Task What_is_wrong_is_named_with_what_would_be_right(string body, string field, string rule)
    {
        var version = Number(await node.CallAsync("GET", "/v1/policy", node.Operator), "version");
        var text = body.Replace("\"base\":0", $"\"base\":{version}", StringComparison.Ordinal);
        var reply = await node.RawAsync("POST", Versions, node.Operator, System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal((400, field), (reply.Status, Assert.Single(OptInsApiTests.Fields(reply))));
        Assert.Contains(rule, reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_version_than_the_one_that_holds_can_not_be_changed()
    {
        var (version, _) = await ChangeAsync(new() { ["MarketingCap:Rest"] = "1.00:00:00" });
        var moved = await node.CallAsync("POST", Versions, node.Operator, Body(version - 1, new() { ["MarketingCap:Rest"] = "2.00:00:00" }));
        Assert.Equal((409, "policy_moved"), (moved.Status, OptInsApiTests.CodeOf(moved)));
        var same = await node.CallAsync("POST", Versions, node.Operator, Body(version, new() { ["MarketingCap:Rest"] = "1.00:00:00" }));
        Assert.Equal((409, "policy_unchanged"), (same.Status, OptInsApiTests.CodeOf(same)));
        var gone = await node.CallAsync("POST", $"{Versions}/{version - 1}/rollback", node.Operator, new { @base = version - 1, reason = "x" });
        Assert.Equal((409, "policy_moved"), (gone.Status, OptInsApiTests.CodeOf(gone)));
        var unknown = await node.CallAsync("POST", $"{Versions}/{version + 1}/rollback", node.Operator, new { @base = version, reason = "x" });
        Assert.Equal((404, "policy_version_unknown"), (unknown.Status, OptInsApiTests.CodeOf(unknown)));
    }

    [Fact]
    public async Task Versions_are_read_page_by_page()
    {
        var (version, _) = await ChangeAsync(new() { ["MarketingCap:OutcomeAfter"] = "1.00:00:00" });
        var seen = new List<uint>();
        for (string? next = ""; next is not null;)
        {
            var page = await node.CallAsync("GET", $"{Versions}?limit=1{next}", node.Operator);
            seen.AddRange(page.Body.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("version").GetUInt32()));
            next = page.Body.TryGetProperty("next", out var cursor) ? $"&after={cursor.GetString()}" : null;
        }

        Assert.Equal(Enumerable.Range(0, (int)version + 1).Select(v => (uint)v), seen);
    }

    [Fact]
    public async Task A_shadow_is_set_counts_and_ends()
    {
        Assert.Equal((404, "shadow_unknown"), await ShadowCodeAsync("GET"));
        Assert.Equal((404, "shadow_unknown"), await ShadowCodeAsync("DELETE"));
        var wrong = await node.CallAsync(
            "PUT", Shadow, node.Operator, new { changes = new Dictionary<string, object> { ["Messages:UndeliveredMax"] = "0", ["x"] = 1 } });
        Assert.Equal((400, "changes.x"), (wrong.Status, Assert.Single(OptInsApiTests.Fields(wrong))));
        var set = await node.CallAsync(
            "PUT", Shadow, node.Operator, new { changes = new Dictionary<string, string> { ["Messages:UndeliveredMax"] = "1" } });
        Assert.Equal((200, "operator:ann"), (set.Status, Text(set, "actor")));
        while (node.Services.GetRequiredService<PolicyBook>().Shadow is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
        var shadow = await node.CallAsync("GET", Shadow, node.Operator);
        Assert.Equal(2, shadow.Body.GetProperty("sends").GetInt64());
        var difference = Assert.Single(shadow.Body.GetProperty("differ").EnumerateArray().ToArray());
        Assert.Equal(
            ("accepted", "too_many_undelivered"), (difference.GetProperty("decided").GetString(), difference.GetProperty("shadow").GetString()));
        Assert.Contains(
            "policy_shadow_sends{decided=\"accepted\",shadow=\"too_many_undelivered\"}",
            (await node.CallAsync("GET", "/metrics", null)).Text,
            StringComparison.Ordinal);
        Assert.Equal(204, (await node.CallAsync("DELETE", Shadow, node.Operator)).Status);
    }

    private async Task<(int Status, string? Code)> ShadowCodeAsync(string method)
    {
        var reply = await node.CallAsync(method, Shadow, node.Operator);
        return (reply.Status, OptInsApiTests.CodeOf(reply));
    }

    private static Dictionary<string, object> Body(uint version, Dictionary<string, object> changes) =>
        new() { ["base"] = version, ["changes"] = changes, ["reason"] = "a try" };

    private static uint Number(TestReply reply, string name) => reply.Body.GetProperty(name).GetUInt32();

    private static string? Text(TestReply reply, string name) => reply.Body.GetProperty(name).GetString();

    private async Task<(uint Version, TestReply Reply)> ChangeAsync(Dictionary<string, object> changes)
    {
        var version = Number(await node.CallAsync("GET", "/v1/policy", node.Operator), "version");
        var reply = await node.CallAsync("POST", Versions, node.Operator, Body(version, changes));
        Assert.True(reply.Status == 201, reply.Text);
        return (version + 1, reply);
    }

    /// <summary>A node with a number of its own.</summary>
    public sealed class Node : NodeFixture
    {
        protected override string[] Arguments => ["--Policy:PairRate:Burst", "44"];
    }
}
