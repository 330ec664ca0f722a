using System.Text.Json;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>
/// Two nodes on one database that know nothing of each other: two folds, and two activations of each business. Whatever each of them does, an event
/// counts once.
/// </summary>
public sealed class FoldTwoNodesTests(TwoNodesTests.Pair pair) : IClassFixture<TwoNodesTests.Pair>
{
    [Fact]
    public async Task Two_folds_and_two_activations_count_each_event_once()
    {
        var (a, b) = (pair.Nodes[0], pair.Nodes[1]);
        var businesses = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Folding.NewSenderAsync(a)));
        for (var round = 1; round <= 6; round++)
        {
            await Task.WhenAll(businesses.SelectMany(business => pair.Nodes.Select(async node =>
            {
                var users = await Folding.DeliverAsync(node, business, 5);
                await Folding.BlockAsync(node, business, node == a ? users[..(round % 2)] : []);
            })));
            if (round % 2 == 0)
            {
                var dies = round == 2 ? a : b;
                await dies.ForgetAsync(dies.Fold());
            }
        }

        await a.FoldedAsync();
        await b.FoldedAsync();
        foreach (var business in businesses)
        {
            await Folding.CountedAsync(a, business, 60, 3);

            // One story of each band, though two activations told it.
            var page = await a.Reads.EventsAsync(business, 0, 1_000);
            foreach (var template in new[] { 0, Ids.Template(business, 0) })
            {
                var bands = page.Events.Where(e => e.Event.Kind == EventKind.QualityChanged && e.Event.Template == template)
                    .Select(e => JsonSerializer.Deserialize(e.Text!, GrainsJson.Default.QualityText)!).ToList();
                Assert.Equal(["UNKNOWN", .. bands.SkipLast(1).Select(change => change.To)], bands.Select(change => change.From));
            }
        }
    }
}
