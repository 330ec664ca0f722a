using System.Text.Json;

namespace Actors.Api.Tests.V1;

/// <summary>The user's side: overview, preferences, devices, blocks, messages, inbox.</summary>
public sealed class UsersApiTests(NodeFixture node)
{
    private readonly long _user = NodeFixture.NewUser();

    private string Me => $"/v1/users/{_user}";

    [Fact]
    public async Task Nobody_is_known_before_the_first_word_about_them()
    {
        var reply = await CallAsync("GET", "");

        Assert.Equal(200, reply.Status);
        Assert.False(reply.Body.GetProperty("known").GetBoolean());
        Assert.Empty(reply.Body.GetProperty("businesses").EnumerateArray());
        Assert.Equal(2, reply.Body.GetProperty("marketing_cap").GetProperty("day").GetProperty("left").GetInt32());
    }

    [Fact]
    public async Task A_user_sees_who_holds_which_consent_and_by_which_wording()
    {
        var business = await node.NewBusinessAsync();
        await node.OptInAsync(business, _user, "marketing");
        await node.CallAsync("POST", $"/v1/businesses/{business.Id}/verification", node.Operator, new { status = "verified" });
        await node.WriteAsync(_user, business);

        var seen = Assert.Single((await CallAsync("GET", "")).Body.GetProperty("businesses").EnumerateArray().ToArray());

        Assert.Equal("Corner Shop", seen.GetProperty("name").GetString());
        Assert.True(seen.GetProperty("window").GetProperty("open").GetBoolean());
        var consent = Assert.Single(seen.GetProperty("consents").EnumerateArray().ToArray());
        Assert.Equal(("marketing", "granted"), (consent.GetProperty("category").GetString(), consent.GetProperty("status").GetString()));
        Assert.Equal("Yes, write to me.", consent.GetProperty("wording").GetString());
        Assert.Equal("business", consent.GetProperty("by").GetString());
    }

    [Fact]
    public async Task A_block_withdraws_every_opt_in_and_unblocking_restores_none()
    {
        var business = await node.NewBusinessAsync();
        await node.OptInAsync(business, _user, "marketing", "utility");

        var block = await CallAsync("PUT", $"/businesses/{business.Id}/block", new { reason = "spam" });
        var blocked = Assert.Single((await CallAsync("GET", "")).Body.GetProperty("businesses").EnumerateArray().ToArray());
        var write = await CallAsync("POST", "/messages", Text(business, "hello"));
        var unblock = await CallAsync("DELETE", $"/businesses/{business.Id}/block");
        var after = Assert.Single((await CallAsync("GET", "")).Body.GetProperty("businesses").EnumerateArray().ToArray());
        var again = await CallAsync("DELETE", $"/businesses/{business.Id}/block");

        Assert.Equal((200, 200), (block.Status, unblock.Status));
        Assert.Equal("spam", blocked.GetProperty("block").GetProperty("reason").GetString());
        Assert.Equal((409, "blocked"), (write.Status, OptInsApiTests.CodeOf(write)));
        Assert.False(after.TryGetProperty("block", out _));
        Assert.All(after.GetProperty("consents").EnumerateArray(), c => Assert.Equal("withdrawn_by_block", c.GetProperty("status").GetString()));
        Assert.Equal((200, false), (again.Status, again.Body.GetProperty("changed").GetBoolean()));
    }

    [Fact]
    public async Task The_same_client_id_gives_the_same_message_and_another_text_is_refused()
    {
        var business = await node.NewBusinessAsync();

        var first = await CallAsync("POST", "/messages", Text(business, "hello", "k1"));
        var twin = await CallAsync("POST", "/messages", Text(business, "hello", "k1"));
        var other = await CallAsync("POST", "/messages", Text(business, "bye", "k1"));

        Assert.Equal((201, 200), (first.Status, twin.Status));
        Assert.Equal("true", twin.Headers["Idempotent-Replayed"]);
        Assert.Equal(first.Body.GetProperty("id").GetString(), twin.Body.GetProperty("id").GetString());
        Assert.True(first.Body.GetProperty("window").GetProperty("open").GetBoolean());
        Assert.Equal((422, "client_id_reused"), (other.Status, OptInsApiTests.CodeOf(other)));
    }

