using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Sends;

public sealed class AcceptanceTests
{
    [Fact]
    public void An_accepted_send_is_a_message_an_event_and_the_next_record()
    {
        var content = new byte[] { 1, 2, 3 };
        var send = Send(Category.Marketing) with { Content = content, Key = 9, Body = 8, CallbackData = "order 4711" };
        var state = With(OptedIn(50), OptedIn(), OptedIn(OtherBusiness)) with { Messages = 41, LastAt = Now - Second };

        var change = Decide(state, send).Done();

        var message = change.Message!;
        Assert.Equal(42, message.Number);
        Assert.Equal(Direction.ToUser, message.Direction);
        Assert.Equal((Business, Number, 7L, Category.Marketing), (message.Business, message.PhoneNumber, message.Template, message.Category));
        Assert.Equal((Now, Now + (30 * Day)), (message.At, message.ExpiresAt));
        Assert.Equal(content, message.Content.ToArray());
        Assert.Equal((9UL, 8UL, "order 4711"), (message.Key!.Value, message.Body, message.CallbackData));

        Assert.Equal(
            [new UserEvent(EventKind.Accepted, Now, Business, 42, Number, 7, Category.Marketing, Counted: true, Opened: true)],
            change.Events);
        Assert.Empty(change.Steps);
        Assert.Empty(change.Consents);

        var next = change.Next;
        Assert.Equal((Now, 42L, 1U), (next.LastAt, next.Messages, next.ConsentEntries));
        Assert.Equal([new Receipt(Business, Now, 42)], next.Receipts);
        Assert.Equal([new KeyReceipt(9, 8, 42, Now)], next.Keys);
        Assert.Equal([50L, Business, OtherBusiness], next.Relations.Select(relation => relation.Business));
        var relation = OptedIn() with { Undelivered = 1, OpenedAt = Now, PairRested = Now + (6 * Second), Turn = new Turn(false, Now) };
        Assert.Equal(relation, change.Relation());
        Assert.Equal(OptedIn(50), change.Relation(50));
    }

    [Fact]
    public void Without_a_key_nothing_of_the_body_is_kept()
    {
        var change = Decide(With(OptedIn()), Send(Category.Utility) with { Body = 8 }).Done();
        Assert.Null(change.Message!.Key);
        Assert.Equal(0UL, change.Message.Body);
        Assert.Empty(change.Next.Keys);
        Assert.Null(change.Next.KeysDroppedAt);
    }

    [Fact]
    public void A_send_outside_the_window_opens_a_conversation_once_in_a_day()
    {
        var opened = Decide(With(OptedIn()), Send(Category.Utility)).Done();
        Assert.Equal(Now, opened.Relation().OpenedAt);
        Assert.Equal(Now, Decide(opened.Next, Send(Category.Utility), Now + Day - Tick).Done().Relation().OpenedAt);
        Assert.Equal(Now + Day, Decide(opened.Next, Send(Category.Utility), Now + Day).Done().Relation().OpenedAt);
    }

    [Fact]
    public void A_send_in_the_window_opens_no_conversation()
    {
        var relation = OptedIn() with { WindowFrom = Now };
        Assert.Null(Decide(With(relation), Send(Category.Utility)).Done().Relation().OpenedAt);
        var long_ago = Now - Week;
        Assert.Equal(long_ago, Decide(With(relation with { OpenedAt = long_ago }), Send(Category.Utility)).Done().Relation().OpenedAt);
    }

    [Fact]
    public void Another_relation_that_holds_nothing_any_more_leaves_the_record()
    {
        var stale = new Relation { Business = 50, WindowFrom = Now - Week };
        var live = new Relation { Business = 60, WindowFrom = Now - Week + Tick };
        var next = Decide(With(stale, live, OptedIn()), Send(Category.Utility)).Done().Next;
        Assert.Equal([60L, Business], next.Relations.Select(relation => relation.Business));
    }

    [Fact]
    public void The_stored_explanation_says_why_it_was_accepted()
    {
        var numbers = Numbers with { MarketingCap = new MarketingCapNumbers { PerDay = 5, PerWeek = 9, PerBusinessPerDay = 3 } };
        var receipts = new Receipt[] { new(OtherBusiness, Now - (2 * Day), 1), new(OtherBusiness, Now - Second, 2), new(Business, Now - Second, 3) };
        var state = With(OptedIn()) with { Receipts = [.. receipts] };
        var stored = Decide(state, Send(Category.Marketing), Now, numbers).Done().Message!.Explanation;
        Assert.Equal(14, stored.Length);
        Assert.Equal(
            new AcceptanceExplanation
            {
                PolicyVersion = 0,
                ConsentEntry = 1,
                ConsentSource = ConsentSource.Website,
                Opened = true,
                Cap = new AcceptanceExplanation.CapPlaces(3, 5, 4, 9, 2, 3),
            },
            AcceptanceExplanation.Read(stored.Span));

        var relation = OptedIn() with { WindowFrom = Now - Second, Marketing = new Consent(ConsentStatus.Granted, Now, ConsentSource.Paper, 77_000) };
        stored = Decide(With(relation), Send(Category.Marketing)).Done().Message!.Explanation;
        Assert.Equal(
            new AcceptanceExplanation
            {
                PolicyVersion = 0,
                WindowFrom = Now - Second,
                WindowUntil = Now - Second + Day,
                ConsentEntry = 77_000,
                ConsentSource = ConsentSource.Paper,
            },
            AcceptanceExplanation.Read(stored.Span));

        stored = Decide(With(new Relation { Business = Business, WindowFrom = Now }), Send(Category.Service)).Done().Message!.Explanation;
        Assert.Equal(new AcceptanceExplanation { PolicyVersion = 0, WindowFrom = Now, WindowUntil = Now + Day }, AcceptanceExplanation.Read(stored.Span));
        Assert.True(stored.Length <= AcceptanceExplanation.BytesMax);
    }

