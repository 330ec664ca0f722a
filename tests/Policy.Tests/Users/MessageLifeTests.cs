using Actors.Policy.Templates;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

/// <summary>How long an accepted message waits for its delivery.</summary>
public sealed class MessageLifeTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(Category.Utility, null, null)]
    [InlineData(Category.Marketing, null, null)]
    [InlineData(Category.Service, null, null)]
    [InlineData(Category.Authentication, null, 600)]
    [InlineData(Category.Authentication, 30, 30)]
    [InlineData(Category.Authentication, 2_592_000, null)]
    [InlineData(Category.Utility, 43_200, 43_200)]
    [InlineData(Category.Marketing, 2_592_000, null)]
    public void A_message_lives_as_its_template_says_or_its_category(Category category, int? seconds, int? life)
    {
        var state = With(OptedIn() with { WindowFrom = Now - Second });
        TimeSpan? own = seconds is { } given ? given * Second : null;
        var change = Decide(state, Send(category) with { Life = own }).Done();
        Assert.Equal(life is { } told ? told * Second : null, change.Events[0].Life);
        Assert.Equal(Now + (life is { } lives ? lives * Second : 30 * Day), change.Message!.ExpiresAt);
    }

    [Fact]
    public void The_policys_numbers_hold_and_no_message_lives_longer_than_its_number()
    {
        var numbers = Numbers with { Messages = new MessageNumbers { Life = 5 * Minute, AuthenticationLife = 2 * Minute } };
        Assert.Equal(5 * Minute, LifeOf(Category.Utility, null, numbers));
        Assert.Equal(2 * Minute, LifeOf(Category.Authentication, null, numbers));
        Assert.Equal((5 * Minute) - Tick, LifeOf(Category.Utility, (5 * Minute) - Tick, numbers));
        Assert.Equal(5 * Minute, LifeOf(Category.Utility, 5 * Minute, numbers));
        Assert.Equal(5 * Minute, LifeOf(Category.Utility, (5 * Minute) + Tick, numbers));
        Assert.Equal(5 * Minute, LifeOf(Category.Authentication, null, Numbers with { Messages = new MessageNumbers { Life = 5 * Minute } }));

        static TimeSpan? LifeOf(Category category, TimeSpan? own, PolicyNumbers numbers) =>
            Decide(With(OptedIn()), Send(category) with { Life = own }, numbers: numbers).Done().Events[0].Life;
    }

    [Fact]
    public void A_message_expires_an_hour_before_its_row_goes()
    {
        Assert.Same(Numbers, Numbers.Bound(90 * Day));
        Assert.Equal((30 * Day) - (60 * Minute), Numbers.Bound(30 * Day).Messages.Life);
        Assert.Equal(30 * Day, Numbers.Bound((30 * Day) + (60 * Minute)).Messages.Life);
        Assert.Equal(30 * Day, Numbers.Bound(30 * Day).Messages.KeyLife);
        Assert.Equal(10 * Minute, Numbers.Bound(Day).Messages.AuthenticationLife);
    }

    [Theory]
    [InlineData(Category.Authentication, 29, false)]
    [InlineData(Category.Authentication, 30, true)]
    [InlineData(Category.Authentication, 900, true)]
    [InlineData(Category.Authentication, 901, false)]
    [InlineData(Category.Authentication, 2_592_000, true)]
    [InlineData(Category.Utility, 29, false)]
    [InlineData(Category.Utility, 30, true)]
    [InlineData(Category.Utility, 43_200, true)]
    [InlineData(Category.Utility, 43_201, false)]
    [InlineData(Category.Utility, 2_592_000, true)]
    [InlineData(Category.Marketing, 43_199, false)]
    [InlineData(Category.Marketing, 43_200, true)]
    [InlineData(Category.Marketing, 2_592_000, true)]
    [InlineData(Category.Marketing, 2_592_001, false)]
    [InlineData(Category.Marketing, -2, false)]
    public void A_template_may_say_how_long_its_messages_live_within_its_category(Category category, int seconds, bool fits)
    {
        Assert.Equal(fits, TemplateLint.LifeFits(seconds * Second, category));
        var template = Templates.LintSamples.Fine with { Category = category, Life = seconds * Second };
        var finding = TemplateLint.Check(template).SingleOrDefault(f => f.Field == "message_send_ttl_seconds");
        var range = category switch
        {
            Category.Authentication => "must lie between 30 and 900, or be -1",
            Category.Utility => "must lie between 30 and 43200, or be -1",
            _ => "must lie between 43200 and 2592000",
        };
        Assert.Equal(fits ? null : new LintFinding(0, "message_send_ttl_seconds", range, true), finding);
        Assert.DoesNotContain(TemplateLint.Check(template with { Life = null }), f => f.Field == "message_send_ttl_seconds");
    }

    [Fact]
    public void Review_that_finds_another_category_forgets_the_life_that_was_asked_for()
    {
        var asked = Templates.LintSamples.Fine with { Category = Category.Utility, Life = 60 * Second };
        Assert.Same(asked, asked.Reviewed(null));
        Assert.Same(asked, asked.Reviewed(Category.Utility));
        Assert.Equal(asked with { Category = Category.Marketing, Life = null }, asked.Reviewed(Category.Marketing));
    }
}
