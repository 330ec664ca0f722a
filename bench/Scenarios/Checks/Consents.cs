namespace Actors.Bench.Scenarios.Checks;

/// <summary>
/// G3, twice. By real time: a send that began after the answer to an opt-out, stop or block, and was answered before anything that lifts it began, can't be
/// accepted. By the log: in its order each message has the consent, or the window, that it needs.
/// </summary>
internal static class Consents
{
    public static IEnumerable<Violation> Ignored(History history) => ByTime(history).Concat(ByLog(history));

    private static IEnumerable<Violation> ByTime(History history)
    {
        // What was refused did nothing. What had no answer, or an attempt without one, may have been done at any time since it began.
        var acts = history.Acts.Where(act => act.Outcome == Outcome.Done || act.IsOpen).ToLookup(act => (act.Business, act.User));
        foreach (var sends in history.Sends.GroupBy(send => send.Key).Where(sends => sends.Any(send => send.Wamid is not null)))
        {
            // Who uses a key again hears of what was accepted before.
            var (send, began) = (sends.Where(send => send.Wamid is not null).MinBy(send => send.Ended)!, sends.Min(send => send.Began));
            var own = acts[(send.Business, send.User)];
            var ignored = own.Where(act => act.Outcome == Outcome.Done && act.Ended < began).FirstOrDefault(act =>
                Ways(act.Kind, send.Category).Any(lifts => !own.Any(other => lifts.Contains(other.Kind) && MayLieBetween(act, other, send))));
            if (ignored is not null)
            {
                yield return new("G3", $"{send.Category} was accepted after the answer to {ignored.Kind}", send.Business, send.User, send.Wamid);
            }
        }
    }

    private static bool MayLieBetween(Act forbids, Act lifts, Send send) => lifts.Began <= send.Ended && (lifts.IsOpen || lifts.Ended >= forbids.Began);

    /// <summary>The ways in which an act forbids a category; for each the acts that lift it.</summary>
    private static IEnumerable<ActKind[]> Ways(ActKind act, Topics category)
    {
        if (act == ActKind.Block)
        {
            yield return [ActKind.Unblock];
        }

        var isMarketing = category == Topics.Marketing;
        if (isMarketing && act is ActKind.Stop)
        {
            yield return [ActKind.Resume];
        }

        if (isMarketing && act is ActKind.StopWord)
        {
            yield return [ActKind.Resume, ActKind.StartWord];
        }

        // A business takes back only what it has been given: of the rest, which a window may allow, its opt-out says nothing. Nor does a block of consent: one
        // that is there already takes nothing anew. What either took stands in the log.
        if (act is ActKind.OptOut or ActKind.StopAllWord || (act is ActKind.OptOutByBusiness && isMarketing))
        {
            ActKind[] given = act switch
            {
                ActKind.StopAllWord => [ActKind.OptIn, ActKind.StartWord],
                ActKind.OptOutByBusiness => [ActKind.OptIn, ActKind.OptInByBusiness, ActKind.StartWord],
                _ => [ActKind.OptIn],
            };
            yield return isMarketing ? given : [.. given, ActKind.Write, ActKind.StartWord];
        }
    }

    private static IEnumerable<Violation> ByLog(History history)
    {
        var pairs = new Dictionary<(long Business, long User), Standing>();
        foreach (var line in history.Log.Where(line => line.User != 0))
        {
            if (!pairs.TryGetValue((line.Business, line.User), out var standing))
            {
                pairs.Add((line.Business, line.User), standing = new Standing());
            }

            if (line.Kind != LineKind.Accepted)
            {
                standing.Apply(line);
            }
            else if (standing.Forbids(line, history.Rules) is { } why)
            {
                yield return new("G3", $"{line.Topics} was accepted {why}", line.Business, line.User, line.Message);
            }
        }
    }

    /// <summary>What holds between a user and a business at a place of the log.</summary>
    private sealed class Standing
    {
        private Topics _given;
        private Topics _takenSinceWritten;
        private bool _isStopped;
        private long? _writtenAt;

        public void Apply(LogLine line)
        {
            switch (line.Kind)
            {
                case LineKind.Inbound:
                    (_writtenAt, _takenSinceWritten) = (line.At, Topics.None);
                    break;
                case LineKind.OptedIn:
                    _given |= line.Topics;
                    _takenSinceWritten &= ~line.Topics;
                    break;
                case LineKind.OptedOut:
                    _given &= ~line.Topics;
                    _takenSinceWritten |= line.Topics;
                    break;
                case LineKind.Stopped:
                    _isStopped = true;
                    break;
                case LineKind.Resumed:
                    _isStopped = false;
                    break;
            }
        }

        public string? Forbids(LogLine send, Rules rules) => send switch
        {
            { InWindow: true } when _writtenAt is not { } at || send.At >= at + rules.Window => "as if in a window, and the user hadn't written in time",
            { Topics: Topics.Marketing } when _isStopped => "behind the user's stop in the log",
            { Topics: Topics.Marketing } => _given.HasFlag(Topics.Marketing) ? null : "without an opt-in in the log",
            { Topics: Topics.Service, InWindow: false } => "outside a window",
            { Topics: Topics.Service } => _takenSinceWritten == Topics.Consented ? "behind an opt-out of everything in the log" : null,
            _ when _given.HasFlag(send.Topics) => null,
            { InWindow: true } => _takenSinceWritten.HasFlag(send.Topics) ? "behind an opt-out in the log" : null,
            _ => "without an opt-in in the log",
        };
    }
}
