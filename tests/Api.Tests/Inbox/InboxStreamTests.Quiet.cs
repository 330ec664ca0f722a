using System.Globalization;
using Actors.Api.Tests.V1;
using Actors.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.Inbox;

/// <summary>Marketing on the stream: quiet hours, and what is noted before a push.</summary>
public abstract partial class InboxStreamTests
{
    [Fact]
    public async Task Quiet_hours_hold_marketing_until_they_end_by_the_ledgers_clock_and_a_resume_in_between_loses_none()
    {
        var business = await ReadyForOffersAsync();
        var offer = await OfferAsync(business);
        await node.WriteAsync(User, business);
        var end = await QuietAsync();
        string id;
        await using (var device = await StreamClient.OpenAsync(node, User))
        {
            await SendAsync(business, "goes on");
            var got = await device.NextAsync();
            Assert.Equal("goes on", got.Text);
            id = got.Id;
        }

        await using var again = await StreamClient.OpenAsync(node, User, lastId: id);
        await SendAsync(business, "still");
        Assert.Equal("still", (await again.NextAsync()).Text);

        // A page is asked for, and not held.
        var page = await node.CallAsync("GET", $"{Me}/inbox?limit=1", node.TokenOf(User));
        Assert.Equal(offer, page.Body.GetProperty("messages")[0].GetProperty("id").GetString());

        await PassAsync(end);
        var released = await again.NextAsync();
        Assert.Equal((offer, true), (released.Message, released.Data.GetProperty("takes_feedback").GetBoolean()));
        await SendAsync(business, "after");
        Assert.Equal("after", (await again.NextAsync()).Text);
        await using var last = await StreamClient.OpenAsync(node, User, lastId: released.Id);
        Assert.Equal("after", (await last.NextAsync()).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_quiet_hours_hold_back_is_not_meant_by_all_up_to_one_and_comes_when_they_end(bool isInWindow)
    {
        var business = await ReadyForOffersAsync();
        await node.CallAsync("PUT", $"{Me}/devices/phone", node.TokenOf(User));
        if (isInWindow)
        {
            await node.WriteAsync(User, business);
        }

        var offer = await OfferAsync(business);
        await node.WriteAsync(User, business);
        var end = await QuietAsync();
        await using var device = await StreamClient.OpenAsync(node, User, "phone");
        var sent = await SendAsync(business, "goes on");
        Assert.Equal("goes on", (await device.NextAsync()).Text);

        var said = await node.CallAsync(
            "POST", $"{Me}/messages/status", node.TokenOf(User), new { status = "read", up_to = sent, device = "phone" });
        Assert.Equal([sent], said.Body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("message").GetString()));
        Assert.Equal([(sent, "delivered"), (sent, "read")], (await device.NextAsync(2)).Select(e => (e.Message, e.Status)));

        // Nor does it go when it is read elsewhere: this device has said of another one that it has it.
        var other = await SendAsync(business, "too");
        await device.NextAsync();
        await SetAsync(other, "read", "phone");
        Assert.Equal(["delivered", "read"], (await device.NextAsync(2)).Select(e => e.Status));
        await SetAsync(offer, "read");
        Assert.Equal([(offer, "delivered"), (offer, "read")], (await device.NextAsync(2)).Select(e => (e.Message, e.Status)));

        await PassAsync(end);
        var released = await device.NextAsync();
        Assert.Equal((offer, "message", "read"), (released.Message, released.Kind, released.Status));
    }

    [Theory]
    [InlineData("marketing-stop")]
    [InlineData("block")]
    public async Task What_the_user_has_withdrawn_from_meanwhile_is_not_pushed_when_quiet_hours_end(string how)
    {
        var (stopped, goesOn) = (await ReadyForOffersAsync(), await ReadyForOffersAsync());
        var offer = await OfferAsync(stopped);
        await node.WriteAsync(User, goesOn);
        var end = await QuietAsync();
        await using var device = await StreamClient.OpenAsync(node, User);
        await SendAsync(goesOn, "goes on");
        Assert.Equal("goes on", (await device.NextAsync()).Text);

        Assert.Equal(200, (await node.CallAsync("PUT", $"{Me}/businesses/{stopped.Id}/{how}", node.TokenOf(User), how == "block" ? new { } : null)).Status);
        await PassAsync(end);
        var other = await OfferAsync(goesOn);
        Assert.Equal(other, (await device.NextAsync()).Message);

        // Who asks for it still gets it, and until then its place in the cap can come back.
        var page = await node.CallAsync("GET", $"{Me}/inbox?limit=1", node.TokenOf(User));
        Assert.Equal(offer, page.Body.GetProperty("messages")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Quiet_hours_that_the_user_ends_hold_nothing_any_more()
    {
        var business = await ReadyForOffersAsync();
        var offer = await OfferAsync(business);
        await node.WriteAsync(User, business);
        await QuietAsync();
        await using var device = await StreamClient.OpenAsync(node, User);
        await SendAsync(business, "goes on");
        Assert.Equal("goes on", (await device.NextAsync()).Text);

        Assert.Equal(200, (await PreferAsync(null)).Status);
        Assert.Equal(offer, (await device.NextAsync()).Message);
    }

    [Fact]
    public async Task Marketing_that_is_pushed_keeps_its_place_in_the_cap_though_it_fails()
    {
        var business = await ReadyForOffersAsync();
        await using var device = await StreamClient.OpenAsync(node, User);
        await OfferAsync(business);
        await device.NextAsync();
        await node.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserGrain>(User).FailAsync(1, handedOut: false);
        var view = await node.CallAsync("GET", Me, node.TokenOf(User));
        Assert.Equal(1, view.Body.GetProperty("marketing_cap").GetProperty("day").GetProperty("used").GetInt32());
    }

    private async Task<TestBusiness> ReadyForOffersAsync()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, BusinessSideTests.MarketingTemplate);
        await node.OptInAsync(business, User, "marketing");
        return business;
    }

    private async Task<string> OfferAsync(TestBusiness business, long? user = null)
    {
        // After the clock was set on, what a period limits waits until that is confirmed.
        TestReply sent;
        while ((sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, BusinessSideTests.Offer(user ?? User))).Status == 503)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.True(sent.Status == 200, sent.Text);
        return sent.Body.GetProperty("messages")[0].GetProperty("id").GetString()!;
    }

