using Actors.Api.Tests.Inbox;

namespace Actors.Api.Tests.V1;

/// <summary>What becomes of a message, as its business hears of it: when it expires, what was clicked, what was chosen; and nothing twice.</summary>
public sealed class MessageLifeTests(SqliteStreamNode node) : IClassFixture<SqliteStreamNode>
{
    private readonly long _user = NodeFixture.NewUser();

    [Fact]
    public async Task A_template_says_how_long_its_messages_wait_and_then_they_expire_once()
    {
        var business = await node.NewBusinessAsync();
        await node.OptInAsync(business, _user, "utility");
        await node.NewTemplateAsync(business, Template("soon", 60));
        await node.NewTemplateAsync(business, Template("later", 3_600));
        var (later, soon) = (await SendAsync(business, "later"), await SendAsync(business, "soon"));

        node.Ahead += TimeSpan.FromSeconds(61);
        await KindsUntilAsync(business, soon, "expired");
        Assert.Equal((409, "accepted"), ((await SayAsync(soon, "delivered")).Status, await StatusAsync(business, later)));

        node.Ahead += TimeSpan.FromHours(1);
        Assert.Equal(["accepted", "expired"], await KindsUntilAsync(business, later, "expired"));
        Assert.Equal((409, "expired"), ((await SayAsync(later, "read")).Status, await StatusAsync(business, later)));
        Assert.Equal(["accepted", "expired"], await KindsUntilAsync(business, soon, "expired"));
    }

    [Fact]
    public async Task Whatever_is_said_again_is_told_once_and_each_click_with_its_button()
    {
        var business = await node.NewBusinessAsync();
        await node.OptInAsync(business, _user, "marketing");
        await node.NewTemplateAsync(business, GraphTemplates.Sale);
        var sent = await SendAsync(business, "summer_sale");
        foreach (var status in (string[])["delivered", "delivered", "read", "delivered", "read"])
        {
            Assert.Equal(200, (await SayAsync(sent, status)).Status);
        }

        foreach (var value in (string[])["interested", "interested"])
        {
            Assert.Equal(200, (await CallAsync("PUT", $"/messages/{sent}/feedback", new { value })).Status);
        }

        Assert.Equal(200, (await CallAsync("POST", $"/messages/{sent}/clicks", new { button = 2 })).Status);

        Assert.Equal(["accepted", "delivered", "read", "clicked 2"], await KindsUntilAsync(business, sent, "clicked 2"));
    }

