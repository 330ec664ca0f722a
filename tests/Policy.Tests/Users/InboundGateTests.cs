using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

public sealed class InboundGateTests
{
    private static Change Say(UserState state, string? text, Instant? now = null) => InboundGate.Decide(state, Says(text), Numbers, now ?? Now).Done();

    [Fact]
    public void A_users_message_is_stored_and_opens_the_window()
    {
        var content = new byte[] { 1, 2 };
        var command = Says("Hello?") with { Content = content, Key = 5, Body = 6 };
        var change = InboundGate.Decide(UserState.Empty with { Messages = 3, LastAt = Now - Second }, command, Numbers, Now).Done();
        var message = change.Message!;
        Assert.Equal((4L, Direction.FromUser, Business, Number), (message.Number, message.Direction, message.Business, message.PhoneNumber));
        Assert.Equal((0L, Category.Service, Now), (message.Template, message.Category, message.At));
        Assert.Equal(content, message.Content.ToArray());
        Assert.Equal((5UL, 6UL), (message.Key!.Value, message.Body));
        Assert.Null(message.CallbackData);
        Assert.True(message.Explanation.IsEmpty);
        Assert.Null(message.ExpiresAt);
        Assert.Equal([new UserEvent(EventKind.Inbound, Now, Business, 4, Number)], change.Events);
        Assert.Equal(new Relation { Business = Business, WindowFrom = Now, Turn = new Turn(true, Now) }, change.Relation());
        Assert.Equal((Now, 4L), (change.Next.LastAt, change.Next.Messages));
        Assert.Equal([new KeyReceipt(5, 6, 4, Now)], change.Next.Keys);
        Assert.Empty(change.Consents);
    }

    [Fact]
    public void Each_message_refreshes_the_window()
    {
        var first = Say(UserState.Empty, "one").Next;
        Assert.Equal(Now + Second, Say(first, "two", Now + Second).Relation().WindowFrom);
    }

    [Fact]
    public void Without_a_key_nothing_of_the_body_is_kept()
    {
        var change = InboundGate.Decide(UserState.Empty, Says("x") with { Body = 6 }, Numbers, Now).Done();
        Assert.Null(change.Message!.Key);
        Assert.Equal(0UL, change.Message.Body);
        Assert.Empty(change.Next.Keys);
    }

    [Fact]
    public void A_reaction_is_stored_and_opens_nothing_and_says_nothing()
    {
        var reaction = Says("STOP") with { IsReaction = true };
        var change = InboundGate.Decide(UserState.Empty, reaction, Numbers, Now).Done();
        Assert.Equal([EventKind.Inbound], change.Kinds());
        Assert.NotNull(change.Message);
        Assert.Empty(change.Next.Relations);
        var open = With(new Relation { Business = Business, WindowFrom = Now - Second });
        Assert.Equal(Now - Second, InboundGate.Decide(open, reaction, Numbers, Now).Done().Relation().WindowFrom);
    }

    [Fact]
    public void A_message_without_text_is_an_ordinary_one()
    {
        Assert.Equal(Now, Say(UserState.Empty, null).Relation().WindowFrom);
    }

    [Fact]
    public void A_blocking_user_has_to_unblock_first()
    {
        var blocked = With(OptedIn() with { BlockedAt = Now });
        Assert.Equal(ActionRefusal.Blocked, InboundGate.Decide(blocked, Says("hi"), Numbers, Now).Refusal);
        InboundGate.Decide(blocked, Says("hi", OtherBusiness), Numbers, Now).Done();
        var off = UserState.Empty with { Preferences = new Preferences(false, true, []) };
        Assert.Equal(ActionRefusal.Blocked, InboundGate.Decide(off, Says("hi"), Numbers, Now).Refusal);
    }

    [Fact]
    public void A_stop_word_stops_marketing_and_neither_opens_nor_refreshes_the_window()
    {
        var change = Say(UserState.Empty with { LastAt = Now }, "Stop.");
        Assert.Equal(
            [
                new UserEvent(EventKind.Inbound, Now, Business, 1, Number),
                new UserEvent(EventKind.Stopped, Now, Business, PhoneNumber: Number, Detail: (byte)MarketingStop.ByWord),
            ],
            change.Events);
        Assert.Equal(new Relation { Business = Business, Stop = MarketingStop.ByWord }, change.Relation());
        Assert.Empty(change.Consents);
        var open = With(OptedIn() with { WindowFrom = Now - Second });
        Assert.Equal(OptedIn() with { WindowFrom = Now - Second, Stop = MarketingStop.ByWord }, Say(open, "STOP").Relation());
    }

