using System.Collections.Immutable;
using System.Text;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Policy.Users;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>What webhook tests do to a node, and what should have arrived.</summary>
internal static class Telling
{
    public const string Secret = "a secret of sixteen and more";

    /// <summary>A registered business.</summary>
    public static async Task<long> NewBusinessAsync(this TestNode node)
    {
        var business = Given.NewBusiness();
        Assert.True(await node.Business(business).RegisterAsync(Given.Registration(business), "operator:ann"));
        return business;
    }

    /// <summary>Adds a webhook; its number, and the place behind which it has to be told everything.</summary>
    public static async Task<(int Id, long From)> SubscribeAsync(
        this TestNode node, long business, WebhookReceiver receiver, int most = 1_000, params string[] fields)
    {
        var from = await node.Ledger.Store.ReadHorizonAsync(TestContext.Current.CancellationToken);
        var request = new WebhookRequest(
            receiver.Address.AbsoluteUri, new WebhookSecret(WebhookReceiver.VerifyToken), [.. fields], new WebhookSecret(Secret), most);
        var reply = await node.WebhooksOf(business).SubscribeAsync(request, "business");
        Assert.Equal((null, ""), (reply.Refusal, reply.Rule));
        return (reply.Webhook!.Id, from);
    }

    /// <summary>Messages to new users, each of which is delivered and read: three updates each, and one of another field.</summary>
    public static async Task SendAsync(TestNode node, long business, int users)
    {
        var epoch = (await node.Business(business).LeaseAsync(null))!.Epoch;
        await Task.WhenAll(Enumerable.Range(0, users).Select(async _ =>
        {
            var user = await Given.OptedInAsync(node, business);
            var sent = await node.User(user).SendAsync(Given.Send(business, epoch: epoch));
            Assert.Equal(SendOutcome.Accepted, sent.Outcome);
            await node.User(user).AdvanceAsync(sent.Message, MessageStatus.Delivered);
            await node.User(user).AdvanceAsync(sent.Message, MessageStatus.Read);
            await node.User(user).StopMarketingAsync(business);
        }));
    }

    /// <summary>All updates of a field that a business has to be told, by message where they are about one, in order.</summary>
    public static async Task<IReadOnlyList<(string Value, (long User, long Message) About)>> ToBeToldAsync(
        this TestNode node, long business, string field, long from)
    {
        var stopping = TestContext.Current.CancellationToken;
        var keys = node.Services.GetRequiredService<WebhookKeys>();
        var told = new List<(string, (long, long))>();
        await node.Ledger.WaitForEventsAsync(await node.Ledger.Store.ReadHorizonAsync(stopping) - 1, stopping);
        for (var after = from; ;)
        {
            var page = await node.Ledger.ReadEventsAsync(business, after, 1_000, stopping);
            var lines = page.Events.Where(line => WebhookUpdates.FieldOf(line) == field).ToArray();
            var updates = await WebhookUpdates.ReadAsync(node.Ledger.Store, await keys.WamidAsync(), business, lines, stopping);
            told.AddRange(updates.Zip(lines, (update, line) => (Encoding.ASCII.GetString(update.Value), (line.User, line.Event.Message))));
            if (page.Events.Count < 1_000)
            {
                return told;
            }

            after = page.Next;
        }
    }

    /// <summary>Whether a receiver has taken all of that.</summary>
    public static bool Has(this WebhookReceiver receiver, IEnumerable<(string Value, (long User, long Message) About)> told)
    {
        var taken = receiver.Taken.SelectMany(delivery => delivery.Updates).Select(update => update.Value).ToHashSet();
        return told.All(update => taken.Contains(update.Value));
    }

    /// <summary>
    /// The guarantee, by what arrived: nothing of a message before what came before it; numbers from 1 without a gap, but for those that are parked; under one
    /// number always the same updates, or the first of them; everything signed.
    /// </summary>
    public static void Holds(
        this WebhookReceiver receiver, IReadOnlyList<(string Value, (long User, long Message) About)> told, ImmutableArray<ParkedView> parked = default)
    {
        var deliveries = receiver.Deliveries;
        Assert.All(deliveries, delivery => Assert.True(delivery.IsSignedWith(Secret)));
        var missing = parked.IsDefault ? [] : parked.Select(one => one.Sequence).ToHashSet();
        var numbers = receiver.Taken.Select(delivery => delivery.Sequence).Concat(missing).Distinct().Order().ToList();
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(n => (long)n), numbers);
        foreach (var same in deliveries.GroupBy(delivery => delivery.Sequence))
        {
            Assert.Single(same.Select(delivery => delivery.Id).Distinct());
            Assert.All(same.Zip(same.Skip(1)), pair => Assert.Equal(pair.First.Updates.Take(pair.Second.Updates.Count), pair.Second.Updates));
        }

        var first = new Dictionary<string, int>();
        foreach (var (value, place) in deliveries.SelectMany(delivery => delivery.Updates).Select((update, place) => (update.Value, place)))
        {
            first.TryAdd(value, place);
        }

        foreach (var message in told.Where(update => first.ContainsKey(update.Value)).GroupBy(update => update.About))
        {
            Assert.Equal(message.Select(update => first[update.Value]).Order(), message.Select(update => first[update.Value]));
        }
    }
}
