namespace Actors.Bench.Scenarios.Checks;

/// <summary>G6: the users whom a business opened, by the log's own times: a send outside the window to a user whom it opened not within 24 hours.</summary>
internal static class Openings
{
    public static IEnumerable<Violation> Exceeded(History history)
    {
        var senders = history.Senders.Where(sender => sender.Limit is not null).ToDictionary(sender => sender.Id, sender => sender.Limit!.Value);
        var sends = history.Log.Where(line => line is { Kind: LineKind.Accepted, InWindow: false } && senders.ContainsKey(line.Business));
        return sends.GroupBy(line => line.Business).SelectMany(lines => Exceeded(lines.OrderBy(line => line.At).ThenBy(line => line.Seq), senders[lines.Key]));
    }

    private static IEnumerable<Violation> Exceeded(IEnumerable<LogLine> sends, int limit)
    {
        var opened = new Dictionary<long, long>();
        var openings = new Queue<long>();
        foreach (var send in sends)
        {
            while (openings.TryPeek(out var oldest) && oldest <= send.At - History.Day)
            {
                openings.Dequeue();
            }

            if (opened.TryGetValue(send.User, out var at) && send.At < at + History.Day)
            {
                continue;
            }

            opened[send.User] = send.At;
            openings.Enqueue(send.At);
            if (openings.Count > limit)
            {
                yield return new("G6", $"user {openings.Count} opened in 24 hours, {limit} allowed", send.Business, send.User, send.Message);
            }
        }
    }
}
