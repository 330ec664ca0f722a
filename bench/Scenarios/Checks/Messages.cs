namespace Actors.Bench.Scenarios.Checks;

/// <summary>G1 and G5: what was promised, and what there is.</summary>
internal static class Messages
{
    /// <summary>Accepted and not there, there twice, somebody else's, or there although nobody asked.</summary>
    public static IEnumerable<Violation> Lost(History history)
    {
        var log = Accepted(history).ToLookup(line => line.Message!);
        foreach (var twice in log.Where(lines => lines.Count() > 1))
        {
            yield return Of("G1", "the log has it accepted more than once", twice.First());
        }

        foreach (var promise in history.Sends.Where(send => send.Wamid is not null).GroupBy(send => send.Wamid!))
        {
            var send = promise.First();
            if (promise.Any(other => other.Key != send.Key))
            {
                yield return Of("G1", "one message was the answer to two different sends", send);
            }

            if (log[promise.Key].FirstOrDefault() is not { } line)
            {
                yield return Of("G1", "an accepted send isn't in the log", send);
            }
            else if ((line.Business, line.User, line.Topics) != (send.Business, send.User, send.Category))
            {
                yield return Of("G1", $"the log has it for business {line.Business}, user {line.User}, {line.Topics}", send);
            }
        }

        foreach (var violation in Orphans(history).Where(violation => violation.Guarantee == "G1"))
        {
            yield return violation;
        }
    }

    /// <summary>Two messages for one key, or two bodies.</summary>
    public static IEnumerable<Violation> Doubled(History history)
    {
        foreach (var accepted in history.Sends.Where(send => send.Wamid is not null).GroupBy(send => send.Key))
        {
            var send = accepted.First();
            if (accepted.FirstOrDefault(other => other.Wamid != send.Wamid) is { } second)
            {
                yield return Of("G5", "a key was answered with two messages", second);
            }

            if (accepted.FirstOrDefault(other => other.Body != send.Body) is { } other)
            {
                yield return Of("G5", "a key was accepted with two bodies", other);
            }
        }

        foreach (var violation in Orphans(history).Where(violation => violation.Guarantee == "G5"))
        {
            yield return violation;
        }
    }

    /// <summary>Messages in the log that no answer named: each needs a send of its own that had an attempt without an answer.</summary>
    private static IEnumerable<Violation> Orphans(History history)
    {
        var named = history.Sends.Select(send => send.Wamid).OfType<string>().ToHashSet();
        var byKey = history.Sends.ToLookup(send => send.Key);
        var open = history.Sends.Where(send => send is { IsOpen: true, Wamid: null }).ToLookup(send => (send.Business, send.User, send.Category));
        var explained = new HashSet<long>();
        foreach (var line in Accepted(history).DistinctBy(line => line.Message).Where(line => !named.Contains(line.Message!)))
        {
            if (!history.Keys.TryGetValue(line.Message!, out var key))
            {
                // Its content is gone: any open send of this kind explains it.
                if (open[(line.Business, line.User, line.Topics)].FirstOrDefault(send => explained.Add(send.Key)) is null)
                {
                    yield return Of("G1", "the log has a message that nobody asked for", line);
                }
            }
            else if (byKey[key].Any(send => send.Wamid is not null) || explained.Contains(key))
            {
                yield return Of("G5", "the log has a second message for a key", line);
            }
            else if (byKey[key].Any(send => send.IsOpen))
            {
                explained.Add(key);
            }
            else
            {
                yield return Of("G1", byKey[key].Any() ? "the log has a message whose send was refused" : "the log has a message that nobody asked for", line);
            }
        }
    }

    private static IEnumerable<LogLine> Accepted(History history) => history.Log.Where(line => line is { Kind: LineKind.Accepted, Message: not null });

    private static Violation Of(string guarantee, string what, LogLine line) => new(guarantee, what, line.Business, line.User, line.Message);

    private static Violation Of(string guarantee, string what, Send send) => new(guarantee, what, send.Business, send.User, send.Wamid);
}
