using System.Text;
using System.Text.Json;
using Actors.Api.V1;

namespace Actors.Api.Tests.V1;

/// <summary>Imports of opt-ins in a day.</summary>
public sealed class ImportLimitTests(ImportLimitTests.StrictNode node) : IClassFixture<ImportLimitTests.StrictNode>
{
    private const int Limit = 250;

    [Fact]
    public async Task A_business_imports_as_many_as_its_limit_gives_and_a_higher_limit_gives_more()
    {
        var business = await node.NewBusinessAsync();
        Assert.Equal(Limit - 1, await ImportAsync(business, Limit - 1));
        Assert.Equal(1, await ImportAsync(business, 2));
        Assert.Equal(0, await ImportAsync(business, 1));

        // One by one they don't count.
        await node.OptInAsync(business, NodeFixture.NewUser(), "utility");
        await node.CallAsync("PUT", $"/v1/businesses/{business.Id}/limit", node.Operator, new { tier = 2_000, note = "known sender" });
        Assert.Equal(10, await ImportAsync(business, 10));
        await node.CallAsync("PUT", $"/v1/businesses/{business.Id}/limit", node.Operator, new { tier = "unlimited", note = "trusted" });
        Assert.Equal(2_500, await ImportAsync(business, 2_500));
    }

    /// <summary>Imports new users; how many are recorded: the first ones.</summary>
    private async Task<int> ImportAsync(TestBusiness business, int users)
    {
        var lines = Enumerable.Range(0, users).Select(_ => JsonSerializer.Serialize(new
        {
            user = NodeFixture.User(NodeFixture.NewUser()),
            categories = new[] { "utility" },
            source = "app",
            wording = "Yes",
            at = "2026-11-01T00:00:00Z",
        }));
        var reply = await node.RawAsync(
            "POST", $"/v1/businesses/{business.Id}/opt-ins", business.Token, Encoding.UTF8.GetBytes(string.Join('\n', lines)), OptInImport.ContentType);
        Assert.Equal(200, reply.Status);
        var results = reply.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(users, results.Length);
        var recorded = results.TakeWhile(r => r.GetProperty("ok").GetBoolean()).Count();
        Assert.All(results[recorded..], r => Assert.Equal("imports_used_up", r.GetProperty("code").GetString()));
        return recorded;
    }

    /// <summary>A node on which each place of the limit gives one import.</summary>
    public sealed class StrictNode : NodeFixture
    {
        protected override string[] Arguments => [.. base.Arguments, "--Policy:Consent:ImportsPerPlace", "1"];
    }
}
