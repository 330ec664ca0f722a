using System.Globalization;
using System.Text.Json.Nodes;

namespace Actors.Cluster.Tests;

/// <summary>G2: at each accept, the counted messages of that user in the last 24 hours are at most 2, of one business at most 1, in 7 days at most 6.</summary>
public sealed class G2_The_marketing_cap_holds(Campaigns campaigns)
{
    private static readonly TimeSpan _day = TimeSpan.FromHours(24);

    [Theory]
    [InlineData(Victim.NodeOnSqlite)]
    [InlineData(Victim.NodeOnPostgres)]
    [InlineData(Victim.Postgres)]
    public async Task Over_the_kill_of(Victim victim)
    {
        var evidence = await campaigns.OfAsync(victim);
        var businesses = evidence.Sends.Where(send => send.Last.Wamid is not null).ToDictionary(send => send.Last.Wamid!, send => send.From.Id);
        var receipts = evidence.Accepted.Where(line => (bool?)line["counted"] == true).ToLookup(
            line => (string)line["user"]!, line => (At: At(line), Business: businesses[(string)line["message"]!]));

        Assert.Contains(receipts, user => user.Count() >= 2);   // or nothing raced for the last place
        Assert.Contains(evidence.Sends, send => send.Last.Code == 131049);
        foreach (var user in receipts)
        {
            foreach (var (at, business) in user)
            {
                var last = user.Where(other => other.At <= at && other.At > at - _day).ToList();
                Assert.True(last.Count <= 2, $"{last.Count} counted messages in 24 hours (seed {evidence.Seed})");
                Assert.True(last.Count(other => other.Business == business) <= 1, $"a second one of the same business (seed {evidence.Seed})");
                Assert.True(user.Count(other => other.At <= at && other.At > at - (7 * _day)) <= 6, $"too many in 7 days (seed {evidence.Seed})");
            }
        }
    }

    private static DateTimeOffset At(JsonNode line) => DateTimeOffset.Parse((string)line["at"]!, CultureInfo.InvariantCulture);
}
