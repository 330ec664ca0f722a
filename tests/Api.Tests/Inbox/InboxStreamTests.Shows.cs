namespace Actors.Api.Tests.Inbox;

/// <summary>What a message shows of itself and its sender, and what its user may do about it.</summary>
public abstract partial class InboxStreamTests
{
    [Fact]
    public async Task A_template_comes_in_the_language_that_was_sent_with_the_senders_badge_and_calls_that_work()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, Sale("en_US", "Our summer sale has begun.", "Tell me more"));
        await node.NewTemplateAsync(business, Sale("de", "Unser Sommerverkauf hat begonnen.", "Mehr dazu"));
        Assert.Equal(200, (await node.CallAsync(
            "POST", $"/v1/businesses/{business.Id}/verification", node.Operator, new { status = "verified", official = true })).Status);
        await node.OptInAsync(business, User, "marketing");
        await using var device = await StreamClient.OpenAsync(node, User);
        await SendSaleAsync("de");
        var got = await device.NextAsync();

        var (from, rendered) = (got.Data.GetProperty("from"), got.Data.GetProperty("rendered"));
        Assert.Equal((true, true), (from.GetProperty("verified").GetBoolean(), from.GetProperty("official").GetBoolean()));
        Assert.Equal("Unser Sommerverkauf hat begonnen.", rendered.GetProperty("body").GetString());
        Assert.Equal("Mehr dazu", rendered.GetProperty("buttons")[0].GetProperty("text").GetString());
        Assert.True(got.Data.GetProperty("takes_feedback").GetBoolean());

        var calls = got.Data.GetProperty("calls");
        Assert.Equal(200, (await CallAsync("feedback", new { value = "interested" })).Status);
        Assert.Equal(200, (await CallAsync("click", new { button = 0 })).Status);
        Assert.Equal(201, (await CallAsync(
            "reply",
            new
            {
                to = NodeFixture.User(business.Number),
                type = "text",
                text = new { body = "Which ones?" },
                context = new { message_id = got.Message },
            })).Status);
        var page = await node.CallAsync("GET", $"{Me}/inbox", node.TokenOf(User));
        Assert.Equal("interested", page.Body.GetProperty("messages")[0].GetProperty("feedback").GetString());
        while (await KindsAsync() is var kinds && !(kinds.Contains("clicked") && kinds.Contains("inbound")))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();   // the business sees them a moment later
        }

        // In the window that the reply has opened.
        await SendSaleAsync("en_US");
        Assert.Equal("Our summer sale has begun.", BodyOf((await device.UntilAsync(e => e.Kind == "message"))[^1]));

        static object Sale(string language, string text, string button) => new
        {
            name = "sale",
            language,
            category = "MARKETING",
            components = new object[]
            {
                new { type = "BODY", text },
                new { type = "BUTTONS", buttons = new object[] { new { type = "QUICK_REPLY", text = button } } },
            },
        };

        async Task<HashSet<string?>> KindsAsync()
        {
            var events = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/events?limit=1000", business.Token);
            return [.. events.Body.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("kind").GetString())];
        }

        async Task SendSaleAsync(string code)
        {
            var template = new { name = "sale", language = new { code } };
            var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, new
            {
                messaging_product = "whatsapp",
                to = NodeFixture.User(User),
                type = "template",
                template,
            });
            Assert.True(sent.Status == 200, sent.Text);
        }

        Task<TestReply> CallAsync(string name, object body)
        {
            var (method, path) = calls.GetProperty(name).GetString()!.Split(' ') is [var verb, var where] ? (verb, where) : default;
            return node.CallAsync(method, path, node.TokenOf(User), body);
        }
    }
}
