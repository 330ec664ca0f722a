using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Actors.Bench.Scenarios;

/// <summary>Businesses with templates, and users with their opt-ins and open windows: made through the platform's own interface before the load.</summary>
internal sealed class Stage
{
    public const string Utility = "order_update", Marketing = "spring_offer";

    /// <summary>One in so many sends is the small business's, which may make 80 a second only.</summary>
    public const int SmallShare = 10;

    private const int OptInsPerRequest = 5_000;
    private const int AtOnce = 32;
    private const int SmallLimit = 250;
    private const int HighLimit = 100_000;
    private const int WithWindow = 200;
    private const int ImportsMax = 20;
    private static readonly string[] s_passing = ["\"overloaded\"", "\"unavailable\"", "\"outcome_unknown\""];
    private readonly List<Act> _acts = [];

    /// <summary>A stage with nobody's word on it yet.</summary>
    public Stage(IReadOnlyList<Sender> senders, long firstUser, int users) => (Senders, FirstUser, Users) = (senders, firstUser, users);

    public IReadOnlyList<Sender> Senders { get; }

    public int Users { get; }

    /// <summary>Users who wrote to a business before the load: user i to business i modulo the businesses.</summary>
    public int Windows { get; private set; }

    /// <summary>What was done before the load, as acts of before its start.</summary>
    public IReadOnlyList<Act> Acts => _acts;

    private long FirstUser { get; }

    public long WaId(int user) => FirstUser + user;

    /// <summary>The business, by its place, of a user who has opted in with one only.</summary>
    public int OwnBusiness(int user) => user % SmallShare == 0 ? Senders.Count - 1 : user % (Senders.Count - 1);

    /// <summary>Sets it all up. Every tenth pair of user and business has no opt-in to marketing, every twentieth none at all.</summary>
    /// <param name="users">How many.</param>
    /// <param name="oneEach">Whether each user has opted in with one business only.</param>
    public static async Task<Stage> SetAsync(Platform platform, Settings settings, int users, bool oneEach)
    {
        var senders = new List<Sender>();
        for (var index = 0; index < settings.Businesses; index++)
        {
            senders.Add(await RegisterAsync(platform, index, index == settings.Businesses - 1 ? SmallLimit : HighLimit));
        }

        var stage = new Stage(senders, settings.FirstUser, users);
        for (var index = 0; index < senders.Count; index++)
        {
            await stage.OptInAsync(platform, index, oneEach);
        }

        // Last: imports are limited by it, too.
        await LimitAsync(platform, senders[^1].Id, SmallLimit);
        if (platform.HasUsers && !oneEach)
        {
            stage.Windows = Math.Min(WithWindow, users);
            await Parallel.ForEachAsync(Enumerable.Range(0, stage.Windows), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (user, _) =>
            {
                var wa = stage.WaId(user);
                var number = stage.Senders[user % senders.Count].Number;
                var text = Text(number, "When does my parcel come?", $"w{wa}");
                await platform.OkAsync(HttpMethod.Post, $"/v1/users/{wa}/messages", platform.UserToken(wa), text);
            });
            stage._acts.AddRange(Enumerable.Range(0, stage.Windows).Select(user => stage.Before(ActKind.Write, user, user % senders.Count)));
        }

        return stage;
    }

    /// <summary>A user's text to a number.</summary>
    public static string Text(long number, string text, string clientId) =>
        $$$"""{"to":"{{{number}}}","type":"text","text":{"body":"{{{text}}}"},"client_id":"{{{clientId}}}"}""";

    /// <summary>The policy's numbers as they hold.</summary>
    public static async Task<Rules> RulesAsync(Platform platform)
    {
        var policy = (await platform.OkAsync(HttpMethod.Get, "/v1/policy", platform.OperatorToken)).Json;
        var numbers = policy["numbers"]!.AsArray().ToDictionary(number => (string)number!["key"]!, number => number!["value"]!.ToString());
        int Of(string key) => int.Parse(numbers[$"MarketingCap:{key}"], CultureInfo.InvariantCulture);
        var window = TimeSpan.Parse(numbers["Window:Length"], CultureInfo.InvariantCulture);
        return new(Of("PerDay"), Of("PerDayEngaged"), Of("EngagementFrom"), Of("PerWeek"), Of("PerBusinessPerDay"), (long)window.TotalMilliseconds);
    }

