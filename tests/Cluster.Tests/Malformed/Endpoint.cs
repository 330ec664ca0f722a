using Actors.Tests;

namespace Actors.Cluster.Tests.Malformed;

/// <summary>Whose token a call takes.</summary>
public enum Role
{
    Business,
    User,
    Operator,
}

/// <summary>A call that changes nothing even when it is well-formed, so that whatever the generator makes of it must change nothing either.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">With the ids of the stage in it, and a query.</param>
/// <param name="Role">Whose token it takes.</param>
/// <param name="Body">JSON; null for none.</param>
/// <param name="Strict">
/// Well-formed, it would change something: every field is required and unknown ones are refused, so exactly one break is made, and it must be refused.
/// </param>
/// <param name="Type">The content type.</param>
public sealed record Endpoint(string Method, string Path, Role Role, string? Body = null, bool Strict = false, string Type = "application/json")
{
    /// <summary>Whether unknown fields are ignored, as in the Cloud API.</summary>
    public bool IsGraph => !Path.StartsWith("/v1/", StringComparison.Ordinal) || Path.EndsWith("/decisions", StringComparison.Ordinal);

    /// <summary>
    /// Whether an answer of success may be: to what only looks, to taking back what isn't there, and to lines or messages of which none was taken.
    /// </summary>
    public bool MayAnswer(string method, string body) =>
        method is "HEAD" or "OPTIONS" || Method == "GET" || Path.EndsWith("/decisions", StringComparison.Ordinal)
        || (Method == "DELETE" && Path.EndsWith("/block_users", StringComparison.Ordinal))
        || (Path.EndsWith("/messages/status", StringComparison.Ordinal) && !body.Contains("\"changed\":true", StringComparison.Ordinal))
        || (Type == "application/x-ndjson" && !body.Contains("\"ok\":true", StringComparison.Ordinal));

