using System.Diagnostics.Metrics;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>What a business paused is nobody's backlog, and goes on when it is resumed, whatever becomes of the node.</summary>
public sealed class PausedWebhookTests : IAsyncLifetime
{
    private readonly SqliteDatabase _database = new();
    private TestNode _node = null!;
    private WebhookReceiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _receiver = await WebhookReceiver.StartAsync();
        _node = await TestNode.StartAsync(
            _database,
            webhooks: new WebhookSettings
            {
                AllowHttp = true,
                AllowPrivate = true,
                Tick = TimeSpan.FromMilliseconds(20),
                FeedRound = TimeSpan.FromMilliseconds(500),   // so that the round that wakes everybody is minutes away
            });
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _receiver.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task G8_what_is_resumed_goes_on_without_news_though_the_activation_that_resumed_it_is_gone()
    {
        var business = await _node.NewBusinessAsync();
        var (id, from) = await _node.SubscribeAsync(business, _receiver, 100, WebhookFields.Messages);
        await _node.WebhooksOf(business).PauseAsync(id, true, "business");
        await Telling.SendAsync(_node, business, 2);
        var told = await _node.ToBeToldAsync(business, WebhookFields.Messages, from);

        // As far as the feed knows nothing is left to do: it wakes it only for news.
        while (await _node.WebhooksOf(business).WakeAsync(_node.Ledger.Horizon))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await _node.Grains.GetGrain<IWebhookFeedGrain>(0).SubscribedAsync(business);
        await _receiver.DieAsync();
        await _node.WebhooksOf(business).PauseAsync(id, false, "business");
        await _node.ForgetAsync(_node.WebhooksOf(business));
        await _receiver.ComeBackAsync();
        await _receiver.UntilAsync(receiver => receiver.Has(told));
        _receiver.Holds(told);
    }

    [Fact]
    public async Task The_lag_leaves_out_what_is_paused()
    {
        var gauges = new Dictionary<string, double>();
        var metrics = _node.Services.GetRequiredService<WebhookMetrics>();
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

        var business = await _node.NewBusinessAsync();
        var (id, _) = await _node.SubscribeAsync(business, _receiver, 100, WebhookFields.Messages);
        _receiver.Answer = (_, _) => Task.FromResult<int?>(500);
        await Telling.SendAsync(_node, business, 1);
        await UntilAsync(() => gauges["webhooks.backlogs"] == 1 && gauges["webhooks.lag"] > 0);

        await _node.WebhooksOf(business).PauseAsync(id, true, "business");
        await UntilAsync(() => gauges["webhooks.backlogs"] == 0);
        Assert.Equal(0, gauges["webhooks.lag"]);
        Assert.Contains((await _node.WebhooksOf(business).ListAsync())[0].Fields, field => field.Pending > 0);

        await _node.WebhooksOf(business).PauseAsync(id, false, "business");
        await UntilAsync(() => gauges["webhooks.backlogs"] == 1 && gauges["webhooks.lag"] > 0);

        async Task UntilAsync(Func<bool> isSo)
        {
            for (listener.RecordObservableInstruments(); !isSo(); listener.RecordObservableInstruments())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }
}
