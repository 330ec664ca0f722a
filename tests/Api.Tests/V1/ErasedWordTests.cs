using System.Text;
using System.Text.Json;
using Actors.Api.V1;

namespace Actors.Api.Tests.V1;

/// <summary>What outlives an erasure, from outside: the person's word against a business, and counts.</summary>
public sealed class ErasedWordTests(UserDataTests.Alone node) : IClassFixture<UserDataTests.Alone>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_list_of_opt_ins_undoes_no_stop_of_somebody_erased(bool isSwept)
    {
        var business = await node.NewBusinessAsync();
        await node.NewTemplateAsync(business, GraphTemplates.Sale);
        var (stopped, other) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        await node.OptInAsync(business, stopped, "marketing");
        Assert.Equal(200, (await node.CallAsync("PUT", $"{Path(stopped)}/businesses/{business.Id}/marketing-stop", node.TokenOf(stopped))).Status);
        Assert.Equal(200, (await node.CallAsync("DELETE", Path(stopped), node.TokenOf(stopped))).Status);
        if (isSwept)
        {
            await node.SweepAsync(TimeSpan.FromDays(8));
        }

        // The same list twice, since repeating it is what a business would do first.
        var at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var lines = await ImportAsync(business, at, stopped, other);
            Assert.Equal([false, true], lines.Select(line => line.GetProperty("ok").GetBoolean()));
            Assert.Equal("taken_away_by_user", lines[0].GetProperty("code").GetString());
        }

        var refused = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(stopped, "summer_sale"));
        Assert.True(refused.Status == 400, refused.Text);
        var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(other, "summer_sale"));
        Assert.True(sent.Status == 200, sent.Text);
        var log = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/opt-ins", business.Token);
        Assert.Equal(
            NodeFixture.User(other), Assert.Single(log.Body.GetProperty("opt_ins").EnumerateArray()).GetProperty("user").GetString());
    }

    [Fact]
    public async Task Counts_stay_as_they_were_when_somebody_in_them_is_erased()
    {
        var business = await node.NewBusinessAsync();
        var template = await node.NewTemplateAsync(business, GraphTemplates.Sale);
        var (erased, other) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        await node.OptInAsync(business, erased, "marketing");
        await node.WriteAsync(erased, business);
        var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(erased, "summer_sale"));
        Assert.True(sent.Status == 200, sent.Text);
        var message = sent.Body.GetProperty("messages")[0].GetProperty("id").GetString();
        await node.CallAsync("POST", $"{Path(erased)}/messages/{message}/status", node.TokenOf(erased), new { status = "read" });
        await node.WriteAsync(erased, business);
        var before = await SettledAsync(business, "", 2);
        var ofTemplate = await SettledAsync(business, $"template={template}", 0);
        Assert.Equal((1, 1, 1), (Number(before, "sent"), Number(before, "read"), Number(ofTemplate, "read")));

        Assert.Equal(200, (await node.CallAsync("DELETE", Path(erased), node.TokenOf(erased))).Status);
        await node.SweepAsync(TimeSpan.FromDays(8));

        // What comes behind the erasure in the log is counted: so the erasure is, and the person's events aren't counted again under their pseudonym.
        await node.WriteAsync(other, business);
        var after = await SettledAsync(business, "", 3);
        Assert.Equal(Without(before, "received"), Without(after, "received"));
        Assert.Equal(ofTemplate.GetRawText(), (await SettledAsync(business, $"template={template}", 0)).GetRawText());
    }

    private static long Number(JsonElement period, string name) => period.GetProperty(name).GetInt64();

    private static IEnumerable<string> Without(JsonElement period, string name) =>
        period.EnumerateObject().Where(member => member.Name != name).Select(member => $"{member.Name} {member.Value.GetRawText()}");

    private static string Path(long user) => $"/v1/users/{NodeFixture.User(user)}";

    private async Task<JsonElement[]> ImportAsync(TestBusiness business, string at, params long[] users)
    {
        var lines = users.Select(user => JsonSerializer.Serialize(
            new { user = NodeFixture.User(user), categories = new[] { "marketing" }, source = "website", wording = "Yes", at }));
        var reply = await node.RawAsync(
            "POST", $"/v1/businesses/{business.Id}/opt-ins", business.Token, Encoding.UTF8.GetBytes(string.Join('\n', lines)), OptInImport.ContentType);
        Assert.True(reply.Status == 200, reply.Text);
        return [.. reply.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>Today, as soon as so many messages of users are counted.</summary>
    private async Task<JsonElement> SettledAsync(TestBusiness business, string query, int received)
    {
        while (true)
        {
            var reply = await node.CallAsync("GET", $"/v1/businesses/{business.Id}/analytics?{query}", business.Token);
            Assert.True(reply.Status == 200, reply.Text);
            var today = reply.Body.GetProperty("periods").EnumerateArray().Last();
            if (Number(today, "received") == received)
            {
                return today;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