    /// <summary>Every call of the interface.</summary>
    public static Endpoint[] All(TestBusiness business, string template, long user, string wamid)
    {
        var (number, waba) = (business.Number, business.Id);
        const string Stranger = "34999000001";
        const string NoWamid = "wamid.00112233445566778899AABBCCDDEEFF";
        string Send(string type, string content) =>
            $$"""{"messaging_product":"whatsapp","recipient_type":"individual","to":"{{Stranger}}","type":"{{type}}","{{type}}":{{content}} }""";
        string Interactive(string kind, string action) => Send(
            "interactive",
            $$"""{"type":"{{kind}}","header":{"type":"text","text":"Hi"},"body":{"text":"Hello"},"footer":{"text":"Bye"},"action":{{action}} }""");
        return
        [
            new("POST", $"/v23.0/{number}/messages", Role.Business, Send("text", """{"body":"Hello","preview_url":false}""")),
            new("POST", $"/{number}/messages", Role.Business, Send("image", """{"link":"https://example.org/a.jpg","caption":"Shoes"}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Send("document", """{"link":"https://example.org/a.pdf","filename":"a.pdf"}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Send("video", """{"link":"https://example.org/a.mp4"}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Send("audio", """{"link":"https://example.org/a.ogg"}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Send("sticker", """{"link":"https://example.org/a.webp"}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Send(
                "location", """{"latitude":41.4,"longitude":2.2,"name":"Shop","address":"Street 1"}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Send("reaction", $$"""{"message_id":"{{NoWamid}}","emoji":"👍"}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Send(
                "contacts", """[{"name":{"formatted_name":"Ana B","first_name":"Ana"},"phones":[{"phone":"+34600000000","type":"HOME"}]}]""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Send(
                "template",
                """
                {"name":"receipt","language":{"code":"en_US","policy":"deterministic"},
                "components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}
                """)),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Interactive("button", """{"buttons":[{"type":"reply","reply":{"id":"a","title":"A"}}]}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Interactive(
                "list", """{"button":"Open","sections":[{"title":"S","rows":[{"id":"a","title":"A","description":"first"}]}]}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, Interactive(
                "cta_url", """{"name":"cta_url","parameters":{"display_text":"Go","url":"https://example.org"}}""")),
            new("POST", $"/v23.0/{number}/messages", Role.Business, $$"""{"messaging_product":"whatsapp","status":"read","message_id":"{{NoWamid}}"}"""),
            new("POST", $"/v23.0/{number}/messages", Role.Business,
                $$"""{"messaging_product":"whatsapp","status":"read","message_id":"{{NoWamid}}","typing_indicator":{"type":"text"} }"""),
            new("POST", $"/v23.0/{number}/marketing_messages", Role.Business, Send("template", """{"name":"news","language":{"code":"en_US"}}""")),
            new("GET", $"/v23.0/{number}?fields=display_phone_number,verified_name,quality_rating,status,throughput,health_status", Role.Business),
            new("GET", $"/{number}/whatsapp_business_profile?fields=about,address", Role.Business),
            new("POST", $"/v23.0/{number}/whatsapp_business_profile", Role.Business,
                $$"""{"messaging_product":"whatsapp","about":"{{new string('a', 200)}}","email":"nobody","websites":["nowhere"],"vertical":"NONE"}"""),
            new("GET", $"/v23.0/{number}/block_users?limit=10", Role.Business),
            new("POST", $"/v23.0/{number}/block_users", Role.Business, $$"""{"messaging_product":"whatsapp","block_users":[{"user":"{{Stranger}}"}]}"""),
            new("DELETE", $"/{number}/block_users", Role.Business, $$"""{"messaging_product":"whatsapp","block_users":[{"user":"{{Stranger}}"}]}"""),
            new("GET", $"/v23.0/{waba}/message_templates?limit=10&status=APPROVED&name=receipt&fields=name,status", Role.Business),
            new("POST", $"/v23.0/{waba}/message_templates", Role.Business,
                """
                {"name":"receipt","language":"en_US","category":"UTILITY","components":[
                {"type":"BODY","text":"Hi {{1}} you","example":{"body_text":[["A"]]}},{"type":"FOOTER","text":"F"},
                {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Ok"}]}]}
                """),
            new("DELETE", $"/v23.0/{waba}/message_templates?name=nothing_here", Role.Business),
            new("GET", $"/v23.0/{template}", Role.Business),

            // Four faults, one more than is ever mended by chance: whatever becomes of it, it edits nothing.
            new("POST", $"/v23.0/{template}", Role.Business,
                """
                {"category":"NOTHING","components":[
                {"type":"HEADER","format":"TEXT","text":"{{1}}{{2}}"},{"type":"BODY","text":"Changed {{1}}"},{"type":"FOOTER","text":"{{1}}"}]}
                """),
            new("GET", $"/v23.0/{waba}?fields=name,status,currency", Role.Business),
            new("GET", $"/v23.0/{waba}/phone_numbers?limit=5", Role.Business),
            new("POST", $"/v1/numbers/{number}/decisions", Role.Business, Send("text", """{"body":"Hello"}""")),
            new("GET", $"/v1/numbers/{number}/messages/{wamid}", Role.Business),
            new("POST", $"/v1/businesses/{waba}/opt-ins", Role.Business,
                $$"""{"user":"{{Stranger}}","categories":["utility"],"source":"website","wording":"Send me news","at":"2026-01-02T03:04:05Z"}""", Strict: true),
            new("POST", $"/v1/businesses/{waba}/opt-ins", Role.Business,
                $$"""{"user":"{{Stranger}}","categories":["utility"],"source":"website","wording":"Send me news","at":"2026-01-02T03:04:05Z"}""", Strict: true,
                Type: "application/x-ndjson"),
            new("GET", $"/v1/businesses/{waba}/opt-ins?limit=5", Role.Business),
            new("DELETE", $"/v1/businesses/{waba}/opt-ins/not-a-user", Role.Business),
            new("GET", $"/v1/businesses/{waba}/events?limit=5", Role.Business),
            new("GET", $"/v1/businesses/{waba}", Role.Business),
            new("POST", "/v1/businesses/1999999999000000/tokens", Role.Business, """{"scope":["everything"],"days":100000}"""),
            new("GET", $"/v1/users/{user}", Role.User),
            new("PUT", $"/v1/users/{user}/preferences", Role.User, """{"businesses":true,"marketing":true,"languages":["en"]}""", Strict: true),
            new("PUT", $"/v1/users/{user}/businesses/{waba}/opt-in", Role.User, """{"categories":["utility"]}""", Strict: true),
            new("PUT", $"/v1/users/{user}/businesses/not-a-business/block", Role.User, """{"reason":"boredom"}"""),
            new("PUT", $"/v1/users/{user}/businesses/not-a-business/marketing-stop", Role.User),
            new("DELETE", $"/v1/users/{user}/businesses/-1/marketing-stop", Role.User),
            new("DELETE", $"/v1/users/{user}/businesses/0x10/block", Role.User),
            new("DELETE", $"/v1/users/{user}/businesses/9007199254740993/opt-in", Role.User),
            new("POST", $"/v1/users/{user}/businesses/{waba}/reports", Role.User, """{"reason":"boredom","message":"wamid.X","block":false}"""),
            new("POST", $"/v1/users/{user}/messages", Role.User, """{"to":"2999999999000000","type":"text","text":{"body":"Hello"},"client_id":"a"}"""),
            new("GET", $"/v1/users/{user}/inbox?limit=5", Role.User),
            new("POST", $"/v1/users/{user}/messages/{NoWamid}/status", Role.User, """{"status":"read","device":"phone"}"""),
            new("POST", $"/v1/users/{user}/messages/status", Role.User, $$"""{"status":"read","messages":["{{NoWamid}}"],"device":"phone"}"""),
            new("POST", $"/v1/users/{user}/messages/{NoWamid}/clicks", Role.User, """{"button":0}"""),
            new("PUT", $"/v1/users/{user}/messages/{wamid}/feedback", Role.User, """{"value":"furious"}"""),
            new("PUT", $"/v1/users/{Stranger}/devices/phone", Role.User),
            new("DELETE", $"/v1/users/{user}/devices/nowhere", Role.User),
            new("POST", "/v1/businesses", Role.Operator, """{"name":"New Shop","country":"Atlantis","accept_terms":false,"numbers":1}"""),
            new("GET", "/v1/businesses?limit=3", Role.Operator),
            new("POST", $"/v1/businesses/{waba}/verification", Role.Operator, """{"status":"perhaps","official":false,"note":"x"}"""),
            new("GET", "/v1/templates?status=PENDING", Role.Operator),
            new("POST", $"/v1/templates/{template}/review", Role.Operator, """{"decision":"perhaps","reason":"x"}"""),
            new("GET", "/v1/audit?limit=3", Role.Operator),
            new("GET", "/openapi/v1.json", Role.Operator),
            new("GET", "/health/ready", Role.Operator),
        ];
    }
}
