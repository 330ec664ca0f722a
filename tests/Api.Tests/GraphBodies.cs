namespace Actors.Api.Tests;

/// <summary>Templates as businesses submit and send them.</summary>
internal static class GraphTemplates
{
    public static object Order { get; } = new
    {
        name = "order_update",
        language = "en_US",
        category = "UTILITY",
        components = new object[]
        {
            new { type = "BODY", text = "Hello {{1}}, your order {{2}} is on its way to you.", example = new { body_text = new[] { new[] { "Ann", "17" } } } },
        },
    };

    public static object Sale { get; } = new
    {
        name = "summer_sale",
        language = "en_US",
        category = "MARKETING",
        components = new object[]
        {
            new { type = "BODY", text = "Our summer sale has begun." },
            new { type = "FOOTER", text = "Reply STOP to end" },
            new { type = "BUTTONS", buttons = new object[] { new { type = "QUICK_REPLY", text = "Stop" } } },
        },
    };

    /// <summary>The body of a send of a template with positional parameters.</summary>
    public static object Send(long user, string name, params string[] parameters) => new
    {
        messaging_product = "whatsapp",
        to = NodeFixture.User(user),
        type = "template",
        template = new
        {
            name,
            language = new { code = "en_US", policy = "deterministic" },
            components = parameters.Length == 0
                ? null
                : new object[] { new { type = "body", parameters = parameters.Select(text => new { type = "text", text }).ToArray() } },
        },
    };
}

/// <summary>Bodies of sends.</summary>
internal static class GraphBodies
{
    /// <summary>One good body of every type, without its head.</summary>
    public static IEnumerable<string> Types(string inbound) =>
    [
        """ "type":"text","text":{"body":"hi","preview_url":true} """,
        $$""" "type":"text","text":{"body":"hi"},"context":{"message_id":"{{inbound}}"} """,
        """ "type":"image","image":{"link":"https://example.com/a.jpg","caption":"a"} """,
        """ "type":"video","video":{"link":"https://example.com/a.mp4","caption":"a"} """,
        """ "type":"audio","audio":{"link":"https://example.com/a.ogg"} """,
        """ "type":"document","document":{"link":"https://example.com/a.pdf","filename":"a.pdf","caption":"a"} """,
        """ "type":"sticker","sticker":{"link":"https://example.com/a.webp"} """,
        """ "type":"location","location":{"latitude":"48.1","longitude":11.5,"name":"n","address":"a"} """,
        """ "type":"contacts","contacts":[{"name":{"formatted_name":"Ann Smith","first_name":"Ann"},"phones":[{"phone":"+49"}],"org":{"company":"c"}}] """,
        $$""" "type":"reaction","reaction":{"message_id":"{{inbound}}","emoji":"👍🏽"} """,
        $$""" "type":"reaction","reaction":{"message_id":"{{inbound}}","emoji":""} """,
        Interactive("""
            "type":"button","body":{"text":"?"},"footer":{"text":"f"},"header":{"type":"text","text":"h"},
            "action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Yes"}},{"type":"reply","reply":{"id":"2","title":"No"}}]}
            """),
        Interactive("""
            "type":"list","body":{"text":"?"},"action":{"button":"Choose","sections":[{"rows":[{"id":"1","title":"One"}]}]}
            """),
        Interactive("""
            "type":"cta_url","body":{"text":"?"},"header":{"type":"image","image":{"link":"https://example.com/a.jpg"}},
            "action":{"name":"cta_url","parameters":{"display_text":"Go","url":"https://example.com"}}
            """),
    ];

    private static string Interactive(string members) => """ "type":"interactive","interactive":{""" + members + "}";
}
