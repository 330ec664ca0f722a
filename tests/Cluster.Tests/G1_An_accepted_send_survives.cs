namespace Actors.Cluster.Tests;

/// <summary>G1: an accepted send survives <c>kill -9</c> of the node and of PostgreSQL right after its answer.</summary>
public sealed class G1_An_accepted_send_survives(Campaigns campaigns)
{
    [Theory]
    [InlineData(Victim.NodeOnSqlite)]
    [InlineData(Victim.NodeOnPostgres)]
    [InlineData(Victim.Postgres)]
    public async Task The_kill_of(Victim victim)
    {
        var evidence = await campaigns.OfAsync(victim);
        var events = evidence.Accepted.Select(line => (string)line["message"]!).ToHashSet();
        var promised = evidence.Sends.Where(send => send.First.Wamid is not null).ToList();

        Assert.NotEmpty(promised);
        Assert.Contains(evidence.Sends, send => send.First.IsOpen);   // or the kill hit nothing
        Assert.DoesNotContain(promised, send => !events.Contains(send.First.Wamid!));
        Assert.DoesNotContain(promised, send => evidence.Timelines[send.First.Wamid!] != 200);
    }
}
