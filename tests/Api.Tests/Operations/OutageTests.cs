using System.Text.Json;
using Actors.Tests;

namespace Actors.Api.Tests.Operations;

/// <summary>What callers hear while PostgreSQL is away.</summary>
public sealed class OutageTests
{
    private static readonly string?[] NotNow = ["unavailable", "outcome_unknown"];

    [Fact]
    public async Task A_node_whose_storage_is_away_lives_but_is_not_ready_and_refuses_until_it_is_back()
    {
        TestPostgres.RequireServer();
        await using var server = await PostgresServer.StartAsync();
        await using var node = new PostgresNode(await TestPostgres.CreateDatabaseAsync(server.ConnectionString));
        await node.InitializeAsync();
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.OptInAsync(business, user, "utility");

        await server.KillAsync();
        var unready = await NodeFixture.UntilAsync(() => node.CallAsync("GET", "/health/ready", null), r => r.Status == 503);
        var live = await node.CallAsync("GET", "/health/live", null);
        var stranger = NodeFixture.NewUser();
        var view = await node.CallAsync("GET", $"/v1/users/{stranger}", node.TokenOf(stranger));
        var line = JsonSerializer.SerializeToUtf8Bytes(new
        {
            user = NodeFixture.User(NodeFixture.NewUser()),
            categories = new[] { "utility" },
            source = "app",
            wording = "Yes",
            at = "2026-11-01T00:00:00Z",
        });
        var import = await node.RawAsync("POST", $"/v1/businesses/{business.Id}/opt-ins", business.Token, line, "application/x-ndjson");
        await server.BootAsync();
        var ready = await NodeFixture.UntilAsync(() => node.CallAsync("GET", "/health/ready", null), r => r.Status == 200);
        var again = await NodeFixture.UntilAsync(
            () => node.RawAsync("POST", $"/v1/businesses/{business.Id}/opt-ins", business.Token, line), r => r.Status == 200);

        Assert.Equal("storage_unreachable", unready.Body.GetProperty("reason").GetString());
        Assert.Equal(200, live.Status);
        Assert.Equal(503, view.Status);
        Assert.Contains(view.Body.GetProperty("code").GetString(), NotNow);
        Assert.True(view.Headers.ContainsKey("Retry-After"));

        // Whether its token still holds can't be known either: nothing of the body is read.
        Assert.Equal(503, import.Status);
        Assert.Contains(JsonDocument.Parse(import.Text).RootElement.GetProperty("code").GetString(), NotNow);
        Assert.Equal("ready", ready.Body.GetProperty("status").GetString());
        Assert.True(again.Body.TryGetProperty("changed", out _), again.Text);
    }

    private sealed class PostgresNode(string connection) : NodeFixture
    {
        protected override string[] Arguments => ["--Storage:Provider", "postgres", "--ConnectionStrings:Actors", connection];
    }
}
