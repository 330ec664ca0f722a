using Actors.Grains.Tests.Nodes;

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
        for (var round = 1; round <= 4; round++)
        {
            await Task.WhenAll(businesses.SelectMany(business => pair.Nodes.Select(async node =>
            {
                var users = await Folding.DeliverAsync(node, business, 5);
                await Folding.BlockAsync(node, business, users[..1]);
            })));
            if (round % 2 == 0)
            {
                await (round == 2 ? a : b).ForgetAsync((round == 2 ? a : b).Fold());
            }
        }

        await a.FoldedAsync();
        await b.FoldedAsync();
        foreach (var business in businesses)
        {
            await Folding.CountedAsync(a, business, 40, 8);
        }
    }
}
