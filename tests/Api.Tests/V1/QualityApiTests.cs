using System.Globalization;

namespace Actors.Api.Tests.V1;

/// <summary>Quality that has come from users, over HTTP: of the business, its numbers and its template.</summary>
public sealed class QualityApiTests(NodeFixture node)
{
    private const int Delivered = 55;
    private const int Blocks = 3;

    [Fact]
    public async Task A_known_business_and_its_template_show_their_rating_and_only_operators_what_few_users_did()
    {
        var business = await node.NewBusinessAsync();
        var template = await node.NewTemplateAsync(business, GraphTemplates.Sale);
        var users = Enumerable.Range(0, Delivered).Select(_ => NodeFixture.NewUser()).ToArray();
        await Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (user, _) =>
        {
            await node.OptInAsync(business, user, "marketing");
            var sent = await node.CallAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "summer_sale"));
            Assert.True(sent.Status == 200, sent.Text);
            var message = sent.Body.GetProperty("messages")[0].GetProperty("id").GetString();
            await node.CallAsync("POST", $"/v1/users/{NodeFixture.User(user)}/messages/{message}/status", node.TokenOf(user), new { status = "delivered" });
        });
        foreach (var user in users.Take(Blocks))
        {
            await node.CallAsync("PUT", $"/v1/users/{NodeFixture.User(user)}/businesses/{business.Id}/block", node.TokenOf(user), new { reason = "spam" });
        }

        var path = $"/v1/businesses/{business.Id}/quality";
        var full = await node.CallAsync("GET", path, node.Operator);
        while (Count(full, "terms", "delivered_in_life") < Delivered || Count(full, "signals", "blocks") < Blocks)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            full = await node.CallAsync("GET", path, node.Operator);
        }

        var score = 100 * Math.Exp(-(Blocks + 1) / (Delivered + 200.0) / 0.035);
        Assert.Equal(("YELLOW", (int)Math.Floor(score + 0.5)), (full.Body.GetProperty("rating").GetString(), full.Body.GetProperty("score").GetInt32()));
        Assert.Equal(Blocks, full.Body.GetProperty("terms").GetProperty("negative").GetDouble(), 0.01);
        Assert.Equal("RED", full.Body.GetProperty("down").GetProperty("rating").GetString());
        Assert.Equal(template, full.Body.GetProperty("templates")[0].GetProperty("id").GetString());

        var own = await node.CallAsync("GET", path, business.Token);
        Assert.Equal("YELLOW", own.Body.GetProperty("rating").GetString());
        Assert.False(own.Body.GetProperty("signals").TryGetProperty("blocks", out _));
        Assert.False(own.Body.GetProperty("terms").TryGetProperty("negative", out _));

        var number = await node.CallAsync("GET", $"/v24.0/{business.Number}?fields=quality_rating", business.Token);
        Assert.Equal("YELLOW", number.Body.GetProperty("quality_rating").GetString());
        var one = (await node.CallAsync("GET", $"/v24.0/{template}?fields=quality_score", business.Token)).Body.GetProperty("quality_score");
        while (one.GetProperty("score").GetString() != "YELLOW")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            one = (await node.CallAsync("GET", $"/v24.0/{template}?fields=quality_score", business.Token)).Body.GetProperty("quality_score");
        }

        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Assert.InRange(one.GetProperty("date").GetInt64(), now - 300, now + 2);
        var all = await node.CallAsync("GET", $"/v24.0/{business.Id}/message_templates?fields=name,quality_score", business.Token);
        Assert.Equal("YELLOW", all.Body.GetProperty("data")[0].GetProperty("quality_score").GetProperty("score").GetString());
    }

    private static long Count(TestReply reply, string part, string name) =>
        reply.Body.GetProperty(part).TryGetProperty(name, out var count) ? long.Parse(count.GetRawText(), CultureInfo.InvariantCulture) : 0;
}
