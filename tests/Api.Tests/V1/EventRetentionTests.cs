using Actors.Ledger;
using Actors.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.V1;

/// <summary>What a reader hears whose cursor is older than what is kept. On a node of its own: it drops everybody's events.</summary>
public sealed class EventRetentionTests
{
    [Fact]
    public async Task A_cursor_behind_which_events_were_dropped_is_gone_and_says_where_to_go_on()
    {
        await using var node = new NodeFixture();
        await node.InitializeAsync();
        var business = await node.NewBusinessAsync();
        await node.OptInAsync(business, NodeFixture.NewUser(), "utility");
        var path = $"/v1/businesses/{business.Id}/events";
        var old = (await node.CallAsync("GET", path + "?limit=1", business.Token)).Body.GetProperty("next").GetString();

        var future = new Instant(TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds());
        await node.Services.GetRequiredService<ILedgerStore>().DropEventsAsync(future, CancellationToken.None);
        var later = NodeFixture.NewUser();
        await node.OptInAsync(business, later, "utility");

        var gone = await node.CallAsync("GET", $"{path}?after={old}", business.Token);
        Assert.Equal((410, "cursor_expired"), (gone.Status, OptInsApiTests.CodeOf(gone)));

        foreach (var query in new[] { "?after=" + gone.Body.GetProperty("earliest").GetString(), "" })
        {
            var users = new List<string?>();
            for (var next = query; users.Count == 0;)
            {
                var page = await node.CallAsync("GET", path + next, business.Token);
                Assert.True(page.Status == 200, page.Text);
                users.AddRange(page.Body.GetProperty("events").EnumerateArray()
                    .Select(e => e.TryGetProperty("user", out var of) ? of.GetString() : null).OfType<string>());
                next = "?after=" + page.Body.GetProperty("next").GetString();
            }

            Assert.Equal([NodeFixture.User(later)], users);
        }
    }
}
