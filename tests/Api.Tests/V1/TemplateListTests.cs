using System.Text.Json;

namespace Actors.Api.Tests.V1;

/// <summary>Lists of templates for operators: what holds now, and why.</summary>
public sealed class TemplateListTests(TemplateListTests.TouchyNode node) : IClassFixture<TemplateListTests.TouchyNode>
{
    [Fact]
    public async Task A_line_says_why_a_template_is_rejected_stopped_or_paused()
    {
        var business = await node.NewBusinessAsync();
        var rejected = await node.CallAsync("POST", $"/{business.Id}/message_templates", business.Token, Parcel("rejected"));
        var id = rejected.Body.GetProperty("id").GetString();
        await node.CallAsync("POST", $"/v1/templates/{id}/review", node.Operator, new { decision = "reject", reason = "unclear" });
        var stopped = await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.CallAsync("POST", $"/v1/templates/{stopped}/stop", node.Operator, new { reason = "It imitates a bank." });
        await PauseAsync(business, await node.NewTemplateAsync(business, GraphTemplates.Sale));

        var all = (await node.CallAsync("GET", $"/v1/templates?business={business.Id}", node.Operator)).Body.GetProperty("templates");
        Assert.Equal(
            [("order_update", "DISABLED", "It imitates a bank."), ("rejected", "REJECTED", "unclear"), ("summer_sale", "PAUSED", "LOW_QUALITY")],
            all.EnumerateArray().Select(t => (Text(t, "name"), Text(t, "status"), Text(t, "reason"))).Order());
        Assert.Single(all.EnumerateArray(), t => t.TryGetProperty("paused_until", out _));
        Assert.Equal("rejected", Text(Assert.Single(await ListAsync(business, "REJECTED")), "name"));
        Assert.Equal("order_update", Text(Assert.Single(await ListAsync(business, "DISABLED")), "name"));
        Assert.Empty(await ListAsync(business, "APPROVED"));
    }

    [Fact]
    public async Task The_account_is_rejected_while_it_is_locked()
    {
        var business = await node.NewBusinessAsync();
        foreach (var (act, shown) in new[] { ("unlock", "APPROVED"), ("lock", "REJECTED"), ("unlock", "APPROVED") })
        {
            await node.CallAsync("POST", $"/v1/businesses/{business.Id}/{act}", node.Operator, new { note = "because" });
            var seen = await node.CallAsync("GET", $"/v24.0/{business.Id}?fields=account_review_status", business.Token);
            Assert.Equal(shown, Text(seen.Body, "account_review_status"));
        }
    }

    /// <summary>A node on which a single block turns a template red.</summary>
    public sealed class TouchyNode : NodeFixture
    {
        protected override string[] Arguments =>
            [.. base.Arguments, "--Policy:Quality:KnownFrom", "1", "--Policy:Quality:PriorDelivered", "1", "--Policy:Quality:BlockTenths", "1000"];
    }

    private static object Parcel(string name) => new
    {
        name,
        language = "en_US",
        category = "UTILITY",
        components = new[] { new { type = "BODY", text = "Your parcel is on its way." } },
    };

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private async Task<JsonElement[]> ListAsync(TestBusiness business, string status) =>
        [.. (await node.CallAsync("GET", $"/v1/templates?status={status}&business={business.Id}", node.Operator)).Body
            .GetProperty("templates").EnumerateArray()];

    /// <summary>Delivers it to a user who blocks the business; ends when it is paused.</summary>
    private async Task PauseAsync(TestBusiness business, string template)
    {
        var user = NodeFixture.NewUser();
        await node.OptInAsync(business, user, "marketing");
        var sent = await node.CallAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "summer_sale"));
        Assert.True(sent.Status == 200, sent.Text);
        var wamid = sent.Body.GetProperty("messages")[0].GetProperty("id").GetString();
        var delivered = await node.CallAsync("POST", $"/v1/users/{user}/messages/{wamid}/status", node.TokenOf(user), new { status = "delivered" });
        Assert.True(delivered.Status < 300, delivered.Text);
        await node.CallAsync("PUT", $"/v1/users/{user}/businesses/{business.Id}/block", node.TokenOf(user));
        var paused = await ListAsync(business, "PAUSED");
        while (paused.Length == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            paused = await ListAsync(business, "PAUSED");
        }

        Assert.Equal(template, Text(Assert.Single(paused), "id"));
    }
}
