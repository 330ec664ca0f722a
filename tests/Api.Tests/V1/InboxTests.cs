using System.Text.Json;
using Actors.Api.V1;

namespace Actors.Api.Tests.V1;

/// <summary>What a user sees of what was sent: the text itself, not its parameters, and as it was then.</summary>
public sealed class InboxTests(NodeFixture node)
{
    private readonly long _user = NodeFixture.NewUser();

    [Fact]
    public async Task A_template_is_shown_as_it_was_when_it_was_sent_whatever_became_of_it()
    {
        var business = await node.NewBusinessAsync();
        await node.OptInAsync(business, _user, "utility");
        var id = await node.NewTemplateAsync(business, Template("Hello {{1}}, parcel {{2}} is on its way."));
        await SendAsync(business);

        var rendered = (await InboxAsync())[0].GetProperty("rendered");
        Assert.Equal(
            """
            {"header":{"format":"text","text":"Parcel 4711"},"body":"Hello Ann, parcel 4711 is on its way.","footer":"Reply STOP to end","buttons":
            [{"type":"quick_reply","text":"Thanks"},{"type":"url","text":"Track","value":"https://example.org/4711"}]}
            """.ReplaceLineEndings(""),
            rendered.GetRawText());

        var edited = await node.CallAsync("POST", $"/{id}", business.Token, Template("Dear {{1}}, the parcel {{2}} has just left."));
        Assert.True(edited.Status == 200, edited.Text);
        Assert.Equal(["Hello Ann, parcel 4711 is on its way."], await BodiesAsync());
        await node.CallAsync("POST", $"/v1/templates/{id}/review", node.Operator, new { decision = "approve" });
        await SendAsync(business);
        var deleted = await node.CallAsync("DELETE", $"/{business.Id}/message_templates?name=parcel", business.Token);
        Assert.True(deleted.Status == 200, deleted.Text);

        Assert.Equal(["Hello Ann, parcel 4711 is on its way.", "Dear Ann, the parcel 4711 has just left."], await BodiesAsync());
    }

    [Fact]
    public async Task What_is_no_template_is_not_rendered()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(_user, business);
        await node.SendTextAsync(business, _user);

        Assert.False(Assert.Single(await InboxAsync()).TryGetProperty("rendered", out _));
    }

    [Fact]
    public void A_page_ends_before_it_has_a_mebibyte_and_the_next_one_goes_on_behind_its_last_message()
    {
        var messages = Enumerable.Range(1, 30).Select(number => ((long)number, Message(100_000))).ToArray();

        var first = InboxResponse.Of(0, messages);
        Assert.Equal(10, first.Messages.Count);
        Assert.True(Cursor.TryDecode(CursorKind.Inbox, first.Next, out var next));
        Assert.Equal(10, next);

        var large = InboxResponse.Of(7, [(8, Message(2 * InboxResponse.BytesMax)), (9, Message(1))]);
        Assert.Single(large.Messages);
        Assert.True(Cursor.TryDecode(CursorKind.Inbox, large.Next, out next));
        Assert.Equal(8, next);

        Assert.True(Cursor.TryDecode(CursorKind.Inbox, InboxResponse.Of(7, []).Next, out next));
        Assert.Equal(7, next);
    }

    [Theory]
    [InlineData("""{"type":"text","text":{"body":"hi"}}""")]
    [InlineData("")]
    public void What_is_stored_without_a_template_has_none(string content) => Assert.Null(StoredTemplate.Read(System.Text.Encoding.UTF8.GetBytes(content)));

    [Fact]
    public void Every_kind_of_parameter_is_read_as_it_was_stored()
    {
        var read = StoredTemplate.Read(
            """
            {"type":"template","template":{"name":"n","language":{"code":"en"},"components":[
            {"type":"header","parameters":[{"type":"document","document":{"link":"https://example.org/a.pdf","filename":"a"}}]},
            {"type":"body","parameters":[{"type":"text","parameter_name":"p","text":"a"},{"type":"currency","currency":{"fallback_value":"$1","code":"USD",
            "amount_1000":1000}},{"type":"location","location":{"latitude":1,"longitude":2}}]},
            {"type":"button","sub_type":"copy_code","index":3,"parameters":[{"type":"coupon_code","coupon_code":"X"}]},
            {"type":"button","sub_type":"quick_reply","index":0,"parameters":[{"type":"payload","payload":"y"}]},{"type":"body"}]}}
            """u8)!;

        Assert.Equal("n", read.Name);
        Assert.Equal(
            [("header", null, 0), ("body", null, 0), ("button", "copy_code", 3), ("button", "quick_reply", 0), ("body", null, 0)],
            read.Components.Select(c => (c.Type, c.SubType, c.Index)));
        Assert.Equal(
            [
                ("document", null, "https://example.org/a.pdf"), ("text", "p", "a"), ("currency", null, "$1"), ("location", null, null),
                ("coupon_code", null, "X"), ("payload", null, "y"),
            ],
            read.Components.SelectMany(c => c.Parameters).Select(p => (p.Type, p.Name, p.Text)));
    }

    private static InboxMessage Message(int length)
    {
        var content = JsonElement.Parse($"\"{new string('x', length)}\"");
        return new(
            "id",
            new("business", "1", null, false, false, "2", null),
            "",
            "service",
            null,
            "accepted",
            null,
            null,
            null,
            null,
            content,
            null,
            false,
            null,
            new("", null, null, "", "", "", "", ""));
    }

    private static object Template(string body) => new
    {
        name = "parcel",
        language = "en_US",
        category = "UTILITY",
        components = new object[]
        {
            new { type = "HEADER", format = "TEXT", text = "Parcel {{1}}", example = new { header_text = new[] { "1" } } },
            new { type = "BODY", text = body, example = new { body_text = new[] { new[] { "Bob", "1" } } } },
            new { type = "FOOTER", text = "Reply STOP to end" },
            new
            {
                type = "BUTTONS",
                buttons = new object[]
                {
                    new { type = "QUICK_REPLY", text = "Thanks" },
                    new { type = "URL", text = "Track", url = "https://example.org/{{1}}", example = new[] { "https://example.org/1" } },
                },
            },
        },
    };

    private async Task SendAsync(TestBusiness business)
    {
        static object Text(string text) => new { type = "text", text };
        var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, new
        {
            messaging_product = "whatsapp",
            to = NodeFixture.User(_user),
            type = "template",
            template = new
            {
                name = "parcel",
                language = new { code = "en_US" },
                components = new object[]
                {
                    new { type = "body", parameters = new[] { Text("Ann"), Text("4711") } },
                    new { type = "header", parameters = new[] { Text("4711") } },
                    new { type = "button", sub_type = "url", index = "1", parameters = new[] { Text("4711") } },
                },
            },
        });
        Assert.True(sent.Status == 200, sent.Text);
    }

    private async Task<JsonElement[]> InboxAsync()
    {
        var page = await node.CallAsync("GET", $"/v1/users/{_user}/inbox", node.TokenOf(_user));
        Assert.True(page.Status == 200, page.Text);
        return [.. page.Body.GetProperty("messages").EnumerateArray()];
    }

    private async Task<IEnumerable<string>> BodiesAsync() => (await InboxAsync()).Select(m => m.GetProperty("rendered").GetProperty("body").GetString()!);
}
