using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Grains.Tests;

/// <summary>Messages expire at their time, once, whatever happens in between.</summary>
public abstract class ExpiryTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly TDatabase _database = new();
    private readonly long _business = Given.NewBusiness();
    private TimeSpan _ahead;
    private FaultyStore _store = null!;
    private TestNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task G7_messages_expire_at_their_time_and_only_once_also_after_a_restart()
    {
        var code = await SentAsync(Category.Authentication);
        var brief = await SentAsync(Category.Utility, TimeSpan.FromMinutes(11));
        var standard = await SentAsync(Category.Utility);
        var delivered = await SentAsync(Category.Utility);
        var deliveredCode = await SentAsync(Category.Authentication);
        await _node.User(delivered).AdvanceAsync(1, MessageStatus.Delivered);
        await _node.User(deliveredCode).AdvanceAsync(1, MessageStatus.Read);

        await RestartAsync(TimeSpan.FromMinutes(10.5));
        await EndsAsync(code);
        Assert.Equal(MessageStatus.Accepted, (await ReadAsync(brief)).Status);
        await RestartAsync(TimeSpan.FromMinutes(12));
        await EndsAsync(brief);
        Assert.Equal(MessageStatus.Accepted, (await ReadAsync(standard)).Status);
        await RestartAsync(MessageLife.Standard + TimeSpan.FromMinutes(1));
        await EndsAsync(standard);

        Assert.Equal((MessageStatus.Delivered, MessageStatus.Read), ((await ReadAsync(delivered)).Status, (await ReadAsync(deliveredCode)).Status));
        Assert.Equal([code, brief, standard], await ExpiriesAsync());
        Assert.Equal(new ActionReply(ActionRefusal.StatusBackwards, false), await _node.User(code).AdvanceAsync(1, MessageStatus.Delivered));
    }

    [Fact]
    public async Task What_is_due_and_not_swept_yet_is_handed_to_nobody_though_who_has_it_may_still_say_so()
    {
        var (late, got) = (await SentAsync(Category.Authentication), await SentAsync(Category.Authentication));
        Assert.Single(await _node.User(got).InboxAsync(0, 10));
        _store.BeforeExpiries = FaultyStore.Away;
        await RestartAsync(TimeSpan.FromMinutes(10.5), beforeExpiries: FaultyStore.Away);
        Assert.Empty(await _node.User(late).InboxAsync(0, 10));
        Assert.Equal(new ActionReply(null, true), await _node.User(got).AdvanceAsync(1, MessageStatus.Read));
        Assert.Equal(MessageStatus.Accepted, (await ReadAsync(late)).Status);
        _store.BeforeExpiries = () => Task.CompletedTask;
        await EndsAsync(late);
        Assert.Equal([late], await ExpiriesAsync());
    }

    [Fact]
    public async Task Two_sweeps_at_once_and_deliveries_in_between_end_each_message_once()
    {
        _store.BeforeExpiries = FaultyStore.Away;
        var users = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SentAsync(Category.Utility, Moment)));
        await DueAsync(users);
        _store.BeforeExpiries = () => Task.CompletedTask;
        await _node.Ledger.Store.WriteExpiriesAsync([.. users.Select(user => new Expiry(_node.Ledger.Clock.Now, user, 1))], Cancel);
        var sweeps = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => NewSweep(() => _node.Ledger.Clock.Now + Moment).OnceAsync(Cancel)));
        var deliveries = await Task.WhenAll(users.Select(user => _node.User(user).AdvanceAsync(1, MessageStatus.Delivered)));
        await sweeps;
        var got = users.Where((_, i) => deliveries[i].Changed).ToList();
        foreach (var user in users.Except(got))
        {
            await EndsAsync(user);
        }

        Assert.Equal(users.Except(got).Order(), (await ExpiriesAsync()).Order());
        foreach (var user in got)
        {
            Assert.Equal(MessageStatus.Delivered, (await ReadAsync(user)).Status);
        }
    }

    [Fact]
    public async Task An_outage_in_the_middle_leaves_nothing_undone_and_one_that_fails_holds_up_no_other()
    {
        _store.BeforeExpiries = FaultyStore.Away;
        var users = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => SentAsync(Category.Utility, Moment)));
        var written = 0;
        _store.BeforeWrite = batch =>
            batch.Any(commit => commit.Change.Events.Any(e => e.Kind == EventKind.Expired)) && Interlocked.Increment(ref written) is > 3 and < 12
                ? FaultyStore.Away()
                : Task.CompletedTask;
        _store.BeforeExpiries = () => Task.CompletedTask;
        foreach (var user in users)
        {
            await EndsAsync(user);
        }

        Assert.Equal(users.Order(), (await ExpiriesAsync()).Order());
    }

    [Fact]
    public async Task Nothing_expires_before_its_user_says_that_it_is_due_nor_while_the_clock_is_not_trusted()
    {
        var user = await SentAsync(Category.Utility, TimeSpan.FromHours(1));
        await NewSweep(() => null).OnceAsync(Cancel);
        await NewSweep(() => _node.Ledger.Clock.Now + TimeSpan.FromDays(31)).OnceAsync(Cancel);
        Assert.Equal(MessageStatus.Accepted, (await ReadAsync(user)).Status);

        // It is noted for a little later.
        var noted = await _node.Ledger.Store.ReadExpiriesAsync(_node.Ledger.Clock.Now + TimeSpan.FromDays(40), 10, Cancel);
        Assert.Contains(noted, one => one.Noted.User == user && one.Waits);
    }

    private async Task<long> SentAsync(Category category, TimeSpan? life = null)
    {
        var user = await Given.OptedInAsync(_node, _business);
        var send = Given.Send(_business, category);
        Assert.Equal(SendOutcome.Accepted, (await _node.User(user).SendAsync(send with { Command = send.Command with { Life = life } })).Outcome);
        return user;
    }

    private async Task StartAsync() => _node = await TestNode.StartAsync(
        _database, wrap: inner => _store = new FaultyStore(inner) { ShowClock = shown => shown + _ahead });

    private async Task RestartAsync(TimeSpan ahead, Func<Task>? beforeExpiries = null)
    {
        await _node.DisposeAsync();
        _ahead = ahead;
        _node = await TestNode.StartAsync(
            _database,
            wrap: inner => _store = new FaultyStore(inner)
            {
                ShowClock = shown => shown + _ahead,
                BeforeExpiries = beforeExpiries ?? (() => Task.CompletedTask),
            });
    }

    private ExpirySweep NewSweep(Func<Instant?> clock) => new(
        _node.Ledger.Store,
        clock,
        (user, message) => _node.User(user).ExpireAsync(message),
        _node.Services.GetRequiredService<FoldMetrics>(),
        NullLogger.Instance);

    private async Task<StoredMessage> ReadAsync(long user) => (await _node.Ledger.Store.ReadMessageAsync(user, 1, Cancel))!;

    /// <summary>Waits until the user's message has expired: never before its time, and without its content.</summary>
    private async Task EndsAsync(long user)
    {
        StoredMessage message;
        while ((message = await ReadAsync(user)).Status != MessageStatus.Expired)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        Assert.True(message.EndedAt >= message.ExpiresAt, $"{message.EndedAt} is before {message.ExpiresAt}");
        Assert.True(message.Content.IsEmpty);
    }

    private async Task DueAsync(long[] users)
    {
        foreach (var user in users)
        {
            while ((await ReadAsync(user)).ExpiresAt > _node.Ledger.Clock.Now)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>The users of the business's events that say that a message expired.</summary>
    private async Task<List<long>> ExpiriesAsync()
    {
        var upTo = await _node.Ledger.Store.ReadHorizonAsync(Cancel);
        var events = await _node.Ledger.Store.ReadEventsAsync(_business, 0, upTo, int.MaxValue, Cancel);
        return [.. events.Where(line => line.Event.Kind == EventKind.Expired).Select(line => line.User)];
    }
}

public sealed class ExpiryOnSqliteTests : ExpiryTests<SqliteDatabase>;

public sealed class ExpiryOnPostgresTests : ExpiryTests<PostgresDatabase>;
