using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>
/// Devices, locks and expiry at the same messages at once, on one node or two, over a storage that fails now and then: each message ends once, each of its
/// statuses is told once, none goes backwards.
/// </summary>
public abstract class G7_Every_message_ends_once<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private const int Users = 6, Messages = 8, Deeds = 30;

    private static readonly string[] Devices = ["phone", "tablet"];

    private readonly TDatabase _database = new();
    private readonly List<TestNode> _nodes = [];
    private readonly List<FaultyStore> _stores = [];

    // What devices were answered as done, and what stood of a device with a message at any time.
    private readonly ConcurrentBag<(long User, long Message, string Device, MessageStatus To)> _answered = [];
    private readonly ConcurrentBag<(long User, long Message, DeviceMark Mark)> _seen = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        for (var i = 0; i < (_database.IsShared ? 2 : 1); i++)
        {
            _nodes.Add(await TestNode.StartAsync(_database, wrap: Wrap));
        }

        ILedgerStore Wrap(ILedgerStore inner)
        {
            _stores.Add(new FaultyStore(inner));
            return _stores[^1];
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Whatever_devices_locks_clocks_and_the_storage_do()
    {
        var business = Given.NewBusiness();
        var users = new List<long>();
        while (users.Count < Users)
        {
            users.Add(await SentAsync(business));
        }

        var writes = 0;
        foreach (var store in _stores)
        {
            store.BeforeWrite = _ => Interlocked.Increment(ref writes) % 7 == 0 ? FaultyStore.Away() : Task.CompletedTask;
            store.AfterWrite = _ => Interlocked.Increment(ref writes) % 11 == 0 ? FaultyStore.Lost() : Task.CompletedTask;
        }

        await Task.WhenAll(users.SelectMany((user, i) => _nodes.Select((node, j) => DoAsync(node, user, new Random((i * 10) + j)))));
        foreach (var store in _stores)
        {
            store.BeforeWrite = store.AfterWrite = _ => Task.CompletedTask;
        }

        foreach (var user in users)
        {
            await EndedAsync(user);
        }

        var told = await EventsAsync(business);
        foreach (var user in users)
        {
            for (var number = 1; number <= Messages; number++)
            {
                var row = (await _nodes[0].Ledger.Store.ReadMessageAsync(user, number, Cancel))!;
                EventKind[] expected = row.Status switch
                {
                    MessageStatus.Delivered => [EventKind.Accepted, EventKind.Delivered],
                    MessageStatus.Read => [EventKind.Accepted, EventKind.Delivered, EventKind.Read],
                    MessageStatus.Failed => [EventKind.Accepted, EventKind.Failed],
                    MessageStatus.Expired => [EventKind.Accepted, EventKind.Expired],
                    MessageStatus.Accepted => throw new InvalidOperationException("It never ended."),
                };
                Assert.Equal(expected, told.Where(line => line.User == user && line.Event.Message == number).Select(line => line.Event.Kind));
                Assert.True(row.Status is not (MessageStatus.Failed or MessageStatus.Expired) || row.Content.IsEmpty);
                Assert.True(row.Status != MessageStatus.Delivered || !row.Content.IsEmpty);
                EachDeviceSaidItOnce(user, row);
            }
        }
    }

    private void EachDeviceSaidItOnce(long user, StoredMessage row)
    {
        var marks = row.Devices.ToDictionary(mark => mark.Device);
        foreach (var (_, _, device, to) in _answered.Where(said => said.User == user && said.Message == row.Number))
        {
            Assert.True(marks.TryGetValue(device, out var mark) && (to != MessageStatus.Read || mark.ReadAt is not null));
        }

        foreach (var (_, _, seen) in _seen.Where(seen => seen.User == user && seen.Message == row.Number))
        {
            Assert.Equal(seen.DeliveredAt, marks[seen.Device].DeliveredAt);
            Assert.Equal(seen.ReadAt ?? marks[seen.Device].ReadAt, marks[seen.Device].ReadAt);
        }

        // The message's own status is that of the first, and no device is further than it.
        if (!row.Devices.IsEmpty)
        {
            Assert.Equal(row.Devices.Min(mark => mark.DeliveredAt), row.DeliveredAt);
            Assert.Equal(row.Devices.Min(mark => mark.ReadAt), row.ReadAt);
        }
    }

    private async Task<long> SentAsync(long business)
    {
        var user = await Given.OptedInAsync(_nodes[0], business);
        foreach (var device in Devices)
        {
            await _nodes[0].User(user).AddDeviceAsync(device);
        }

        for (var i = 0; i < Messages; i++)
        {
            var send = Given.Send(business);
            var life = TimeSpan.FromMilliseconds(i % 2 == 0 ? 500 : 3_000);
            Assert.Equal(SendOutcome.Accepted, (await _nodes[0].User(user).SendAsync(send with { Command = send.Command with { Life = life } })).Outcome);
        }

        return user;
    }

    /// <summary>Whoever fails is asked again, as a client would.</summary>
    private async Task DoAsync(TestNode node, long owner, Random random)
    {
        var user = node.User(owner);
        for (var deed = 0; deed < Deeds; deed++)
        {
            var (message, device) = (1 + random.Next(Messages), Devices[random.Next(Devices.Length)]);
            var to = random.Next(2) == 0 ? MessageStatus.Delivered : MessageStatus.Read;
            ImmutableArray<long> many = [.. Enumerable.Range(1, Messages).Where(_ => random.Next(3) == 0).Select(number => (long)number)];
            try
            {
                await (random.Next(6) switch
                {
                    0 or 1 => SayAsync(device, to, many.IsEmpty ? [message] : many),
                    2 => user.AcknowledgeAsync(to, device, [], message),
                    3 => user.FailAsync(message, handedOut: false),
                    4 => user.ExpireAsync(message),
                    _ => (Task)user.InboxAsync(0, 10),
                });
            }
            catch (OutageException)
            {
                // Nobody knows whether it was done: said again, it is done once.
            }

            if ((await node.Ledger.Store.ReadMessageAsync(owner, message, Cancel)) is { } row)
            {
                foreach (var mark in row.Devices)
                {
                    _seen.Add((owner, message, mark));
                }
            }
        }

        async Task SayAsync(string device, MessageStatus to, ImmutableArray<long> messages)
        {
            var reply = await user.AcknowledgeAsync(to, device, messages, 0);
            foreach (var said in reply.Messages.Where(said => said.Refusal is null))
            {
                _answered.Add((owner, said.Message, device, to));
            }
        }
    }

    private async Task EndedAsync(long user)
    {
        for (var number = 1; number <= Messages; number++)
        {
            while ((await _nodes[0].Ledger.Store.ReadMessageAsync(user, number, Cancel))!.Status == MessageStatus.Accepted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
            }
        }
    }

    private async Task<IReadOnlyList<LedgerEvent>> EventsAsync(long business)
    {
        var upTo = await _nodes[0].Ledger.Store.ReadHorizonAsync(Cancel);
        return await _nodes[0].Ledger.Store.ReadEventsAsync(business, 0, upTo, int.MaxValue, Cancel);
    }
}

public sealed class G7OnSqliteTests : G7_Every_message_ends_once<SqliteDatabase>;

public sealed class G7OnPostgresTests : G7_Every_message_ends_once<PostgresDatabase>;
