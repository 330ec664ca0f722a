using Actors.Policy.Analytics;
using CsCheck;

namespace Actors.Policy.Tests.Analytics;

/// <summary>Nothing that is shown, and no difference of what is shown, tells of fewer than ten people.</summary>
public sealed class SmallGroupsTests
{
    private const int Templates = 3;

    private static readonly HalfHour Today = new(48 * 20_000);

    private static readonly HalfHour Over = new(Today.Number + (3 * HalfHour.PerDay));

    // Few half hours, so that groups meet, about as large as the floor; sometimes the same people.
    private static readonly Gen<OpinionGroup[]> Days =
        from sizes in Gen.Select(Gen.Int[0, 3], Gen.Int[0, Templates - 1], Gen.Int[0, 1], Gen.Int[1, 13], Gen.Int[0, 5], Gen.Int[0, 2]).Array[0, 14]
        select sizes
            .DistinctBy(size => (size.Item1, size.Item2, size.Item3))
            .Select((size, i) => Group(
                new HalfHour(Today.Number + (size.Item3 * HalfHour.PerDay) + size.Item1), size.Item2, size.Item4, size.Item6 == 0 ? 0 : i * 100, size.Item5))
            .ToArray();

    [Theory]
    [InlineData(9, null)]
    [InlineData(10, 10L)]
    [InlineData(11, 11L)]
    public void A_group_is_shown_from_ten_different_people_on(int people, long? shown)
    {
        var of = SmallGroups.Show([Group(Today, 1, people)], Over);
        Assert.Equal(shown, of.Of(Today, false, 1));
        Assert.Equal(shown, of.Of(Today, false, null));
        Assert.Equal(shown, of.Of(Today, true, 1));
        Assert.Equal(shown, of.Of(Today, true, null));
        Assert.Null(of.Of(Today, false, 2));
        Assert.Null(of.Of(Today.Next, false, null));
    }

    [Fact]
    public void One_person_who_says_it_a_hundred_times_is_one() =>
        Assert.Null(SmallGroups.Show([Group(Today, 1, people: 1, more: 99)], Over).Of(Today, true, null));

    [Fact]
    public void The_same_nine_people_in_two_half_hours_are_nine() => Assert.Null(
        SmallGroups.Show([Group(Today, 1, 9), Group(Today.Next, 1, 9)], Over).Of(Today, true, 1));

    [Theory]
    [InlineData(4, 5, null)]
    [InlineData(4, 6, 10L)]
    public void What_is_left_of_a_templates_day_is_shown_where_it_is_enough(int first, int second, long? shown)
    {
        var of = SmallGroups.Show([Group(Today, 1, first), Group(Today.Next, 1, second, 100)], Over);
        Assert.Equal(shown, of.Of(Today, true, 1));
        Assert.Equal(shown, of.Of(Today, true, null));
        Assert.Null(of.Of(Today, false, 1));
        Assert.Null(of.Of(Today, false, null));
    }

    [Theory]
    [InlineData(4, 5, 20L)]
    [InlineData(4, 6, 30L)]
    public void What_is_left_of_the_business_s_day_is_in_its_sum_where_it_is_enough(int first, int second, long shown)
    {
        var of = SmallGroups.Show([Group(Today, 1, 20), Group(Today, 2, first, 100), Group(Today.Next, 0, second, 200)], Over);
        Assert.Equal(shown, of.Of(Today, true, null));
        Assert.Equal(20, of.Of(Today, false, null));
        Assert.Null(of.Of(Today, true, 2));
    }

    [Fact]
    public void A_half_hour_is_shown_when_it_is_closed_and_what_is_left_of_a_day_when_the_day_is()
    {
        OpinionGroup[] groups = [Group(Today, 1, 10), Group(Today.Next, 1, 9, 100), Group(Today.Next.Next, 1, 9, 200)];
        Assert.Null(SmallGroups.Show(groups, Today).Of(Today, false, 1));
        Assert.Equal(10, SmallGroups.Show(groups, Today.Next).Of(Today, false, 1));
        var last = new HalfHour(Today.NextMidnight.Number - 1);
        Assert.Equal(10, SmallGroups.Show(groups, last).Of(Today, true, 1));
        Assert.Equal(28, SmallGroups.Show(groups, Today.NextMidnight).Of(Today, true, 1));
    }

