using System.Text.Json;

namespace Actors.Api.Tests.V1;

/// <summary>What operators see of reports: by business and reason, and nobody's number.</summary>
public sealed class ReportsApiTests(NodeFixture node)
{
    [Fact]
    public async Task Reports_are_counted_by_business_and_reason_and_name_no_user()
    {
        var (business, other) = (await node.NewBusinessAsync(), await node.NewBusinessAsync());
        var users = Enumerable.Range(0, 3).Select(_ => NodeFixture.NewUser()).ToArray();
        foreach (var (user, reason) in users.Zip(["spam", "spam", "offensive"]))
        {
            await node.WriteAsync(user, business);
            var reported = await node.CallAsync("POST", $"/v1/users/{user}/businesses/{business.Id}/reports", node.TokenOf(user), new { reason });
            Assert.True(reported.Status < 300, reported.Text);
        }

        var reports = await ReportsAsync($"business={business.Id}");
        while (reports.Sum(r => r.GetProperty("total").GetInt32()) < users.Length)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            reports = await ReportsAsync($"business={business.Id}");
        }

        Assert.Equal(
            [("spam", 2), ("offensive", 1)], reports.Select(r => (r.GetProperty("reason").GetString(), r.GetProperty("total").GetInt32())));
        Assert.All(reports, r => Assert.Equal(r.GetProperty("total").GetInt32(), r.GetProperty("last_7_days").GetInt32()));
        Assert.All(users, user => Assert.DoesNotContain(NodeFixture.User(user), string.Concat(reports.Select(r => r.GetRawText())), StringComparison.Ordinal));
        Assert.Empty(await ReportsAsync($"business={other.Id}"));
        Assert.Equal("offensive", Assert.Single(await ReportsAsync($"business={business.Id}&reason=offensive")).GetProperty("reason").GetString());

        // Page by page, over all businesses.
        var found = new List<JsonElement>();
        var after = "";
        do
        {
            var page = await node.CallAsync("GET", "/v1/reports?limit=2" + after, node.Operator);
            found.AddRange(page.Body.GetProperty("reports").EnumerateArray());
            after = page.Body.TryGetProperty("next", out var next) ? "&after=" + next.GetString() : "";
        }
        while (after.Length > 0);
        Assert.Equal(2, found.Count(r => r.GetProperty("business").GetString() == NodeFixture.User(business.Id)));
    }

    [Fact]
    public async Task What_is_wrong_with_a_query_is_named()
    {
        var wrong = await node.CallAsync("GET", "/v1/reports?reason=boring&business=17&user=1", node.Operator);
        Assert.Equal(["business", "reason", "user"], OptInsApiTests.Fields(wrong).Order());
    }

    private async Task<JsonElement[]> ReportsAsync(string query) =>
        [.. (await node.CallAsync("GET", "/v1/reports?" + query, node.Operator)).Body.GetProperty("reports").EnumerateArray()];
}
