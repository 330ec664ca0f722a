using System.Text.Json;

namespace Actors.Api.Tests.V1;

/// <summary>The user's own number, quiet hours, what became of marketing, and what the business hears of it.</summary>
public sealed class MarketingPreferencesTests(NodeFixture node)
{
    private readonly long _user = NodeFixture.NewUser();

    private string Me => $"/v1/users/{_user}";

    [Fact]
    public async Task An_own_number_and_quiet_hours_are_kept_and_shown_until_they_are_left_out()
    {
        var quiet = new { start = "22:00", end = "07:30", time_zone = "Europe/Berlin" };
        Assert.Equal(200, (await SetAsync(1, quiet)).Status);
        var seen = await SeenAsync();
        Assert.Equal(1, seen.GetProperty("preferences").GetProperty("marketing_per_day").GetInt32());
        Assert.Equal(
            """{"start":"22:00","end":"07:30","time_zone":"Europe/Berlin"}""", seen.GetProperty("preferences").GetProperty("quiet_hours").GetRawText());
        var cap = seen.GetProperty("marketing_cap");
        Assert.Equal("own", cap.GetProperty("day_basis").GetString());
        Assert.Equal("""{"limit":1,"used":0,"left":1}""", cap.GetProperty("day").GetRawText());

        Assert.Equal(200, (await SetAsync(null, null)).Status);
        var after = await SeenAsync();
        Assert.Equal(["businesses", "marketing", "languages"], after.GetProperty("preferences").EnumerateObject().Select(p => p.Name));
        Assert.Equal("standard", after.GetProperty("marketing_cap").GetProperty("day_basis").GetString());
    }

    [Theory]
    [InlineData(3, null, "marketing_per_day")]
    [InlineData(33, null, "marketing_per_day")]
    [InlineData(-1, null, "marketing_per_day")]
    [InlineData(null, """{"start":"22:00","end":"22:00","time_zone":"UTC"}""", "quiet_hours.end")]
    [InlineData(null, """{"start":"24:00","end":"7:00","time_zone":"UTC"}""", "quiet_hours.start,quiet_hours.end")]
    [InlineData(null, """{"start":"22:00","end":"07:00","time_zone":"Europe/Atlantis"}""", "quiet_hours.time_zone")]
    [InlineData(null, """{"start":"22:00","end":"07:00","time_zone":"europe/berlin"}""", "quiet_hours.time_zone")]
    [InlineData(null, """{"start":"22:00","end":"07:00","time_zone":"../Europe/Berlin"}""", "quiet_hours.time_zone")]
    [InlineData(null, """{"start":"22:00","end":"07:00","time_zone":"posix/Europe/Berlin"}""", "quiet_hours.time_zone")]
    [InlineData(null, """{"start":"22:00","end":"07:00","time_zone":"tzdata.zi"}""", "quiet_hours.time_zone")]
    [InlineData(null, """{"start":"22:00","end":"07:00","time_zone":""}""", "quiet_hours.time_zone")]
    public async Task What_is_wrong_is_named(int? perDay, string? quiet, string fields)
    {
        // The zone as it is written has been read before.
        var good = new { start = "00:00", end = "00:01", time_zone = "Europe/Berlin" };
        Assert.Equal(200, (await SetAsync(null, good)).Status);

        var hours = quiet is null ? (JsonElement?)null : JsonElement.Parse(quiet);
        var reply = await SetAsync(perDay, hours);

        Assert.Equal((400, "invalid_request"), (reply.Status, OptInsApiTests.CodeOf(reply)));
        Assert.Equal(fields.Split(','), OptInsApiTests.Fields(reply));
        Assert.Equal("Europe/Berlin", (await SeenAsync()).GetProperty("preferences").GetProperty("quiet_hours").GetProperty("time_zone").GetString());
    }