    private static async Task<Sender> RegisterAsync(Platform platform, int index, int limit)
    {
        var body = $$"""{"name":"Load {{index + 1}}","country":"DE","accept_terms":true,"numbers":1}""";
        var answer = (await platform.OkAsync(HttpMethod.Post, "/v1/businesses", platform.OperatorToken, body)).Json;
        var sender = new Sender(Number(answer["id"]), Number(answer["numbers"]![0]!["id"]), (string)answer["token"]!, limit);
        await LimitAsync(platform, sender.Id, HighLimit);
        await ApproveAsync(platform, sender, Utility, "UTILITY", "Hello, your order {{1}} is on its way to you.", "1234");
        await ApproveAsync(platform, sender, Marketing, "MARKETING", "Spring is here: use the code {{1}} to save ten percent.", "SPRING");
        return sender;
    }

    private static Task<Reply> LimitAsync(Platform platform, long business, int tier) => platform.OkAsync(
        HttpMethod.Put, $"/v1/businesses/{business}/limit", platform.OperatorToken, $$"""{"tier":{{tier}},"note":"load test"}""");

    private static async Task ApproveAsync(Platform platform, Sender sender, string name, string category, string text, string sample)
    {
        var body = $$$"""
            {"name":"{{{name}}}","language":"en_US","category":"{{{category}}}",
            "components":[{"type":"BODY","text":"{{{text}}}","example":{"body_text":[["{{{sample}}}"]]}}]}
            """;
        var template = (await platform.OkAsync(HttpMethod.Post, $"/v24.0/{sender.Id}/message_templates", sender.Token, body)).Json;
        if ((string?)template["status"] != "APPROVED")
        {
            var approval = """{"decision":"approve"}""";
            await platform.OkAsync(HttpMethod.Post, $"/v1/templates/{Number(template["id"])}/review", platform.OperatorToken, approval);
        }
    }

    private async Task OptInAsync(Platform platform, int business, bool oneEach)
    {
        var at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var users = Enumerable.Range(0, Users).Where(user => oneEach ? OwnBusiness(user) == business : !HasNone(user, business)).ToList();
        foreach (var some in users.Chunk(OptInsPerRequest))
        {
            var lines = new StringBuilder();
            foreach (var user in some)
            {
                var topics = HasMarketing(user, business) ? "\"utility\",\"marketing\"" : "\"utility\"";
                lines.Append(CultureInfo.InvariantCulture, $$"""
                    {"user":"{{WaId(user)}}","categories":[{{topics}}],"source":"website","wording":"I want news of this shop.","at":"{{at}}"}
                    """).Append('\n');
            }

            await ImportAsync(platform, Senders[business], lines.ToString(), some.Length);
            _acts.AddRange(some.Select(user => Before(ActKind.OptInByBusiness, user, business)));
        }
    }

    /// <summary>Imports lines, and all of them again where some weren't recorded for want of a part that comes back: that records nothing twice.</summary>
    private static async Task ImportAsync(Platform platform, Sender sender, string lines, int count)
    {
        for (var attempt = 1; ; attempt++)
        {
            var path = $"/v1/businesses/{sender.Id}/opt-ins";
            var answer = (await platform.OkAsync(HttpMethod.Post, path, sender.Token, lines, "application/x-ndjson")).Body;
            var results = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var refused = results.Where(line => !line.Contains("\"ok\":true", StringComparison.Ordinal)).ToList();
            if (results.Length == count && refused.Count == 0)
            {
                return;
            }

            if (attempt == ImportsMax || refused.Exists(line => !s_passing.Any(code => line.Contains(code, StringComparison.Ordinal))))
            {
                throw new InvalidOperationException(
                    $"Of {count} opt-ins {results.Length} were answered and {refused.Count} refused: {refused.FirstOrDefault()}");
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
    }

    private static bool HasNone(int user, int business) => (user + (7 * business)) % 20 == 3;

    private static bool HasMarketing(int user, int business) => (user + (3 * business)) % 10 != 8;

    private Act Before(ActKind kind, int user, int business) => new()
    {
        Kind = kind,
        Business = Senders[business].Id,
        User = WaId(user),
        Began = -1,
        Ended = -1,
        Outcome = Outcome.Done,
    };

    /// <summary>Ids are strings in some shapes and numbers in others.</summary>
    private static long Number(JsonNode? id) => long.Parse(id!.ToString(), CultureInfo.InvariantCulture);
}
