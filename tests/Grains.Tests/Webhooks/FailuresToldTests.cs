using System.Text.Json.Nodes;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>A receiver hears that a message failed, and why, from what happened to the business or the user.</summary>
public abstract class FailuresToldTests<TDatabase> : ReceiverTests<TDatabase>
    where TDatabase : IDatabase, new()
{
    [Fact]
    public async Task What_a_lock_ends_is_told_as_failed_with_131031_and_what_an_erasure_ends_with_131026()
    {
        var business = await Node.NewBusinessAsync();
        await Node.SubscribeAsync(business, Receiver, most: 100, WebhookFields.Messages);
        var epoch = (await Node.Business(business).LeaseAsync(null))!.Epoch;
        long delivered = await SendAsync(), erased = await SendAsync(), waiting = await SendAsync();
        await Node.User(delivered).AdvanceAsync(1, MessageStatus.Delivered);
        await Receiver.UntilAsync(_ => Told().Count() == 4);
        Assert.All(Told(), told => Assert.Null(told.Code));

        await Node.User(erased).EraseAsync();
        await Receiver.UntilAsync(_ => Told().Count() == 5);
        Assert.Equal((erased, "failed", 131026), Told().Last());

        await Node.Business(business).LockAsync("fraud", "operator:ann");
        await Receiver.UntilAsync(_ => Told().Count() == 6);
        Assert.Equal((waiting, "failed", 131031), Told().Last());
        Assert.DoesNotContain(Told(), told => told.User == delivered && told.Status == "failed");

        async Task<long> SendAsync()
        {
            var user = await Given.OptedInAsync(Node, business);
            Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(business, epoch: epoch))).Outcome);
            return user;
        }
    }

    private IEnumerable<(long User, string Status, int? Code)> Told() =>
        from update in Receiver.Taken.SelectMany(delivery => delivery.Updates)
        let status = JsonNode.Parse(update.Value)!["statuses"]![0]!
        select (long.Parse((string)status["recipient_id"]!, null), (string)status["status"]!, (int?)status["errors"]?[0]!["code"]);
}

public sealed class FailuresToldOnSqliteTests : FailuresToldTests<SqliteDatabase>;

public sealed class FailuresToldOnPostgresTests : FailuresToldTests<PostgresDatabase>;
