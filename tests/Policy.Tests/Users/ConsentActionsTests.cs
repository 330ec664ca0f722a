using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

public sealed class ConsentActionsTests
{
    private static ActionDecision In(UserState state, OptIn optIn, Instant? now = null) => ConsentActions.OptIn(state, optIn, Numbers, now ?? Now);

    private static UserState Holding(ConsentStatus status, Instant? at = null) => With(new Relation
    {
        Business = Business,
        Marketing = new Consent(status, at ?? (Now - Day), ConsentSource.Sms, 1),
    });

    [Fact]
    public void An_opt_in_with_its_proof_lets_messages_through()
    {
        var given = Now - Second;
        var change = In(UserState.Empty with { LastAt = given }, OptIn(Categories.Utility | Categories.Marketing, at: given)).Done();
        Assert.Equal(
            [new UserEvent(EventKind.OptedIn, Now, Business, Categories: Categories.Utility | Categories.Marketing, Detail: (byte)ConsentActor.Business)],
            change.Events);
        Assert.Equal(
            [
                new ConsentEntry(
                    1,
                    Business,
                    true,
                    Categories.Utility | Categories.Marketing,
                    ConsentActor.Business,
                    ConsentSource.Website,
                    given,
                    Now,
                    "We may write to you.",
                    "form 7"),
            ],
            change.Consents);
        var consent = new Consent(ConsentStatus.Granted, given, ConsentSource.Website, 1);
        Assert.Equal(new Relation { Business = Business, Utility = consent, Marketing = consent }, change.Relation());
        Assert.Equal((Now, 1U), (change.Next.LastAt, change.Next.ConsentEntries));
        Assert.Null(change.Message);
        Assert.Empty(change.Steps);
        Decide(change.Next, Send(Category.Marketing)).Done();
        Assert.Equal(Reason.ConsentMissing, Decide(change.Next, Send(Category.Authentication)).Reason);
    }

    [Fact]
    public void The_users_own_opt_in_counts_from_now_whatever_it_says()
    {
        foreach (var at in new[] { Now - Week, Now + Week })
        {
            var change = In(UserState.Empty, OptIn(Categories.All, byUser: true, at: at)).Done();
            Assert.Equal(Now, change.Relation().Authentication.At);
            Assert.Equal((ConsentActor.User, Now), (change.Consents[0].By, change.Consents[0].At));
            Assert.Equal((byte)ConsentActor.User, change.Events[0].Detail);
        }
    }

    [Fact]
    public void An_opt_in_can_lie_in_the_future_by_the_difference_of_clocks_and_counts_from_now()
    {
        var limit = Now + Numbers.Consent.FutureTolerance;
        Assert.Equal(Now, In(UserState.Empty, OptIn(Categories.All, at: limit)).Done().Relation().Marketing.At);
        Assert.Equal(ActionRefusal.InFuture, In(UserState.Empty, OptIn(Categories.All, at: limit + Tick)).Refusal);
        Assert.Equal(Now + Day, In(UserState.Empty with { LastAt = Now + Day }, OptIn(Categories.All, at: Now + Day + Tick)).Done().Relation().Marketing.At);
    }

    [Fact]
    public void An_opt_in_is_not_older_than_a_withdrawal()
    {
        var state = Holding(ConsentStatus.WithdrawnByBusiness, Now - Day);
        Assert.Equal(ActionRefusal.OlderThanWithdrawal, In(state, OptIn(Categories.Marketing, at: Now - Day - Tick)).Refusal);
        Assert.Equal(ConsentStatus.Granted, In(state, OptIn(Categories.Marketing, at: Now - Day)).Done().Relation().Marketing.Status);
        In(state, OptIn(Categories.Utility, at: Now - Week)).Done();
    }

    [Theory]
    [InlineData(ConsentStatus.WithdrawnByUser)]
    [InlineData(ConsentStatus.WithdrawnByBlock)]
    [InlineData(ConsentStatus.StoppedWhileGranted)]
    [InlineData(ConsentStatus.StoppedWhileNotGranted)]
    [InlineData(ConsentStatus.StoppedWhileWithdrawn)]
    public void What_the_users_word_took_away_only_the_user_restores(ConsentStatus status)
    {
        var state = Holding(status);
        Assert.Equal(ActionRefusal.TakenAwayByUser, In(state, OptIn(Categories.Marketing)).Refusal);
        var restored = In(state, OptIn(Categories.Marketing, byUser: true)).Done().Relation().Marketing;
        Assert.Equal(new Consent(ConsentStatus.Granted, Now, ConsentSource.Website, 2), restored);
    }

