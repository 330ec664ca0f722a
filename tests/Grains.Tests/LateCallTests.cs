using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>
/// A call that hangs on a node for longer than anybody waits for its answer: meanwhile the user has said the same over another node, and then something else.
/// </summary>
public sealed class LateCallTests : IAsyncLifetime
{
    private readonly PostgresDatabase _database = new();
    private readonly long _business = Given.NewBusiness();
    private FaultyStore _store = null!;
    private TestNode _hung = null!;
    private TestNode _other = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _hung = await TestNode.StartAsync(_database, wrap: inner => _store = new FaultyStore(inner));
        _other = await TestNode.StartAsync(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _hung.DisposeAsync();
        await _other.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_not_decided_anew_over_a_later_word()
    {
        // Somebody may still wait for it: then the words are at the same time, and any of them may be the last.
        Assert.True(await IsBlockedAfterAsync(TimeSpan.FromMilliseconds(10)));
        Assert.False(await IsBlockedAfterAsync(TimeSpan.FromSeconds(1.6)));
    }

    [Fact]
    public async Task A_word_that_was_said_too_long_ago_is_not_taken_up_however_it_was_held_up_on_its_way()
    {
        var user = await Given.OptedInAsync(_other, _business);
        await _other.User(user).BlockAsync(_business, ComplaintReason.Spam);
        SaidAt.Set(_other.Ledger.Clock.Now - TimeSpan.FromSeconds(1.7));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => _other.User(user).UnblockAsync(_business));
        Assert.True(await IsBlockedAsync(user));

        // Said ahead of time: the machine stood still, and its clock with it.
        SaidAt.Set(_other.Ledger.Clock.Now + TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => _other.User(user).UnblockAsync(_business));
        Assert.True(await IsBlockedAsync(user));

        SaidAt.Set(_other.Ledger.Clock.Now - TimeSpan.FromSeconds(0.1));
        await _other.User(user).UnblockAsync(_business);
        Assert.False(await IsBlockedAsync(user));
    }

    [Fact]
    public async Task A_word_that_is_held_up_while_its_user_is_read_is_not_taken_up_over_a_later_one()
    {
        var user = await Given.OptedInAsync(_other, _business);
        await _other.User(user).BlockAsync(_business, ComplaintReason.Spam);
        var (held, free) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store.BeforeRead = async () =>
        {
            held.TrySetResult();
            await free.Task;
        };
        SaidAt.Set(_hung.Ledger.Clock.Now);
        var late = _hung.User(user).UnblockAsync(_business);   // not in memory there
        await held.Task.WaitAsync(Cancel);
        RequestContext.Clear();
        await _other.User(user).UnblockAsync(_business);
        await _other.User(user).BlockAsync(_business, ComplaintReason.Spam);
        await Task.Delay(TimeSpan.FromSeconds(1.6), TimeProvider.System, Cancel);
        free.SetResult();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => late);
        Assert.True(await IsBlockedAsync(user));
    }

    private async Task<bool> IsBlockedAsync(long user)
    {
        RequestContext.Clear();
        return (await _other.User(user).ViewAsync()).State.RelationWith(_business)!.BlockedAt is not null;
    }

    /// <summary>A block is held up just before it is written; blocked and unblocked elsewhere meanwhile.</summary>
    private async Task<bool> IsBlockedAfterAsync(TimeSpan hang)
    {
        var user = await Given.OptedInAsync(_other, _business);
        var (held, free) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store.BeforeWrite = async _ =>
        {
            held.TrySetResult();
            await free.Task;
        };
        var late = _hung.User(user).BlockAsync(_business, ComplaintReason.Spam);
        await held.Task.WaitAsync(Cancel);
        await _other.User(user).BlockAsync(_business, ComplaintReason.Spam);
        await _other.User(user).UnblockAsync(_business);
        await Task.Delay(hang, TimeProvider.System, Cancel);
        free.SetResult();
        try
        {
            await late;
        }
        catch (OutageException outage)
        {
            Assert.Equal(OutageKind.Unavailable, outage.Kind);
        }

        return await IsBlockedAsync(user);
    }
}
