using System.Globalization;
using System.Text.Json;

namespace Actors.Api.Tests;

/// <summary>Numbers, profiles, accounts, templates, block lists.</summary>
public sealed class GraphManagementTests(NodeFixture node)
{
    [Fact]
    public async Task A_number_shows_the_fields_that_are_asked_for()
    {
        var business = await node.NewBusinessAsync();

        var plain = await node.CallAsync("GET", $"/v24.0/{business.Number}", business.Token);
        var some = await node.CallAsync(
            "GET", $"/v24.0/{business.Number}?fields=status,throughput{{level}},health_status,is_official_business_account", business.Token);
        var wrong = await node.CallAsync("GET", $"/v24.0/{business.Number}?fields=status,nonsense", business.Token);

        Assert.Equal(
            ["id", "display_phone_number", "verified_name", "quality_rating", "code_verification_status"], plain.Body.EnumerateObject().Select(p => p.Name));
        Assert.Equal("Corner Shop", plain.Body.GetProperty("verified_name").GetString());
        Assert.Equal(
            ["status", "throughput", "health_status", "is_official_business_account", "id"], some.Body.EnumerateObject().Select(p => p.Name));
        Assert.Equal("CONNECTED", some.Body.GetProperty("status").GetString());
        Assert.Equal("AVAILABLE", some.Body.GetProperty("health_status").GetProperty("can_send_message").GetString());
        Assert.Equal((400, 100), (wrong.Status, wrong.Code));
        Assert.Contains("nonsense", wrong.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verified_business_shows_it()
    {
        var business = await node.NewBusinessAsync();
        await node.CallAsync("POST", $"/v1/businesses/{business.Id}/verification", node.Operator, new { status = "verified", official = true });

        var account = await node.CallAsync("GET", $"/{business.Id}?fields=name,country,business_verification_status,status", business.Token);
        var number = await node.CallAsync(
            "GET", $"/{business.Number}?fields=is_official_business_account,whatsapp_business_manager_messaging_limit", business.Token);

        Assert.Equal("""{"name":"Corner Shop","country":"DE","business_verification_status":"verified","status":"ACTIVE","id":"#"}"""
            .Replace("#", business.Id.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), account.Text);
        Assert.True(number.Body.GetProperty("is_official_business_account").GetBoolean());
        Assert.Equal("TIER_2K", number.Body.GetProperty("whatsapp_business_manager_messaging_limit").GetString());
    }

    [Fact]
    public async Task Numbers_are_paged_by_an_opaque_cursor()
    {
        var business = await node.NewBusinessAsync(numbers: 5);
        var seen = new List<string>();
        var path = $"/v24.0/{business.Id}/phone_numbers?limit=2&fields=id&access_token={business.Token}";
        while (true)
        {
            var page = await node.CallAsync("GET", path, business.Token);
            seen.AddRange(page.Body.GetProperty("data").EnumerateArray().Select(n => n.GetProperty("id").GetString()!));
            if (!page.Body.GetProperty("paging").TryGetProperty("next", out var next))
            {
                break;
            }

            Assert.DoesNotContain("access_token", next.GetString()!, StringComparison.Ordinal);
            path = new Uri(next.GetString()!).PathAndQuery;
        }

        Assert.Equal(business.Numbers.Order().Select(n => n.ToString(CultureInfo.InvariantCulture)), seen);
        foreach (var query in new[] { "limit=0", "limit=1001", "limit=x", "after=!", "after=YWJj", "before=MQ" })
        {
            var wrong = await node.CallAsync("GET", $"/v24.0/{business.Id}/phone_numbers?{query}", business.Token);
            Assert.Equal((400, 100), (wrong.Status, wrong.Code));
        }
    }

    [Fact]
    public async Task A_profile_keeps_what_is_not_given_and_clears_what_is_empty()
    {
        var business = await node.NewBusinessAsync();
        var path = $"/v24.0/{business.Number}/whatsapp_business_profile";
        var whole = new
        {
            messaging_product = "whatsapp",
            about = "Fruit and more",
            address = "1 Main Street",
            description = "The shop at the corner",
            email = "shop@example.com",
            websites = new[] { "https://example.com" },
            vertical = "RETAIL",
        };

        var set = await node.CallAsync("POST", path, business.Token, whole);
        var changed = await node.CallAsync("POST", path, business.Token, new { messaging_product = "whatsapp", about = "Fruit", address = "" });
        var shown = await node.CallAsync("GET", path + "?fields=about,address,email,websites,vertical", business.Token);

        Assert.Equal((200, """{"success":true}"""), (set.Status, set.Text));
        Assert.Equal(200, changed.Status);
        const string Expected = """
            {"about":"Fruit","email":"shop@example.com","websites":["https://example.com"],"vertical":"RETAIL","messaging_product":"whatsapp"}
            """;
        Assert.Equal(Expected, shown.Body.GetProperty("data")[0].GetRawText());
    }

    [Theory]
    [InlineData("about", "")]
    [InlineData("email", "nonsense")]
    [InlineData("vertical", "SPACE")]
    [InlineData("profile_picture_url", "ftp://example.com")]
    [InlineData("profile_picture_handle", "4::abc")]
    public async Task A_profile_with_a_wrong_part_is_refused(string field, string value)
    {
        var business = await node.NewBusinessAsync();
        var body = new Dictionary<string, object> { ["messaging_product"] = "whatsapp", [field] = value };

        var reply = await node.CallAsync("POST", $"/{business.Number}/whatsapp_business_profile", business.Token, body);

        Assert.Equal((400, 100), (reply.Status, reply.Code));
        Assert.StartsWith(field, reply.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_template_is_created_listed_read_edited_and_deleted()
    {
        var business = await node.NewBusinessAsync();
        var list = $"/v24.0/{business.Id}/message_templates";

        var created = await node.CallAsync("POST", list, business.Token, GraphTemplates.Order);
        var id = created.Body.GetProperty("id").GetString()!;
        var pending = await node.CallAsync("GET", list + "?status=PENDING&fields=name,status,category,language", business.Token);
        await node.CallAsync("POST", $"/v1/templates/{id}/review", node.Operator, new { decision = "approve" });
        var read = await node.CallAsync("GET", $"/v24.0/{id}", business.Token);
        var edit = new { components = new object[] { new { type = "BODY", text = "Your order is on its way to you." } } };
        var edited = await node.CallAsync("POST", $"/v24.0/{id}", business.Token, edit);
        var again = await node.CallAsync("GET", $"/v24.0/{id}?fields=status,components", business.Token);
        var deleted = await node.CallAsync("DELETE", list + $"?name=order_update&hsm_id={id}", business.Token);
        var gone = await node.CallAsync("GET", $"/v24.0/{id}", business.Token);
        var locked = await node.CallAsync("POST", list, business.Token, GraphTemplates.Order);

        Assert.Equal(("PENDING", "UTILITY"), (Text(created.Body, "status"), Text(created.Body, "category")));
        Assert.Equal($$"""{"name":"order_update","status":"PENDING","category":"UTILITY","language":"en_US","id":"{{id}}"}""", Data(pending)[0].GetRawText());
        Assert.Equal(("APPROVED", "POSITIONAL"), (Text(read.Body, "status"), Text(read.Body, "parameter_format")));
        Assert.Equal("BODY", Text(read.Body.GetProperty("components")[0], "type"));
        Assert.Equal((200, """{"success":true}"""), (edited.Status, edited.Text));
        Assert.Equal("PENDING", Text(again.Body, "status"));
        Assert.Equal("Your order is on its way to you.", Text(again.Body.GetProperty("components")[0], "text"));
        Assert.Equal((200, """{"success":true}"""), (deleted.Status, deleted.Text));
        Assert.Equal((400, 100), (gone.Status, gone.Code));
        Assert.Equal((400, 100, 2388023), (locked.Status, locked.Code, locked.Error.GetProperty("error_subcode").GetInt32()));
    }

    [Fact]
    public async Task A_template_that_the_linter_refuses_says_what_is_wrong_to_programs_and_people()
    {
        var business = await node.NewBusinessAsync();
        var components = new object[] { new { type = "BODY", text = "{{1}} begins with a variable", example = new { body_text = new[] { new[] { "x" } } } } };
        var draft = new { name = "bad_one", language = "en", category = "UTILITY", components };

        var reply = await node.CallAsync("POST", $"/{business.Id}/message_templates", business.Token, draft);

        Assert.Equal((400, 100), (reply.Status, reply.Code));
        Assert.InRange(reply.Error.GetProperty("error_subcode").GetInt32(), 2_388_000, 2_388_999);
        Assert.NotEmpty(Text(reply.Error, "error_user_title"));
        Assert.NotEmpty(Text(reply.Error, "error_user_msg"));
    }

    [Theory]
    [InlineData("""{"language":"en","category":"UTILITY","components":[]}""", "name")]
    [InlineData("""{"name":"Big Name","language":"en","category":"UTILITY","components":[]}""", "name")]
    [InlineData("""{"name":"a","category":"UTILITY","components":[]}""", "language")]
    [InlineData("""{"name":"a","language":"en","components":[]}""", "category")]
    [InlineData("""{"name":"a","language":"en","category":"SPAM","components":[]}""", "category")]
    [InlineData("""{"name":"a","language":"en","category":"UTILITY"}""", "components")]
    [InlineData("""{"name":"a","language":"en","category":"UTILITY","components":{}}""", "components")]
    [InlineData("""{"name":"a","language":"en","category":"UTILITY","components":[7]}""", "components[0]")]
    [InlineData("""{"name":"a","language":"en","category":"UTILITY","components":[]}""", "components")]
    [InlineData("""{"name":"a","language":"en","category":"UTILITY","components":[{"type":"CAROUSEL"}]}""", "components[0].type")]
    [InlineData("""{"name":"a","language":"en","category":"UTILITY","components":[{"type":"BODY","text":7}]}""", "components[0].text")]
    [InlineData("""{"name":"a","language":"en","category":"UTILITY","components":[{"type":"BODY","text":"a\ud800"}]}""", "The")]
    public async Task A_malformed_template_names_the_field(string body, string field)
    {
        var business = await node.NewBusinessAsync();

        var reply = await node.RawAsync("POST", $"/{business.Id}/message_templates", business.Token, System.Text.Encoding.UTF8.GetBytes(body));

        Assert.Equal((400, 100), (reply.Status, reply.Code));
        Assert.Equal(field, reply.Details.Split(':', ' ')[0]);
    }

    [Fact]
    public async Task Named_parameters_are_matched_by_name()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        var named = new[] { new { param_name = "first_name", example = "Ann" }, new { param_name = "order", example = "17" } };
        var example = new { body_text_named_params = named };
        var body = new { type = "BODY", text = "Hello {{first_name}}, your order {{order}} is on its way to you.", example };
        var draft = new { name = "named_one", language = "en", category = "UTILITY", parameter_format = "NAMED", components = new[] { body } };
        await node.NewTemplateAsync(business, draft);
        await node.OptInAsync(business, user, "utility");
        object Send(params object[] parameters) => new
        {
            messaging_product = "whatsapp",
            to = NodeFixture.User(user),
            type = "template",
            template = new { name = "named_one", language = new { code = "en" }, components = new[] { new { type = "body", parameters } } },
        };

        var right = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, Send(
            new { type = "text", parameter_name = "order", text = "17" }, new { type = "text", parameter_name = "first_name", text = "Ann" }));
        var wrong = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, Send(
            new { type = "text", parameter_name = "order", text = "17" }, new { type = "text", parameter_name = "surname", text = "Ann" }));

        Assert.True(right.Status == 200, right.Text);
        Assert.True(wrong.Status == 400 && wrong.Code is >= 132000 and <= 132018, wrong.Text);
    }

    [Fact]
    public async Task Who_wrote_lately_can_be_put_on_the_block_list_and_taken_off()
    {
        var business = await node.NewBusinessAsync();
        var (user, stranger) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        await node.WriteAsync(user, business);
        var path = $"/v24.0/{business.Number}/block_users";
        object Body(params string[] users) => new { messaging_product = "whatsapp", block_users = users.Select(u => new { user = u }) };

        var both = await node.CallAsync("POST", path, business.Token, Body($"+{user}", $"{stranger}", "nonsense"));
        var list = await node.CallAsync("GET", path, business.Token);
        var send = await node.SendTextAsync(business, user);
        var off = await node.CallAsync("DELETE", path, business.Token, Body($"{user}"));
        var empty = await node.CallAsync("GET", path, business.Token);
        var resend = await node.SendTextAsync(business, user);

        Assert.Equal((400, 139100), (both.Status, both.Code));
        var block = both.Body.GetProperty("block_users");
        Assert.Equal($$"""[{"input":"+{{user}}","wa_id":"{{user}}"}]""", block.GetProperty("added_users").GetRawText());
        var failed = block.GetProperty("failed_users").EnumerateArray().Select(f => f.GetProperty("errors")[0].GetProperty("code").GetInt32());
        Assert.Equal([131047, 131009], failed);
        Assert.Equal($$"""[{"messaging_product":"whatsapp","wa_id":"{{user}}"}]""", list.Body.GetProperty("data").GetRawText());
        Assert.Equal((400, 131026), (send.Status, send.Code));
        Assert.Equal((200, 0), (off.Status, Data(empty).Length));
        Assert.True(resend.Status == 200, resend.Text);
    }

    [Theory]
    [InlineData("GET", "/v24.0/17", 400, 100)]
    [InlineData("GET", "/v24.0/9999999999999999999", 404, 2500)]
    [InlineData("GET", "/v24.0/me", 404, 2500)]
    [InlineData("GET", "/v24.0", 404, 2500)]
    [InlineData("GET", "/v24.0/{number}/nonsense", 404, 2500)]
    [InlineData("GET", "/v24.0/{number}/messages/x", 404, 2500)]
    [InlineData("GET", "/v24.0/{number}/messages", 400, 100)]
    [InlineData("PUT", "/v24.0/{number}/messages", 400, 100)]
    [InlineData("POST", "/v24.0/{business}/messages", 400, 100)]
    [InlineData("PUT", "/v24.0/{business}/subscribed_apps", 400, 100)]
    [InlineData("GET", "/v24.0/{business}/template_analytics", 400, 100)]
    [InlineData("GET", "/vx/{number}", 404, 2500)]
    [InlineData("GET", "/index.html", 404, 2500)]
    public async Task What_there_is_not_is_told_in_the_envelope(string method, string path, int status, int code)
    {
        var business = await node.NewBusinessAsync();
        var target = path.Replace("{number}", $"{business.Number}", StringComparison.Ordinal).Replace("{business}", $"{business.Id}", StringComparison.Ordinal);

        var reply = await node.CallAsync(method, target, business.Token);

        Assert.Equal((status, code), (reply.Status, reply.Code));
        Assert.Equal("application/json", reply.ContentType);
    }

    [Fact]
    public async Task An_unknown_object_is_a_method_exception()
    {
        var business = await node.NewBusinessAsync();

        var reply = await node.CallAsync("GET", $"/v24.0/{business.Number + 7}", business.Token);

        Assert.Equal((400, 100, 33), (reply.Status, reply.Code, reply.Error.GetProperty("error_subcode").GetInt32()));
        Assert.Equal("GraphMethodException", Text(reply.Error, "type"));
    }

    private static string Text(JsonElement from, string name) => from.GetProperty(name).GetString()!;

    private static JsonElement[] Data(TestReply reply) => [.. reply.Body.GetProperty("data").EnumerateArray()];
}