    [Fact]
    public async Task A_user_can_write_to_the_number_itself()
    {
        var business = await node.NewBusinessAsync();
        var number = (await node.CallAsync("GET", $"/v1/businesses/{business.Id}", business.Token))
            .Body.GetProperty("numbers")[0].GetProperty("display_phone_number").GetString();

        var reply = await CallAsync("POST", "/messages", new { to = number, type = "text", text = new { body = "hi" } });
        var nobody = await CallAsync("POST", "/messages", new { to = "+999 000 000 000 999", type = "text", text = new { body = "hi" } });
        var person = await CallAsync("POST", "/messages", new { to = "+49 170 1234567", type = "text", text = new { body = "hi" } });

        Assert.Equal(201, reply.Status);
        Assert.Equal((404, "number_unknown"), (nobody.Status, OptInsApiTests.CodeOf(nobody)));
        Assert.Equal((400, "to"), (person.Status, Assert.Single(OptInsApiTests.Fields(person))));
    }

    [Fact]
    public async Task A_stop_word_stops_marketing_and_opens_no_window()
    {
        var business = await node.NewBusinessAsync();
        await node.OptInAsync(business, _user, "marketing");

        var reply = await CallAsync("POST", "/messages", Text(business, "Stop."));
        var seen = Assert.Single((await CallAsync("GET", "")).Body.GetProperty("businesses").EnumerateArray().ToArray());

        Assert.Equal(201, reply.Status);
        Assert.False(reply.Body.GetProperty("window").GetProperty("open").GetBoolean());
        Assert.True(seen.GetProperty("marketing_stopped").GetBoolean());
    }

    [Fact]
    public async Task Preferences_replace_what_held_before()
    {
        var first = await CallAsync("PUT", "/preferences", new { businesses = true, marketing = false, languages = new[] { "pt-BR", "en" } });
        var twin = await CallAsync("PUT", "/preferences", new { businesses = true, marketing = false, languages = new[] { "pt-BR", "en" } });
        var wrong = await CallAsync("PUT", "/preferences", new { businesses = true, marketing = false, languages = new[] { "english please" } });
        var held = (await CallAsync("GET", "")).Body.GetProperty("preferences");

        Assert.True(first.Body.GetProperty("changed").GetBoolean());
        Assert.False(twin.Body.GetProperty("changed").GetBoolean());
        Assert.Equal((400, "languages"), (wrong.Status, Assert.Single(OptInsApiTests.Fields(wrong))));
        Assert.False(held.GetProperty("marketing").GetBoolean());
        Assert.Equal(["pt-BR", "en"], held.GetProperty("languages").EnumerateArray().Select(l => l.GetString()));
    }

    [Fact]
    public async Task A_user_has_up_to_eight_devices()
    {
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(200, (await CallAsync("PUT", $"/devices/d{i}")).Status);
        }

        var ninth = await CallAsync("PUT", "/devices/d8");
        var removed = await CallAsync("DELETE", "/devices/d3");
        var gone = await CallAsync("DELETE", "/devices/d3");
        var odd = await CallAsync("PUT", "/devices/a%20b");

