using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

/// <summary>Who spoke last, and how long the other one took to answer.</summary>
public sealed class TurnTests
{
    private static readonly UserState Sent = Decide(With(OptedIn()), Send(Category.Utility)).Done().Next;

    private static Change Write(UserState state, Instant at, string? text = "hello", bool isReaction = false) =>
        InboundGate.Decide(state, Says(text) with { IsReaction = isReaction }, Numbers, at).Done();

    [Fact]
    public void A_business_answers_from_the_first_message_that_waits()
    {
        var asked = Write(Write(UserState.Empty, Now).Next, Now + Second);
        Assert.Null(asked.Events[0].Response);
        Assert.Equal(new Turn(true, Now), asked.Relation().Turn);

        var answered = Decide(asked.Next, Send(Category.Service), Now + (2 * Second)).Done();
        Assert.Equal(2 * Second, answered.Events[0].Response);
        Assert.Equal(new Turn(false, Now + (2 * Second)), answered.Relation().Turn);
        Assert.Null(Decide(answered.Next, Send(Category.Service), Now + (3 * Second)).Done().Events[0].Response);
        Assert.Equal(TimeSpan.Zero, Decide(Write(UserState.Empty, Now).Next, Send(Category.Service), Now).Done().Events[0].Response);
    }

    [Fact]
    public void A_user_answers_from_the_newest_message()
    {
        var twice = Decide(Sent, Send(Category.Utility), Now + Second).Done();
        Assert.Equal(new Turn(false, Now + Second), twice.Relation().Turn);
        var answered = Write(twice.Next, Now + Day);
        Assert.Equal(Day - Second, answered.Events[0].Response);
        Assert.Null(Write(answered.Next, Now + Day + Second).Events[0].Response);
    }

    [Theory]
    [InlineData("stop", false)]
    [InlineData("stop all", false)]
    [InlineData("nice", true)]
    public void Stop_words_and_reactions_are_no_answers_and_ask_for_none(string text, bool isReaction)
    {
        var said = Write(Sent, Now + Second, text, isReaction);
        Assert.Null(said.Events[0].Response);
        Assert.Equal(new Turn(false, Now), said.Relation().Turn);
        Assert.Null(Decide(Write(With(OptedIn()), Now, text, isReaction).Next with { Preferences = Preferences.Default }, Send(Category.Utility))
            .Change?.Events[0].Response);
        Assert.Equal(Second, Write(Sent, Now + Second, "start").Events[0].Response);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 7)]
    [InlineData(1, 7)]
    public void An_answer_names_the_template_that_was_delivered_last_if_that_was_since_the_business_wrote(long milliseconds, long template)
    {
        var delivered = new QualityTrail { DeliveredAt = Now + TimeSpan.FromMilliseconds(milliseconds), Template = 7 };
        var state = With(OptedIn() with { Turn = new Turn(false, Now), Quality = delivered });
        Assert.Equal(template, Write(state, Now + Second).Events[0].Template);
        Assert.Equal(0, Write(state, Now + Second, "nice", isReaction: true).Events[0].Template);
        Assert.Equal(0, Write(Write(state, Now + Second).Next, Now + Second).Events[0].Template);
        Assert.Equal(template, Write(state, delivered.DeliveredAt.Value + Week - Tick).Events[0].Template);
        Assert.Equal(0, Write(state, delivered.DeliveredAt.Value + Week).Events[0].Template);
    }

    [Theory]
    [InlineData(Direction.ToUser, 5, 5)]
    [InlineData(Direction.ToUser, 7, 7)]
    [InlineData(Direction.ToUser, 0, 0)]
    [InlineData(Direction.FromUser, 0, 0)]
    public void An_answer_that_names_a_message_names_its_template_and_not_the_one_delivered_last(Direction direction, long template, long expected)
    {
        var trail = new QualityTrail { DeliveredAt = Now, Template = 7 };
        var quoted = Message(direction) with { Template = template, Category = template == 0 ? Category.Service : Category.Authentication };
        foreach (var quality in new[] { trail, null })
        {
            var state = With(OptedIn() with { Turn = new Turn(false, Now), Quality = quality });
            var answered = Quote(state, "hello").Done();
            Assert.Equal((expected, Second), (answered.Events[0].Template, answered.Events[0].Response));

            // What is no answer counts for none, also where it names one: a second message in a row, a reaction, a STOP word.
            Assert.Equal((0L, null), (Quote(answered.Next, "hello").Done().Events[0].Template, Quote(answered.Next, "hello").Done().Events[0].Response));
            Assert.Equal(0, Quote(state, "nice", isReaction: true).Done().Events[0].Template);
            Assert.Equal(0, Quote(state, "stop").Done().Events[0].Template);
        }

        ActionDecision Quote(UserState state, string text, bool isReaction = false) => InboundGate.Decide(
            state, Says(text) with { IsReaction = isReaction, Answers = [quoted.Number] }, Numbers, Now + Second, quoted);
    }

    [Fact]
    public void Who_spoke_last_keeps_no_relation_and_goes_with_it()
    {
        Assert.True(new Relation { Business = Business, Turn = new Turn(true, Now) }.HoldsNothing(Now));
        var lapsed = With(new Relation { Business = Business, WindowFrom = Now - Week, Turn = new Turn(false, Now - Week) });
        Assert.Null(Write(lapsed, Now).Events[0].Response);
        var optedIn = ConsentActions.OptIn(lapsed, OptIn(Categories.All), Numbers, Now).Done();
        Assert.Null(optedIn.Relation().Turn);
        Assert.Equal(Week - Tick, Write(lapsed, Now - Tick).Events[0].Response);
    }
}