    [Theory]
    [InlineData(MarketingStop.ByWord)]
    [InlineData(MarketingStop.ByCall)]
    public void A_stop_word_changes_no_stop_that_is_there(MarketingStop stop)
    {
        var change = Say(With(OptedIn() with { Stop = stop }), "STOP");
        Assert.Equal(stop, change.Relation().Stop);
        Assert.Equal([EventKind.Inbound], change.Kinds());
    }

    [Fact]
    public void A_start_word_undoes_a_stop_by_word_but_not_one_by_call()
    {
        var change = Say(With(OptedIn() with { Stop = MarketingStop.ByWord }), "start");
        Assert.Equal(MarketingStop.None, change.Relation().Stop);
        Assert.Equal([EventKind.Inbound, EventKind.Resumed], change.Kinds());
        Assert.Equal(new UserEvent(EventKind.Resumed, Now, Business, PhoneNumber: Number, Detail: (byte)MarketingStop.ByWord), change.Events[1]);
        Assert.Equal(Now, change.Relation().WindowFrom);

        change = Say(With(OptedIn() with { Stop = MarketingStop.ByCall }), "start");
        Assert.Equal(MarketingStop.ByCall, change.Relation().Stop);
        Assert.Equal([EventKind.Inbound], change.Kinds());
        Assert.Equal(Now, change.Relation().WindowFrom);
    }

    [Fact]
    public void A_stop_all_word_withdraws_everything_and_a_start_word_restores_what_was_live()
    {
        var byBusiness = new Consent(ConsentStatus.WithdrawnByBusiness, Now - Day, ConsentSource.Sms, 1);
        var state = With(new Relation { Business = Business, Utility = Granted, Authentication = byBusiness, WindowFrom = Now - Second });
        var stopped = Say(state, "stop  all!");
        Assert.Equal(
            new Relation
            {
                Business = Business,
                Utility = new Consent(ConsentStatus.StoppedWhileGranted, Now, ConsentSource.Website, 2),
                Authentication = new Consent(ConsentStatus.StoppedWhileWithdrawn, Now, ConsentSource.Sms, 2),
                Marketing = new Consent(ConsentStatus.StoppedWhileNotGranted, Now, default, 2),
                WindowFrom = Now - Second,
            },
            stopped.Relation());
        Assert.Equal(
            new UserEvent(EventKind.OptedOut, Now, Business, PhoneNumber: Number, Categories: Categories.All, Detail: (byte)ConsentActor.UserWord),
            stopped.Events[1]);
        Assert.Equal(
            [new ConsentEntry(2, Business, false, Categories.All, ConsentActor.UserWord, ConsentSource.Message, Now, Now, null, null)],
            stopped.Consents);

        var later = Now + Second;
        var started = Say(stopped.Next, "Alta", later);
        Assert.Equal(
            new Relation
            {
                Business = Business,
                Utility = new Consent(ConsentStatus.Granted, later, ConsentSource.Message, 3),
                Authentication = new Consent(ConsentStatus.WithdrawnByBusiness, Now, ConsentSource.Sms, 2),
                WindowFrom = later,
                Turn = new Turn(true, later),
            },
            started.Relation());
        Assert.Equal(
            [
                new UserEvent(EventKind.Inbound, later, Business, 2, Number),
                new UserEvent(EventKind.OptedIn, later, Business, PhoneNumber: Number, Categories: Categories.Utility, Detail: (byte)ConsentActor.UserWord),
            ],
            started.Events);
        Assert.Equal(
            [new ConsentEntry(3, Business, true, Categories.Utility, ConsentActor.UserWord, ConsentSource.Message, later, later, null, null)],
            started.Consents);
    }

    [Fact]
    public void A_start_word_does_not_forget_that_the_business_had_withdrawn()
    {
        var byBusiness = new Consent(ConsentStatus.WithdrawnByBusiness, Now - Day, ConsentSource.Sms, 1);
        var started = Say(Say(With(new Relation { Business = Business, Marketing = byBusiness }), "STOP ALL").Next, "START", Now + Second);
        var older = ConsentActions.OptIn(started.Next, OptIn(Categories.Marketing, at: Now - Day - Tick), Numbers, Now + Second);
        Assert.Equal(ActionRefusal.OlderThanWithdrawal, older.Refusal);
        Assert.True(ConsentActions.OptIn(started.Next, OptIn(Categories.Marketing, at: Now), Numbers, Now + Second).Done().Relation().Marketing.IsLive);
    }

