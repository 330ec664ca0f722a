using Actors.Grains.Tests.Nodes;

namespace Actors.Grains.Tests;

/// <summary>The fold's end.</summary>
public sealed class FoldEndTests
{
    /// <summary>Far longer than it waits, and shorter than a call that hangs.</summary>
    private static readonly TimeSpan _endsWithin = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task It_does_not_wait_for_a_hand_over_that_hangs_and_the_next_one_goes_on()
    {
        await using var database = new SqliteDatabase();
        await database.InitializeAsync();
        var state = default(FaultyGrainStorage)!;
        await using var node = await TestNode.StartAsync(database, wrapState: inner => state = new FaultyGrainStorage(inner));
        var business = await Folding.NewSenderAsync(node);
        await node.FoldedAsync();

        var (hangs, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        state.BeforeWrite = () =>
        {
            hangs.TrySetResult();
            return released.Task;
        };
        await Folding.DeliverAsync(node, business, 2);
        await hangs.Task;
        await node.ForgetAsync(node.Fold()).WaitAsync(_endsWithin, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(released.Task.IsCompleted);

        released.SetResult();
        await Folding.CountedAsync(node, business, 2, 0);
    }
}
