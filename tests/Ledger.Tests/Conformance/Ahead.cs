using Actors.Policy;

namespace Actors.Ledger.Tests.Conformance;

/// <summary>A clock had jumped forward and was corrected: what was written meanwhile says a time that lies ahead.</summary>
public abstract partial class LedgerStoreConformance
{
    private const long Hour = 3_600_000;

    [Theory]
    [InlineData(1)]
    [InlineData(1_200)]
    public async Task What_says_a_time_that_lies_ahead_goes_with_what_was_written_after_it_and_holds_up_nothing(int ahead)
    {
        await SendToManyAsync(1, 700, Given.At(0));
        await SendToManyAsync(10_001, ahead, Given.At(365 * Instant.Day));
        await SendToManyAsync(20_001, 2_600, Given.At(1));
        await SendToManyAsync(30_001, 5, Given.At(3 * Hour));

        // Each part of a store has a log of its own to walk: those who stand behind the ones ahead there.
        var part = Store.PartOf(10_001);
        var (first, last) = (Neighbour(20_001, 1), Neighbour(22_600, -1));
        long[] users = [1, 700, 10_001, Neighbour(10_000 + ahead, -1), first, last, 30_001];

        // What stands behind may have been decided a moment before it was written: as long as that could be it, nothing is passed over.
        await Store.DropContentsAsync(Given.At(1 + Hour), Cancel);
        Assert.Equal([0, 0, 15, 15, 15, 15, 15], await LengthsOfAsync(users));
        await Store.DropContentsAsync(Given.At(2 + Hour), Cancel);
        Assert.Equal([0, 0, 0, 0, 0, 0, 15], await LengthsOfAsync(users));

        await Store.DropEventsAsync(Given.At(1 + Hour), Cancel);
        Assert.Equal([-1, -1, 0, 0, 0, 0, 15], await LengthsOfAsync(users));
        await Store.DropEventsAsync(Given.At(2 + Hour), Cancel);
        Assert.Equal([-1, -1, -1, -1, -1, -1, 15], await LengthsOfAsync(users));
        Assert.Equal(30_001, (await Store.ReadEventsAsync(null, 0, await Store.ReadHorizonAsync(Cancel), int.MaxValue, Cancel))[^5].User);

        long Neighbour(long user, int step) => Store.PartOf(user) == part ? user : Neighbour(user + step, step);
    }

    [Fact]
    public async Task A_user_who_keeps_to_a_time_that_lies_ahead_holds_up_nothing_for_good()
    {
        // A user's time never goes back: between the messages of all others theirs go on to say it.
        for (var round = 0; round < 6; round++)
        {
            await SendToManyAsync(1 + (round * 1_000), 300, Given.At(round));
            await SendToManyAsync(90_001 + round, 1, Given.At(365 * Instant.Day));
        }

        await Store.DropContentsAsync(Given.At(2 * Hour), Cancel);
        await Store.DropEventsAsync(Given.At(2 * Hour), Cancel);
        Assert.Equal([-1, -1, -1, -1, 15], await LengthsOfAsync(1, 5_001, 5_300, 90_005, 90_006));
    }

    private async Task<List<int>> LengthsOfAsync(params long[] users)
    {
        var lengths = new List<int>();
        foreach (var user in users)
        {
            lengths.AddRange(await LengthsAsync(user, 1));
        }

        return lengths;
    }
}
