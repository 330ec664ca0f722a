using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Actors.Tests;

namespace Actors.Cluster.Tests;

/// <summary>What is killed, and where the data lies.</summary>
public enum Victim
{
    /// <summary>The node, with SQLite.</summary>
    NodeOnSqlite,

    /// <summary>The node, with PostgreSQL.</summary>
    NodeOnPostgres,

    /// <summary>PostgreSQL, under a node that goes on.</summary>
    Postgres,
}

/// <summary>One send of the load: the same key and body, however often it is repeated.</summary>
public sealed record PlannedSend(TestBusiness From, long User, string Template, string Key)
{
    /// <summary>What the business was told before and during the outage.</summary>
    public SendAnswer First { get; set; }

    /// <summary>What it was told in the end, after the same send was repeated until it was answered.</summary>
    public SendAnswer Last { get; set; }
}

/// <summary>What a campaign leaves behind: what businesses were told, and what the platform says that happened.</summary>
/// <param name="Seed">Repeats the campaign's choices: set ACTORS_SEED.</param>
/// <param name="Sends">All sends of all rounds.</param>
/// <param name="Accepted">All accepted events of all businesses.</param>
/// <param name="Timelines">HTTP statuses of the timelines of the messages that were accepted before an outage.</param>
public sealed record Evidence(
    int Seed, IReadOnlyList<PlannedSend> Sends, IReadOnlyList<JsonNode> Accepted, IReadOnlyDictionary<string, int> Timelines);

/// <summary>Rounds of load, each with a kill at a random moment, then a restart and the same sends again.</summary>
public sealed class KillCampaign(Victim victim)
{
    private const int Businesses = 3;
    private const int UsersPerRound = 40;
    private const int KeysPerTemplate = 2;
    private const int Connections = 32;
    private static readonly string[] _templates = ["news", "receipt"];
    private static readonly TimeSpan _answeredWithin = TimeSpan.FromSeconds(60);

    private static int Rounds => Environment.GetEnvironmentVariable("ACTORS_LONG") == "1" ? 20 : 3;

    /// <summary>Runs it.</summary>
    public async Task<Evidence> RunAsync()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ACTORS_SEED"), out var given) ? given : Random.Shared.Next();
        var random = new Random(seed);
        await using var stage = await Stage.OpenAsync(victim);
        var token = await TestNode.TokenAsync("operator", "tests");
        var businesses = await PrepareAsync(new TestPlatform(stage.Node.Http, token), Rounds * UsersPerRound);
        var sends = new List<PlannedSend>();
        for (var round = 0; round < Rounds; round++)
        {
            var planned = Plan(businesses, round, random);
            sends.AddRange(planned);
            await PlayAsync(stage, planned, killAfter: random.Next(planned.Count / 20, planned.Count * 3 / 5), token);
        }

        var platform = new TestPlatform(stage.Node.Http, token);
        var accepted = new List<JsonNode>();
        foreach (var business in businesses)
        {
            accepted.AddRange((await platform.EventsAsync(business)).Where(line => (string?)line["kind"] == "accepted"));
        }

        return new(seed, sends, accepted, await TimelinesAsync(platform, sends));
    }

    private static async Task<TestBusiness[]> PrepareAsync(TestPlatform platform, int users)
    {
        var businesses = new TestBusiness[Businesses];
        for (var index = 0; index < Businesses; index++)
        {
            businesses[index] = await platform.RegisterAsync($"Shop {index}");
            await platform.CreateTemplateAsync(businesses[index], "news", "MARKETING", "New shoes are in.");
            await platform.CreateTemplateAsync(businesses[index], "receipt", "UTILITY", "Your order is paid.");
            await platform.OptInAsync(businesses[index], Enumerable.Range(0, users).Select(UserAt), TimeProvider.System.GetUtcNow());
        }

        return businesses;
    }

    /// <summary>All sends of a round: each user's stand together, so that they race for the same record and the same cap.</summary>
    private static List<PlannedSend> Plan(TestBusiness[] businesses, int round, Random random)
    {
        var plan = new List<PlannedSend>();
        foreach (var user in Enumerable.Range(round * UsersPerRound, UsersPerRound).Select(UserAt))
        {
            var own = (from business in businesses
                       from template in _templates
                       from key in Enumerable.Range(0, KeysPerTemplate)
                       select new PlannedSend(business, user, template, $"{template}-{key}")).ToArray();
            random.Shuffle(own);
            plan.AddRange(own);
        }

        return plan;
    }

    private static async Task PlayAsync(Stage stage, List<PlannedSend> sends, int killAfter, string token)
    {
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answered = 0;
        var outage = OutageAsync();
        await Parallel.ForEachAsync(sends, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (send, _) =>
        {
            send.First = await SendAsync(new TestPlatform(stage.Node.Http, token), send);
            if (send.First.Wamid is not null && Interlocked.Increment(ref answered) == killAfter)
            {
                enough.SetResult();
            }
        });
        Assert.True(answered >= killAfter, $"only {answered} sends were accepted; the outage was to come after {killAfter}");
        await outage;
        await stage.RecoverAsync();

        var platform = new TestPlatform(stage.Node.Http, token);
        await Parallel.ForEachAsync(sends, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (send, _) =>
        {
            var since = TimeProvider.System.GetTimestamp();
            while ((send.Last = await SendAsync(platform, send)).IsOpen)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(since) < _answeredWithin, $"no answer within {_answeredWithin} after the outage: {send.Last}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
            }
        });

        async Task OutageAsync()
        {
            await enough.Task;
            await stage.KillAsync();
        }
    }

    private static Task<SendAnswer> SendAsync(TestPlatform platform, PlannedSend send) =>
        platform.SendAsync(send.From, TestPlatform.Template(send.User, send.Template), send.Key);

    private static async Task<IReadOnlyDictionary<string, int>> TimelinesAsync(TestPlatform platform, IEnumerable<PlannedSend> sends)
    {
        var statuses = new ConcurrentDictionary<string, int>();
        var accepted = sends.Where(send => send.First.Wamid is not null);
        await Parallel.ForEachAsync(accepted, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (send, _) =>
        {
            var path = $"/v1/numbers/{send.From.Number}/messages/{send.First.Wamid}";
            statuses[send.First.Wamid!] = (int)(await platform.CallAsync(HttpMethod.Get, path, send.From.Token)).Status;
        });
        return statuses;
    }

    private static long UserAt(int index) => 34600100000 + index;
}
