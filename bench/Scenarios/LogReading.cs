using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Actors.Bench.Scenarios;

/// <summary>Reads what happened, as each business may.</summary>
internal sealed class LogReading(Platform platform)
{
    private const int AtOnce = 16;

    /// <summary>How long what was promised may take to come into view: readers wait for commits that are under way.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>The whole log of all businesses, once everything that was promised is in it, or after the patience.</summary>
    public async Task<IReadOnlyList<LogLine>> ReadAsync(IReadOnlyList<Sender> senders, IReadOnlyCollection<string> promised)
    {
        var lines = new List<LogLine>();
        var missing = promised.ToHashSet(StringComparer.Ordinal);
        var cursors = senders.ToDictionary(sender => sender, _ => "");
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var before = lines.Count;
            foreach (var sender in senders)
            {
                cursors[sender] = await ReadOnAsync(sender, cursors[sender], lines);
            }

            missing.ExceptWith(lines.Skip(before).Where(line => line.Kind == LineKind.Accepted).Select(line => line.Message!));
            if ((missing.Count == 0 && lines.Count == before) || TimeProvider.System.GetElapsedTime(since) > s_patience)
            {
                return [.. lines.OrderBy(line => line.Seq)];
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    /// <summary>The keys of messages, as far as they are kept: each carries its own as callback data.</summary>
    public async Task<IReadOnlyDictionary<string, long>> KeysAsync(IReadOnlyList<Sender> senders, IEnumerable<LogLine> messages)
    {
        var byId = senders.ToDictionary(sender => sender.Id);
        var keys = new ConcurrentDictionary<string, long>();
        await Parallel.ForEachAsync(messages, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (line, _) =>
        {
            var sender = byId[line.Business];
            var message = (await platform.OkAsync(HttpMethod.Get, $"/v1/numbers/{sender.Number}/messages/{line.Message}", sender.Token)).Json;
            if (long.TryParse((string?)message["biz_opaque_callback_data"], CultureInfo.InvariantCulture, out var key))
            {
                keys[line.Message!] = key;
            }
        });
        return keys;
    }

    private async Task<string> ReadOnAsync(Sender sender, string cursor, List<LogLine> lines)
    {
        while (true)
        {
            var after = cursor.Length == 0 ? "" : $"&after={Uri.EscapeDataString(cursor)}";
            var page = (await platform.OkAsync(HttpMethod.Get, $"/v1/businesses/{sender.Id}/events?limit=1000{after}", sender.Token)).Json;
            lines.AddRange(page["events"]!.AsArray().Select(line => Parse(sender.Id, line!)));
            var next = (string)page["next"]!;
            if (next == cursor)
            {
                return cursor;
            }

            cursor = next;
        }
    }

    /// <summary>A line as the interface shows it.</summary>
    public static LogLine Parse(long business, JsonNode line) => new(
        business,
        (long)line["seq"]!,
        DateTimeOffset.Parse((string)line["at"]!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(),
        Kind((string)line["kind"]!),
        (string?)line["user"] is { } user ? long.Parse(user, CultureInfo.InvariantCulture) : 0,
        (string?)line["message"],
        line["category"] is { } category
            ? Topic((string)category!)
            : (line["categories"]?.AsArray() ?? []).Aggregate(Topics.None, (all, topic) => all | Topic((string)topic!)),
        (bool?)line["in_window"] ?? false);

    private static LineKind Kind(string word) => word switch
    {
        "accepted" => LineKind.Accepted,
        "delivered" => LineKind.Delivered,
        "read" => LineKind.Read,
        "failed" => LineKind.Failed,
        "expired" => LineKind.Expired,
        "inbound" => LineKind.Inbound,
        "opted_in" => LineKind.OptedIn,
        "opted_out" => LineKind.OptedOut,
        "stopped" => LineKind.Stopped,
        "resumed" => LineKind.Resumed,
        _ => LineKind.Other,
    };

    private static Topics Topic(string word) => word switch
    {
        "utility" => Topics.Utility,
        "authentication" => Topics.Authentication,
        "marketing" => Topics.Marketing,
        "service" => Topics.Service,
        _ => throw new InvalidDataException($"{word} is no category."),
    };
}
