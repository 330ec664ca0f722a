using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Policy.Users;
using Actors.Tests;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>A receiver that is a little behind when somebody is erased: it hears what it has to act on, and nothing else of them.</summary>
public abstract class ErasedBeforeToldTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private readonly TDatabase _database = new();
    private TestNode _node = null!;
    private WebhookReceiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _receiver = await WebhookReceiver.StartAsync();
        _node = await TestNode.StartAsync(_database, webhooks: new WebhookSettings { AllowHttp = true, AllowPrivate = true });
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _receiver.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_stop_just_before_an_erasure_is_told_and_what_failed_with_it_and_nothing_else()
    {
        var business = await _node.NewBusinessAsync();
        var (id, _) = await _node.SubscribeAsync(business, _receiver, most: 20, WebhookFields.Messages, WebhookFields.UserPreferences);
        await _node.WebhooksOf(business).PauseAsync(id, true, "business");
        var epoch = (await _node.Business(business).LeaseAsync(null))!.Epoch;
        var user = await Given.OptedInAsync(_node, business);
        await _node.User(user).WriteAsync(Says(business));
        var delivered = (await _node.User(user).SendAsync(Given.Send(business, epoch: epoch))).Message;
        await _node.User(user).AdvanceAsync(delivered, MessageStatus.Delivered);
        await _node.User(user).SendAsync(Given.Send(business, epoch: epoch));
        await _node.User(user).StopMarketingAsync(business);
        await _node.User(user).EraseAsync();

        // Whoever comes last shows that everything before has been told.
        var last = await Given.OptedInAsync(_node, business);
        await _node.User(last).WriteAsync(Says(business));
        await _node.User(last).StopMarketingAsync(business);
        await _node.WebhooksOf(business).PauseAsync(id, false, "business");
        await _receiver.UntilAsync(receiver => Updates(receiver).Count(update => update.Value.Contains($"{last}", StringComparison.Ordinal)) == 2);

        var mine = Updates(_receiver).Where(update => update.Value.Contains($"{user}", StringComparison.Ordinal)).ToList();
        Assert.Equal([WebhookFields.Messages, WebhookFields.UserPreferences], mine.Select(update => update.Field).Order(StringComparer.Ordinal));
        Assert.Single(mine, update => update.Value.Contains("\"stop\"", StringComparison.Ordinal));
        Assert.Single(mine, update => update.Value.Contains("\"failed\"", StringComparison.Ordinal));
        Assert.DoesNotContain(Updates(_receiver), update => update.Value.Contains("unsupported", StringComparison.Ordinal));
    }

    private static InboundCommand Says(long business) =>
        Given.Says(business, "hello") with { Content = """{"type":"text","text":{"body":"hello"}}"""u8.ToArray() };

    private static IEnumerable<(string Field, string Value)> Updates(WebhookReceiver receiver) => receiver.Taken.SelectMany(delivery => delivery.Updates);
}

public sealed class ErasedBeforeToldOnSqliteTests : ErasedBeforeToldTests<SqliteDatabase>;

public sealed class ErasedBeforeToldOnPostgresTests : ErasedBeforeToldTests<PostgresDatabase>;
