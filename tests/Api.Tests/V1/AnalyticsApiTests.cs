using System.Globalization;
using System.Text.Json;

namespace Actors.Api.Tests.V1;

/// <summary>What a business hears of what became of its messages, under <c>/v1</c> and in the Cloud API's shape.</summary>
public sealed class AnalyticsApiTests(NodeFixture node)
{
    [Fact]
    public async Task What_happened_is_counted_by_period_and_template_and_refusals_by_reason()
    {
        var (business, other) = (await node.NewBusinessAsync(), await node.NewBusinessAsync());
        var sale = await node.NewTemplateAsync(business, GraphTemplates.Sale);
        var order = await node.NewTemplateAsync(business, GraphTemplates.Order);
        var user = NodeFixture.NewUser();
        await node.OptInAsync(business, user, "marketing", "utility");
        var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "summer_sale"));
        var message = sent.Body.GetProperty("messages")[0].GetProperty("id").GetString();
        await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(user, "order_update", "Ann", "17"));
        await node.CallAsync("POST", $"/v1/users/{user}/messages/{message}/status", node.TokenOf(user), new { status = "read" });
        var pressed = await node.CallAsync("POST", $"/v1/users/{user}/messages", node.TokenOf(user), new
        {
            to = business.Number.ToString(CultureInfo.InvariantCulture),
            type = "button",
            context = new { message_id = message },
            button = new { text = "Stop" },
        });
        Assert.True(pressed.Status == 201, pressed.Text);
        await node.CallAsync("PUT", $"/v1/users/{user}/messages/{message}/feedback", node.TokenOf(user), new { value = "interested" });
        Assert.Equal(400, (await node.SendTextAsync(business, user)).Status);
        Assert.Equal(400, (await node.SendTextAsync(business, NodeFixture.NewUser())).Status);

        var today = await SettledAsync(business, "", day => Number(day, "clicked") == 1 && day.GetProperty("refused").EnumerateObject().Count() == 2);
        Assert.Equal(
            (2, 1, 1, 1d, 1), (Number(today, "sent"), Number(today, "delivered"), Number(today, "read"), today.GetProperty("read_rate").GetDouble(),
                Number(today, "clicked")));
        Assert.Equal(
            """{"utility":{"sent":1,"delivered":0,"read":0},"marketing":{"sent":1,"delivered":1,"read":1}}""", today.GetProperty("categories").GetRawText());
        Assert.Equal("""{"no_relation":1,"window_closed":1}""", today.GetProperty("refused").GetRawText());
        Assert.False(today.TryGetProperty("interested", out _));

        Assert.Equal(1, Number(await SettledAsync(business, $"template={sale}", _ => true), "sent"));
        Assert.Equal(0, Number(await SettledAsync(business, $"template={order}", _ => true), "read"));
        Assert.Equal(0, Number(await SettledAsync(other, "", _ => true), "sent"));
        var halves = await node.CallAsync("GET", Path(business, "granularity=half_hour&limit=1000"), node.Operator);
        Assert.Equal(2, halves.Body.GetProperty("periods").EnumerateArray().Sum(period => Number(period, "sent")));

        // The same as a table: the last line is today.
        var csv = await node.CallAsync("GET", Path(business, $"template={sale}"), business.Token, null, ("Accept", "text/csv"));
        Assert.Equal((200, "text/csv"), (csv.Status, csv.ContentType));
        var rows = csv.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).ToArray();
        Assert.All(rows, row => Assert.Equal(rows[0].Length, row.Length));
        var last = rows[0].Zip(rows[^1]).ToDictionary(cell => cell.First, cell => cell.Second);
        Assert.Equal(
            (sale, "summer_sale", "en_US", "1", "1", "1", ""),
            (last["template"], last["template_name"], last["template_language"], last["sent"], last["read_marketing"], last["clicked"], last["interested"]));

        await CloudShapeAsync(business, sale, order);
    }

    [Fact]
    public async Task Refusals_are_told_of_each_template_by_the_reason_that_the_business_heard()
    {
        var business = await node.NewBusinessAsync();
        var sale = await node.NewTemplateAsync(business, GraphTemplates.Sale);
        var order = await node.NewTemplateAsync(business, GraphTemplates.Order);
        var (blocks, rests) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        foreach (var user in new[] { blocks, rests })
        {
            await node.OptInAsync(business, user, "marketing", "utility");
        }

        var sent = await SendAsync(rests, "summer_sale");
        Assert.True(sent.Status == 200, sent.Text);
        var message = sent.Body.GetProperty("messages")[0].GetProperty("id").GetString();
        await node.CallAsync("POST", $"/v1/users/{rests}/messages/{message}/status", node.TokenOf(rests), new { status = "read" });
        var said = await node.CallAsync("PUT", $"/v1/users/{rests}/messages/{message}/feedback", node.TokenOf(rests), new { value = "not_interested" });
        Assert.True(said.Status is 200 or 204, said.Text);
        await node.CallAsync("PUT", $"/v1/users/{blocks}/businesses/{business.Id}/block", node.TokenOf(blocks), new { });

        // The user's half, with a block and a rest that the business must not hear of; its own half; and what names no template that there is.
        Assert.Equal(400, (await SendAsync(blocks, "summer_sale")).Status);
        Assert.Equal(400, (await SendAsync(NodeFixture.NewUser(), "summer_sale")).Status);
        Assert.Equal(400, (await SendAsync(rests, "summer_sale")).Status);
        Assert.Equal(400, (await SendAsync(rests, "order_update")).Status);
        Assert.Equal(404, (await SendAsync(rests, "no_such")).Status);

        var whole = await SettledAsync(business, "", day => day.GetProperty("refused").EnumerateObject().Sum(one => one.Value.GetInt64()) == 5);
        Assert.Equal("""{"template_unknown":1,"template_mismatch":1,"no_relation":2,"marketing_cap":1}""", whole.GetProperty("refused").GetRawText());
        Assert.Equal("""{"no_relation":2,"marketing_cap":1}""", await OfAsync(sale));
        Assert.Equal("""{"template_mismatch":1}""", await OfAsync(order));

        var csv = await node.CallAsync("GET", Path(business, $"template={sale}"), business.Token, null, ("Accept", "text/csv"));
        var rows = csv.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).ToArray();
        var last = rows[0].Zip(rows[^1]).ToDictionary(cell => cell.First, cell => cell.Second);
        Assert.Equal(("2", "1", "0"), (last["refused_no_relation"], last["refused_marketing_cap"], last["refused_template_mismatch"]));

        Task<TestReply> SendAsync(long user, string template) =>
            node.CallAsync("POST", $"/{business.Number}/messages", business.Token, GraphTemplates.Send(user, template));

        async Task<string> OfAsync(string template) => (await SettledAsync(business, $"template={template}", _ => true)).GetProperty("refused").GetRawText();
    }

    [Fact]
    public async Task An_answer_that_names_a_message_counts_for_its_template_and_not_for_the_one_delivered_last()
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        var (sale, order) = (await node.NewTemplateAsync(business, GraphTemplates.Sale), await node.NewTemplateAsync(business, GraphTemplates.Order));
        await node.OptInAsync(business, user, "marketing", "utility");
        var messages = new List<string>();
        foreach (var body in new[] { GraphTemplates.Send(user, "summer_sale"), GraphTemplates.Send(user, "order_update", "Ann", "17") })
        {
            var sent = await node.CallAsync("POST", $"/{business.Number}/messages", business.Token, body);
            messages.Add(sent.Body.GetProperty("messages")[0].GetProperty("id").GetString()!);
            await node.CallAsync("POST", $"/v1/users/{user}/messages/{messages[^1]}/status", node.TokenOf(user), new { status = "delivered" });
        }

        var (to, context) = (business.Number.ToString(CultureInfo.InvariantCulture), new { message_id = messages[0] });
        var answer = new { to, type = "text", context, text = new { body = "Tell me more" } };
        Assert.Equal(201, (await node.CallAsync("POST", $"/v1/users/{user}/messages", node.TokenOf(user), answer)).Status);
        Assert.Equal(1, Number(await SettledAsync(business, "", day => Number(day, "received") == 1), "replied"));
        Assert.Equal(1, Number(await SettledAsync(business, $"template={sale}", _ => true), "replied"));
        Assert.Equal(0, Number(await SettledAsync(business, $"template={order}", _ => true), "replied"));
    }

    [Fact]
    public async Task Response_times_are_those_of_the_exchange()
    {
        var (business, user) = (await node.NewBusinessAsync(), NodeFixture.NewUser());
        var asked = await TimedAsync(async () => await node.WriteAsync(user, business));
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        var answered = await TimedAsync(async () => Assert.Equal(200, (await node.SendTextAsync(business, user)).Status));
        await Task.Delay(TimeSpan.FromMilliseconds(1_500), TimeProvider.System, TestContext.Current.CancellationToken);
        var thanked = await TimedAsync(async () => await node.WriteAsync(user, business));

        // Neither the first word of either nor a second one in a row is an answer.
        await node.WriteAsync(user, business);
        var today = await SettledAsync(business, "", day => Number(day, "received") == 3);
        Assert.Equal(1, Number(today, "replied"));
        IsBetween(asked, answered, today.GetProperty("business_response"));
        IsBetween(answered, thanked, today.GetProperty("user_response"));

        var csv = await node.CallAsync("GET", Path(business, ""), business.Token, null, ("Accept", "text/csv"));
        var rows = csv.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).ToArray();
        var last = rows[0].Zip(rows[^1]).ToDictionary(cell => cell.First, cell => cell.Second);
        foreach (var kind in new[] { "business_response", "user_response" })
        {
            Assert.Equal("1", last[kind + "s"]);
            foreach (var value in new[] { "median_seconds", "p95_seconds" })
            {
                Assert.Equal(
                    today.GetProperty(kind).GetProperty(value).GetDouble(), double.Parse(last[$"{kind}_{value}"], CultureInfo.InvariantCulture));
            }
        }

        static async Task<(long Before, long After)> TimedAsync(Func<Task> call)
        {
            var before = TimeProvider.System.GetTimestamp();
            await call();
            return (before, TimeProvider.System.GetTimestamp());
        }

        // As it was seen from here, to the 5 % that a value is kept with and the milliseconds that instants have.
        static void IsBetween((long Before, long After) from, (long Before, long After) to, JsonElement response)
        {
            var (least, most) = (TimeProvider.System.GetElapsedTime(from.After, to.Before), TimeProvider.System.GetElapsedTime(from.Before, to.After));
            var median = response.GetProperty("median_seconds").GetDouble();
            Assert.Equal(1, Number(response, "count"));
            Assert.InRange(median, (least.TotalSeconds * 0.95) - 0.002, (most.TotalSeconds * 1.05) + 0.002);
            Assert.Equal(median, response.GetProperty("p95_seconds").GetDouble());
        }
    }

    [Fact]
    public async Task Long_spans_come_page_by_page_also_as_a_table()
    {
        var business = await node.NewBusinessAsync();
        var seen = new List<string>();
        var path = Path(business, "granularity=half_hour&limit=40");
        for (var after = ""; ;)
        {
            var page = await node.CallAsync("GET", path + after, business.Token);
            seen.AddRange(page.Body.GetProperty("periods").EnumerateArray().Select(period => period.GetProperty("start").GetString()!));
            if (!page.Body.TryGetProperty("next", out var next))
            {
                break;
            }

            after = "&after=" + next.GetString();
        }

        Assert.InRange(seen.Count, 49, 50);
        Assert.Equal(seen.Order().Distinct(), seen);

        var lines = 0;
        for (string? link = path; link is not null;)
        {
            var page = await node.CallAsync("GET", link, business.Token, null, ("Accept", "application/json;q=0.5, text/csv"));
            lines += page.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length - 1;
            link = page.Headers.TryGetValue("Link", out var header) ? header[1..header.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.InRange(lines, 49, 50);
    }

    [Theory]
    [InlineData("granularity=week&template=17&colour=red", "colour", "granularity", "template")]
    [InlineData("from=yesterday&limit=0", "from", "limit")]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from", "to")]
    [InlineData("from=2020-01-02T00:00:00Z", "from", "to")]
    [InlineData("to=2999-01-01T00:00:00Z", "to")]
    public async Task What_is_wrong_with_a_query_is_named(string query, params string[] fields)
    {
        var business = await node.NewBusinessAsync();
        Assert.Equal(fields, OptInsApiTests.Fields(await node.CallAsync("GET", Path(business, query), business.Token)).Order());
    }

    [Fact]
    public async Task Templates_of_others_and_businesses_that_are_not_there_are_told_apart()
    {
        var (business, other) = (await node.NewBusinessAsync(), await node.NewBusinessAsync());
        var theirs = await node.NewTemplateAsync(other, GraphTemplates.Sale);
        Assert.Equal(400, (await node.CallAsync("GET", Path(business, $"template={theirs}"), business.Token)).Status);
        Assert.Equal(404, (await node.CallAsync("GET", Path(other, $"template={long.Parse(theirs, CultureInfo.InvariantCulture) + 1}"), other.Token)).Status);
        Assert.Equal(403, (await node.CallAsync("GET", Path(other, ""), business.Token)).Status);
        Assert.Equal(404, (await node.CallAsync("GET", "/v1/businesses/1999999999000000/analytics", node.Operator)).Status);
    }

    [Theory]
    [InlineData("", "start")]
    [InlineData("start=2026-01-01", "end")]
    [InlineData("start={today}&end=2026-01-01&granularity=DAILY", "end")]
    [InlineData("start=2020-01-01&end={today}&granularity=DAILY", "start")]
    [InlineData("start={today}&end={today}&granularity=HOURLY", "granularity")]
    [InlineData("start={today}&end={today}&granularity=DAILY", "template_ids")]
    [InlineData("start={today}&end={today}&granularity=DAILY&template_ids=[17]", "template_ids")]
    [InlineData("start={today}&end={today}&granularity=DAILY&template_ids=[{template}9]", "template_ids")]
    [InlineData("start={today}&end={today}&granularity=DAILY&template_ids=[{template}]", "template_ids")]
    [InlineData("start={today}&end={today}&granularity=DAILY&template_ids={template}&metric_types=SHARED", "metric_types")]
    [InlineData("start={today}&end={today}&granularity=DAILY&template_ids={template}&product_type=CARRIER_PIGEON", "product_type")]
    public async Task What_is_wrong_with_a_query_in_the_cloud_api_s_shape_is_named(string query, string parameter)
    {
        var business = await node.NewBusinessAsync();
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var template = (business.Id + 2_000_000_000_000_005).ToString(CultureInfo.InvariantCulture);
        var asked = query.Replace("{today}", today, StringComparison.Ordinal).Replace("{template}", template, StringComparison.Ordinal);
        var wrong = await node.CallAsync("GET", $"/v24.0/{business.Id}/template_analytics?{asked}", business.Token);
        Assert.Equal((400, 100), (wrong.Status, wrong.Code));
        Assert.StartsWith(parameter + ":", wrong.Details, StringComparison.Ordinal);
    }

    private static long Number(JsonElement period, string name) => period.GetProperty(name).GetInt64();

    private static string Path(TestBusiness business, string query) => $"/v1/businesses/{business.Id}/analytics?{query}";

    /// <summary>Today, as soon as it is so.</summary>
    private async Task<JsonElement> SettledAsync(TestBusiness business, string query, Func<JsonElement, bool> isSo)
    {
        while (true)
        {
            var reply = await node.CallAsync("GET", Path(business, query), business.Token);
            Assert.True(reply.Status == 200, reply.Text);
            var today = reply.Body.GetProperty("periods").EnumerateArray().Last();
            if (isSo(today))
            {
                return today;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private async Task CloudShapeAsync(TestBusiness business, string sale, string order)
    {
        var midnight = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).ToUnixTimeSeconds();
        var span = $"start={midnight - 86_400}&end={midnight + 5}&granularity=daily";
        var reply = await node.CallAsync(
            "GET", $"/v24.0/{business.Id}/template_analytics?{span}&template_ids=[{sale},\"{order}\"]&metric_types=cost%2Cclicked%2Csent", business.Token);
        Assert.True(reply.Status == 200, reply.Text);
        var data = Assert.Single(reply.Body.GetProperty("data").EnumerateArray());
        Assert.Equal("DAILY", data.GetProperty("granularity").GetString());
        var points = data.GetProperty("data_points").EnumerateArray().Select(point => point.GetRawText()).ToArray();
        Assert.Equal(4, points.Length);
        Assert.Equal(
            $$"""{"template_id":"{{sale}}","start":{{midnight}},"end":{{midnight + 86_400}},"sent":1,"""
                + """ "clicked":[{"type":"quick_reply_button","button_content":"Stop","count":1}]}""".TrimStart(),
            points[2]);
        Assert.Equal($$"""{"template_id":"{{order}}","start":{{midnight}},"end":{{midnight + 86_400}},"sent":1,"clicked":[]}""", points[3]);
        Assert.True(reply.Body.GetProperty("paging").TryGetProperty("cursors", out _));

        var all = await node.CallAsync("GET", $"/{business.Id}/template_analytics?{span}&template_ids={sale}", business.Token);
        Assert.Equal(
            ["template_id", "start", "end", "sent", "delivered", "read", "clicked"],
            all.Body.GetProperty("data")[0].GetProperty("data_points")[0].EnumerateObject().Select(member => member.Name));
    }
}
