using System.Globalization;

namespace Actors.Api.Tests;

/// <summary>A node where a business may have few templates.</summary>
public sealed class FewTemplatesNode : NodeFixture
{
    protected override string[] Arguments =>
        ["--Policy:Templates:PerBusiness", "2", "--Policy:Templates:PerVerifiedBusiness", "9", "--Policy:Templates:CreationsPerHour", "3"];
}

/// <summary>What businesses and operators hear of a template's life.</summary>
public sealed class TemplateLifeTests(FewTemplatesNode node) : IClassFixture<FewTemplatesNode>
{
    [Fact]
    public async Task A_template_too_many_has_the_wire_formats_subcode_and_one_too_soon_its_code_with_a_time()
    {
        var business = await node.NewBusinessAsync();
        var (first, second) = (await CreateAsync(business, "a"), await CreateAsync(business, "b"));
        var many = await CreateAsync(business, "c");
        await node.CallAsync("POST", $"/v1/businesses/{business.Id}/verification", node.Operator, new { status = "verified" });
        var third = await CreateAsync(business, "c");
        var soon = await CreateAsync(business, "d");

        Assert.Equal((200, 200), (first.Status, second.Status));
        Assert.Equal((400, 100, 2388019), (many.Status, many.Code, many.Error.GetProperty("error_subcode").GetInt32()));
        Assert.Equal((200, 400, 80007), (third.Status, soon.Status, soon.Code));
        Assert.True(soon.Headers.ContainsKey("Retry-After"));
    }

    [Fact]
    public async Task An_edit_of_an_approved_template_waits_a_day_for_the_next_one()
    {
        var business = await node.NewBusinessAsync();
        var id = await node.NewTemplateAsync(business, Draft("edited"));
        var edit = new { components = new[] { new { type = "BODY", text = "Your order has left." } } };
        var first = await node.CallAsync("POST", $"/{id}", business.Token, edit);
        await node.CallAsync("POST", $"/v1/templates/{id}/review", node.Operator, new { decision = "approve" });
        var second = await node.CallAsync("POST", $"/{id}", business.Token, edit);

        Assert.Equal((200, 400, 2388039), (first.Status, second.Status, second.Error.GetProperty("error_subcode").GetInt32()));
        Assert.True(second.Headers.ContainsKey("Retry-After"));
    }

    [Fact]
    public async Task A_stop_holds_at_once_for_good_and_says_why()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.OptInAsync(business, user, "utility");
        var id = await node.NewTemplateAsync(business, Draft("order"));
        var template = new { name = "order", language = new { code = "en" } };
        var send = new { messaging_product = "whatsapp", to = NodeFixture.User(user), type = "template", template };
        var before = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, send);

        var silent = await node.CallAsync("POST", $"/v1/templates/{id}/stop", node.Operator, new { reason = "" });
        var own = await node.CallAsync("POST", $"/v1/templates/{id}/stop", business.Token, new { reason = "x" });
        var stopped = await node.CallAsync("POST", $"/v1/templates/{id}/stop", node.Operator, new { reason = "It imitates a bank." });
        var after = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, send);
        var again = await node.CallAsync("POST", $"/v1/templates/{id}/stop", node.Operator, new { reason = "Twice." });
        var seen = await node.CallAsync("GET", $"/{id}?fields=status,rejected_reason", business.Token);
        var unpaused = await node.CallAsync("POST", $"/{id}/unpause", business.Token);
        var deleted = await node.CallAsync("DELETE", $"/{business.Id}/message_templates?name=order", business.Token);
        var next = long.Parse(id, CultureInfo.InvariantCulture) + 1;
        var unknown = await node.CallAsync("POST", $"/v1/templates/{next}/stop", node.Operator, new { reason = "x" });

        Assert.Equal((200, 400, 403, 200), (before.Status, silent.Status, own.Status, stopped.Status));
        Assert.Equal(("DISABLED", "It imitates a bank."), (Text(stopped, "status"), Text(stopped, "rejected_reason")));
        Assert.Equal((400, 132016), (after.Status, after.Code));
        Assert.Equal((409, "template_disabled"), (again.Status, Text(again, "code")));
        Assert.Equal(("DISABLED", "It imitates a bank."), (Text(seen, "status"), Text(seen, "rejected_reason")));
        Assert.Equal((400, 2388039), (unpaused.Status, unpaused.Error.GetProperty("error_subcode").GetInt32()));
        Assert.Equal((400, 2388039), (deleted.Status, deleted.Error.GetProperty("error_subcode").GetInt32()));
        Assert.Equal(404, unknown.Status);
    }

    [Fact]
    public async Task To_unpause_what_may_be_sent_is_no_error_and_what_waits_for_review_is_no_pause()
    {
        var business = await node.NewBusinessAsync();
        var approved = await node.NewTemplateAsync(business, Draft("approved"));
        var pending = Text(await CreateAsync(business, "pending"), "id");

        Assert.Equal("""{"success":true}""", (await node.CallAsync("POST", $"/{approved}/unpause", business.Token)).Text);
        Assert.Equal(2388039, (await node.CallAsync("POST", $"/{pending}/unpause", business.Token)).Error.GetProperty("error_subcode").GetInt32());
        Assert.Equal(33, (await node.CallAsync("GET", $"/{approved}/unpause", business.Token)).Error.GetProperty("error_subcode").GetInt32());
    }

    private Task<TestReply> CreateAsync(TestBusiness business, string name) =>
        node.CallAsync("POST", $"/{business.Id}/message_templates", business.Token, Draft(name));

    private static object Draft(string name) =>
        new { name, language = "en", category = "UTILITY", components = new[] { new { type = "BODY", text = "Your order is on its way." } } };

    private static string? Text(TestReply reply, string name) => reply.Body.GetProperty(name).GetString();
}
