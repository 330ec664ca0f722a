using Actors.Grains.Webhooks;
using Actors.Tests;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Two nodes on one database, each with an activation of its own that delivers, and which move: the worst that a parted network can do.</summary>
public sealed class WebhookNodesTests(TwoNodesTests.Pair pair) : IClassFixture<TwoNodesTests.Pair>
{
    [Fact]
    public async Task G8_two_activations_that_know_nothing_of_each_other_tell_everything_in_order_under_one_count()
    {
        var (a, b) = (pair.Nodes[0], pair.Nodes[1]);
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await a.NewBusinessAsync();
        var (_, from) = await a.SubscribeAsync(business, receiver, most: 10, WebhookFields.Messages, WebhookFields.UserPreferences);
        var horizon = await b.Ledger.Store.ReadHorizonAsync(TestContext.Current.CancellationToken);
        await b.WebhooksOf(business).WakeAsync(horizon);
        for (var round = 0; round < 6; round++)
        {
            var node = pair.Nodes[round % 2];
            await Telling.SendAsync(node, business, 5);
            if (round % 2 == 0)
            {
                // The grain moves: it ends here, and goes on elsewhere.
                await pair.Nodes[round / 2 % 2].ForgetAsync(pair.Nodes[round / 2 % 2].WebhooksOf(business));
            }

            await b.WebhooksOf(business).WakeAsync(await b.Ledger.Store.ReadHorizonAsync(TestContext.Current.CancellationToken));
        }

        var told = await a.ToBeToldAsync(business, WebhookFields.Messages, from);
        var preferences = await a.ToBeToldAsync(business, WebhookFields.UserPreferences, from);
        await receiver.UntilAsync(all => all.Has(told) && all.Has(preferences));
        receiver.Holds([.. told, .. preferences]);
    }
}
