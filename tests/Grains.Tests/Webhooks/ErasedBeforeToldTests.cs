using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Policy.Users;
using Actors.Tests;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>A receiver that is a little behind when somebody is erased: it hears what it has to act on, and nothing else of them.</summary>
public abstract class ErasedBeforeToldTests<TDatabase> : ReceiverTests<TDatabase>
    where TDatabase : IDatabase, new()
{
    [Fact]
    public async Task A_stop_just_before_an_erasure_is_told_and_what_failed_with_it_and_nothing_else()
    {
        var business = await Node.NewBusinessAsync();
        var (id, _) = await Node.SubscribeAsync(business, Receiver, most: 20, WebhookFields.Messages, WebhookFields.UserPreferences);
        await Node.WebhooksOf(business).PauseAsync(id, true, "business");
        var epoch = (await Node.Business(business).LeaseAsync(null))!.Epoch;
        var user = await Given.OptedInAsync(Node, business);
        await Node.User(user).WriteAsync(Says(business));
        var delivered = (await Node.User(user).SendAsync(Given.Send(business, epoch: epoch))).Message;
        await Node.User(user).AdvanceAsync(delivered, MessageStatus.Delivered);
        await Node.User(user).SendAsync(Given.Send(business, epoch: epoch));
        await Node.User(user).StopMarketingAsync(business);
        await Node.User(user).EraseAsync();

        // Whoever comes last shows that everything before has been told.
        var last = await Given.OptedInAsync(Node, business);
        await Node.User(last).WriteAsync(Says(business));
        await Node.User(last).StopMarketingAsync(business);
        await Node.WebhooksOf(business).PauseAsync(id, false, "business");
        await Receiver.UntilAsync(receiver => Updates(receiver).Count(update => update.Value.Contains($"{last}", StringComparison.Ordinal)) == 2);

        var mine = Updates(Receiver).Where(update => update.Value.Contains($"{user}", StringComparison.Ordinal)).ToList();
        Assert.Equal([WebhookFields.Messages, WebhookFields.UserPreferences], mine.Select(update => update.Field).Order(StringComparer.Ordinal));
        Assert.Single(mine, update => update.Value.Contains("\"stop\"", StringComparison.Ordinal));
        Assert.Single(mine, update => update.Value.Contains("\"failed\"", StringComparison.Ordinal));
        Assert.DoesNotContain(Updates(Receiver), update => update.Value.Contains("unsupported", StringComparison.Ordinal));

        // What they wrote, two that were accepted, one that was delivered: in the log they still have their user.
        Assert.Equal(4, (await Node.WebhooksOf(business).ListAsync())[0].Erased);
    }

    private protected override Task<TestNode> StartAsync() =>
        TestNode.StartAsync(Database, webhooks: new WebhookSettings { AllowHttp = true, AllowPrivate = true });

    private static InboundCommand Says(long business) =>
        Given.Says(business, "hello") with { Content = """{"type":"text","text":{"body":"hello"}}"""u8.ToArray() };

    private static IEnumerable<(string Field, string Value)> Updates(WebhookReceiver receiver) => receiver.Taken.SelectMany(delivery => delivery.Updates);
}

public sealed class ErasedBeforeToldOnSqliteTests : ErasedBeforeToldTests<SqliteDatabase>;

public sealed class ErasedBeforeToldOnPostgresTests : ErasedBeforeToldTests<PostgresDatabase>;
