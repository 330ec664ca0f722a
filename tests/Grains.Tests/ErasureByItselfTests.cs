using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>What a running node does for those who were erased. Nobody here calls what does it: without its registration none of it would happen.</summary>
public sealed class ErasureByItselfTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(200);

    private readonly SqliteDatabase _database = new();
    private readonly SetClock _clock = new();
    private TestNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _node = await TestNode.StartAsync(_database, time: _clock, erases: Often);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_runs_takes_somebody_erased_out_of_every_table()
    {
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(_node, business);
        await _node.User(user).AddDeviceAsync("the-phone-of-one");
        await _node.User(user).SendAsync(Given.Send(business, key: 5, body: 1));
        await _node.User(user).WriteAsync(Given.Says(business, "hello"));
        Assert.Null((await _node.User(user).SetBusinessBlockAsync(business, true)).Refusal);
        await _node.Grains.GetGrain<IBlockListGrain>(business).NoteAsync([user], true);
        Assert.Equal(new ActionReply(null, true), await _node.User(user).EraseAsync());

        // Others still have to hear whose messages failed, and the cap counts for a week: only then nothing is left to be kept.
        var startedAt = TimeProvider.System.GetTimestamp();
        Assert.NotEmpty(await NamedAsync(user));
        _clock.Pass(Erasure.TombstoneLife + Erasure.Settle);
        while ((await NamedAsync(user)).Length > 0 && TimeProvider.System.GetElapsedTime(startedAt) < Patience)
        {
            await Task.Delay(Often, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Empty(await NamedAsync(user));
        Assert.Equal(0, await _node.Grains.GetGrain<IBlockListGrain>(business).CountAsync());
    }

    /// <summary>Every value in the database that names somebody.</summary>
    private async Task<string[]> NamedAsync(long user) => [.. (await DatabaseDump.ReadAsync(_database)).Where(value =>
        value.Contains($"{user}", StringComparison.Ordinal) || value.Contains("the-phone-of-one", StringComparison.Ordinal))];
}