    [Fact]
    public void The_stored_explanation_says_whose_number_the_cap_was()
    {
        var state = With(OptedIn()) with { Preferences = Preferences.Default with { MarketingPerDay = 1 } };
        var stored = Decide(state, Send(Category.Marketing)).Done().Message!.Explanation;
        Assert.Equal(new AcceptanceExplanation.CapPlaces(1, 1, 1, 6, 1, 1, CapBasis.Own), AcceptanceExplanation.Read(stored.Span)!.Cap);

        // What counts against no cap says nothing of it.
        Assert.Null(AcceptanceExplanation.Read(Decide(state, Send(Category.Utility)).Done().Message!.Explanation.Span)!.Cap);
    }

    [Fact]
    public void An_explanation_of_the_first_version_can_always_be_read()
    {
        // Written by version 1: window, consent, opened and cap together never happen, but the bytes allow it.
        var sample = Convert.FromHexString("010F" + "0094F1A299010000" + "2A00000003" + "010203040506");
        Assert.Equal(
            new AcceptanceExplanation
            {
                WindowFrom = new Instant(1_759_375_365_120),
                ConsentEntry = 42,
                ConsentSource = ConsentSource.Paper,
                Opened = true,
                Cap = new AcceptanceExplanation.CapPlaces(1, 2, 3, 4, 5, 6),
            },
            AcceptanceExplanation.Read(sample));
        Assert.True(sample.Length <= AcceptanceExplanation.BytesMax);
        Assert.Equal(new AcceptanceExplanation(), AcceptanceExplanation.Read([1, 0]));
        Assert.Null(AcceptanceExplanation.Read([]));
    }

    [Fact]
    public void The_policy_and_the_window_of_that_moment_stay_with_the_message()
    {
        var numbers = Numbers with { Version = uint.MaxValue, Window = new WindowNumbers { Length = Week } };
        var relation = OptedIn() with { WindowFrom = Now - Week + Tick };
        var stored = Decide(With(relation), Send(Category.Utility), Now, numbers).Done().Message!.Explanation;
        Assert.True(stored.Length <= AcceptanceExplanation.BytesMax);
        Assert.Equal(
            new AcceptanceExplanation
            {
                PolicyVersion = uint.MaxValue,
                WindowFrom = Now - Week + Tick,
                WindowUntil = Now + Tick,
                ConsentEntry = 1,
                ConsentSource = ConsentSource.Website,
            },
            AcceptanceExplanation.Read(stored.Span));
    }

    [Fact]
    public void An_explanation_of_the_second_version_can_always_be_read()
    {
        var sample = Convert.FromHexString("023F" + "AC02" + "0094F1A29901" + "80B89929" + "2A00000003" + "010203040506");
        Assert.Equal(
            new AcceptanceExplanation
            {
                PolicyVersion = 300,
                WindowFrom = new Instant(1_759_375_365_120),
                WindowUntil = new Instant(1_759_375_365_120) + Day,
                ConsentEntry = 42,
                ConsentSource = ConsentSource.Paper,
                Opened = true,
                Cap = new AcceptanceExplanation.CapPlaces(1, 2, 3, 4, 5, 6, CapBasis.Own),
            },
            AcceptanceExplanation.Read(sample));
    }

    [Theory]
    [InlineData("01")]
    [InlineData("0300")]
    [InlineData("0200")]
    [InlineData("024000")]
    [InlineData("0110")]
    [InlineData("020080")]
    [InlineData("0200FFFFFFFF10")]
    [InlineData("0200FFFFFFFFFF00")]
    [InlineData("02000000")]
    [InlineData("0201000000000000")]
    [InlineData("020800010203")]
    [InlineData("0100FF")]
    [InlineData("0108")]
    [InlineData("01080102030405")]
    public void What_no_version_wrote_is_not_read(string bytes)
    {
        var failure = Assert.Throws<FormatException>(() => AcceptanceExplanation.Read(Convert.FromHexString(bytes)));
        Assert.Contains("acceptance explanation", failure.Message, StringComparison.Ordinal);
    }
}
