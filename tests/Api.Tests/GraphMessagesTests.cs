using System.Text;

namespace Actors.Api.Tests;

/// <summary>What a send that is accepted looks like from outside.</summary>
public sealed class GraphMessagesTests(NodeFixture node)
{
    [Theory]
    [InlineData("/v24.0/")]
    [InlineData("/v25/")]
    [InlineData("/v1.0/")]
    [InlineData("/")]
    public async Task A_text_inside_the_window_is_accepted_whatever_the_version(string prefix)
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);

        var reply = await node.CallAsync("POST", $"{prefix}{business.Number}/messages", business.Token, NodeFixture.Text(user));

        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal("whatsapp", reply.Body.GetProperty("messaging_product").GetString());
        Assert.StartsWith("wamid.", reply.Body.GetProperty("messages")[0].GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.False(reply.Body.GetProperty("messages")[0].TryGetProperty("message_status", out _));
    }

    [Fact]
    public async Task The_recipient_is_echoed_as_given_and_as_digits()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        var digits = NodeFixture.User(user);
        var written = $"+{digits[..2]} ({digits[2..5]}) {digits[5..8]}-{digits[8..]}";

        var reply = await node.CallAsync(
            "POST", $"/{business.Number}/messages", business.Token, new { messaging_product = "whatsapp", to = written, text = new { body = "hi" } });

        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal(written, reply.Body.GetProperty("contacts")[0].GetProperty("input").GetString());
        Assert.Equal(digits, reply.Body.GetProperty("contacts")[0].GetProperty("wa_id").GetString());
    }

    [Fact]
    public async Task A_template_with_parameters_is_accepted_and_says_so()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.OptInAsync(business, user, "utility");

        var reply = await node.CallAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "order_update", "Ann", "17"));

        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal("accepted", reply.Body.GetProperty("messages")[0].GetProperty("message_status").GetString());
    }

    [Fact]
    public async Task The_same_key_and_body_give_the_same_message_once()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);

        var first = await node.SendTextAsync(business, user, "hi", ("Idempotency-Key", "k-1"));
        var again = await node.SendTextAsync(business, user, "hi", ("Idempotency-Key", "k-1"));
        var other = await node.SendTextAsync(business, user, "hi there", ("Idempotency-Key", "k-1"));

        Assert.True(first.Status == 200, first.Text);
        Assert.False(first.Headers.ContainsKey("Idempotent-Replayed"));
        Assert.Equal(first.Body.GetProperty("messages")[0].GetProperty("id").GetString(), again.Body.GetProperty("messages")[0].GetProperty("id").GetString());
        Assert.Equal("true", again.Headers["Idempotent-Replayed"]);
        Assert.Equal((422, 100), (other.Status, other.Code));
    }

    [Fact]
    public async Task A_retry_gets_its_message_also_when_its_template_is_gone()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.OptInAsync(business, user, "utility");
        var path = $"/v24.0/{business.Number}/messages";
        Task<TestReply> SendAsync(string name, string key) =>
            node.CallAsync("POST", path, business.Token, GraphTemplates.Send(user, "order_update", name, "17"), ("Idempotency-Key", key));

        var first = await SendAsync("Ann", "k");
        var deleted = await node.CallAsync("DELETE", $"/v24.0/{business.Id}/message_templates?name=order_update", business.Token);
        var again = await SendAsync("Ann", "k");
        var other = await SendAsync("Bob", "k");
        var fresh = await SendAsync("Ann", "another");

        Assert.True(first.Status == 200, first.Text);
        Assert.True(deleted.Status == 200, deleted.Text);
        Assert.True(again.Status == 200, again.Text);
        Assert.Equal(first.Body.GetProperty("messages")[0].GetProperty("id").GetString(), again.Body.GetProperty("messages")[0].GetProperty("id").GetString());
        Assert.Equal("true", again.Headers["Idempotent-Replayed"]);
        Assert.Equal((422, 100), (other.Status, other.Code));
        Assert.Equal((404, 132001), (fresh.Status, fresh.Code));
    }

    [Fact]
    public async Task Twins_at_the_same_time_get_the_same_message()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => node.SendTextAsync(business, user, "hi", ("Idempotency-Key", "twin"))));
        var inbox = await node.CallAsync("GET", $"/v1/users/{user}/inbox", node.TokenOf(user));

        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        Assert.Single(replies.Select(reply => reply.Body.GetProperty("messages")[0].GetProperty("id").GetString()).Distinct());
        Assert.Equal(19, replies.Count(reply => reply.Headers.ContainsKey("Idempotent-Replayed")));
        Assert.Equal(1, inbox.Body.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task A_refusal_does_not_use_the_key_up()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();

        var refused = await node.SendTextAsync(business, user, "hi", ("Idempotency-Key", "k"));
        await node.WriteAsync(user, business);
        var accepted = await node.SendTextAsync(business, user, "another", ("Idempotency-Key", "k"));

        Assert.Equal((400, 131026), (refused.Status, refused.Code));
        Assert.True(accepted.Status == 200, accepted.Text);
    }

    [Fact]
    public async Task A_key_has_1_to_255_characters()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);

        Assert.Equal(200, (await node.SendTextAsync(business, user, "a", ("Idempotency-Key", new string('k', 255)))).Status);
        Assert.Equal(400, (await node.SendTextAsync(business, user, "b", ("Idempotency-Key", new string('k', 256)))).Status);
    }

    [Fact]
    public async Task Bodies_that_mean_the_same_are_the_same_under_one_key()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        var path = $"/{business.Number}/messages";
        var to = NodeFixture.User(user);
        var one = $$$"""{"messaging_product":"whatsapp","to":"{{{to}}}","type":"text","text":{"body":"caf\u00e9","preview_url":null}}""";
        var two = $$$"""{ "type":"text", "other":1, "text":{ "body":"café" }, "recipient_type":null, "to":"+{{{to}}}", "messaging_product":"whatsapp" }""";

        var first = await node.RawAsync("POST", path, business.Token, Encoding.UTF8.GetBytes(one), "application/json; charset=utf-8", ("Idempotency-Key", "k"));
        var again = await node.RawAsync("POST", path, business.Token, Encoding.UTF8.GetBytes(two), "application/json", ("Idempotency-Key", "k"));

        Assert.True(first.Status == 200, first.Text);
        Assert.True(again.Status == 200, again.Text);
        Assert.Equal("true", again.Headers["Idempotent-Replayed"]);
    }

    [Fact]
    public async Task A_message_of_the_user_can_be_marked_as_read_with_a_typing_indicator()
    {
        var business = await node.NewBusinessAsync();
        var other = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        var id = await node.WriteAsync(user, business);
        object body = new { messaging_product = "whatsapp", status = "read", message_id = id, typing_indicator = new { type = "text" } };

        var reply = await node.CallAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, body);
        var foreign = await node.CallAsync("POST", $"/v24.0/{other.Number}/messages", other.Token, body);

        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal("""{"success":true}""", reply.Text);
        Assert.Equal((400, 131009), (foreign.Status, foreign.Code));
    }

    [Fact]
    public async Task Every_type_of_message_is_accepted_inside_the_window()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        var inbound = await node.WriteAsync(user, business);
        foreach (var type in GraphBodies.Types(inbound))
        {
            var body = $$"""{"messaging_product":"whatsapp","recipient_type":"individual","to":"{{user}}",{{type}}}""";
            var reply = await node.RawAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, Encoding.UTF8.GetBytes(body));
            Assert.True(reply.Status == 200, type + "\n" + reply.Text);
        }
    }

    [Fact]
    public async Task The_marketing_edge_takes_marketing_templates_only()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.NewTemplateAsync(business, GraphTemplates.Sale);
        await node.OptInAsync(business, user, "utility", "marketing");
        var path = $"/v24.0/{business.Number}/marketing_messages";

        var text = await node.CallAsync("POST", path, business.Token, NodeFixture.Text(user));
        var utility = await node.CallAsync("POST", path, business.Token, GraphTemplates.Send(user, "order_update", "Ann", "17"));
        var marketing = await node.CallAsync("POST", path, business.Token, GraphTemplates.Send(user, "summer_sale"));

        Assert.Equal((400, 100), (text.Status, text.Code));
        Assert.Equal((400, 134100), (utility.Status, utility.Code));
        Assert.True(marketing.Status == 200, marketing.Text);
    }

    [Fact]
    public async Task What_was_sent_stands_in_the_users_inbox_as_it_was_meant()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        await node.SendTextAsync(business, user, "Grüße 👋");

        var inbox = await node.CallAsync("GET", $"/v1/users/{user}/inbox", node.TokenOf(user));

        Assert.True(inbox.Status == 200, inbox.Text);
        Assert.Equal("Grüße 👋", inbox.Body.GetProperty("messages")[0].GetProperty("content").GetProperty("text").GetProperty("body").GetString());
    }
}
