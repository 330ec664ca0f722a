using System.Text;
using System.Text.Json;
using Actors.Api.Graph;
using Actors.Api.Graph.Messages;
using Actors.Contracts;

namespace Actors.Api.Tests;

/// <summary>What is wrong with a body is said by code, field and rule.</summary>
public sealed class GraphBodyTests(NodeFixture node)
{
    private const long User = 4_915_112_345_678;
    private static readonly Wamid Ids = new(new byte[32]);

    [Theory]
    [InlineData(""" "to":1 """, 100, "messaging_product")]
    [InlineData(""" "messaging_product":"x" """, 100, "messaging_product")]
    [InlineData(""" "messaging_product":"whatsapp","type":"text","text":{"body":"x"} """, 131008, "to")]
    [InlineData(""" "messaging_product":"whatsapp","to":null,"type":"text","text":{"body":"x"} """, 131008, "to")]
    [InlineData(""" "messaging_product":"whatsapp","recipient":"DE.1","type":"text","text":{"body":"x"} """, 100, "recipient")]
    [InlineData(""" "messaging_product":"whatsapp","to":"x","type":"text","text":{"body":"x"} """, 131009, "to")]
    [InlineData(""" "messaging_product":"whatsapp","to":"123456","type":"text","text":{"body":"x"} """, 131009, "to")]
    [InlineData(""" "messaging_product":"whatsapp","to":"1234567890123456","type":"text","text":{"body":"x"} """, 131009, "to")]
    [InlineData(""" "messaging_product":"whatsapp","to":"++4915112345678","type":"text","text":{"body":"x"} """, 131009, "to")]
    [InlineData(""" "messaging_product":"whatsapp","to":true,"type":"text","text":{"body":"x"} """, 131009, "to")]
    public void A_bad_head_is_named(string members, int code, string field) => AssertFault("{" + members + "}", code, field);

    [Theory]
    [InlineData(""" "recipient_type":"group","type":"text","text":{"body":"x"} """, 100, "recipient_type")]
    [InlineData(""" "recipient_identity_key_hash":"x","type":"text","text":{"body":"x"} """, 100, "recipient_identity_key_hash")]
    [InlineData(""" "type":"fax","fax":{} """, 131051, "type")]
    [InlineData(""" "type":7 """, 100, "type")]
    [InlineData(""" "type":"text" """, 131008, "text")]
    [InlineData(""" "type":"text","text":"x" """, 100, "text")]
    [InlineData(""" "type":"text","text":{} """, 131008, "text.body")]
    [InlineData(""" "type":"text","text":{"body":null} """, 131008, "text.body")]
    [InlineData(""" "type":"text","text":{"body":7} """, 100, "text.body")]
    [InlineData(""" "type":"text","text":{"body":""} """, 131009, "text.body")]
    [InlineData(""" "type":"text","text":{"body":"a\u0000"} """, 131009, "text.body")]
    [InlineData(""" "type":"text","text":{"body":"x","preview_url":"maybe"} """, 100, "text.preview_url")]
    [InlineData(""" "type":"text","text":{"body":"x"},"biz_opaque_callback_data":7 """, 100, "biz_opaque_callback_data")]
    [InlineData(""" "type":"text","text":{"body":"x"},"context":{} """, 131008, "context.message_id")]
    [InlineData(""" "type":"text","text":{"body":"x"},"context":{"message_id":"wamid.x"} """, 131009, "context.message_id")]
    [InlineData(""" "type":"image","image":{} """, 131008, "image.link")]
    [InlineData(""" "type":"image","image":{"id":"1"} """, 131009, "image.id")]
    [InlineData(""" "type":"image","image":{"link":"ftp://a/b"} """, 131009, "image.link")]
    [InlineData(""" "type":"image","image":{"link":"nonsense"} """, 131009, "image.link")]
    [InlineData(""" "type":"location","location":{"longitude":1} """, 131008, "location.latitude")]
    [InlineData(""" "type":"location","location":{"latitude":91,"longitude":1} """, 131009, "location.latitude")]
    [InlineData(""" "type":"location","location":{"latitude":"NaN","longitude":1} """, 131009, "location.latitude")]
    [InlineData(""" "type":"contacts","contacts":[] """, 131009, "contacts")]
    [InlineData(""" "type":"contacts","contacts":[7] """, 100, "contacts[0]")]
    [InlineData(""" "type":"contacts","contacts":[{"name":{}}] """, 131008, "contacts[0].name.formatted_name")]
    [InlineData(""" "type":"contacts","contacts":[{"name":{"formatted_name":"a"},"phones":[{"phone":7}]}] """, 100, "contacts[0].phones[0].phone")]
    [InlineData(""" "type":"reaction","reaction":{"message_id":"wamid.x","emoji":"x"} """, 131009, "reaction.message_id")]
    [InlineData(""" "type":"interactive","interactive":{"type":"flow","body":{"text":"x"},"action":{}} """, 131051, "interactive.type")]
    [InlineData(""" "type":"interactive","interactive":{"type":"button","action":{}} """, 131008, "interactive.body")]
    [InlineData(""" "type":"interactive","interactive":{"type":"button","body":{"text":"x"}} """, 131008, "interactive.action")]
    [InlineData(""" "type":"interactive","interactive":{"type":"button","body":{"text":"x"},"action":{"buttons":[]}} """, 131009, "interactive.action.buttons")]
    [InlineData(""" "type":"template","template":{"language":{"code":"en"}} """, 131008, "template.name")]
    [InlineData(""" "type":"template","template":{"name":"a"} """, 131008, "template.language")]
    [InlineData(""" "type":"template","template":{"name":"a","language":"en"} """, 100, "template.language")]
    [InlineData(""" "type":"template","template":{"name":"a","language":{"code":"en"},"components":{}} """, 100, "template.components")]
    public void A_bad_body_is_named(string members, int code, string field) => AssertFault(Whole(members), code, field);