    [Fact]
    public void What_is_hidden_could_as_well_not_be_there() => Days.Sample(groups =>
    {
        // Take away every group that no shown number has in it: nothing that is shown may change.
        var shown = Everything(groups, Over);
        var without = groups.Where(group => Everything([.. groups.Except([group])], Over) is var rest && !rest.SequenceEqual(shown)).ToArray();
        Assert.Equal(shown, Everything(without, Over));
    });

    [Fact]
    public void No_difference_of_two_sums_tells_of_fewer_than_ten_people() => Days.Sample(groups =>
    {
        // A hunter knows every number that is shown, and which one is part of which other.
        var shown = SmallGroups.Show(groups, Over);
        foreach (var midnight in groups.Select(group => group.Period.Midnight).Distinct())
        {
            var day = shown.Of(midnight, true, null) ?? 0;
            Enough(day);
            var halves = Enumerable.Range(midnight.Number, 4).Select(number => new HalfHour(number)).ToArray();
            var templates = Enumerable.Range(0, Templates).ToArray();
            foreach (var some in Subsets(templates))
            {
                Enough(day - some.Sum(template => shown.Of(midnight, true, template) ?? 0));
                foreach (var half in halves)
                {
                    Enough((shown.Of(half, false, null) ?? 0) - some.Sum(template => shown.Of(half, false, template) ?? 0));
                }
            }

            foreach (var some in Subsets(halves))
            {
                Enough(day - some.Sum(half => shown.Of(half, false, null) ?? 0));
                foreach (var template in templates)
                {
                    Enough((shown.Of(midnight, true, template) ?? 0) - some.Sum(half => shown.Of(half, false, template) ?? 0));
                }
            }

            // Two ways to the same day: by half hours, and by templates.
            Enough(Math.Abs(templates.Sum(template => shown.Of(midnight, true, template) ?? 0) - halves.Sum(half => shown.Of(half, false, null) ?? 0)));
        }
    });

    [Fact]
    public void Looking_again_and_again_shows_whole_groups_only() => Days.Sample(groups =>
    {
        var before = Everything(groups, Today);
        for (var open = Today; open <= Over; open = open.Next)
        {
            var now = Everything(groups, open);
            foreach (var (sooner, later) in before.Zip(now))
            {
                Enough((later ?? 0) - (sooner ?? 0));
            }

            before = now;
        }
    });

    [Fact]
    public void A_shown_day_is_never_more_than_was_said_and_with_groups_of_ten_all_of_it() => Days.Sample(groups =>
    {
        foreach (var day in groups.GroupBy(group => group.Period.Midnight))
        {
            var said = day.Sum(group => group.Count);
            var shown = SmallGroups.Show(groups, Over).Of(day.Key, true, null) ?? 0;
            Assert.InRange(shown, day.All(group => group.People.Length == 10) ? said : 0, said);
        }
    });

    private static void Enough(long difference) => Assert.True(difference is 0 or >= SmallGroups.FewestPeople, $"a difference of {difference}");

    private static long?[] Everything(OpinionGroup[] groups, HalfHour open)
    {
        var shown = SmallGroups.Show(groups, open);
        return
        [
            .. from day in new[] { Today, Today.NextMidnight }
               from template in new long?[] { null, 0, 1, 2 }
               from half in Enumerable.Range(-1, 5)
               select half < 0 ? shown.Of(day, true, template) : shown.Of(new HalfHour(day.Number + half), false, template),
        ];
    }

    private static IEnumerable<T[]> Subsets<T>(T[] all) =>
        Enumerable.Range(0, 1 << all.Length).Select(bits => all.Where((_, i) => (bits >> i & 1) != 0).ToArray());

    /// <summary>People are numbered from a first one on; as stored, no more than ten are told apart.</summary>
    private static OpinionGroup Group(HalfHour period, long template, int people, int first = 0, int more = 0) => new(
        period, template, people + more, [.. Enumerable.Range(first, people).Take(SmallGroups.FewestPeople).Select(person => (uint)person)]);
}
