namespace Actors.Api.Tests.V1;

/// <summary>Businesses, verification, template review, audit.</summary>
public sealed class OperatorTests(NodeFixture node)
{
    [Fact]
    public async Task A_business_is_registered_with_fictional_numbers_and_can_be_found()
    {
        var name = "Shop " + NodeFixture.NewUser();
        var body = new { name, country = "PT", accept_terms = true, website = "https://shop.example", numbers = 3 };

        var registered = await node.CallAsync("POST", "/v1/businesses", node.Operator, body);
        var found = await node.CallAsync("GET", "/v1/businesses?search=" + Uri.EscapeDataString(name.ToUpperInvariant()), node.Operator);
        var id = registered.Body.GetProperty("id").GetString();
        var seen = await node.CallAsync("GET", "/v1/businesses/" + id, registered.Body.GetProperty("token").GetString());

        Assert.Equal(201, registered.Status);
        Assert.Equal("/v1/businesses/" + id, registered.Headers["Location"]);
        var numbers = registered.Body.GetProperty("numbers").EnumerateArray().ToArray();
        Assert.Equal(3, numbers.Length);
        Assert.All(numbers, n => Assert.StartsWith("+999 ", n.GetProperty("display_phone_number").GetString(), StringComparison.Ordinal));
        Assert.Equal(id, Assert.Single(found.Body.GetProperty("businesses").EnumerateArray().ToArray()).GetProperty("id").GetString());
        Assert.Equal((name, "not_verified", "ACTIVE"), (Text(seen, "name"), Text(seen, "verification"), Text(seen, "status")));
    }

    [Fact]
    public async Task Without_the_terms_there_is_no_business()
    {
        var no = await node.CallAsync("POST", "/v1/businesses", node.Operator, new { name = "A B", country = "PT", accept_terms = false });
        var wrong = await node.CallAsync(
            "POST",
            "/v1/businesses",
            node.Operator,
            new { name = " A\nB", country = "pt", accept_terms = true, website = "shop", photo_url = "data:x", numbers = 21 });

        Assert.Equal((400, "accept_terms"), (no.Status, Assert.Single(OptInsApiTests.Fields(no))));
        Assert.Equal(["name", "name", "country", "website", "photo_url", "numbers"], OptInsApiTests.Fields(wrong));
    }

    [Fact]
    public async Task The_list_of_businesses_is_read_page_by_page()
    {
        var name = "Chain " + NodeFixture.NewUser();
        for (var i = 0; i < 5; i++)
        {
            await node.CallAsync("POST", "/v1/businesses", node.Operator, new { name, country = "PT", accept_terms = true });
        }

        var path = "/v1/businesses?limit=2&search=" + Uri.EscapeDataString(name);
        var seen = new List<string?>();
        var next = "";
        while (next is not null)
        {
            var page = await node.CallAsync("GET", path + next, node.Operator);
            seen.AddRange(page.Body.GetProperty("businesses").EnumerateArray().Select(b => b.GetProperty("id").GetString()));
            next = page.Body.TryGetProperty("next", out var cursor) ? "&after=" + cursor.GetString() : null;
        }

        Assert.Equal(5, seen.Count);
        Assert.Equal(seen.Order(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task Only_a_verified_business_is_official()
    {
        var business = await node.NewBusinessAsync();
        var path = $"/v1/businesses/{business.Id}/verification";

        var wrong = await node.CallAsync("POST", path, node.Operator, new { status = "pending", official = true });
        var unknown = await node.CallAsync("POST", path, node.Operator, new { status = "not_verified" });
        var right = await node.CallAsync("POST", path, node.Operator, new { status = "verified", official = true, note = "papers seen" });

        Assert.Equal((400, "official"), (wrong.Status, Assert.Single(OptInsApiTests.Fields(wrong))));
        Assert.Equal((400, "status"), (unknown.Status, Assert.Single(OptInsApiTests.Fields(unknown))));
        Assert.Equal((200, "verified"), (right.Status, Text(right, "verification")));
    }

    [Fact]
    public async Task A_template_waits_for_review_and_its_category_is_what_review_says()
    {
        var business = await node.NewBusinessAsync();
        var template = new
        {
            name = "spring",
            language = "en_US",
            category = "UTILITY",
            components = new[] { new { type = "BODY", text = "Your parcel is on its way." } },
        };
        var created = await node.CallAsync("POST", $"/{business.Id}/message_templates", business.Token, template);
        var id = Text(created, "id");

        var pending = await node.CallAsync("GET", $"/v1/templates?status=PENDING&business={business.Id}", node.Operator);
        var seen = await node.CallAsync("GET", "/v1/templates/" + id, node.Operator);
        var odd = await node.CallAsync("POST", $"/v1/templates/{id}/review", node.Operator, new { decision = "approve", reason = "nice" });
        var review = await node.CallAsync("POST", $"/v1/templates/{id}/review", node.Operator, new { decision = "approve", category = "marketing" });
        var again = await node.CallAsync("POST", $"/v1/templates/{id}/review", node.Operator, new { decision = "reject", reason = "late" });

        Assert.Equal(id, Assert.Single(pending.Body.GetProperty("templates").EnumerateArray().ToArray()).GetProperty("id").GetString());
        Assert.Equal("BODY", seen.Body.GetProperty("components")[0].GetProperty("type").GetString());
        Assert.Equal((400, "reason"), (odd.Status, Assert.Single(OptInsApiTests.Fields(odd))));
        Assert.Equal(("APPROVED", "marketing", "utility"), (Text(review, "status"), Text(review, "category"), Text(review, "requested_category")));
        Assert.Equal((409, "template_not_pending"), (again.Status, OptInsApiTests.CodeOf(again)));
    }

    [Fact]
    public async Task Every_act_of_an_operator_stands_in_the_audit_by_name()
    {
        var business = await node.NewBusinessAsync();
        var bob = node.Tokens.ForOperator("bob", TimeSpan.FromHours(1));
        await node.CallAsync("POST", $"/v1/businesses/{business.Id}/verification", bob, new { status = "rejected", note = "no papers" });

        var entries = new List<System.Text.Json.JsonElement>();
        var cursor = "";
        while (entries.Count == 0 || cursor.Length > 0)
        {
            var page = await node.CallAsync("GET", "/v1/audit?limit=1000" + cursor, node.Operator);
            var lines = page.Body.GetProperty("entries").EnumerateArray().ToArray();
            entries.AddRange(lines);
            cursor = lines.Length == 0 ? "" : "&after=" + page.Body.GetProperty("next").GetString();
        }

        var mine = entries.Where(e => e.TryGetProperty("business", out var of) && of.GetString() == NodeFixture.User(business.Id)).ToArray();
        Assert.Contains(mine, e => Is(e, "operator:ann", "business_registered"));
        var verified = Assert.Single(mine, e => e.GetProperty("actor").GetString() == "operator:bob");
        Assert.Equal("no papers", verified.GetProperty("note").GetString());
    }

    private static bool Is(System.Text.Json.JsonElement entry, string actor, string action) =>
        entry.GetProperty("actor").GetString() == actor && entry.GetProperty("action").GetString() == action;

    private static string? Text(TestReply reply, string name) => reply.Body.GetProperty(name).GetString();
}
