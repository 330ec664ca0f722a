using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;
using Actors.Tests;

namespace Actors.Grains.Tests;

/// <summary>What a device's report costs, and when contents go.</summary>
public abstract class AcknowledgementTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private readonly TDatabase _database = new();
    private readonly long _business = Given.NewBusiness();
    private TestNode _node = null!;
    private Reads _reads = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _node = await TestNode.StartAsync(_database, wrap: inner => _reads = new Reads(inner));
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Devices_that_report_one_message_after_the_other_cost_gathered_reads_only_and_contents_go_with_the_last_of_them()
    {
        var user = await Given.OptedInAsync(_node, _business);
        await _node.User(user).AddDeviceAsync("phone");
        await _node.User(user).AddDeviceAsync("tablet");
        await _node.User(user).WriteAsync(Given.Says(_business, "hello"));
        for (var number = 2; number <= 4; number++)
        {
            Assert.Equal(number, (await _node.User(user).SendAsync(Given.Send(_business))).Message);
            await SayAsync(MessageStatus.Delivered, "phone");
            await SayAsync(MessageStatus.Delivered, "tablet");
            await SayAsync(MessageStatus.Read, "phone");
            Assert.Empty(await KeptAsync(user, number - 1));

            async Task SayAsync(MessageStatus to, string device) =>
                Assert.Null((await _node.User(user).AdvanceAsync(number, to, device)).Refusal);
        }

        // What the phone read while the tablet was away goes when the tablet has it, too: also what stands between what it names.
        Assert.Equal(5, (await _node.User(user).SendAsync(Given.Send(_business))).Message);
        Assert.Equal(6, (await _node.User(user).SendAsync(Given.Send(_business))).Message);
        await _node.User(user).AcknowledgeAsync(MessageStatus.Read, "phone", [5, 6], 0);
        Assert.Equal([5L, 6], await KeptAsync(user, 4));
        await _node.User(user).AdvanceAsync(6, MessageStatus.Delivered, "tablet");
        Assert.Empty(await KeptAsync(user, 0));

        // One for each thing that was said, and two for what stood between what the tablet named.
        await _node.User(user).GiveFeedbackAsync(6, Feedback.Interested);
        Assert.Equal((0, 0, 12 + 2), (_reads.Single, _reads.Kept, _reads.Gathered));
    }

    [Fact]
    public async Task What_each_device_said_is_kept_with_the_message_or_as_up_to_where_it_has_read_all()
    {
        var user = await Given.OptedInAsync(_node, _business);
        await _node.User(user).AddDeviceAsync("phone");
        await _node.User(user).AddDeviceAsync("tablet");
        for (var number = 1; number <= 4; number++)
        {
            Assert.Equal(number, (await _node.User(user).SendAsync(Given.Send(_business))).Message);
        }

        await _node.User(user).AcknowledgeAsync(MessageStatus.Read, "phone", [2, 3], 0);
        await _node.User(user).AdvanceAsync(2, MessageStatus.Delivered, "tablet");
        var before = (await _node.User(user).ViewAsync()).Version;
        Assert.Equal(new ActionReply(null, false), await _node.User(user).AdvanceAsync(2, MessageStatus.Read, "tablet"));
        Assert.Equal(before + 1, (await _node.User(user).ViewAsync()).Version);
        Assert.Equal(new ActionReply(null, false), await _node.User(user).AdvanceAsync(2, MessageStatus.Read, "tablet"));
        Assert.Equal(before + 1, (await _node.User(user).ViewAsync()).Version);
        Assert.Equal([("phone", true), ("tablet", true)], await MarksAsync(2));

        // "All up to 4" marks what it moves; of what the phone had read before it says up to where.
        await _node.User(user).AcknowledgeAsync(MessageStatus.Read, "tablet", [], 4);
        Assert.Equal([("tablet", true)], await MarksAsync(1));
        Assert.Equal([("phone", true)], await MarksAsync(3));
        Assert.Equal([("tablet", true)], await MarksAsync(4));
        await _node.User(user).AcknowledgeAsync(MessageStatus.Delivered, "phone", [], 4);
        Assert.Equal([("tablet", true)], await MarksAsync(4));
        Assert.Equal(
            [("phone", 4L, 0L), ("tablet", 4, 4)],
            (await _node.User(user).ViewAsync()).State.Devices.Select(device => (device.Name, device.Acked, device.ReadUpTo)));

        // None of it is a business's to know: each status was told once.
        var upTo = await _node.Ledger.Store.ReadHorizonAsync(Cancel);
        var told = (await _node.Ledger.Store.ReadEventsAsync(_business, 0, upTo, int.MaxValue, Cancel)).Where(line => line.User == user);
        Assert.Equal((4, 4), (told.Count(line => line.Event.Kind == EventKind.Delivered), told.Count(line => line.Event.Kind == EventKind.Read)));

        async Task<IEnumerable<(string, bool)>> MarksAsync(long number) =>
            (await _node.User(user).MessageAsync(number))!.Devices.Select(mark => (mark.Device, mark.ReadAt is not null));
    }

    [Fact]
    public async Task All_of_more_messages_than_a_commit_moves_was_read_up_to_the_last_of_them()
    {
        const int Many = Acknowledgements.Max + 5;
        var user = await Given.OptedInAsync(_node, _business);
        await _node.User(user).AddDeviceAsync("phone");
        for (var number = 1; number <= Many; number++)
        {
            Assert.Equal(SendOutcome.Accepted, (await _node.User(user).SendAsync(Given.Send(_business))).Outcome);
            if (number % 50 == 0)
            {
                await _node.User(user).AcknowledgeAsync(MessageStatus.Delivered, null, [], number);
            }
        }

        Assert.True((await _node.User(user).AcknowledgeAsync(MessageStatus.Read, "phone", [], Many)).IsMore);
        Assert.Equal(Acknowledgements.Max, Assert.Single((await _node.User(user).ViewAsync()).State.Devices).ReadUpTo);
        Assert.False((await _node.User(user).AcknowledgeAsync(MessageStatus.Read, "phone", [], Many)).IsMore);
        Assert.Equal(Many, Assert.Single((await _node.User(user).ViewAsync()).State.Devices).ReadUpTo);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Contents_that_are_too_many_for_one_commit_go_step_by_step_and_none_is_forgotten(bool leaves)
    {
        const int Many = Acknowledgements.Max + 5;
        var user = await Given.OptedInAsync(_node, _business);
        await _node.User(user).AddDeviceAsync("tablet");
        for (var number = 1; number <= Many; number++)
        {
            Assert.Equal(SendOutcome.Accepted, (await _node.User(user).SendAsync(Given.Send(_business))).Outcome);
            if (number % 50 == 0 || number == Many)
            {
                await _node.User(user).AcknowledgeAsync(MessageStatus.Read, null, [], number);
            }
        }

        Assert.Equal(Many, (await KeptAsync(user, 0)).Count);
        if (leaves)
        {
            await _node.User(user).RemoveDeviceAsync("tablet");
        }
        else
        {
            Assert.True((await _node.User(user).AcknowledgeAsync(MessageStatus.Delivered, "tablet", [], Many)).IsMore);
            Assert.Equal(Acknowledgements.Max, Assert.Single((await _node.User(user).ViewAsync()).State.Devices).Acked);
            Assert.Equal(5, (await KeptAsync(user, 0)).Count);
            Assert.False((await _node.User(user).AcknowledgeAsync(MessageStatus.Delivered, "tablet", [], Many)).IsMore);
            Assert.Equal(Many, Assert.Single((await _node.User(user).ViewAsync()).State.Devices).Acked);
        }

        Assert.Empty(await KeptAsync(user, 0));
    }

    [Fact]
    public async Task A_device_is_removed_with_all_that_was_kept_for_it_though_an_offer_among_it_was_handed_to_none()
    {
        const int Many = (2 * Acknowledgements.Max) + 5;
        const int Offer = 3;
        var user = await Given.OptedInAsync(_node, _business);
        await _node.User(user).AddDeviceAsync("tablet");
        for (var number = 1; number <= Many; number++)
        {
            var category = number == Offer ? Category.Marketing : Category.Utility;
            Assert.Equal(SendOutcome.Accepted, (await _node.User(user).SendAsync(Given.Send(_business, category))).Outcome);
            if (number % 50 == 0 || number == Many)
            {
                await _node.User(user).AcknowledgeAsync(MessageStatus.Read, null, [], number);
            }
        }

        // Nothing that the tablet says takes it past the offer; to go it needn't get there.
        await _node.User(user).AcknowledgeAsync(MessageStatus.Delivered, "tablet", [], Many);
        Assert.Equal(Offer - 1, Assert.Single((await _node.User(user).ViewAsync()).State.Devices).Acked);
        Assert.Equal(Many - Offer, (await KeptAsync(user, 0)).Count);

        Assert.Equal(new ActionReply(null, true), await _node.User(user).RemoveDeviceAsync("tablet"));
        Assert.Empty((await _node.User(user).ViewAsync()).State.Devices);
        Assert.Empty(await KeptAsync(user, 0));
        var offer = (await _node.User(user).MessageAsync(Offer))!;
        Assert.Equal((MessageStatus.Accepted, false), (offer.Status, offer.Content.IsEmpty));
        Assert.Equal(new ActionReply(ActionRefusal.DeviceUnknown, false), await _node.User(user).RemoveDeviceAsync("tablet"));
    }

    /// <summary>Numbers of what was read and still has its content.</summary>
    private async Task<List<long>> KeptAsync(long user, long after) =>
        [.. (await _reads.Unwatched.ReadKeptAsync(user, after, long.MaxValue, 3 * Acknowledgements.Max, Cancel)).Select(message => message.Number)];

    /// <summary>Counts what decisions ask for.</summary>
    private sealed class Reads(ILedgerStore inner) : ForwardingStore(inner)
    {
        private int _single;
        private int _gathered;
        private int _kept;

        public ILedgerStore Unwatched => Inner;

        public int Single => Volatile.Read(ref _single);

        public int Gathered => Volatile.Read(ref _gathered);

        public int Kept => Volatile.Read(ref _kept);

        public override Task<StoredMessage?> ReadMessageAsync(long user, long number, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _single);
            return base.ReadMessageAsync(user, number, cancellationToken);
        }

        public override Task<IReadOnlyList<(long User, StoredMessage Message)>> ReadMessagesAsync(
            IReadOnlyList<(long User, long Number)> messages, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _gathered);
            return base.ReadMessagesAsync(messages, cancellationToken);
        }

        public override Task<IReadOnlyList<StoredMessage>> ReadKeptAsync(
            long user, long after, long upTo, int limit, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _kept);
            return base.ReadKeptAsync(user, after, upTo, limit, cancellationToken);
        }
    }
}

public sealed class SqliteAcknowledgementTests : AcknowledgementTests<SqliteDatabase>;

public sealed class PostgresAcknowledgementTests : AcknowledgementTests<PostgresDatabase>;
