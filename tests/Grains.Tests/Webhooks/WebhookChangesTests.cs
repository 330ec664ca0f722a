using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Tests;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>What a webhook, or its business, becomes while deliveries are under way.</summary>
public sealed class WebhookChangesTests(Running<SqliteDatabase> running) : IClassFixture<Running<SqliteDatabase>>
{
    [Fact]
    public async Task What_changes_while_a_delivery_is_under_way_leaves_no_gap()
    {
        var node = running.Node;
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        var (id, _) = await node.SubscribeAsync(business, receiver, most: 1_000, WebhookFields.Messages);
        var (arrived, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        receiver.Answer = async (_, _) =>
        {
            arrived.TrySetResult();
            await go.Task;
            return 200;
        };
        await Telling.SendAsync(node, business, 2);
        await arrived.Task;

        // The field is given up: what has a number still arrives, and nothing more of it.
        Assert.Equal(id, (await node.SubscribeAsync(business, receiver, 1_000, WebhookFields.UserPreferences)).Id);
        Assert.Contains((await node.WebhooksOf(business).ListAsync())[0].Fields, field => field is { Field: WebhookFields.Messages, IsClosing: true });
        await Telling.SendAsync(node, business, 2);
        go.SetResult();
        await receiver.UntilAsync(all => all.Taken.Count > 0);
        while ((await node.WebhooksOf(business).ListAsync())[0].Fields is not [{ Pending: 0, Last: not null }])
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var view = (await node.WebhooksOf(business).ListAsync())[0];
        Assert.Equal(view.Sequence, receiver.Taken.Select(delivery => delivery.Sequence).Distinct().Count());

        // It is removed while one is under way: that one may arrive, and nothing follows.
        (arrived, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        await node.SubscribeAsync(business, receiver, 1_000, WebhookFields.Messages);
        await Telling.SendAsync(node, business, 1);
        await arrived.Task;
        Assert.True(await node.WebhooksOf(business).RemoveAsync(id, "business"));
        go.SetResult();
        Assert.Empty(await node.WebhooksOf(business).ListAsync());
        Assert.False(await node.WebhooksOf(business).PauseAsync(id, true, "business"));
        var (again, _) = await node.SubscribeAsync(business, receiver, 1_000, WebhookFields.Messages);
        Assert.Equal(id + 1, again);
    }

    [Fact]
    public async Task G8_a_locked_business_is_told_as_ever()
    {
        var node = running.Node;
        await using var receiver = await WebhookReceiver.StartAsync();
        var business = await node.NewBusinessAsync();
        var (_, from) = await node.SubscribeAsync(business, receiver, 1_000, WebhookFields.Messages);
        await Telling.SendAsync(node, business, 2);
        await node.Business(business).LockAsync("to see", "operator:ann");
        var told = await node.ToBeToldAsync(business, WebhookFields.Messages, from);
        await receiver.UntilAsync(all => all.Has(told));
        receiver.Holds(told);
    }
}
