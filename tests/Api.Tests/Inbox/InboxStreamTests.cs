using Actors.Api.Inbox;
using Actors.Api.Tests.V1;
using Actors.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.Inbox;

public sealed class SqliteInboxStreamTests(SqliteStreamNode node) : InboxStreamTests(node), IClassFixture<SqliteStreamNode>;

public sealed class PostgresInboxStreamTests(PostgresStreamNode node) : InboxStreamTests(node), IClassFixture<PostgresStreamNode>
{
    [Fact]
    public async Task A_device_gets_what_was_sent_at_another_node_and_hears_what_was_read_there()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(User, business);
        await using var device = await StreamClient.OpenAsync(node.Second!, User);

        var sent = await SendAsync(business, "from the other side");
        var got = await device.NextAsync();
        Assert.Equal((sent, "from the other side"), (got.Message, got.Text));
        await SetAsync(sent, "read");
        Assert.Equal(["delivered", "read"], (await device.NextAsync(2)).Select(e => e.Status));
    }
}

/// <summary>The live stream over real HTTP, on both stores.</summary>
public abstract partial class InboxStreamTests(SetClockNode node)
{
    protected long User { get; } = NodeFixture.NewUser();

    private string Me => $"/v1/users/{User}";

    [Fact]
    public async Task A_message_comes_with_all_that_its_user_has_to_know()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Order);
        await node.OptInAsync(business, User, "utility");
        await using var device = await StreamClient.OpenAsync(node, User);
        var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(User, "order_update", "Ann", "17"));
        Assert.True(sent.Status == 200, sent.Text);

        var got = await device.NextAsync();
        var from = got.Data.GetProperty("from");
        Assert.Equal(("message", "business", "Corner Shop"), (got.Kind, from.GetProperty("kind").GetString(), from.GetProperty("name").GetString()));
        Assert.Equal((false, false), (from.GetProperty("verified").GetBoolean(), from.GetProperty("official").GetBoolean()));
        Assert.Equal("Hello Ann, your order 17 is on its way to you.", got.Data.GetProperty("rendered").GetProperty("body").GetString());
        Assert.Equal("Yes, write to me.", got.Data.GetProperty("why").GetProperty("consent").GetProperty("wording").GetString());
        Assert.False(got.Data.GetProperty("takes_feedback").GetBoolean());
        var calls = got.Data.GetProperty("calls");
        foreach (var call in new[] { "stop", "block" })
        {
            var (method, path) = calls.GetProperty(call).GetString()!.Split(' ') is [var verb, var where] ? (verb, where) : default;
            Assert.Equal(200, (await node.CallAsync(method, path, node.TokenOf(User), call == "block" ? new { } : null)).Status);
        }

        Assert.Equal($"POST {Me}/messages", calls.GetProperty("reply").GetString());
        Assert.False(calls.TryGetProperty("click", out _));
        Assert.InRange(device.Retry, 1_000, 5_000);

        // The page says the same, and that it was not delivered yet: a push is no delivery.
        var page = await node.CallAsync("GET", $"{Me}/inbox", node.TokenOf(User));
        Assert.Equal(got.Data.GetRawText(), page.Body.GetProperty("messages")[0].GetRawText());
        Assert.Equal("accepted", got.Status);
    }

    [Fact]
    public async Task Whatever_was_the_last_event_a_resumed_stream_goes_on_behind_it_and_loses_nothing()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(User, business);

        // A device that hasn't got them yet: without one, what is read has no content any more, and only its status would come.
        await node.CallAsync("PUT", $"{Me}/devices/tablet", node.TokenOf(User));
        await using var device = await StreamClient.OpenAsync(node, User);
        var all = new List<StreamEvent>();
        for (var i = 1; i <= 4; i++)
        {
            var (sent, status) = (await SendAsync(business, $"{i}"), i % 2 == 0 ? "read" : "delivered");
            all.AddRange(await device.UntilAsync(e => e.Message == sent));
            await SetAsync(sent, status);
            all.AddRange(await device.UntilAsync(e => e.Message == sent && e.Status == status));
        }

        for (var last = 0; last < all.Count; last++)
        {
            await using var again = await StreamClient.OpenAsync(node, User, lastId: all[last].Id);
            var missing = all.Skip(last + 1).Select(e => (e.Message, e.Kind)).Distinct().ToHashSet();
            while (missing.Count > 0)
            {
                var got = await again.NextAsync();
                missing.Remove((got.Message, got.Kind));
                if (got.Kind == "message")
                {
                    // It comes as it is now: its status needs no event of its own.
                    Assert.DoesNotContain(all.Take(last + 1), e => e.Kind == "message" && e.Message == got.Message);
                    missing.Remove((got.Message, "status"));
                }
            }
        }
    }

    [Fact]
    public async Task Nothing_is_lost_over_reconnections_at_any_moment_while_messages_are_sent_and_delivered()
    {
        const int Messages = 40;
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(User, business);
        await node.CallAsync("PUT", $"{Me}/devices/phone", node.TokenOf(User));
        var sent = new List<string>();
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                sent.Add(await SendAsync(business, $"{i}"));
                await SetAsync(sent[^1], "delivered");
            }
        });

        var (got, delivered) = (new HashSet<string>(), new HashSet<string>());
        string? last = null;
        for (var random = new Random(4); delivered.Count < Messages;)
        {
            await using var device = await StreamClient.OpenAsync(node, User, "phone", last);
            for (var left = random.Next(1, 8); left > 0 && delivered.Count < Messages; left--)
            {
                var next = await device.NextAsync();
                last = next.Id;
                _ = next.Kind == "message" && got.Add(next.Message);
                _ = next.Status == "delivered" && delivered.Add(next.Message);
            }
        }

        await sending;
        Assert.Equal(sent.Order(), got.Order());
        Assert.Equal(sent.Order(), delivered.Order());
    }

    [Fact]
    public async Task A_template_is_pushed_as_it_was_when_it_was_sent_also_right_after_it_was_changed()
    {
        var other = NodeFixture.NewUser();
        await using var second = await StreamClient.OpenAsync(node, other);
        var (business, id) = await OfferedAsync(other);
        await OfferAnewAsync(business, id, other);
        Assert.Equal("Twenty percent off this week.", BodyOf(await second.NextAsync()));
    }

    [Fact]
    public async Task What_is_read_on_one_device_shows_on_the_other_and_what_failed_is_taken_back()
    {
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(User, business);
        await node.CallAsync("PUT", $"{Me}/devices/phone", node.TokenOf(User));
        await node.CallAsync("PUT", $"{Me}/devices/watch", node.TokenOf(User));
        await using var phone = await StreamClient.OpenAsync(node, User, "phone");
        await using var watch = await StreamClient.OpenAsync(node, User, "watch");
        var sent = await SendAsync(business, "hi");
        Assert.Equal((sent, sent), ((await phone.NextAsync()).Message, (await watch.NextAsync()).Message));

        await SetAsync(sent, "read");
        Assert.Equal([(sent, "delivered"), (sent, "read")], (await watch.NextAsync(2)).Select(e => (e.Message, e.Status)));

        var other = await SendAsync(business, "too late");
        await watch.NextAsync();
        await node.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserGrain>(User).FailAsync(3, handedOut: false);
        Assert.Equal((other, "failed"), await watch.NextAsync() is var failed ? (failed.Message, failed.Status) : default);

        // Who comes now doesn't get it at all.
        await using var late = await StreamClient.OpenAsync(node, User);
        await SendAsync(business, "last");
        Assert.Equal(["hi", "last"], (await late.NextAsync(2)).Select(e => e.Text));
    }

    [Fact]
    public async Task A_user_has_so_many_streams_and_a_device_one()
    {
        await node.CallAsync("PUT", $"{Me}/devices/phone", node.TokenOf(User));
        await using var first = await StreamClient.OpenAsync(node, User, "phone");
        var others = new List<StreamClient>();
        for (var i = 1; i < InboxStreams.OfUserMax; i++)
        {
            others.Add(await StreamClient.OpenAsync(node, User));
        }

        await using var refused = await StreamClient.TryOpenAsync(node, User);
        Assert.Equal(429, refused.Status);
        Assert.Contains("too_many_streams", await refused.BodyAsync(), StringComparison.Ordinal);

        // The same device again: it has lost its old one.
        await using var again = await StreamClient.OpenAsync(node, User, "phone");
        await first.Ended;
        await others[0].DisposeAsync();
        var business = await node.NewBusinessAsync();
        await node.WriteAsync(User, business);
        await SendAsync(business, "hi");
        Assert.Equal("hi", (await again.NextAsync()).Text);
        foreach (var other in others.Skip(1))
        {
            await other.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_stream_ends_with_its_token_and_with_its_device()
    {
        await node.CallAsync("PUT", $"{Me}/devices/phone", node.TokenOf(User));
        await using var phone = await StreamClient.OpenAsync(node, User, "phone");
        await using var brief = await StreamClient.OpenAsync(node, User, token: node.Tokens.ForUser(User, TimeSpan.FromSeconds(3)));

        Assert.Equal(200, (await node.CallAsync("DELETE", $"{Me}/devices/phone", node.TokenOf(User))).Status);
        await phone.Ended;
        await brief.Ended;
        await using var unknown = await StreamClient.TryOpenAsync(node, User, "phone");
        Assert.Equal(404, unknown.Status);
        await using var made = await StreamClient.TryOpenAsync(node, User, lastId: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        Assert.Equal(400, made.Status);
        Assert.Contains("Last-Event-ID", await made.BodyAsync(), StringComparison.Ordinal);
    }

    /// <summary>A business whose offer the user has got, and another user may get; and the offer's template.</summary>
    private async Task<(TestBusiness Business, string Template)> OfferedAsync(long other)
    {
        var business = await node.NewBusinessAsync();
        var template = await node.NewTemplateAsync(business, BusinessSideTests.MarketingTemplate);
        await node.OptInAsync(business, User, "marketing");
        await node.OptInAsync(business, other, "marketing");
        await using var device = await StreamClient.OpenAsync(node, User);
        await OfferAsync(business);
        Assert.Equal("Ten percent off this week.", BodyOf(await device.NextAsync()));
        return (business, template);
    }

    /// <summary>The template says something else, and is sent to the other user.</summary>
    private async Task OfferAnewAsync(TestBusiness business, string template, long other)
    {
        var components = new[] { new { type = "BODY", text = "Twenty percent off this week." } };
        Assert.Equal(200, (await node.CallAsync("POST", $"/{template}", business.Token, new { components })).Status);
        await node.CallAsync("POST", $"/v1/templates/{template}/review", node.Operator, new { decision = "approve" });
        await OfferAsync(business, other);
    }

    /// <summary>Sends a text and gives its id.</summary>
    protected async Task<string> SendAsync(TestBusiness business, string text)
    {
        var sent = await node.SendTextAsync(business, User, text);
        Assert.True(sent.Status == 200, sent.Text);
        return sent.Body.GetProperty("messages")[0].GetProperty("id").GetString()!;
    }

    /// <summary>A device says how far a message has come.</summary>
    protected async Task SetAsync(string message, string status, string? device = null) => Assert.Equal(
        200,
        (await node.CallAsync(
            "POST", $"{Me}/messages/{message}/status", node.TokenOf(User), device is null ? new { status } : new { status, device })).Status);
}
