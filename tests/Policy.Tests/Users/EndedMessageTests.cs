using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

/// <summary>Messages that end undelivered, and the place in the cap that comes free with them.</summary>
public sealed class EndedMessageTests
{
    private static readonly UserState Sent = With(OptedIn() with { Undelivered = 2 }) with
    {
        Receipts = [new Receipt(OtherBusiness, Now - Day, 4), new Receipt(Business, Now - Day, 5), new Receipt(Business, Now, 6)],
    };

    private static ActionDecision End(bool expired, StoredMessage message, bool handedOut = false, UserState? state = null) => expired
        ? MessageActions.Expire(state ?? Sent, message, handedOut, Numbers, Now)
        : MessageActions.Fail(state ?? Sent, message, handedOut, Now);

    [Theory]
    [InlineData(false, EventKind.Failed, MessageStatus.Failed)]
    [InlineData(true, EventKind.Expired, MessageStatus.Expired)]
    public void It_ends_and_its_place_comes_free(bool expired, EventKind kind, MessageStatus status)
    {
        var change = End(expired, Message() with { Feedback = Feedback.NotInterested }).Done();
        Assert.Equal(new MessageStep(5, status, null, null, Now, Feedback.NotInterested, DropsContent: true), Assert.Single(change.Steps));
        Assert.Equal([new UserEvent(kind, Now, Business, 5, Number, 7, Category.Marketing, Detail: 1)], change.Events);
        Assert.Equal(1, change.Relation().Undelivered);
        Assert.Equal([4L, 6L], change.Next.Receipts.Select(receipt => receipt.Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_handed_to_a_device_keeps_its_place(bool expired)
    {
        var change = End(expired, Message(), handedOut: true).Done();
        Assert.Equal(0, change.Events[0].Detail);
        Assert.Equal(1, change.Relation().Undelivered);
        Assert.Equal(Sent.Receipts, change.Next.Receipts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_has_no_place_gives_none_back(bool expired)
    {
        var change = End(expired, Message(category: Category.Utility) with { Number = 7 }).Done();
        Assert.Equal(0, change.Events[0].Detail);
        Assert.Equal(Sent.Receipts, change.Next.Receipts);
        Assert.Equal(0, End(expired, Message(), state: With(OptedIn())).Done().Relation().Undelivered);
    }

    [Theory]
    [InlineData(false, MessageStatus.Failed, null)]
    [InlineData(false, MessageStatus.Expired, ActionRefusal.StatusBackwards)]
    [InlineData(false, MessageStatus.Delivered, ActionRefusal.StatusBackwards)]
    [InlineData(false, MessageStatus.Read, ActionRefusal.StatusBackwards)]
    [InlineData(true, MessageStatus.Failed, ActionRefusal.StatusBackwards)]
    [InlineData(true, MessageStatus.Expired, null)]
    [InlineData(true, MessageStatus.Delivered, ActionRefusal.StatusBackwards)]
    [InlineData(true, MessageStatus.Read, ActionRefusal.StatusBackwards)]
    public void Only_what_is_undelivered_ends(bool expired, MessageStatus status, ActionRefusal? refusal)
    {
        var decision = End(expired, Message(status: status));
        Assert.Equal(refusal, decision.Refusal);
        Assert.Null(decision.Change);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Messages_of_the_user_do_not_end(bool expired) =>
        Assert.Equal(ActionRefusal.MessageMismatch, End(expired, Message(Direction.FromUser)).Refusal);

    [Fact]
    public void A_message_expires_at_its_time_and_not_a_millisecond_before()
    {
        var message = Message() with { ExpiresAt = Now + Second };
        Assert.Same(ActionDecision.Unchanged, MessageActions.Expire(Sent, message, false, Numbers, Now + Second - Tick));
        Assert.Equal(Now + Second, MessageActions.Expire(Sent, message, false, Numbers, Now + Second).Done().Steps[0].EndedAt);
        Assert.False(MessageLife.IsOver(message, Now + Second - Tick));
        Assert.True(MessageLife.IsOver(message, Now + Second));
        Assert.False(MessageLife.IsOver(message with { Status = MessageStatus.Delivered }, Now + Second));
        Assert.False(MessageLife.IsOver(message with { Direction = Direction.FromUser }, Now + Second));

        // Its user's time, which never goes back, counts.
        Assert.NotNull(MessageActions.Expire(Sent with { LastAt = Now + Second }, message, false, Numbers, Now).Change);
        var old = Message() with { ExpiresAt = null, At = Now };
        Assert.Null(MessageActions.Expire(Sent, old, false, Numbers, Now + (30 * Day) - Tick).Change);
        Assert.NotNull(MessageActions.Expire(Sent, old, false, Numbers, Now + (30 * Day)).Change);
        Assert.NotNull(MessageActions.Fail(Sent, message, false, Now).Change);
    }

    [Fact]
    public void A_place_that_came_free_can_be_used_at_once()
    {
        var first = Decide(With(OptedIn()), Send(Category.Marketing)).Done().Next;
        Assert.NotNull(Decide(first, Send(Category.Marketing)).Reason);
        var message = Message() with { Number = first.Messages };
        Decide(MessageActions.Fail(first, message, handedOut: false, Now).Done().Next, Send(Category.Marketing)).Done();
        Assert.NotNull(Decide(MessageActions.Fail(first, message, handedOut: true, Now).Done().Next, Send(Category.Marketing)).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_noted_as_handed_out_keeps_its_place_and_nothing_else_does(bool expired)
    {
        var noted = MessageActions.HandOut(Sent, [5, 9], Now).Done();
        Assert.Empty(noted.Events);
        Assert.Equal(Sent.Receipts.Select(receipt => (receipt.Business, receipt.At)), noted.Next.Receipts.Select(receipt => (receipt.Business, receipt.At)));
        var ended = End(expired, Message(), state: noted.Next).Done();
        Assert.Equal((0, noted.Next.Receipts.Length), (ended.Events[0].Detail, ended.Next.Receipts.Length));
        Assert.Equal(1, End(expired, Message() with { Number = 6 }, state: noted.Next).Done().Events[0].Detail);
        Assert.Null(MessageActions.HandOut(noted.Next, [5, 9], Now).Change);
    }
}
