namespace Actors.Bench.Scenarios.Checks;

/// <summary>G7: the steps of each message, in the log's order.</summary>
internal static class Statuses
{
    public static IEnumerable<Violation> Wrong(History history)
    {
        var steps = new Dictionary<string, LineKind>();
        foreach (var line in history.Log.Where(line => line.Message is not null && IsStep(line.Kind)))
        {
            var last = steps.TryGetValue(line.Message!, out var step) ? step : LineKind.Other;
            if (line.Kind == LineKind.Accepted ? last != LineKind.Other : Before(line.Kind) != last)
            {
                // Accepted twice is told as G1's; whatever came before it is the offence here.
                if (line.Kind != LineKind.Accepted || last != LineKind.Accepted)
                {
                    yield return new("G7", $"{line.Kind} after {Name(last)}", line.Business, line.User, line.Message);
                }
            }
            else
            {
                steps[line.Message!] = line.Kind;
            }
        }

        var told = history.Log.Where(line => line.Message is not null).Select(line => (line.Message!, line.Kind)).ToHashSet();
        foreach (var act in history.Acts.Where(act => act is { Outcome: Outcome.Done, Message: not null, Kind: ActKind.Delivered or ActKind.Read }))
        {
            if (!told.Contains((act.Message!, act.Kind == ActKind.Read ? LineKind.Read : LineKind.Delivered)))
            {
                yield return new("G7", $"a device's report ({act.Kind}) was taken, and isn't in the log", act.Business, act.User, act.Message);
            }
        }
    }

    private static bool IsStep(LineKind kind) => kind is LineKind.Accepted or LineKind.Delivered or LineKind.Read or LineKind.Failed or LineKind.Expired;

    /// <summary>The only step that a status can follow.</summary>
    private static LineKind Before(LineKind kind) => kind == LineKind.Read ? LineKind.Delivered : LineKind.Accepted;

    private static string Name(LineKind last) => last == LineKind.Other ? "nothing: it was never accepted" : last.ToString();
}
