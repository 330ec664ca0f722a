using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class ConsentRuleTests
{
    private static Consent Withdrawn(ConsentStatus status, Instant at) => new(status, at, ConsentSource.Website, 2);

    /// <summary>A relation whose user wrote just now, so that it exists and the window is open.</summary>
    private static Relation Talking(Instant? at = null) => new() { Business = Business, WindowFrom = at ?? Now };

    private static Relation With(Category category, Consent consent, Relation relation) => category switch
    {
        Category.Utility => relation with { Utility = consent },
        Category.Authentication => relation with { Authentication = consent },
        Category.Marketing => relation with { Marketing = consent },
        Category.Service => relation,
    };

    [Theory]
    [InlineData(Category.Utility)]
    [InlineData(Category.Authentication)]
    [InlineData(Category.Marketing)]
    public void Outside_the_window_a_category_needs_its_own_live_opt_in(Category category)
    {
        // The stop of marketing only keeps the relation from being empty; it comes behind the consent.
        var relation = new Relation { Business = Business, BlockedByBusinessAt = null, Undelivered = 1 };
        Assert.Equal(Reason.ConsentMissing, Decide(Some.With(relation), Send(category)).Reason);
        Decide(Some.With(With(category, Granted, relation)), Send(category)).Done();
        foreach (var other in new[] { Category.Utility, Category.Authentication, Category.Marketing })
        {
            if (other != category)
            {
                Assert.Equal(Reason.ConsentMissing, Decide(Some.With(With(category, Granted, relation)), Send(other)).Reason);
            }
        }
    }

    [Theory]
    [InlineData(ConsentStatus.WithdrawnByBusiness)]
    [InlineData(ConsentStatus.WithdrawnByUser)]
    [InlineData(ConsentStatus.WithdrawnByBlock)]
    [InlineData(ConsentStatus.StoppedWhileGranted)]
    [InlineData(ConsentStatus.StoppedWhileNotGranted)]
    [InlineData(ConsentStatus.StoppedWhileWithdrawn)]
    public void Withdrawn_is_told_from_missing(ConsentStatus status)
    {
        foreach (var category in new[] { Category.Utility, Category.Authentication, Category.Marketing })
        {
            var relation = With(category, Withdrawn(status, Now - Day), new Relation { Business = Business });
            Assert.Equal(Reason.ConsentWithdrawn, Decide(Some.With(relation), Send(category)).Reason);
        }
    }

    [Theory]
    [InlineData(Category.Utility)]
    [InlineData(Category.Authentication)]
    [InlineData(Category.Service)]
    public void In_the_window_only_marketing_needs_an_opt_in(Category category)
    {
        Decide(Some.With(Talking()), Send(category)).Done();
        Assert.Equal(Reason.ConsentMissing, Decide(Some.With(Talking()), Send(Category.Marketing)).Reason);
    }

    [Theory]
    [InlineData(Category.Utility)]
    [InlineData(Category.Authentication)]
    public void A_withdrawal_at_or_after_the_users_last_message_outweighs_the_window(Category category)
    {
        var message = Now - Second;
        foreach (var (at, reason) in new (Instant, Reason?)[]
        {
            (message - Tick, null),
            (message, Reason.ConsentWithdrawn),
            (message + Tick, Reason.ConsentWithdrawn),
        })
        {
            var relation = With(category, Withdrawn(ConsentStatus.WithdrawnByUser, at), Talking(message));
            Assert.Equal(reason, Decide(Some.With(relation), Send(category)).Reason);
        }
    }

    [Fact]
    public void A_withdrawal_of_another_category_leaves_the_window_alone()
    {
        var relation = Talking() with { Utility = Withdrawn(ConsentStatus.WithdrawnByUser, Now) };
        Decide(Some.With(relation), Send(Category.Authentication)).Done();
        Decide(Some.With(relation), Send(Category.Service)).Done();
    }

    [Fact]
    public void After_everything_was_withdrawn_a_free_form_message_waits_for_the_users_next_one()
    {
        var message = Now - Second;
        var before = Withdrawn(ConsentStatus.WithdrawnByUser, message - Tick);
        var after = Withdrawn(ConsentStatus.StoppedWhileNotGranted, message);
        var all = Talking(message) with { Utility = before, Authentication = before, Marketing = before };
        Decide(Some.With(all), Send(Category.Service)).Done();
        Assert.Equal(Reason.ConsentWithdrawn, Decide(Some.With(all with { Utility = after }), Send(Category.Service)).Reason);
        Assert.Equal(Reason.ConsentWithdrawn, Decide(Some.With(all with { Authentication = after }), Send(Category.Service)).Reason);
        Assert.Equal(Reason.ConsentWithdrawn, Decide(Some.With(all with { Marketing = after }), Send(Category.Service)).Reason);

        // One of the three not withdrawn: not everything.
        var mixed = Talking(message) with { Utility = after, Authentication = after, Marketing = after };
        Decide(Some.With(mixed with { Utility = default }), Send(Category.Service)).Done();
        Decide(Some.With(mixed with { Authentication = Granted }), Send(Category.Service)).Done();
        Decide(Some.With(mixed with { Marketing = default }), Send(Category.Service)).Done();
    }

    [Fact]
    public void Outside_the_window_a_free_form_message_is_refused_for_the_window()
    {
        var withdrawn = Withdrawn(ConsentStatus.WithdrawnByUser, Now);
        var relation = new Relation { Business = Business, Utility = withdrawn, Authentication = withdrawn, Marketing = withdrawn };
        Assert.Equal(Reason.WindowClosed, Decide(Some.With(relation), Send(Category.Service)).Reason);
    }

    [Theory]
    [InlineData(MarketingStop.ByWord)]
    [InlineData(MarketingStop.ByCall)]
    public void A_stop_holds_for_marketing_alone_and_in_the_window_too(MarketingStop stop)
    {
        var relation = OptedIn() with { Stop = stop, WindowFrom = Now };
        Assert.Equal(Reason.MarketingStopped, Decide(Some.With(relation), Send(Category.Marketing)).Reason);
        Decide(Some.With(relation), Send(Category.Utility)).Done();
        Decide(Some.With(relation), Send(Category.Authentication)).Done();
        Decide(Some.With(relation), Send(Category.Service)).Done();
    }

    [Fact]
    public void Marketing_turned_off_holds_for_every_business()
    {
        var state = Some.With(OptedIn()) with { Preferences = new Preferences(true, false, []) };
        Assert.Equal(Reason.MarketingOff, Decide(state, Send(Category.Marketing)).Reason);
        Decide(state, Send(Category.Utility)).Done();
    }

    [Fact]
    public void Missing_consent_comes_before_a_stop_and_a_stop_before_marketing_turned_off()
    {
        var off = new Preferences(true, false, []);
        var stopped = new Relation { Business = Business, Stop = MarketingStop.ByCall };
        Assert.Equal(Reason.ConsentMissing, Decide(Some.With(stopped) with { Preferences = off }, Send(Category.Marketing)).Reason);
        var granted = stopped with { Marketing = Granted };
        Assert.Equal(Reason.MarketingStopped, Decide(Some.With(granted) with { Preferences = off }, Send(Category.Marketing)).Reason);
    }

    [Fact]
    public void The_trace_says_what_consent_there_is()
    {
        static Finding Of(Relation relation, Category category, UserState? state = null) =>
            SendGate.Explain((state ?? UserState.Empty) with { Relations = [relation] }, Send(category), Numbers, Now, NoZones)[1];

        var withdrawn = Of(Talking(Now - Week) with { Utility = Withdrawn(ConsentStatus.WithdrawnByBlock, Now - Day) }, Category.Utility);
        Assert.Equal((Rule.Consent, RuleOutcome.Refuse, Reason.ConsentWithdrawn), (withdrawn.Rule, withdrawn.Outcome, withdrawn.Reason!.Value));
        Assert.Equal(
            [
                new Fact("category", "utility", true),
                new Fact("in_window", "no", true),
                new Fact("consent", "withdrawn", true),
                new Fact("consent_status", "withdrawn_by_block", false),
                new Fact("consent_at", "2026-08-31T12:00:00.000Z", false),
                new Fact("consent_entry", "2", false),
            ],
            withdrawn.Facts);

        var off = UserState.Empty with { Preferences = new Preferences(true, false, []) };
        Assert.Equal(
            [
                new Fact("category", "marketing", true),
                new Fact("in_window", "yes", true),
                new Fact("consent", "granted", true),
                new Fact("consent_status", "granted", false),
                new Fact("consent_at", "2026-08-02T12:00:00.000Z", false),
                new Fact("consent_entry", "1", false),
                new Fact("marketing_stop", "by_word", false),
                new Fact("marketing_on", "no", false),
            ],
            Of(OptedIn() with { WindowFrom = Now, Stop = MarketingStop.ByWord }, Category.Marketing, off).Facts);

        Assert.Equal(
            [
                new Fact("category", "marketing", true),
                new Fact("in_window", "yes", true),
                new Fact("consent", "missing", true),
                new Fact("consent_status", "none", false),
                new Fact("marketing_stop", "by_call", false),
                new Fact("marketing_on", "yes", false),
            ],
            Of(Talking() with { Stop = MarketingStop.ByCall }, Category.Marketing).Facts);

        Assert.Equal([new Fact("category", "service", true), new Fact("in_window", "yes", true)], Of(Talking(), Category.Service).Facts);
        Assert.Equal("authentication", Of(OptedIn(), Category.Authentication).Facts[0].Value);
        Assert.Equal("none", Of(OptedIn(), Category.Marketing).Facts[6].Value);
    }

    [Theory]
    [InlineData(ConsentStatus.WithdrawnByBusiness, "withdrawn_by_business")]
    [InlineData(ConsentStatus.WithdrawnByUser, "withdrawn_by_user")]
    [InlineData(ConsentStatus.StoppedWhileGranted, "stopped_while_granted")]
    [InlineData(ConsentStatus.StoppedWhileNotGranted, "stopped_while_not_granted")]
    [InlineData(ConsentStatus.StoppedWhileWithdrawn, "stopped_while_withdrawn")]
    public void The_trace_names_every_way_that_consent_can_be_gone(ConsentStatus status, string word)
    {
        var state = Some.With(new Relation { Business = Business, Utility = Withdrawn(status, Now) });
        Assert.Equal(word, SendGate.Explain(state, Send(Category.Utility), Numbers, Now, NoZones)[1].Facts[3].Value);
    }
}
