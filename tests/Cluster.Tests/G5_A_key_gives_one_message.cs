namespace Actors.Cluster.Tests;

/// <summary>G5: the same idempotency key to the same recipient with the same body gives the same message, once, whatever was killed between.</summary>
public sealed class G5_A_key_gives_one_message(Campaigns campaigns)
{
    [Theory]
    [InlineData(Victim.NodeOnSqlite)]
    [InlineData(Victim.NodeOnPostgres)]
    [InlineData(Victim.Postgres)]
    public async Task Over_the_kill_of(Victim victim)
    {
        var evidence = await campaigns.OfAsync(victim);
        var told = evidence.Sends.Where(send => send.Last.Wamid is not null).ToList();
        var events = evidence.Accepted.Select(line => (string)line["message"]!).ToList();

        Assert.All(evidence.Sends.Where(send => send.First.Wamid is not null), send =>
        {
            Assert.Equal(send.First.Wamid, send.Last.Wamid);
            Assert.True(send.Last.Replayed);
        });
        Assert.Equal(told.Count, told.Select(send => send.Last.Wamid).Distinct().Count());
        Assert.Equal(events.Count, events.Distinct().Count());

        // Every key has been answered by now: a message that nobody was told of would be one too many.
        Assert.Empty(events.Except(told.Select(send => send.Last.Wamid!)));
    }
}
