namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task A_reader_that_never_said_where_it_is_is_at_the_beginning() => Assert.Equal(0, await Store.ReadPositionAsync("fold", Cancel));

    [Fact]
    public async Task A_readers_position_is_there_after_a_restart_and_is_its_own()
    {
        await Store.WritePositionAsync("fold", 1L << 40, Cancel);
        await Store.WritePositionAsync("other", 5, Cancel);
        await Store.WritePositionAsync("fold", (1L << 40) + 1, Cancel);

        await RestartAsync();

        Assert.Equal((1L << 40) + 1, await Store.ReadPositionAsync("fold", Cancel));
        Assert.Equal(5, await Store.ReadPositionAsync("other", Cancel));
        Assert.Equal(0, await Store.ReadPositionAsync("Fold", Cancel));
    }

    [Fact]
    public async Task A_readers_position_never_moves_back()
    {
        await Store.WritePositionAsync("fold", 9, Cancel);
        await Store.WritePositionAsync("fold", 8, Cancel);
        await Store.WritePositionAsync("fold", 9, Cancel);
        Assert.Equal(9, await Store.ReadPositionAsync("fold", Cancel));

        await Task.WhenAll(Enumerable.Range(1, 40).Select(position => Store.WritePositionAsync("fold", position, Cancel)));
        Assert.Equal(40, await Store.ReadPositionAsync("fold", Cancel));
    }
}
