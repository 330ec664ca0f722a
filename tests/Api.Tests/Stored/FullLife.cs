using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Users;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.Stored;

/// <summary>Somebody of whom everything is stored that can be.</summary>
internal sealed class FullLife(FullNode node)
{
    // Each stands in what is stored, and in nothing that isn't about this person.
    private const string Phone = "phone-of-the-person", Tablet = "tablet-of-the-person", Wrote = "what the person wrote", Answer = "what the shop answered",
        Note = "note-of-the-shop", Wording = "Yes, the person agrees.", Evidence = "evidence-of-the-person";

    private readonly List<TestBusiness> _businesses = [];

    public long User { get; } = NodeFixture.NewUser();

    public IReadOnlyList<long> Businesses => [.. _businesses.Select(business => business.Id)];

    /// <summary>What only this person's data says.</summary>
    public IReadOnlyList<string> Words => [NodeFixture.User(User), Phone, Tablet, Wrote, Answer, Note, Wording, Evidence];

    private IUserGrain Grain => node.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserGrain>(User);

    public async Task LiveAsync()
    {
        var before = await NewAsync();
        await WriteAsync(before);
        await CallAsync("PUT", $"/businesses/{before.Id}/marketing-stop");
        await CallAsync("DELETE", "");
        await WriteAsync(before);

        await CallAsync("PUT", $"/devices/{Phone}");
        await CallAsync("PUT", $"/devices/{Tablet}");
        await MessagesAsync(await NewAsync(), await NewAsync());
        await WordsAsync(await NewAsync(), await NewAsync(), await NewAsync());
        await OkAsync(await node.CallAsync("POST", "/v1/enrolments", null, new { user = NodeFixture.User(User) }));

        // Hours in which it isn't now: nothing of the test waits for their end.
        var hour = TimeProvider.System.GetUtcNow().Hour;
        await CallAsync("PUT", "/preferences", new
        {
            businesses = true,
            marketing = true,
            languages = new[] { "de" },
            marketing_per_day = 1,
            quiet_hours = new { start = Clock(hour + 3), end = Clock(hour + 5), time_zone = "Africa/Abidjan" },
        });

        static string Clock(int hour) => string.Create(CultureInfo.InvariantCulture, $"{hour % 24:00}:30");
    }

    /// <summary>Messages in each state, both ways, and what is said of them.</summary>
    private async Task MessagesAsync(TestBusiness shop, TestBusiness other)
    {
        // Its receiver is gone before it is told anything: what waits for it is kept.
        await using (var receiver = await WebhookReceiver.StartAsync())
        {
            await OkAsync(await node.CallAsync("POST", $"/v1/businesses/{shop.Id}/webhooks", shop.Token, new
            {
                callback_uri = receiver.Address.AbsoluteUri,
                verify_token = WebhookReceiver.VerifyToken,
                fields = new[] { "messages", "user_preferences" },
            }));
        }

        foreach (var business in new[] { shop, other })
        {
            await OptInAsync(business);
            await node.NewTemplateAsync(business, GraphTemplates.Sale);
            await node.NewTemplateAsync(business, GraphTemplates.Order);
        }

        // Read, clicked and not liked; delivered and never read; failed; expired; accepted, with a key; answered and read by the business.
        var sale = await SendAsync(shop, GraphTemplates.Send(User, "summer_sale"));
        await CallAsync("POST", $"/messages/{sale}/status", new { status = "delivered", device = Phone });
        await CallAsync("POST", $"/messages/{sale}/status", new { status = "read", device = Tablet });
        Assert.Null((await Grain.ClickAsync(await NumberAsync(sale), 1)).Refusal);
        await CallAsync("PUT", $"/messages/{sale}/feedback", new { value = "not_interested" });
        var offer = await SendAsync(other, GraphTemplates.Send(User, "summer_sale"));
        await CallAsync("POST", $"/messages/{offer}/status", new { status = "delivered", device = Phone });
        var order = await SendAsync(other, GraphTemplates.Send(User, "order_update", "Ann", "17"));
        Assert.Null((await Grain.FailAsync(await NumberAsync(order), handedOut: false)).Refusal);
        foreach (var (name, seconds) in new[] { ("short_lived", 30), ("long_lived", 43_200) })
        {
            await node.NewTemplateAsync(other, new
            {
                name,
                language = "en_US",
                category = "UTILITY",
                message_send_ttl_seconds = seconds,
                components = new[] { new { type = "BODY", text = "Your order is ready." } },
            });
        }

        await SendAsync(other, GraphTemplates.Send(User, "long_lived"));
        var late = await NumberAsync(await SendAsync(other, GraphTemplates.Send(User, "short_lived")));
        await PassAsync(TimeSpan.FromSeconds(45));
        Assert.True(await Grain.ExpireAsync(late));
        Assert.Equal(MessageStatus.Expired, (await Grain.MessageAsync(late))!.Status);

        // More keys than the record holds.
        for (var key = 0; key <= UserState.KeysMax; key++)
        {
            await WriteAsync(shop, $"client-{key}");
        }

        var read = await WriteAsync(shop, "last");
        await OkAsync(await node.CallAsync(
            "POST", $"/{shop.Number}/messages", shop.Token, new { messaging_product = "whatsapp", status = "read", message_id = read }));
        var to = NodeFixture.User(User);
        await SendAsync(
            shop, new { messaging_product = "whatsapp", to, type = "text", text = new { body = Answer }, biz_opaque_callback_data = Note }, "the-key");
        await CallAsync("POST", "/messages/status", new { status = "read", up_to = sale, device = Tablet });
        await CallAsync("POST", $"/businesses/{shop.Id}/reports", new { reason = "spam", message = sale });
    }