        Assert.Equal((409, "too_many_devices"), (ninth.Status, OptInsApiTests.CodeOf(ninth)));
        Assert.Equal(200, removed.Status);
        Assert.Equal((404, "device_unknown"), (gone.Status, OptInsApiTests.CodeOf(gone)));
        Assert.Equal((400, "invalid_request"), (odd.Status, OptInsApiTests.CodeOf(odd)));
    }

    [Fact]
    public async Task The_inbox_says_why_each_message_was_allowed()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(_user, business);
        var sent = await node.SendTextAsync(business, _user, "welcome");
        Assert.True(sent.Status == 200, sent.Text);

        var page = await CallAsync("GET", "/inbox");

        var message = Assert.Single(page.Body.GetProperty("messages").EnumerateArray().ToArray());
        Assert.Equal(sent.Body.GetProperty("messages")[0].GetProperty("id").GetString(), message.GetProperty("id").GetString());
        Assert.Equal("Corner Shop", message.GetProperty("from").GetProperty("name").GetString());
        Assert.Equal("welcome", message.GetProperty("content").GetProperty("text").GetProperty("body").GetString());
        Assert.NotNull(message.GetProperty("why").GetProperty("window").GetProperty("expires_at").GetString());
        Assert.Equal("accepted", message.GetProperty("status").GetString());

        var rest = await CallAsync("GET", "/inbox?after=" + page.Body.GetProperty("next").GetString());
        Assert.Empty(rest.Body.GetProperty("messages").EnumerateArray());
    }

    [Fact]
    public async Task A_message_goes_from_accepted_over_delivered_to_read_and_never_back()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(_user, business);
        var id = (await node.SendTextAsync(business, _user)).Body.GetProperty("messages")[0].GetProperty("id").GetString();

        var delivered = await CallAsync("POST", $"/messages/{id}/status", new { status = "delivered", device = "phone" });
        var twice = await CallAsync("POST", $"/messages/{id}/status", new { status = "delivered" });
        var read = await CallAsync("POST", $"/messages/{id}/status", new { status = "read" });
        var back = await CallAsync("POST", $"/messages/{id}/status", new { status = "delivered" });
        var failed = await CallAsync("POST", $"/messages/{id}/status", new { status = "failed" });
        var feedback = await CallAsync("PUT", $"/messages/{id}/feedback", new { value = "interested" });
        var click = await CallAsync("POST", $"/messages/{id}/clicks", new { button = 10 });

        Assert.True(delivered.Body.GetProperty("changed").GetBoolean());
        Assert.False(twice.Body.GetProperty("changed").GetBoolean());
        Assert.True(read.Body.GetProperty("changed").GetBoolean());
        Assert.False(back.Body.GetProperty("changed").GetBoolean());
        Assert.Equal((400, "status"), (failed.Status, Assert.Single(OptInsApiTests.Fields(failed))));
        Assert.Equal((409, "not_marketing"), (feedback.Status, OptInsApiTests.CodeOf(feedback)));
        Assert.Equal((400, "button"), (click.Status, Assert.Single(OptInsApiTests.Fields(click))));

        var timeline = await node.CallAsync("GET", $"/v1/numbers/{business.Number}/messages/{id}", business.Token);
        Assert.Equal(
            ["accepted", "delivered", "read"], timeline.Body.GetProperty("timeline").EnumerateArray().Select(t => t.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_report_may_name_a_message_and_block_at_once()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(_user, business);
        var id = (await node.SendTextAsync(business, _user)).Body.GetProperty("messages")[0].GetProperty("id").GetString();

        var stranger = await CallAsync("POST", $"/businesses/{business.Id}/reports", new { reason = "spam", message = "wamid.0" });
        var report = await CallAsync("POST", $"/businesses/{business.Id}/reports", new { reason = "spam", message = id, block = true });
        var seen = Assert.Single((await CallAsync("GET", "")).Body.GetProperty("businesses").EnumerateArray().ToArray());

        Assert.Equal((400, "message"), (stranger.Status, Assert.Single(OptInsApiTests.Fields(stranger))));
        Assert.Equal(201, report.Status);
        Assert.Equal(JsonValueKind.Object, seen.GetProperty("block").ValueKind);
    }

    [Fact]
    public async Task A_word_about_a_business_that_does_not_exist_is_refused()
    {
        var reply = await CallAsync("PUT", "/businesses/1000000000000000/opt-in", new { categories = new[] { "utility" } });

        Assert.Equal((404, "business_unknown"), (reply.Status, OptInsApiTests.CodeOf(reply)));
    }

    private Task<TestReply> CallAsync(string method, string path, object? body = null) => node.CallAsync(method, Me + path, node.TokenOf(_user), body);

    private static object Text(TestBusiness business, string text, string? clientId = null) => clientId is null
        ? new { to = NodeFixture.User(business.Number), type = "text", text = new { body = text } }
        : new { to = NodeFixture.User(business.Number), type = "text", text = new { body = text }, client_id = clientId };
}
