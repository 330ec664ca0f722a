using System.Text.RegularExpressions;
using Actors.Api.Graph;
using Actors.Api.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.Operations;

/// <summary>Health, metrics, description, reference.</summary>
public sealed partial class OperationsTests(NodeFixture node)
{
    [Fact]
    public async Task A_running_node_is_live_and_ready()
    {
        var live = await node.CallAsync("GET", "/health/live", null);
        var ready = await node.CallAsync("GET", "/health/ready", null);

        Assert.Equal((200, "live"), (live.Status, live.Body.GetProperty("status").GetString()));
        Assert.Equal((200, "ready"), (ready.Status, ready.Body.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Metrics_hold_no_personal_data()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        Assert.Equal(400, (await node.SendTextAsync(business, user)).Status);
        await node.WriteAsync(user, business);
        Assert.Equal(200, (await node.SendTextAsync(business, user)).Status);

        var metrics = (await node.CallAsync("GET", "/metrics", null)).Text;

        Assert.Contains("ledger_batch_size_bucket", metrics, StringComparison.Ordinal);
        Assert.Contains("ledger_commit_duration_seconds_bucket", metrics, StringComparison.Ordinal);
        Assert.Contains("ledger_queue_length", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(NodeFixture.User(user), metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(NodeFixture.User(business.Number), metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_names_every_call_and_who_may_make_it()
    {
        var description = (await node.CallAsync("GET", "/openapi/v1.json", null)).Body;
        var paths = description.GetProperty("paths");

        foreach (var (method, template, _) in node.Services.GetRequiredService<GraphPipeline>().Calls)
        {
            Assert.True(GraphDescription.Has(method, template), $"{method} {template} is not described");
        }

        var send = paths.GetProperty("/{number}/messages").GetProperty("post");
        Assert.Contains("scope `send`", send.GetProperty("description").GetString(), StringComparison.Ordinal);
        var optIn = paths.GetProperty("/v1/businesses/{business}/opt-ins").GetProperty("post");
        Assert.True(optIn.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/x-ndjson", out _));
        var schema = description.GetProperty("components").GetProperty("schemas").GetProperty("OptInRequest");
        Assert.Equal(["at", "categories", "source", "user", "wording"], schema.GetProperty("required").EnumerateArray().Select(r => r.GetString()!).Order());
        var secured = paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => (p.Name, o)))
            .Where(o => !o.Name.StartsWith("/health", StringComparison.Ordinal) && !o.Name.StartsWith("/v1/enrolments", StringComparison.Ordinal)
                && o.Name != "/metrics");
        Assert.All(secured, o => Assert.True(o.o.Value.TryGetProperty("security", out _), $"{o.o.Name} {o.Name}"));
    }

    [Fact]
    public async Task The_reference_and_all_that_it_loads_come_from_the_node()
    {
        var page = await node.CallAsync("GET", "/docs/", null);

        Assert.Equal((200, "text/html"), (page.Status, page.ContentType));
        Assert.DoesNotMatch(Elsewhere(), page.Text);
        Assert.StartsWith("default-src 'self'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        var scripts = Source().Matches(page.Text).Select(m => m.Groups["path"].Value).ToArray();
        Assert.NotEmpty(scripts);
        foreach (var script in scripts)
        {
            Assert.Equal(200, (await node.CallAsync("GET", "/docs/" + script, null)).Status);
        }
    }

    [GeneratedRegex("`(?<name>[a-z_]+)`")]
    private static partial Regex Name();

    [GeneratedRegex("(src|href)=\"(https?:)?//")]
    private static partial Regex Elsewhere();

    [GeneratedRegex("src=\"(?<path>[^\"]+)\"")]
    private static partial Regex Source();
}
