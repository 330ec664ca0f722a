using System.Text;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Ledger;
using Actors.Policy.Users;
using Actors.Policy.Webhooks;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Whoever is slow, broken or can't be told costs its neighbours nothing.</summary>
public sealed class WebhookNeighboursTests : IAsyncLifetime
{
    private static readonly WebhookSettings Narrow = new()
    {
        AllowHttp = true,
        AllowPrivate = true,
        AtOnce = 4,
        AtOncePerBusiness = 4,
        AtOnceSuspect = 1,
        SuspectAfter = TimeSpan.FromMilliseconds(300),
        AnswerWithin = TimeSpan.FromMinutes(10),
        Tick = TimeSpan.FromMilliseconds(20),
        Gap = TimeSpan.FromMilliseconds(5),
    };

    private readonly SqliteDatabase _database = new();
    private TestNode _node = null!;
    private long _version;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _node = await TestNode.StartAsync(_database, webhooks: Narrow);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task G8_a_slow_receiver_that_answers_costs_the_quick_one_of_another_business_nothing()
    {
        var (slow, quick) = (await _node.NewBusinessAsync(), await _node.NewBusinessAsync());
        var fields = new[] { WebhookFields.Messages, WebhookFields.UserPreferences };
        await using WebhookReceiver first = await WebhookReceiver.StartAsync(), second = await WebhookReceiver.StartAsync();
        var hang = new TaskCompletionSource();
        var hanging = 0;
        foreach (var receiver in new[] { first, second })
        {
            await _node.SubscribeAsync(slow, receiver, most: 1_000, fields);
            receiver.Answer = async (_, _) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, Cancel);
                return 200;
            };
        }

        // All four queues of the slow one have been seen to be slow; then they have more to tell, which takes for ever.
        await Telling.SendAsync(_node, slow, 2);
        await first.UntilAsync(_ => first.Taken.Count > 1 && second.Taken.Count > 1);
        while ((await _node.WebhooksOf(slow).ListAsync()).Any(webhook => webhook.Fields.Any(field => field.Pending > 0 || field.Last is null)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        first.Answer = second.Answer = async (_, _) =>
        {
            Interlocked.Increment(ref hanging);
            await hang.Task;
            return 200;
        };
        await Telling.SendAsync(_node, slow, 2);
        await first.UntilAsync(_ => Volatile.Read(ref hanging) > 0);

        await using var receiver3 = await WebhookReceiver.StartAsync();
        var (_, from) = await _node.SubscribeAsync(quick, receiver3, 1_000, WebhookFields.Messages);
        await Telling.SendAsync(_node, quick, 5);
        var told = await _node.ToBeToldAsync(quick, WebhookFields.Messages, from);
        await receiver3.UntilAsync(all => all.Has(told));
        Assert.Equal(1, Volatile.Read(ref hanging));
        hang.SetResult();
    }

    [Fact]
    public async Task G8_of_two_webhooks_of_one_business_the_broken_one_costs_the_other_nothing()
    {
        var business = await _node.NewBusinessAsync();
        await using WebhookReceiver broken = await WebhookReceiver.StartAsync(), good = await WebhookReceiver.StartAsync();
        broken.Answer = (_, _) => Task.FromResult<int?>(500);
        await _node.SubscribeAsync(business, broken, 10, WebhookFields.Messages);
        var (_, from) = await _node.SubscribeAsync(business, good, 10, WebhookFields.Messages);
        await Telling.SendAsync(_node, business, 20);
        var told = await _node.ToBeToldAsync(business, WebhookFields.Messages, from);
        await good.UntilAsync(all => all.Has(told));
        good.Holds(told);
        Assert.Empty(broken.Taken);
    }

    [Fact]
    public async Task G8_an_event_that_nobody_can_read_is_parked_under_a_number_and_holds_up_nothing()
    {
        var business = await _node.NewBusinessAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        var (id, from) = await _node.SubscribeAsync(business, receiver, 10, WebhookFields.Messages, WebhookFields.Alerts, WebhookFields.Account);
        await _node.WebhooksOf(business).PauseAsync(id, true, "business");
        await AppendAsync(EventKind.EarlyWarning, """{"near":"red"}""");
        await AppendAsync(EventKind.EarlyWarning, "{ nobody can read");
        await AppendAsync(EventKind.EarlyWarning, """{"near":"strike"}""");
        await AppendAsync(EventKind.BusinessChanged, "{ nobody can read");
        await Telling.SendAsync(_node, business, 3);
        await _node.WebhooksOf(business).PauseAsync(id, false, "business");
        var told = await _node.ToBeToldAsync(business, WebhookFields.Messages, from);
        await receiver.UntilAsync(all => all.Has(told) && all.Taken.SelectMany(one => one.Updates).Count(one => one.Field == WebhookFields.Alerts) == 2);
        IReadOnlyList<ParkedView> parked;
        do
        {
            parked = (await _node.WebhooksOf(business).ParkedAsync(id, 0, 10))!.Value;
        }
        while (parked.Count < 2);

        Assert.Equal([WebhookFields.Alerts, WebhookFields.Account], parked.Select(one => one.Field).Order());
        Assert.All(parked, one => Assert.Equal((1, AttemptOutcome.Unreadable), (one.Updates, one.Last.Outcome)));
        receiver.Holds(told, [.. parked]);

        Task AppendAsync(EventKind kind, string text) => _node.Ledger.Store.AppendAsync(
            new GrainChange($"test/{business}", Interlocked.Increment(ref _version), business, false)
            {
                Events = [new GrainEvent(kind, _node.Ledger.Clock.Now, 0, text)],
            },
            Cancel);
    }

    [Fact]
    public async Task G8_no_delivery_has_more_than_three_million_bytes()
    {
        var business = await _node.NewBusinessAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        var (id, from) = await _node.SubscribeAsync(business, receiver, 1_000, WebhookFields.Messages);
        await _node.WebhooksOf(business).PauseAsync(id, true, "business");
        var content = Encoding.UTF8.GetBytes($$$"""{"type":"text","text":{"body":"{{{new string('a', 100_000)}}}"}}""");
        var user = Given.NewUser();
        for (var i = 0; i < 65; i++)
        {
            Assert.Null((await _node.User(user).WriteAsync(Given.Says(business, "a") with { Content = content })).Refusal);
        }

        await _node.WebhooksOf(business).PauseAsync(id, false, "business");
        var told = await _node.ToBeToldAsync(business, WebhookFields.Messages, from);
        Assert.Equal(65, told.Count);
        await receiver.UntilAsync(all => all.Has(told));
        receiver.Holds(told);
        Assert.All(receiver.Deliveries, delivery => Assert.InRange(delivery.Body.Length, 1, DeliveryRules.BytesMax));
        Assert.InRange(receiver.Deliveries[0].Body.Length, DeliveryRules.BytesMax - 101_000, DeliveryRules.BytesMax);   // as many as fit
    }

    [Fact]
    public async Task Who_waits_for_a_place_holds_nothing_and_goes_no_longer_once_it_is_paused()
    {
        var business = await _node.NewBusinessAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        var services = _node.Services;
        var (client, keys) = (services.GetRequiredService<WebhookClient>(), services.GetRequiredService<WebhookKeys>());
        var gate = new OutgoingGate(Narrow);
        var sender = new WebhookSender(client, gate, keys, _node.Ledger, services.GetRequiredService<WebhookMetrics>());
        for (var other = 1; other <= Narrow.AtOnce; other++)
        {
            Assert.True(gate.TryEnter(other, false));
        }

        var held = new HeldUpdates([new WebhookUpdate(1, WebhookFields.Messages, "{}"u8.ToArray(), default)]);
        var batch = new DeliveryBatch(1, 0, 1, 1, default);
        var what = new WebhookTry(business, WebhookFields.Messages, batch, new WebhookPages(_node.Ledger, keys, business), false, false);
        var tried = sender.TryAsync(what, () => null, held, Cancel);
        Assert.False(tried.IsCompleted);
        Assert.True(held.IsEmpty);
        gate.Leave(1, false);
        Assert.Null(await tried);
        Assert.Equal(Narrow.AtOnce - 1, gate.UnderWay);
    }

    [Fact]
    public void Queues_with_a_backlog_take_so_many_updates_a_second_while_the_ledger_is_busy()
    {
        var time = new SetClock();
        var pace = new WebhookPace(new WebhookSettings { BusyPace = 10_000 }, time);
        var start = time.Ahead;
        var taken = 0;
        while (time.Ahead - start < TimeSpan.FromSeconds(10))
        {
            while (pace.Take(1_000) is null)
            {
                taken += 1_000;
            }

            Assert.InRange(pace.Take(1_000)!.Value, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(110));
            time.Pass(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(taken, 99_000, 112_000);
    }
}
