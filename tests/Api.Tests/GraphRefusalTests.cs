using System.Globalization;
using System.Text.Json;

namespace Actors.Api.Tests;

/// <summary>A node with small numbers, so that what they refuse is quickly reached.</summary>
public sealed class SmallNumbersNode : NodeFixture
{
    protected override string[] Arguments =>
        ["--Policy:PairRate:Burst", "2", "--Policy:PairRate:Interval", "01:00:00", "--Policy:Throughput:Default", "2"];
}

/// <summary>A node that keeps one undelivered message of a business for a user.</summary>
public sealed class OneUndeliveredNode : NodeFixture
{
    protected override string[] Arguments => ["--Policy:Messages:UndeliveredMax", "1"];
}

/// <summary>Every refusal of a send that this node can give, provoked.</summary>
public sealed class GraphRefusalTests(NodeFixture node)
{
    [Fact]
    public async Task An_unknown_or_unapproved_template_is_132001_and_an_approval_is_seen_at_once()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.OptInAsync(business, user, "utility");
        var send = GraphTemplates.Send(user, "order_update", "Ann", "17");
        var path = $"/v24.0/{business.Number}/messages";

        var unknown = await node.CallAsync("POST", path, business.Token, send);
        var created = await node.CallAsync("POST", $"/{business.Id}/message_templates", business.Token, GraphTemplates.Order);
        var pending = await node.CallAsync("POST", path, business.Token, send);
        await node.CallAsync("POST", $"/v1/templates/{created.Body.GetProperty("id").GetString()}/review", node.Operator, new { decision = "approve" });
        var approved = await node.CallAsync("POST", path, business.Token, send);

        Assert.Equal((404, 132001), (unknown.Status, unknown.Code));
        Assert.Equal((404, 132001), (pending.Status, pending.Code));
        Assert.True(approved.Status == 200, approved.Text);
    }

    [Fact]
    public async Task A_template_deleted_a_moment_ago_is_refused()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.OptInAsync(business, user, "utility");
        var send = GraphTemplates.Send(user, "order_update", "Ann", "17");
        var path = $"/v24.0/{business.Number}/messages";
        var before = await node.CallAsync("POST", path, business.Token, send);

        var deleted = await node.CallAsync("DELETE", $"/v24.0/{business.Id}/message_templates?name=order_update", business.Token);
        var after = await node.CallAsync("POST", path, business.Token, send);

        Assert.True(before.Status == 200, before.Text);
        Assert.True(deleted.Status == 200, deleted.Text);
        Assert.Equal((404, 132001), (after.Status, after.Code));
    }

    [Theory]
    [InlineData(132000, new[] { "Ann" })]
    [InlineData(132000, new[] { "Ann", "17", "x" })]
    public async Task Parameters_that_do_not_fit_the_template_are_told(int code, string[] parameters)
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, GraphTemplates.Order);

        var reply = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "order_update", parameters));

        Assert.Equal((400, code), (reply.Status, reply.Code));
    }

    [Fact]
    public async Task A_parameter_of_another_type_is_132012_and_a_text_that_gets_too_long_132005()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        var image = new { type = "image", image = new { link = "https://example.com/a.jpg" } };
        object Body(object first) => new
        {
            messaging_product = "whatsapp",
            to = NodeFixture.User(user),
            type = "template",
            template = new
            {
                name = "order_update",
                language = new { code = "en_US" },
                components = new[] { new { type = "body", parameters = new[] { first, new { type = "text", text = "17" } } } },
            },
        };

        var format = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, Body(image));
        var tooLong = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, Body(new { type = "text", text = new string('x', 2_000) }));

        Assert.Equal((400, 132012), (format.Status, format.Code));
        Assert.Equal((400, 132005), (tooLong.Status, tooLong.Code));
    }

    [Fact]
    public async Task A_number_can_not_send_to_itself()
    {
        var business = await node.NewBusinessAsync();
        var shown = await node.CallAsync("GET", $"/{business.Number}?fields=display_phone_number", business.Token);
        var own = shown.Body.GetProperty("display_phone_number").GetString()!;

        var body = new { messaging_product = "whatsapp", to = own, type = "text", text = new { body = "me" } };
        var reply = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, body);

        Assert.Equal((400, 131021), (reply.Status, reply.Code));
    }

    [Fact]
    public async Task No_relation_and_a_block_and_no_businesses_at_all_look_the_same()
    {
        var business = await node.NewBusinessAsync();
        var (stranger, blocker, quiet) = (NodeFixture.NewUser(), NodeFixture.NewUser(), NodeFixture.NewUser());
        await node.WriteAsync(blocker, business);
        await node.CallAsync("PUT", $"/v1/users/{blocker}/businesses/{business.Id}/block", node.TokenOf(blocker), new { reason = "spam" });
        await node.WriteAsync(quiet, business);
        var preferences = new { businesses = false, marketing = true, languages = Array.Empty<string>() };
        await node.CallAsync("PUT", $"/v1/users/{quiet}/preferences", node.TokenOf(quiet), preferences);

        var replies = new List<string>();
        foreach (var user in new[] { stranger, blocker, quiet })
        {
            var reply = await node.SendTextAsync(business, user);
            Assert.Equal((400, 131026), (reply.Status, reply.Code));
            replies.Add(reply.Error.GetProperty("message").ToString() + reply.Error.GetProperty("error_data"));
        }

        Assert.Single(replies.Distinct());
    }

    [Fact]
    public async Task Consent_that_was_never_given_or_withdrawn_is_131050()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Sale);
        var (missing, withdrawn, stopped, off) = (NodeFixture.NewUser(), NodeFixture.NewUser(), NodeFixture.NewUser(), NodeFixture.NewUser());
        await node.OptInAsync(business, missing, "utility");
        foreach (var user in new[] { withdrawn, stopped, off })
        {
            await node.OptInAsync(business, user, "utility", "marketing");
        }

        var marketing = new { categories = new[] { "marketing" } };
        await node.CallAsync("DELETE", $"/v1/users/{withdrawn}/businesses/{business.Id}/opt-in", node.TokenOf(withdrawn), marketing);
        await node.CallAsync("PUT", $"/v1/users/{stopped}/businesses/{business.Id}/marketing-stop", node.TokenOf(stopped));
        var preferences = new { businesses = true, marketing = false, languages = Array.Empty<string>() };
        await node.CallAsync("PUT", $"/v1/users/{off}/preferences", node.TokenOf(off), preferences);

        foreach (var user in new[] { missing, withdrawn, stopped, off })
        {
            var reply = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "summer_sale"));
            Assert.True(reply.Status == 400, reply.Text);
            Assert.Equal(131050, reply.Code);
        }
    }

    [Fact]
    public async Task A_free_form_message_outside_the_window_is_131047()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.OptInAsync(business, user, "utility");

        var reply = await node.SendTextAsync(business, user);

        Assert.Equal((400, 131047), (reply.Status, reply.Code));
        var window = reply.Error.GetProperty("error_data").GetProperty("decision").EnumerateArray().Last();
        Assert.Equal(("window", "refuse", "window_closed"), (Text(window, "rule"), Text(window, "outcome"), Text(window, "reason")));
    }

    [Fact]
    public async Task The_marketing_cap_is_131049_and_what_others_sent_is_told_to_the_full_hour_only()
    {
        var user = NodeFixture.NewUser();
        var businesses = new[] { await node.NewBusinessAsync(), await node.NewBusinessAsync(), await node.NewBusinessAsync() };
        var replies = new List<TestReply>();
        foreach (var business in businesses.Append(businesses[0]))
        {
            if (business != businesses[0] || replies.Count == 0)
            {
                await node.NewTemplateAsync(business, GraphTemplates.Sale);
                await node.OptInAsync(business, user, "marketing");
            }

            replies.Add(await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "summer_sale")));
        }

        Assert.Equal([200, 200, 400, 400], replies.Select(reply => reply.Status));
        foreach (var refused in replies[2..])
        {
            Assert.Equal(131049, refused.Code);
            Assert.True(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture) > 3_600);
            var cap = refused.Error.GetProperty("error_data").GetProperty("decision").EnumerateArray().Last();
            Assert.EndsWith(":00:00.000Z", Text(cap, "retry_at"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_refusal_names_no_user()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();

        var reply = await node.SendTextAsync(business, user);

        Assert.Equal(400, reply.Status);
        Assert.DoesNotContain(NodeFixture.User(user), reply.Text, StringComparison.Ordinal);
    }

    private static string Text(JsonElement finding, string name) => finding.GetProperty(name).GetString()!;
}