    [Fact]
    public void A_stop_all_word_leaves_what_the_user_took_away_by_call_or_block()
    {
        var byUser = new Consent(ConsentStatus.WithdrawnByUser, Now - Day, ConsentSource.Sms, 1);
        var byBlock = new Consent(ConsentStatus.WithdrawnByBlock, Now - Day, ConsentSource.Sms, 1);
        var state = With(new Relation { Business = Business, Utility = byUser, Authentication = byBlock, Marketing = Granted });
        var stopped = Say(state, "STOP ALL");
        Assert.Equal((byUser, byBlock), (stopped.Relation().Utility, stopped.Relation().Authentication));
        Assert.Equal(Categories.Marketing, stopped.Events[1].Categories);

        // A second one changes nothing any more, not even the time of the first.
        var again = Say(stopped.Next, "STOP ALL", Now + Second);
        Assert.Equal(stopped.Relation(), again.Relation());
        Assert.Equal([EventKind.Inbound], again.Kinds());
        Assert.Empty(again.Consents);

        var started = Say(again.Next, "START", Now + (2 * Second));
        Assert.Equal((byUser, byBlock), (started.Relation().Utility, started.Relation().Authentication));
        Assert.Equal(ConsentStatus.Granted, started.Relation().Marketing.Status);
    }

    [Fact]
    public void A_start_word_with_nothing_to_undo_is_an_ordinary_message()
    {
        var change = Say(With(new Relation { Business = Business, Utility = Granted with { Status = ConsentStatus.WithdrawnByUser } }), "START");
        Assert.Equal([EventKind.Inbound], change.Kinds());
        Assert.Equal(Now, change.Relation().WindowFrom);
        Assert.Equal(ConsentStatus.WithdrawnByUser, change.Relation().Utility.Status);
        Assert.Empty(change.Consents);
    }

    [Fact]
    public void The_stronger_word_holds_where_one_stands_in_several_lists()
    {
        var numbers = Numbers with { Consent = new ConsentNumbers { StopWords = ["ende"], StopAllWords = ["Ende"], StartWords = ["ENDE", "los"] } };
        Assert.Equal([EventKind.Inbound, EventKind.OptedOut], InboundGate.Decide(UserState.Empty, Says("ende"), numbers, Now).Done().Kinds());
        numbers = Numbers with { Consent = numbers.Consent with { StopAllWords = [] } };
        Assert.Equal([EventKind.Inbound, EventKind.Stopped], InboundGate.Decide(UserState.Empty, Says("ende"), numbers, Now).Done().Kinds());
        var stopped = With(new Relation { Business = Business, Stop = MarketingStop.ByWord });
        Assert.Equal([EventKind.Inbound, EventKind.Resumed], InboundGate.Decide(stopped, Says("Los!"), numbers, Now).Done().Kinds());
        Assert.Equal([EventKind.Inbound], InboundGate.Decide(stopped, Says("START"), numbers, Now).Done().Kinds());
    }

    [Fact]
    public void A_quick_reply_is_a_click_on_the_message_that_it_answers_too()
    {
        var sent = Some.Message(status: MessageStatus.Delivered) with { Template = 7 };
        var pressed = Some.Says("Stop that") with { Answers = [sent.Number], Button = 2 };
        var events = InboundGate.Decide(Some.With(Some.OptedIn()), pressed, Some.Numbers, Some.Now, sent).Change!.Events;
        Assert.Equal([EventKind.Inbound, EventKind.Clicked], events.Select(happened => happened.Kind));
        Assert.Equal((sent.Number, 7L, (byte)2), (events[1].Message, events[1].Template, events[1].Detail));

        // Not known which button, or no message of the business: a message like any other.
        Assert.Single(InboundGate.Decide(Some.With(Some.OptedIn()), pressed with { Button = null }, Some.Numbers, Some.Now, sent).Change!.Events);
        var own = sent with { Direction = Direction.FromUser };
        Assert.Single(InboundGate.Decide(Some.With(Some.OptedIn()), pressed, Some.Numbers, Some.Now, own).Change!.Events);
    }
}
