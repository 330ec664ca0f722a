using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Tests;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Of the webhooks of one business those that take long leave the others their places.</summary>
public sealed class SlowWebhookTests : ReceiverTests<SqliteDatabase>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task G8_slow_webhooks_of_a_business_leave_its_quick_one_a_place()
    {
        var business = await Node.NewBusinessAsync();
        await using WebhookReceiver first = await WebhookReceiver.StartAsync(), second = await WebhookReceiver.StartAsync();
        WebhookReceiver[] slow = [first, second];
        var from = 0L;
        foreach (var receiver in slow)
        {
            (_, from) = await Node.SubscribeAsync(business, receiver, most: 1_000, WebhookFields.Messages, WebhookFields.UserPreferences);
            receiver.Answer = async (_, _) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, Cancel);
                return 200;
            };
        }

        // All four queues, as many as the business has places, have been seen to be slow; then they have more to tell, and answer much later.
        await Telling.SendAsync(Node, business, 2);
        while ((await Node.WebhooksOf(business).ListAsync()).Any(webhook => webhook.Fields.Any(field => field.Pending > 0 || field.Last is null)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        var late = new TaskCompletionSource();
        var underWay = 0;
        first.Answer = second.Answer = async (_, _) =>
        {
            Interlocked.Increment(ref underWay);
            await late.Task;
            return 200;
        };
        await Telling.SendAsync(Node, business, 2);
        await first.UntilAsync(_ => Volatile.Read(ref underWay) > 1);

        var (_, since) = await Node.SubscribeAsync(business, Receiver, 1_000, WebhookFields.Messages);
        await Telling.SendAsync(Node, business, 5);
        var told = await Node.ToBeToldAsync(business, WebhookFields.Messages, since);
        await Receiver.UntilAsync(receiver => receiver.Has(told));
        Receiver.Holds(told);
        Assert.Equal(2, Volatile.Read(ref underWay));

        // They get everything, too, in their time.
        late.SetResult();
        var all = await Node.ToBeToldAsync(business, WebhookFields.Messages, from);
        foreach (var receiver in slow)
        {
            await receiver.UntilAsync(one => one.Has(all));
            receiver.Holds(all);
        }
    }

    private protected override Task<TestNode> StartAsync() => TestNode.StartAsync(
        Database,
        webhooks: new WebhookSettings
        {
            AllowHttp = true,
            AllowPrivate = true,
            AtOncePerBusiness = 4,
            SuspectAfter = TimeSpan.FromMilliseconds(300),
            AnswerWithin = TimeSpan.FromMinutes(10),
            Tick = TimeSpan.FromMilliseconds(20),
            Gap = TimeSpan.FromMilliseconds(5),
        });
}
