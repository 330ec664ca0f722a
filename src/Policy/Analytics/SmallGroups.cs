using System.Collections.Immutable;

namespace Actors.Policy.Analytics;

/// <summary>A group: who said the same of the same template in the same half hour.</summary>
/// <param name="Period">The half hour.</param>
/// <param name="Template">Of what; 0 for none.</param>
/// <param name="Count">How often they said it.</param>
/// <param name="People">
/// Marks that tell the people apart, at most <see cref="SmallGroups.FewestPeople"/> of them: more people aren't told apart. Two with the same mark count as
/// one, which hides longer, never shorter.
/// </param>
public sealed record OpinionGroup(HalfHour Period, long Template, long Count, ImmutableArray<uint> People);

/// <summary>What is shown of a business's groups of one opinion. Null is fewer people than may be shown, or none, or not yet.</summary>
public sealed class ShownOpinions
{
    private readonly Dictionary<(HalfHour Start, bool Day, long? Template), long> _shown = [];

    /// <summary>How often it was said in a half hour or on a day, as far as it is shown.</summary>
    /// <param name="start">The half hour, or the first of the day.</param>
    /// <param name="day">Whether it is the day that is asked about.</param>
    /// <param name="template">Of this template; null for all that was said of the business.</param>
    public long? Of(HalfHour start, bool day, long? template) => _shown.TryGetValue((start, day, template), out var count) ? count : null;

    internal void Add(HalfHour start, bool day, long? template, long count) =>
        _shown[(start, day, template)] = _shown.GetValueOrDefault((start, day, template)) + count;
}

/// <summary>
/// What people said of a business is shown only from <see cref="FewestPeople"/> different people on; and no difference between numbers that are shown
/// tells of fewer.
/// </summary>
/// <remarks>
/// <para>
/// Everything shown is a sum of whole pieces, each of which is of enough people, and no two of which have a word in common: a half hour of a template, where
/// enough said it; what is left of a template's day, where that is enough; what is left of the business's day, where that is enough. What is left
/// then is in no sum. So sums differ by pieces, and what is hidden could be anything, nothing included: a total with it and one without it look the same.
/// </para>
/// <para>
/// A half hour counts once it is closed, for good, and what is left of a day once the day is: otherwise a number that is looked at again and again would tell
/// of each person by its steps. Nothing that is shown changes, but that the day that runs still grows by half hours.
/// </para>
/// </remarks>
public static class SmallGroups
{
    /// <summary>Groups of fewer people are not shown.</summary>
    public const int FewestPeople = 10;

    /// <summary>A half hour is closed so long after its end: until then something that happened in it may still come.</summary>
    public static readonly TimeSpan ClosesAfter = TimeSpan.FromMinutes(5);

    /// <summary>What is shown of a business's groups of one opinion.</summary>
    /// <param name="groups">All groups of the days concerned, whatever template they are of; each half hour of a template at most once.</param>
    /// <param name="openFrom">The first half hour that isn't closed.</param>
    public static ShownOpinions Show(IEnumerable<OpinionGroup> groups, HalfHour openFrom)
    {
        var shown = new ShownOpinions();
        foreach (var day in groups.Where(group => group.Period < openFrom).GroupBy(group => group.Period.Midnight))
        {
            var isOver = day.Key.NextMidnight <= openFrom;
            var left = new List<OpinionGroup>();
            foreach (var template in day.GroupBy(group => group.Template))
            {
                var small = template.Where(group => !IsEnough([group])).ToList();
                foreach (var group in template.Except(small))
                {
                    shown.Add(group.Period, false, group.Template, group.Count);
                    shown.Add(group.Period, false, null, group.Count);
                    shown.Add(day.Key, true, group.Template, group.Count);
                    shown.Add(day.Key, true, null, group.Count);
                }

                if (isOver && IsEnough(small))
                {
                    var count = small.Sum(group => group.Count);
                    shown.Add(day.Key, true, template.Key, count);
                    shown.Add(day.Key, true, null, count);
                }
                else
                {
                    left.AddRange(small);
                }
            }

            if (isOver && IsEnough(left))
            {
                shown.Add(day.Key, true, null, left.Sum(group => group.Count));
            }
        }

        return shown;
    }

    private static bool IsEnough(List<OpinionGroup> groups) => groups.SelectMany(group => group.People).Distinct().Take(FewestPeople).Count() == FewestPeople;
}
