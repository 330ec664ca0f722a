using System.Text.Json.Nodes;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Policy.Users;
using Actors.Tests;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>A receiver hears that a message failed, and why, from what happened to the business or the user.</summary>
public abstract class FailuresToldTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private readonly TDatabase _database = new();
    private TestNode _node = null!;
    private WebhookReceiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _receiver = await WebhookReceiver.StartAsync();
        _node = await TestNode.StartAsync(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _receiver.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_a_lock_ends_is_told_as_failed_with_131031_and_what_an_erasure_ends_with_131026()
    {
        var business = await _node.NewBusinessAsync();
        await _node.SubscribeAsync(business, _receiver, most: 100, WebhookFields.Messages);
        var epoch = (await _node.Business(business).LeaseAsync(null))!.Epoch;
        long delivered = await SendAsync(), erased = await SendAsync(), waiting = await SendAsync();
        await _node.User(delivered).AdvanceAsync(1, MessageStatus.Delivered);
        await _receiver.UntilAsync(_ => Told().Count() == 4);
        Assert.All(Told(), told => Assert.Null(told.Code));

        await _node.User(erased).EraseAsync();
        await _receiver.UntilAsync(_ => Told().Count() == 5);
        Assert.Equal((erased, "failed", 131026), Told().Last());

        await _node.Business(business).LockAsync("fraud", "operator:ann");
        await _receiver.UntilAsync(_ => Told().Count() == 6);
        Assert.Equal((waiting, "failed", 131031), Told().Last());
        Assert.DoesNotContain(Told(), told => told.User == delivered && told.Status == "failed");

        async Task<long> SendAsync()
        {
            var user = await Given.OptedInAsync(_node, business);
            Assert.Equal(SendOutcome.Accepted, (await _node.User(user).SendAsync(Given.Send(business, epoch: epoch))).Outcome);
            return user;
        }
    }

    private IEnumerable<(long User, string Status, int? Code)> Told() =>
        from update in _receiver.Taken.SelectMany(delivery => delivery.Updates)
        let status = JsonNode.Parse(update.Value)!["statuses"]![0]!
        select (long.Parse((string)status["recipient_id"]!, null), (string)status["status"]!, (int?)status["errors"]?[0]!["code"]);
}

public sealed class FailuresToldOnSqliteTests : FailuresToldTests<SqliteDatabase>;

public sealed class FailuresToldOnPostgresTests : FailuresToldTests<PostgresDatabase>;
