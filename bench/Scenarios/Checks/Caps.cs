namespace Actors.Bench.Scenarios.Checks;

/// <summary>
/// G2: the marketing cap of each user, over all businesses, by the log's own times. Where reading can have moved a user's number the highest that it can be is
/// what holds; numbers that users set for themselves aren't known here.
/// </summary>
internal static class Caps
{
    private const long Week = 7 * History.Day;

    public static IEnumerable<Violation> Exceeded(History history) => history.Log.Where(line => line.User != 0).GroupBy(line => line.User)
        .SelectMany(lines => Exceeded(lines, history.Rules));

    private static IEnumerable<Violation> Exceeded(IEnumerable<LogLine> lines, Rules rules)
    {
        var counted = new List<LogLine>();
        var outcomes = 0;
        foreach (var line in lines.Where(line => line.Topics == Topics.Marketing))
        {
            switch (line.Kind)
            {
                case LineKind.Failed or LineKind.Expired:
                    counted.RemoveAll(message => message.Message == line.Message);
                    outcomes++;
                    break;
                case LineKind.Delivered:
                    outcomes++;
                    break;
                case LineKind.Accepted when !line.InWindow:
                    counted.Add(line);
                    var day = counted.Where(message => message.At > line.At - History.Day).ToList();
                    var perDay = outcomes < rules.EngagementFrom ? rules.PerDay : Math.Max(rules.PerDay, rules.PerDayEngaged);
                    if (day.Count > perDay)
                    {
                        yield return Of($"{day.Count} counted marketing messages in 24 hours, {perDay} allowed", line);
                    }
                    else if (day.Count(message => message.Business == line.Business) is var own && own > rules.PerBusinessPerDay)
                    {
                        yield return Of($"{own} counted marketing messages of one business in 24 hours, {rules.PerBusinessPerDay} allowed", line);
                    }
                    else if (counted.Count(message => message.At > line.At - Week) is var week && week > rules.PerWeek)
                    {
                        yield return Of($"{week} counted marketing messages in 7 days, {rules.PerWeek} allowed", line);
                    }

                    break;
            }
        }
    }

    private static Violation Of(string what, LogLine line) => new("G2", what, line.Business, line.User, line.Message);
}