    [Fact]
    public void An_opt_in_that_is_refused_for_one_category_grants_none()
    {
        var decision = In(Holding(ConsentStatus.WithdrawnByUser), OptIn(Categories.All));
        Assert.Equal(ActionRefusal.TakenAwayByUser, decision.Refusal);
        Assert.Null(decision.Change);
        Assert.Equal(Categories.Utility, In(Holding(ConsentStatus.WithdrawnByUser), OptIn(Categories.Utility)).Done().Events[0].Categories);
    }

    [Fact]
    public void The_future_comes_before_the_users_word_and_that_before_the_age()
    {
        Assert.Equal(ActionRefusal.InFuture, In(Holding(ConsentStatus.WithdrawnByUser), OptIn(Categories.Marketing, at: Now + Day)).Refusal);
        Assert.Equal(ActionRefusal.TakenAwayByUser, In(Holding(ConsentStatus.WithdrawnByUser), OptIn(Categories.Marketing, at: Now - Week)).Refusal);
    }

    [Fact]
    public void A_live_grant_stays_unless_the_opt_in_is_newer()
    {
        var state = Holding(ConsentStatus.Granted, Now - Day);
        Assert.Same(ActionDecision.Unchanged, In(state, OptIn(Categories.Marketing, at: Now - Day)));
        Assert.Same(ActionDecision.Unchanged, In(state, OptIn(Categories.Marketing, at: Now - Week)));
        Assert.Equal(new Consent(ConsentStatus.Granted, Now - Day + Tick, ConsentSource.Website, 2),
            In(state, OptIn(Categories.Marketing, at: Now - Day + Tick)).Done().Relation().Marketing);
        var partly = In(state, OptIn(Categories.All, at: Now - Week)).Done();
        Assert.Equal(Categories.Utility | Categories.Authentication, partly.Consents[0].Categories);
        Assert.Equal(Now - Day, partly.Relation().Marketing.At);
    }

    [Fact]
    public void The_users_own_opt_in_lifts_no_marketing_stop()
    {
        var state = With(OptedIn() with { Stop = MarketingStop.ByWord });
        Assert.Equal(MarketingStop.ByWord, In(state, OptIn(Categories.Marketing, byUser: true)).Done().Relation().Stop);
    }

    [Fact]
    public void The_user_can_refuse_what_was_never_given()
    {
        var change = ConsentActions.OptOut(UserState.Empty, Business, Categories.Marketing, byUser: true, Now).Done();
        Assert.Equal(new Consent(ConsentStatus.WithdrawnByUser, Now, default, 1), change.Relation().Marketing);
        Assert.Equal(ConsentStatus.None, change.Relation().Utility.Status);
        Assert.Equal([new UserEvent(EventKind.OptedOut, Now, Business, Categories: Categories.Marketing, Detail: (byte)ConsentActor.User)], change.Events);
        Assert.Equal(
            [new ConsentEntry(1, Business, false, Categories.Marketing, ConsentActor.User, ConsentSource.App, Now, Now, null, null)], change.Consents);
        Assert.Equal(ActionRefusal.TakenAwayByUser, In(change.Next, OptIn(Categories.Marketing)).Refusal);
    }

    [Theory]
    [InlineData(ConsentStatus.None, true)]
    [InlineData(ConsentStatus.Granted, true)]
    [InlineData(ConsentStatus.WithdrawnByBusiness, true)]
    [InlineData(ConsentStatus.StoppedWhileGranted, true)]
    [InlineData(ConsentStatus.StoppedWhileNotGranted, true)]
    [InlineData(ConsentStatus.StoppedWhileWithdrawn, true)]
    [InlineData(ConsentStatus.WithdrawnByUser, false)]
    [InlineData(ConsentStatus.WithdrawnByBlock, false)]
    public void The_users_opt_out_is_stronger_than_all_but_itself_and_a_block(ConsentStatus status, bool changes)
    {
        var decision = ConsentActions.OptOut(Holding(status), Business, Categories.Marketing, byUser: true, Now);
        Assert.Null(decision.Refusal);
        Assert.Equal(changes, decision.Change is not null);
        if (changes)
        {
            Assert.Equal(new Consent(ConsentStatus.WithdrawnByUser, Now, ConsentSource.Sms, 2), decision.Done().Relation().Marketing);
        }
    }