    [Fact]
    public async Task In_quiet_hours_marketing_is_131049_until_their_end_and_the_zone_stays_private()
    {
        var business = await ReadyAsync();
        var now = TimeProvider.System.GetUtcNow();

        // All hours but the one that was two hours ago; in a zone without changes of the clock.
        var (start, end) = (now.AddHours(9 - 1), now.AddHours(9 - 2));
        var quiet = new { start = $"{start:HH}:00", end = $"{end:HH}:00", time_zone = "Asia/Tokyo" };
        Assert.Equal(200, (await SetAsync(null, quiet)).Status);

        var refused = await OfferAsync(business);

        Assert.Equal((400, 131049), (refused.Status, refused.Code));
        var step = refused.Error.GetProperty("error_data").GetProperty("decision").EnumerateArray().Last();
        Assert.Equal(("quiet_hours", "quiet_hours"), (step.GetProperty("rule").GetString(), step.GetProperty("reason").GetString()));
        var until = step.GetProperty("retry_at").GetDateTimeOffset();
        Assert.Equal((end.Hour, 0), (until.AddHours(9).Hour, until.Minute));
        Assert.DoesNotContain("Tokyo", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("quiet_from", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Not_interested_rests_the_business_which_the_user_sees_and_the_business_does_not()
    {
        var business = await ReadyAsync();
        var sent = await OfferAsync(business);
        Assert.True(sent.Status == 200, sent.Text);
        var id = sent.Body.GetProperty("messages")[0].GetProperty("id").GetString();
        Assert.Equal(200, (await node.CallAsync("PUT", $"{Me}/messages/{id}/feedback", node.TokenOf(_user), new { value = "not_interested" })).Status);

        var refused = await OfferAsync(business);
        var dry = await node.CallAsync("POST", $"/v1/numbers/{business.Number}/decisions", business.Token, BusinessSideTests.Offer(_user, "spring"));
        Assert.True((await SeenAsync()).GetProperty("businesses")[0].TryGetProperty("marketing_rests_until", out _));
        Assert.Equal((400, 131049), (refused.Status, refused.Code));
        var step = refused.Error.GetProperty("error_data").GetProperty("decision").EnumerateArray().Last();
        Assert.Equal("marketing_cap", step.GetProperty("reason").GetString());
        Assert.DoesNotContain("interested", refused.Text + dry.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("rests", refused.Text + dry.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("retry_at", refused.Text + dry.Text, StringComparison.Ordinal);

        // The same to the letter as for a user who wants no marketing at all.
        Assert.Equal(200, (await SetAsync(0, null)).Status);
        await node.CallAsync("PUT", $"{Me}/messages/{id}/feedback", node.TokenOf(_user), new { value = "interested" });
        Assert.Equal(refused.Error.GetProperty("error_data").GetRawText(), (await OfferAsync(business)).Error.GetProperty("error_data").GetRawText());
        Assert.Equal(dry.Text, (await node.CallAsync(
            "POST", $"/v1/numbers/{business.Number}/decisions", business.Token, BusinessSideTests.Offer(_user, "spring"))).Text);
        await node.CallAsync("PUT", $"{Me}/messages/{id}/feedback", node.TokenOf(_user), new { value = "interested" });
        Assert.False((await SeenAsync()).GetProperty("businesses")[0].TryGetProperty("marketing_rests_until", out _));
    }

    private async Task<TestBusiness> ReadyAsync()
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, BusinessSideTests.MarketingTemplate);
        await node.OptInAsync(business, _user, "marketing");
        return business;
    }

    private Task<TestReply> OfferAsync(TestBusiness business) =>
        node.CallAsync("POST", $"/{business.Number}/messages", business.Token, BusinessSideTests.Offer(_user, "spring"));

    private Task<TestReply> SetAsync(int? perDay, object? quiet) => node.CallAsync(
        "PUT",
        Me + "/preferences",
        node.TokenOf(_user),
        new { businesses = true, marketing = true, languages = Array.Empty<string>(), marketing_per_day = perDay, quiet_hours = quiet });

    private async Task<JsonElement> SeenAsync() => (await node.CallAsync("GET", Me, node.TokenOf(_user))).Body;
}
