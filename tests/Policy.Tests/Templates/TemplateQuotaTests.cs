using System.Collections.Immutable;
using Actors.Policy.Templates;
using CsCheck;

namespace Actors.Policy.Tests.Templates;

/// <summary>How many templates there may be, and how often they may be made and changed.</summary>
public sealed class TemplateQuotaTests
{
    private const long Hour = 3_600_000, Day = 24 * Hour;
    private static readonly TemplateNumbers Numbers = new();

    [Fact]
    public void A_verified_business_may_have_more() =>
        Assert.Equal((250, 6_000), (TemplateQuota.Most(Numbers, verified: false), TemplateQuota.Most(Numbers, verified: true)));

    [Fact]
    public void The_hundred_and_first_creation_waits_until_the_first_is_an_hour_old()
    {
        ImmutableArray<Instant> created = [.. Enumerable.Range(0, 100).Select(i => new Instant(1_000 + i))];

        Assert.Null(TemplateQuota.CreationFreeAt(created[1..], Numbers, new(1_100)));
        Assert.Equal(new Instant(1_000 + Hour), TemplateQuota.CreationFreeAt(created, Numbers, new(1_100)));
        Assert.Equal(new Instant(1_000 + Hour), TemplateQuota.CreationFreeAt(created, Numbers, new(1_000 + Hour - 1)));
        Assert.Null(TemplateQuota.CreationFreeAt(created, Numbers, new(1_000 + Hour)));
    }

    [Fact]
    public void An_approved_template_is_edited_once_a_day()
    {
        Assert.Null(TemplateQuota.EditFreeAt([], Numbers, new(0)));
        Assert.Equal(new Instant(5 + Day), TemplateQuota.EditFreeAt([new(5)], Numbers, new(5 + Day - 1)));
        Assert.Null(TemplateQuota.EditFreeAt([new(5)], Numbers, new(5 + Day)));
    }

    [Fact]
    public void An_approved_template_is_edited_ten_times_in_thirty_days()
    {
        ImmutableArray<Instant> edits = [.. Enumerable.Range(0, 10).Select(i => new Instant(5 + (i * 2 * Day)))];

        Assert.Equal(new Instant(5 + (30 * Day)), TemplateQuota.EditFreeAt(edits, Numbers, new(5 + (30 * Day) - 1)));
        Assert.Null(TemplateQuota.EditFreeAt(edits, Numbers, new(5 + (30 * Day))));

        // Where both hold it back, the later one counts.
        ImmutableArray<Instant> late = [.. edits[..9], new(5 + (30 * Day) - 1)];
        Assert.Equal(new Instant(5 + (31 * Day) - 1), TemplateQuota.EditFreeAt(late, Numbers, new(5 + (30 * Day) - 1)));
    }

    /// <summary>A history of tries against a list that forgets nothing: no period holds more than the number allows, and nobody waits in vain.</summary>
    [Fact]
    public void No_period_holds_more_than_its_number_and_nobody_waits_longer_than_told() => Gen.Select(
        Gen.Int[1, 5], Gen.Long[0, Hour / 2].Array[1, 60]).Sample((most, steps) =>
    {
        var numbers = Numbers with { CreationsPerHour = most };
        var (kept, all, now) = (ImmutableArray<Instant>.Empty, new List<long>(), 0L);
        foreach (var step in steps)
        {
            now += step;
            var room = all.Count(at => at > now - Hour) < most;
            var free = TemplateQuota.CreationFreeAt(kept, numbers, new(now));
            Assert.Equal(room, free is null);
            if (free is { } at)
            {
                Assert.True(all.Count(made => made > at.Milliseconds - Hour) < most);
                Assert.Equal(most, all.Count(made => made > at.Milliseconds - 1 - Hour));
                continue;
            }

            all.Add(now);
            kept = TemplateQuota.With(kept, new(now), TemplateQuota.Hour);
            Assert.True(kept.Length <= most);
        }
    });
}