    [Fact]
    public void The_business_takes_back_what_is_live_and_nothing_else()
    {
        var state = Holding(ConsentStatus.Granted);
        var change = ConsentActions.OptOut(state, Business, Categories.All, byUser: false, Now).Done();
        Assert.Equal(new Consent(ConsentStatus.WithdrawnByBusiness, Now, ConsentSource.Sms, 2), change.Relation().Marketing);
        Assert.Equal(default, change.Relation().Utility);
        Assert.Equal((ConsentActor.Business, Categories.Marketing), (change.Consents[0].By, change.Consents[0].Categories));
        Assert.Equal(((byte)ConsentActor.Business, Categories.Marketing), (change.Events[0].Detail, change.Events[0].Categories));
        Assert.Equal(ActionRefusal.NothingThere, ConsentActions.OptOut(change.Next, Business, Categories.All, byUser: false, Now).Refusal);
        Assert.Equal(ActionRefusal.NothingThere, ConsentActions.OptOut(state, Business, Categories.Utility, byUser: false, Now).Refusal);
        Assert.Equal(ActionRefusal.NothingThere, ConsentActions.OptOut(UserState.Empty, Business, Categories.All, byUser: false, Now).Refusal);
        Assert.Equal(
            ActionRefusal.NothingThere,
            ConsentActions.OptOut(Holding(ConsentStatus.StoppedWhileGranted), Business, Categories.All, byUser: false, Now).Refusal);
    }

    [Theory]
    [InlineData(Categories.None)]
    [InlineData((Categories)8)]
    public void Consent_about_nothing_is_a_bug(Categories categories)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => In(UserState.Empty, OptIn(categories)));
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => ConsentActions.OptOut(UserState.Empty, Business, categories, byUser: true, Now));
        Assert.Contains("at least one", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_by_call_stays_until_the_user_resumes()
    {
        var stopped = ConsentActions.StopMarketing(UserState.Empty, Business, Now).Done();
        Assert.Equal(MarketingStop.ByCall, stopped.Relation().Stop);
        Assert.Equal([new UserEvent(EventKind.Stopped, Now, Business, Detail: (byte)MarketingStop.ByCall)], stopped.Events);
        Assert.Empty(stopped.Consents);
        Assert.Same(ActionDecision.Unchanged, ConsentActions.StopMarketing(stopped.Next, Business, Now));

        var resumed = ConsentActions.ResumeMarketing(stopped.Next, Business, Now).Done();
        Assert.Equal([new UserEvent(EventKind.Resumed, Now, Business, Detail: (byte)MarketingStop.ByCall)], resumed.Events);
        Assert.Empty(resumed.Next.Relations);
        Assert.Same(ActionDecision.Unchanged, ConsentActions.ResumeMarketing(resumed.Next, Business, Now));
    }

    [Fact]
    public void A_stop_by_word_becomes_one_by_call_and_a_call_undoes_both()
    {
        var state = With(OptedIn() with { Stop = MarketingStop.ByWord });
        Assert.Equal(MarketingStop.ByCall, ConsentActions.StopMarketing(state, Business, Now).Done().Relation().Stop);
        var resumed = ConsentActions.ResumeMarketing(state, Business, Now).Done();
        Assert.Equal(MarketingStop.None, resumed.Relation().Stop);
        Assert.Equal((byte)MarketingStop.ByWord, resumed.Events[0].Detail);
    }

    [Fact]
    public void Resuming_restores_no_consent()
    {
        var withdrawn = Granted with { Status = ConsentStatus.WithdrawnByUser };
        var state = With(new Relation { Business = Business, Stop = MarketingStop.ByCall, Marketing = withdrawn });
        Assert.Equal(ConsentStatus.WithdrawnByUser, ConsentActions.ResumeMarketing(state, Business, Now).Done().Relation().Marketing.Status);
    }
}