    public static TheoryData<string, string, int> Limits => new()
    {
        { """ "type":"text","text":{"body":"%"} """, "text.body", 4_096 },
        { """ "type":"image","image":{"link":"https://a.b/c","caption":"%"} """, "image.caption", 1_024 },
        { """ "type":"document","document":{"link":"https://a.b/c","filename":"%"} """, "document.filename", 240 },
        { """ "type":"text","text":{"body":"x"},"biz_opaque_callback_data":"%" """, "biz_opaque_callback_data", 512 },
        { Buttons(body: "%"), "interactive.body.text", 1_024 },
        { Buttons(footer: "%"), "interactive.footer.text", 60 },
        { Buttons(header: "%"), "interactive.header.text", 60 },
        { Buttons(id: "%"), "interactive.action.buttons[0].reply.id", 256 },
        { Buttons(title: "%"), "interactive.action.buttons[0].reply.title", 20 },
        { List(body: "%"), "interactive.body.text", 4_096 },
        { List(button: "%"), "interactive.action.button", 20 },
        { List(section: "%"), "interactive.action.sections[0].title", 24 },
        { List(id: "%"), "interactive.action.sections[0].rows[0].id", 200 },
        { List(title: "%"), "interactive.action.sections[0].rows[0].title", 24 },
        { List(description: "%"), "interactive.action.sections[0].rows[0].description", 72 },
        { Link(label: "%"), "interactive.action.parameters.display_text", 20 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void A_text_may_have_as_many_characters_as_it_may_have(string members, string field, int max)
    {
        string Body(int length) => Whole(members.Replace("%", new string('x', length), StringComparison.Ordinal));

        Assert.Null(Parse(Body(max)));
        AssertFault(Body(max + 1), 131009, field);
    }

    [Fact]
    public void Buttons_and_rows_must_be_told_apart()
    {
        const string Button = """{"type":"reply","reply":{"id":"1","title":"a"}}""";
        const string OtherId = """{"type":"reply","reply":{"id":"2","title":"a"}}""";
        string Rows(int count, string id)
        {
            var sections = Enumerable.Range(0, count).Select(i => (Title: $"s{i}", Id: id.Replace("#", $"{i}", StringComparison.Ordinal)))
                .Select(s => $$"""{"title":"{{s.Title}}","rows":[{"id":"{{s.Id}}","title":"a"}]}""");
            return Interactive("list", "x", $"\"button\":\"b\",\"sections\":[{string.Join(',', sections)}]");
        }

        AssertFault(Whole(Interactive("button", "x", $"\"buttons\":[{Button},{Button}]")), 131009, "interactive.action.buttons[1].reply.id");
        AssertFault(Whole(Interactive("button", "x", $"\"buttons\":[{Button},{OtherId}]")), 131009, "interactive.action.buttons[1].reply.title");
        AssertFault(Whole(Rows(2, "same")), 131009, "interactive.action.sections[1].rows[0].id");
        Assert.Null(Parse(Whole(Rows(10, "#"))));
        AssertFault(Whole(Rows(11, "#")), 131009, "interactive.action.sections");
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_told_and_the_next_body_is_read_as_if_nothing_had_been()
    {
        Assert.Equal(100, Parse(Whole(""" "type":"text","text":{"body":"\ud83d"} """))!.Code);
        Assert.Null(Parse(Whole(""" "type":"text","text":{"body":"x"} """)));
    }

    [Fact]
    public void What_is_stored_has_a_fixed_order_and_nothing_that_was_not_asked_for()
    {
        using var one = JsonDocument.Parse(Whole(""" "text":{"preview_url":false,"body":"é","x":1},"type":"text","y":[1] """));

        Assert.Null(SendParser.Parse(one.RootElement, SendEdge.Messages, Ids, out var parsed));

        Assert.Equal("""{"type":"text","text":{"body":"é","preview_url":false}}""", Encoding.UTF8.GetString(parsed.Send!.Content));
    }

    [Fact]
    public async Task Malformed_bodies_are_told_over_http()
    {
        var business = await node.NewBusinessAsync();
        var path = $"/v24.0/{business.Number}/messages";
        var deep = new string('[', 100) + new string(']', 100);

        foreach (var body in new[] { "", "{", "[]", "7", "null", "{\"a\":1,}", "\u00ff", $"{{\"a\":{deep}}}" })
        {
            var reply = await node.RawAsync("POST", path, business.Token, Encoding.Latin1.GetBytes(body));
            Assert.Equal((400, 100), (reply.Status, reply.Code));
        }

        var large = await node.RawAsync("POST", path, business.Token, new byte[300_000]);
        var form = await node.RawAsync("POST", path, business.Token, "a=b"u8.ToArray(), "application/x-www-form-urlencoded");
        var noType = await node.RawAsync("POST", path, business.Token, "{}"u8.ToArray(), null);
        Assert.Equal((413, 100), (large.Status, large.Code));
        Assert.Equal((415, 100), (form.Status, form.Code));
        Assert.Equal((415, 100), (noType.Status, noType.Code));
    }

    [Fact]
    public async Task An_error_has_the_envelope_that_clients_read()
    {
        var business = await node.NewBusinessAsync();

        var reply = await node.CallAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, new { messaging_product = "whatsapp" });

        Assert.Equal("application/json", reply.ContentType);
        Assert.Equal("(#131008) Required parameter is missing", reply.Error.GetProperty("message").GetString());
        Assert.Equal("OAuthException", reply.Error.GetProperty("type").GetString());
        Assert.Equal("whatsapp", reply.Error.GetProperty("error_data").GetProperty("messaging_product").GetString());
        Assert.Equal("to: it is required", reply.Details);
        Assert.NotEmpty(reply.Error.GetProperty("fbtrace_id").GetString()!);
    }

    private static string Buttons(string header = "h", string body = "b", string footer = "f", string id = "1", string title = "t") => Interactive(
        "button",
        body,
        $$$"""  "buttons":[{"type":"reply","reply":{"id":"{{{id}}}","title":"{{{title}}}"}}] """,
        $$"""  ,"header":{"type":"text","text":"{{header}}"},"footer":{"text":"{{footer}}"} """);

    private static string List(
        string body = "b", string button = "c", string section = "s", string id = "1", string title = "t", string description = "d") => Interactive(
        "list",
        body,
        $$""" "button":"{{button}}","sections":[{"title":"{{section}}","rows":[{"id":"{{id}}","title":"{{title}}","description":"{{description}}"}]}] """);

    private static string Link(string label) =>
        Interactive("cta_url", "b", $$""" "name":"cta_url","parameters":{"display_text":"{{label}}","url":"https://a.b"} """);

    private static string Interactive(string type, string body, string action, string more = "") =>
        """ "type":"interactive","interactive":{"type":""" + $"\"{type}\",\"body\":{{\"text\":\"{body}\"}},\"action\":{{{action}}}{more}}}";

    private static string Whole(string members) => $$"""{"messaging_product":"whatsapp","to":"{{User}}",{{members}}}""";

    private static GraphError? Parse(string body)
    {
        using var document = JsonDocument.Parse(body);
        return SendParser.Parse(document.RootElement, SendEdge.Messages, Ids, out _);
    }

    private static void AssertFault(string body, int code, string field)
    {
        var fault = Parse(body);
        Assert.NotNull(fault);
        Assert.Equal((code, field), (fault.Code, fault.Details.Split(':', ' ')[0]));
    }
}
