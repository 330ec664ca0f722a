using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Grains.Webhooks;
using Actors.Policy;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>
/// A real receiver does what receivers do: answers 500, hangs, drops connections, is slow, throws on one kind of update, is gone for an hour. The node is ended
/// in between. In the end it has had every update, in order, and its numbers have no gap.
/// </summary>
public abstract class G8_Webhooks_tell_everything<TDatabase> : ReceiverTests<TDatabase>
    where TDatabase : IDatabase, new()
{
    private static readonly WebhookSettings Impatient = new()
    {
        AllowHttp = true,
        AllowPrivate = true,
        AnswerWithin = TimeSpan.FromSeconds(2),
        Tick = TimeSpan.FromMilliseconds(20),
        Gap = TimeSpan.FromMilliseconds(5),
    };

    private readonly SetClock _clock = new();
    private FaultyGrainStorage _state = null!;
    private long _earliest;

    [Fact]
    public async Task G8_whatever_theReceiver_does_and_theNode_suffers()
    {
        var business = await Node.NewBusinessAsync();
        var (id, from) = await Node.SubscribeAsync(business, Receiver, most: 20, WebhookFields.Messages, WebhookFields.UserPreferences);
        var random = new Random(8);
        Receiver.Answer = async (_, context) =>
        {
            switch (Next(6))
            {
                case 0:
                    return 500;
                case 1:
                    context.Abort();
                    return null;
                case 2:
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
                    return null;
                case 3:
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
                    return 200;
                default:
                    return 200;
            }
        };
        await Telling.SendAsync(Node, business, 15);
        await PassUntilAsync(() => Receiver.Deliveries.Count > 4);
        await RestartAsync();
        await Telling.SendAsync(Node, business, 15);
        await PassUntilAsync(() => Receiver.Deliveries.Count > 10);

        // Gone for an hour; and the node dies meanwhile.
        await Receiver.DieAsync();
        await Telling.SendAsync(Node, business, 10);
        await RestartAsync();
        _clock.Pass(TimeSpan.FromHours(1));
        while (!Node.Ledger.Clock.IsTrusted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await Telling.SendAsync(Node, business, 5);

        // Back again, it throws on one kind: all that is about one message.
        var told = await Node.ToBeToldAsync(business, WebhookFields.Messages, from);
        var poison = told[^20].About;
        var poisoned = told.Where(update => update.About == poison).Select(update => update.Value).ToHashSet();
        Receiver.Answer = (delivery, _) => Task.FromResult<int?>(delivery.Updates.Any(update => poisoned.Contains(update.Value)) ? 500 : 200);
        await Receiver.ComeBackAsync();
        var back = Node.Ledger.Clock.Now;
        var preferences = await Node.ToBeToldAsync(business, WebhookFields.UserPreferences, from);
        var rest = told.Where(update => update.About != poison).Concat(preferences).ToList();
        await PassUntilAsync(() => Receiver.Has(rest));

        // What failed again and again by chance before it went away was parked then, of any kind; and what had failed before it threw may be parked, too.
        var parked = (await Node.WebhooksOf(business).ParkedAsync(id, 0, 1_000))!.Value;
        Assert.All(parked, one => Assert.Equal(1, one.Updates));
        Assert.All(parked.Where(one => one.ParkedAt >= back), one => Assert.Equal(WebhookFields.Messages, one.Field));
        Receiver.Answer = (_, _) => Task.FromResult<int?>(200);
        await PassUntilAsync(() => Task.FromResult(true), async () => await IsDoneAsync(business));
        parked = (await Node.WebhooksOf(business).ParkedAsync(id, 0, 1_000))!.Value;
        Receiver.Holds([.. told.Where(update => update.About != poison), .. preferences], parked);
        foreach (var one in parked)
        {
            Assert.Equal(Policy.Webhooks.AttemptOutcome.Delivered, (await Node.WebhooksOf(business).RedriveAsync(id, one.Sequence))!.Value.Outcome);
        }

        Assert.Empty((await Node.WebhooksOf(business).ParkedAsync(id, 0, 1_000))!.Value);
        Receiver.Holds([.. told.Where(update => update.About != poison), .. preferences]);
        Assert.True(Receiver.Has(told));

        int Next(int max)
        {
            lock (random)
            {
                return random.Next(max);
            }
        }
    }

    [Fact]
    public async Task G8_an_update_that_always_fails_is_parked_and_blocks_neither_the_rest_nor_another_field()
    {
        var business = await Node.NewBusinessAsync();
        await Node.WebhooksOf(business).PauseAsync(1, true, "business");
        var (id, from) = await Node.SubscribeAsync(business, Receiver, most: 8, WebhookFields.Messages, WebhookFields.UserPreferences);
        await Node.WebhooksOf(business).PauseAsync(id, true, "business");
        await Telling.SendAsync(Node, business, 12);
        var told = await Node.ToBeToldAsync(business, WebhookFields.Messages, from);
        var poison = told[3].Value;
        Receiver.Answer = (delivery, _) => Task.FromResult<int?>(delivery.Updates.Any(update => update.Value == poison) ? 500 : 200);
        await Node.WebhooksOf(business).PauseAsync(id, false, "business");
        await PassUntilAsync(() => Receiver.Has(told.Where(update => update.Value != poison)));
        await PassUntilAsync(() => Task.FromResult(true), async () => await IsDoneAsync(business));
        var parked = (await Node.WebhooksOf(business).ParkedAsync(id, 0, 10))!.Value;
        Assert.Equal((WebhookFields.Messages, 1, 500), Assert.Single(parked.Select(one => (one.Field, one.Updates, one.Last.Status))));
        Receiver.Holds([.. told.Where(update => update.Value != poison)], parked);

        // It can be driven again, and stays parked while it fails.
        var failed = await Node.WebhooksOf(business).RedriveAsync(id, parked[0].Sequence);
        Assert.Equal(500, failed!.Value.Status);
        Assert.Single((await Node.WebhooksOf(business).ParkedAsync(id, 0, 10))!.Value);
        Receiver.Answer = (_, _) => Task.FromResult<int?>(200);
        await Node.WebhooksOf(business).RedriveAsync(id, parked[0].Sequence);
        Assert.Empty((await Node.WebhooksOf(business).ParkedAsync(id, 0, 10))!.Value);
        Assert.Null(await Node.WebhooksOf(business).RedriveAsync(id, parked[0].Sequence));
    }

    [Fact]
    public async Task G8_a_receiver_that_throws_on_every_read_gets_all_else_and_each_read_when_it_is_driven_again()
    {
        static bool IsRead((string Value, (long User, long Message) About) update) => update.Value.Contains("\"status\":\"read\"", StringComparison.Ordinal);
        var business = await Node.NewBusinessAsync();
        var (id, from) = await Node.SubscribeAsync(business, Receiver, most: 1_000, WebhookFields.Messages);
        await Node.WebhooksOf(business).PauseAsync(id, true, "business");
        await Telling.SendAsync(Node, business, 40);
        var reads = (await Node.ToBeToldAsync(business, WebhookFields.Messages, from)).Count(IsRead);
        Receiver.Answer = (delivery, _) => Task.FromResult<int?>(delivery.Updates.Any(update => IsRead((update.Value, default))) ? 500 : 200);
        await Node.WebhooksOf(business).PauseAsync(id, false, "business");

        // More comes behind: by the last ones alone nobody could tell whether they are bad or the receiver has gone.
        await Telling.SendAsync(Node, business, 2);
        var told = await Node.ToBeToldAsync(business, WebhookFields.Messages, from);
        await PassUntilAsync(
            () => Task.FromResult(Receiver.Has(told.Where(update => !IsRead(update)))), async () => (await ParkedAsync()).Length >= reads);
        Assert.DoesNotContain(Receiver.Taken.SelectMany(delivery => delivery.Updates), update => IsRead((update.Value, default)));
        Assert.All(await ParkedAsync(), one => Assert.Equal((1, 500), (one.Updates, one.Last.Status)));

        Receiver.Answer = (_, _) => Task.FromResult<int?>(200);
        await PassUntilAsync(() => IsDoneAsync(business), null);
        Receiver.Holds([.. told.Where(update => !IsRead(update))], await ParkedAsync());
        foreach (var one in await ParkedAsync())
        {
            Assert.Equal(Policy.Webhooks.AttemptOutcome.Delivered, (await Node.WebhooksOf(business).RedriveAsync(id, one.Sequence))!.Value.Outcome);
        }

        Assert.True(Receiver.Has(told));

        async Task<ImmutableArray<ParkedView>> ParkedAsync() =>
            (await Node.WebhooksOf(business).ParkedAsync(id, 0, 1_000))!.Value;
    }

    [Fact]
    public async Task G8_what_waits_goes_on_after_a_restart_though_nothing_new_happens()
    {
        var business = await Node.NewBusinessAsync();
        var (_, from) = await Node.SubscribeAsync(business, Receiver, most: 1_000, WebhookFields.Messages, WebhookFields.UserPreferences);
        await Receiver.DieAsync();
        await Telling.SendAsync(Node, business, 4);
        var told = await Node.ToBeToldAsync(business, WebhookFields.Messages, from);
        var preferences = await Node.ToBeToldAsync(business, WebhookFields.UserPreferences, from);
        Assert.NotEmpty(preferences);
        await RestartAsync();
        await Receiver.ComeBackAsync();
        await PassUntilAsync(() => Receiver.Has(told) && Receiver.Has(preferences));
        Receiver.Holds([.. told, .. preferences]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task G8_state_that_may_not_be_stored_costs_duplicates_and_nothing_else(bool wasWritten)
    {
        var business = await Node.NewBusinessAsync();
        var (_, from) = await Node.SubscribeAsync(business, Receiver, most: 5, WebhookFields.Messages);
        var writes = 0;
        Task EveryThird() => Interlocked.Increment(ref writes) % 3 == 0 ? FaultyGrainStorage.Lost() : Task.CompletedTask;
        _ = wasWritten ? _state.AfterWrite = EveryThird : _state.BeforeWrite = EveryThird;
        await Telling.SendAsync(Node, business, 10);
        var told = await Node.ToBeToldAsync(business, WebhookFields.Messages, from);
        await PassUntilAsync(() => Receiver.Has(told));
        _state.BeforeWrite = _state.AfterWrite = () => Task.CompletedTask;
        Receiver.Holds(told);
        Assert.True(writes > 3, $"{writes} writes");
    }

    [Fact]
    public async Task G8_a_message_that_expires_is_told_as_failed()
    {
        var business = await Node.NewBusinessAsync();
        await Node.SubscribeAsync(business, Receiver, most: 100, WebhookFields.Messages);
        var user = await Given.OptedInAsync(Node, business);
        var epoch = (await Node.Business(business).LeaseAsync(null))!.Epoch;
        Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(business, Category.Authentication, epoch: epoch))).Outcome);
        await PassUntilAsync(() => Statuses().Contains("failed"));
        Assert.Equal(["sent", "failed"], Statuses());
        var failed = JsonNode.Parse(Receiver.Taken.SelectMany(delivery => delivery.Updates).Last().Value)!["statuses"]![0]!;
        Assert.Equal(131026, (int)failed["errors"]![0]!["code"]!);

        string[] Statuses() =>
        [
            .. Receiver.Taken.SelectMany(delivery => delivery.Updates)
                .Select(update => (string)JsonNode.Parse(update.Value)!["statuses"]![0]!["status"]!).Distinct(),
        ];
    }

    [Fact]
    public async Task G8_what_retention_drops_before_it_is_told_leaves_a_number_that_is_parked()
    {
        var business = await Node.NewBusinessAsync();
        var (id, _) = await Node.SubscribeAsync(business, Receiver, most: 100, WebhookFields.Messages, WebhookFields.Account);
        await Node.WebhooksOf(business).PauseAsync(id, true, "business");
        await Telling.SendAsync(Node, business, 2);
        var dropped = await Node.Ledger.Store.ReadHorizonAsync(TestContext.Current.CancellationToken);
        _earliest = dropped;
        await RestartAsync();
        await Node.WebhooksOf(business).PauseAsync(id, false, "business");
        await Telling.SendAsync(Node, business, 2);
        var told = await Node.ToBeToldAsync(business, WebhookFields.Messages, dropped);
        await PassUntilAsync(() => Receiver.Has(told));
        var parked = (await Node.WebhooksOf(business).ParkedAsync(id, 0, 10))!.Value;
        Assert.Equal([WebhookFields.Account, WebhookFields.Messages], parked.Select(one => one.Field).Order());
        Assert.All(parked, one => Assert.Equal(Policy.Webhooks.AttemptOutcome.Lost, one.Last.Outcome));
        Receiver.Holds(told, parked);

        // There is nothing that could be driven again.
        Assert.Equal(Policy.Webhooks.AttemptOutcome.Lost, (await Node.WebhooksOf(business).RedriveAsync(id, parked[0].Sequence))!.Value.Outcome);
    }

    private async Task<bool> IsDoneAsync(long business) => (await Node.WebhooksOf(business).ListAsync()).All(
        webhook => webhook.Fields.All(field => field.Pending == 0));

    private Task PassUntilAsync(Func<bool> isSo) => PassUntilAsync(() => Task.FromResult(isSo()), null);

    /// <summary>Set time passes fast, until something is so.</summary>
    private async Task PassUntilAsync(Func<Task<bool>> isSo, Func<Task<bool>>? andAlso)
    {
        while (!await isSo() || (andAlso is not null && !await andAlso()))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            _clock.Pass(TimeSpan.FromSeconds(10));
        }
    }

    private protected override Task<TestNode> StartAsync() => TestNode.StartAsync(
        Database,
        wrap: inner => new FaultyStore(inner)
        {
            ShowClock = shown => Database.IsShared ? shown + _clock.Ahead : shown,
            ShowEarliest = earliest => Math.Max(earliest, _earliest),
        },
        wrapState: inner => _state = new FaultyGrainStorage(inner),
        webhooks: Impatient,
        time: _clock);

    /// <summary>Like a kill: what the node would write of its state at its end is lost.</summary>
    private async Task RestartAsync()
    {
        _state.BeforeWrite = FaultyGrainStorage.Lost;
        await RestartNodeAsync();
    }
}

public sealed class G8_Webhooks_tell_everything_on_Sqlite : G8_Webhooks_tell_everything<SqliteDatabase>;

public sealed class G8_Webhooks_tell_everything_on_Postgres : G8_Webhooks_tell_everything<PostgresDatabase>;