/// <summary>Refusals that need small numbers.</summary>
public sealed class GraphRateTests(SmallNumbersNode node) : IClassFixture<SmallNumbersNode>
{
    [Fact]
    public async Task Beyond_a_numbers_decisions_in_a_second_the_answer_is_130429()
    {
        var business = await node.NewBusinessAsync(numbers: 2);
        var user = NodeFixture.NewUser();

        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => node.SendTextAsync(business, user)));

        Assert.All(replies, reply => Assert.Equal(400, reply.Status));
        var limited = replies.Where(reply => reply.Code == 130429).ToArray();
        Assert.NotEmpty(limited);
        // Whole seconds, rounded up: a second and the millisecond behind it are two.
        Assert.All(limited, reply => Assert.InRange(int.Parse(reply.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 2));
        Assert.Contains(replies, reply => reply.Code == 131026);
    }

    [Fact]
    public async Task Too_many_to_one_user_is_131056()
    {
        var business = await node.NewBusinessAsync(numbers: 2);
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);

        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);
        var third = await node.CallAsync("POST", $"/{business.Numbers[1]}/messages", business.Token, NodeFixture.Text(user));

        Assert.Equal((400, 131056), (third.Status, third.Code));
        Assert.True(int.Parse(third.Headers["Retry-After"], CultureInfo.InvariantCulture) is > 3_000 and <= 3_600);
    }
}

/// <summary>The refusal that ends when something is delivered.</summary>
public sealed class GraphUndeliveredTests(OneUndeliveredNode node) : IClassFixture<OneUndeliveredNode>
{
    [Fact]
    public async Task Too_many_undelivered_is_131026_until_one_is_delivered()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);

        var first = await node.SendTextAsync(business, user);
        var second = await node.SendTextAsync(business, user);
        var id = first.Body.GetProperty("messages")[0].GetProperty("id").GetString();
        await node.CallAsync("POST", $"/v1/users/{user}/messages/{id}/status", node.TokenOf(user), new { status = "delivered" });
        var third = await node.SendTextAsync(business, user);

        Assert.True(first.Status == 200, first.Text);
        Assert.Equal((400, 131026), (second.Status, second.Code));
        Assert.True(third.Status == 200, third.Text);
    }
}