    /// <summary>Begins quiet hours, now; gives how much the clock has to be set on for them to end.</summary>
    private async Task<TimeSpan> QuietAsync()
    {
        var now = (await node.Services.GetRequiredService<IGrainFactory>().GetGrain<ILedgerGrain>(0).TimeAsync()).Now.ToDateTimeOffset();
        var (start, end) = (now.AddMinutes(-1), now.AddMinutes(20));
        var reply = await PreferAsync(new { start = Minute(start), end = Minute(end), time_zone = "UTC" });
        Assert.True(reply.Status == 200, reply.Text);
        return TimeSpan.FromMinutes(21);

        static string Minute(DateTimeOffset at) => at.ToString("HH:mm", CultureInfo.InvariantCulture);
    }

    /// <summary>Sets the ledger's clock on and waits until the node has believed it: until then what a period limits is refused.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        var ledger = node.Services.GetRequiredService<IGrainFactory>().GetGrain<ILedgerGrain>(0);
        var then = (await ledger.TimeAsync()).Now + time;
        node.Ahead += time;
        while ((await ledger.TimeAsync()).Now < then)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private Task<TestReply> PreferAsync(object? quiet) => node.CallAsync(
        "PUT",
        $"{Me}/preferences",
        node.TokenOf(User),
        new { businesses = true, marketing = true, languages = Array.Empty<string>(), quiet_hours = quiet });
}
