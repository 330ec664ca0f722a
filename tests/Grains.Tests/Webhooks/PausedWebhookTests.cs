using System.Diagnostics.Metrics;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>What a business paused is nobody's backlog, and goes on when it is resumed, whatever becomes of the node.</summary>
public sealed class PausedWebhookTests : ReceiverTests<SqliteDatabase>
{
    [Fact]
    public async Task G8_what_is_resumed_goes_on_without_news_though_the_activation_that_resumed_it_is_gone()
    {
        var business = await Node.NewBusinessAsync();
        var (id, from) = await Node.SubscribeAsync(business, Receiver, 100, WebhookFields.Messages);
        await Node.WebhooksOf(business).PauseAsync(id, true, "business");
        await Telling.SendAsync(Node, business, 2);
        var told = await Node.ToBeToldAsync(business, WebhookFields.Messages, from);

        // As far as the feed knows nothing is left to do: it wakes it only for news.
        while (await Node.WebhooksOf(business).WakeAsync(Node.Ledger.Horizon))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await Node.Grains.GetGrain<IWebhookFeedGrain>(0).SubscribedAsync(business);
        await Receiver.DieAsync();
        await Node.WebhooksOf(business).PauseAsync(id, false, "business");
        await Node.ForgetAsync(Node.WebhooksOf(business));
        await Receiver.ComeBackAsync();
        await Receiver.UntilAsync(receiver => receiver.Has(told));
        Receiver.Holds(told);
    }

    [Fact]
    public async Task The_lag_leaves_out_what_is_paused()
    {
        var gauges = new Dictionary<string, double>();
        var metrics = Node.Services.GetRequiredService<WebhookMetrics>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == metrics && instrument.IsObservable)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => gauges[instrument.Name] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => gauges[instrument.Name] = value);
        listener.Start();

        var business = await Node.NewBusinessAsync();
        var (id, _) = await Node.SubscribeAsync(business, Receiver, 100, WebhookFields.Messages);
        Receiver.Answer = (_, _) => Task.FromResult<int?>(500);
        await Telling.SendAsync(Node, business, 1);
        await UntilAsync(() => gauges["webhooks.backlogs"] == 1 && gauges["webhooks.lag"] > 0);

        await Node.WebhooksOf(business).PauseAsync(id, true, "business");
        await UntilAsync(() => gauges["webhooks.backlogs"] == 0);
        Assert.Equal(0, gauges["webhooks.lag"]);
        Assert.Contains((await Node.WebhooksOf(business).ListAsync())[0].Fields, field => field.Pending > 0);

        await Node.WebhooksOf(business).PauseAsync(id, false, "business");
        await UntilAsync(() => gauges["webhooks.backlogs"] == 1 && gauges["webhooks.lag"] > 0);

        async Task UntilAsync(Func<bool> isSo)
        {
            for (listener.RecordObservableInstruments(); !isSo(); listener.RecordObservableInstruments())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    private protected override Task<TestNode> StartAsync() => TestNode.StartAsync(
        Database,
        webhooks: new WebhookSettings
        {
            AllowHttp = true,
            AllowPrivate = true,
            Tick = TimeSpan.FromMilliseconds(20),
            FeedRound = TimeSpan.FromMilliseconds(500),   // so that the round that wakes everybody is minutes away
        });
}