    [Fact]
    public async Task A_choice_from_a_list_says_what_it_answers_and_what_was_chosen()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(_user, business);
        var list = new
        {
            messaging_product = "whatsapp",
            to = NodeFixture.User(_user),
            type = "interactive",
            interactive = new
            {
                type = "list",
                body = new { text = "Which day?" },
                action = new { button = "Days", sections = new[] { new { title = "Days", rows = new[] { new { id = "mon", title = "Monday" } } } } },
            },
        };
        var asked = Id(await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, list));

        var chosen = await CallAsync("POST", "/messages", new
        {
            to = NodeFixture.User(business.Number),
            type = "interactive",
            interactive = new { type = "list_reply", list_reply = new { id = "mon", title = "Monday" } },
            context = new { message_id = asked },
        });

        Assert.True(chosen.Status == 201, chosen.Text);
        var seen = await node.CallAsync(
            "GET", $"/v1/numbers/{business.Number}/messages/{chosen.Body.GetProperty("id").GetString()}", business.Token);
        var content = seen.Body.GetProperty("content");
        Assert.Equal(
            (asked, "mon"),
            (content.GetProperty("context").GetProperty("message_id").GetString(),
                content.GetProperty("interactive").GetProperty("list_reply").GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_business_answers_and_reacts_to_what_was_said_between_it_and_this_user()
    {
        var (business, other) = (await node.NewBusinessAsync(), await node.NewBusinessAsync());
        var (mine, others) = (await node.WriteAsync(_user, business), await node.WriteAsync(_user, other));
        var stranger = NodeFixture.NewUser();
        var strangers = await node.WriteAsync(stranger, business);
        var own = Id(await SendAsync(business, Reply(mine), "a"));

        foreach (var body in (object[])[Reply(own), Reaction(mine), Reaction(own)])
        {
            Id(await SendAsync(business, body));
        }

        foreach (var id in (string[])[others, strangers])
        {
            await AssertNothingAsync(Reply(id), "context.message_id");
            await AssertNothingAsync(Reaction(id), "reaction.message_id");
        }

        // What was accepted under a key is that message, whatever is found of what it answers.
        Assert.Equal(own, Id(await SendAsync(business, Reply(mine), "a")));

        async Task AssertNothingAsync(object body, string field)
        {
            var refused = await SendAsync(business, body, "b");
            Assert.Equal((400, 131009), (refused.Status, refused.Code));
            Assert.Contains(field, refused.Text, StringComparison.Ordinal);
            var tried = await node.CallAsync("POST", $"/v1/numbers/{business.Number}/decisions", business.Token, body);
            Assert.Equal((400, "invalid_request"), (tried.Status, OptInsApiTests.CodeOf(tried)));
            Assert.Contains(field, tried.Text, StringComparison.Ordinal);
        }

        object Reply(string to) => new
        {
            messaging_product = "whatsapp",
            to = NodeFixture.User(_user),
            type = "text",
            text = new { body = "hi" },
            context = new { message_id = to },
        };

        object Reaction(string to) =>
            new { messaging_product = "whatsapp", to = NodeFixture.User(_user), type = "reaction", reaction = new { message_id = to, emoji = "+" } };
    }

    [Fact]
    public async Task An_inbox_of_a_device_that_is_not_registered_is_not_found()
    {
        Assert.Equal(200, (await CallAsync("PUT", "/devices/phone")).Status);

        Assert.Equal(200, (await CallAsync("GET", "/inbox?device=phone")).Status);
        var unknown = await CallAsync("GET", "/inbox?device=tablet");
        Assert.Equal((404, "device_unknown"), (unknown.Status, OptInsApiTests.CodeOf(unknown)));
    }

    private static object Template(string name, int seconds) => new
    {
        name,
        language = "en_US",
        category = "UTILITY",
        message_send_ttl_seconds = seconds,
        components = new[] { new { type = "BODY", text = "Your order is ready." } },
    };

    private async Task<string> SendAsync(TestBusiness business, string template) => Id(await SendAsync(business, GraphTemplates.Send(_user, template)));

    private Task<TestReply> SendAsync(TestBusiness business, object body, string? key = null) =>
        node.CallAsync("POST", $"/{business.Number}/messages", business.Token, body, key is null ? [] : [("Idempotency-Key", key)]);

    private static string Id(TestReply sent)
    {
        Assert.True(sent.Status == 200, sent.Text);
        return sent.Body.GetProperty("messages")[0].GetProperty("id").GetString()!;
    }

    private Task<TestReply> SayAsync(string message, string status) => CallAsync("POST", $"/messages/{message}/status", new { status });

    private Task<TestReply> CallAsync(string method, string path, object? body = null) =>
        node.CallAsync(method, $"/v1/users/{_user}{path}", node.TokenOf(_user), body);

    private async Task<string?> StatusAsync(TestBusiness business, string message) =>
        (await node.CallAsync("GET", $"/v1/numbers/{business.Number}/messages/{message}", business.Token)).Body.GetProperty("status").GetString();

    /// <summary>What the business hears of a message, in order, once it has heard the last of it and of a message after that.</summary>
    private async Task<List<string>> KindsUntilAsync(TestBusiness business, string message, string last)
    {
        var kinds = new List<string>();
        string? marker = null;
        for (var after = ""; ; TestContext.Current.CancellationToken.ThrowIfCancellationRequested())
        {
            var page = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/events{after}", business.Token);
            Assert.True(page.Status == 200, page.Text);
            foreach (var one in page.Body.GetProperty("events").EnumerateArray())
            {
                var about = one.TryGetProperty("message", out var id) ? id.GetString() : null;
                if (marker is not null && about == marker)
                {
                    return kinds;
                }

                if (about == message)
                {
                    kinds.Add(one.GetProperty("kind").GetString() + (one.TryGetProperty("button", out var button) ? $" {button.GetInt32()}" : ""));
                }
            }

            after = $"?after={page.Body.GetProperty("next").GetString()}";
            marker ??= kinds.Contains(last) ? await node.WriteAsync(_user, business) : null;
        }
    }
}