    /// <summary>Sets the clock on, and waits until the node has seen it and trusts it again.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        var clock = node.Services.GetRequiredService<UserLedger>().Clock;
        var until = clock.Now + time;
        node.Ahead += time;
        while (clock.Now < until || !clock.IsTrusted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Opt-ins that were imported and taken back, a stop, blocks either way.</summary>
    private async Task WordsAsync(TestBusiness stopped, TestBusiness blocked, TestBusiness lists)
    {
        foreach (var business in new[] { stopped, blocked })
        {
            await OkAsync(await node.RawAsync(
                "POST", $"/v1/businesses/{business.Id}/opt-ins", business.Token, JsonSerializer.SerializeToUtf8Bytes(OptIn()), "application/x-ndjson"));
        }

        await CallAsync("DELETE", $"/businesses/{stopped.Id}/opt-in");
        await CallAsync("PUT", $"/businesses/{stopped.Id}/opt-in", new { categories = new[] { "utility" } });
        await CallAsync("PUT", $"/businesses/{stopped.Id}/marketing-stop");
        await CallAsync("PUT", $"/businesses/{blocked.Id}/block", new { reason = "offensive" });
        await WriteAsync(lists);
        await OkAsync(await node.CallAsync(
            "POST",
            $"/v24.0/{lists.Number}/block_users",
            lists.Token,
            new { messaging_product = "whatsapp", block_users = new[] { new { user = NodeFixture.User(User) } } }));
    }

    private async Task<TestBusiness> NewAsync()
    {
        _businesses.Add(await node.NewBusinessAsync());
        return _businesses[^1];
    }

    private object OptIn() => new
    {
        user = NodeFixture.User(User),
        categories = new[] { "utility", "marketing", "authentication" },
        source = "website",
        wording = Wording,
        evidence = Evidence,
        at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };

    private async Task OptInAsync(TestBusiness business) =>
        await OkAsync(await node.CallAsync("POST", $"/v1/businesses/{business.Id}/opt-ins", business.Token, OptIn()));

    private async Task<string> WriteAsync(TestBusiness business, string? key = null)
    {
        var body = new { to = business.Number.ToString(CultureInfo.InvariantCulture), type = "text", text = new { body = Wrote }, client_id = key };
        return (await CallAsync("POST", "/messages", body)).Body.GetProperty("id").GetString()!;
    }

    private async Task<string> SendAsync(TestBusiness business, object body, string? key = null)
    {
        var sent = await node.CallAsync(
            "POST", $"/{business.Number}/messages", business.Token, body, key is null ? [] : [("Idempotency-Key", key)]);
        await OkAsync(sent);
        return sent.Body.GetProperty("messages")[0].GetProperty("id").GetString()!;
    }

    private async Task<long> NumberAsync(string id) =>
        (await node.Services.GetRequiredService<Wamids>().GetAsync()).TryDecode(id, out _, out var number) ? number : throw new FormatException(id);

    private async Task<TestReply> CallAsync(string method, string path, object? body = null)
    {
        var reply = await node.CallAsync(method, $"/v1/users/{NodeFixture.User(User)}{path}", node.TokenOf(User), body);
        await OkAsync(reply);
        return reply;
    }

    private static Task OkAsync(TestReply reply)
    {
        Assert.True(reply.Status is >= 200 and < 300 && !reply.Text.Contains("\"ok\":false", StringComparison.Ordinal), reply.Text);
        return Task.CompletedTask;
    }
}
