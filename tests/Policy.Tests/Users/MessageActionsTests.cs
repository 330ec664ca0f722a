using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

public sealed class MessageActionsTests
{
    private static UserState Undelivered(int count) => With(OptedIn() with { Undelivered = count });

    private static UserEvent Event(EventKind kind, byte detail = 0) => new(kind, Now, Business, 5, Number, 7, Category.Marketing, Detail: detail);

    [Fact]
    public void A_message_is_delivered_and_then_read()
    {
        var delivered = MessageActions.Advance(Undelivered(2), Message(), MessageStatus.Delivered, Numbers, Now).Done();
        Assert.Equal(new MessageStep(5, MessageStatus.Delivered, Now, null, null, Feedback.None), Assert.Single(delivered.Steps));
        Assert.Equal([Event(EventKind.Delivered)], delivered.Events);
        Assert.Equal(1, delivered.Relation().Undelivered);
        Assert.Null(delivered.Message);

        var message = Message(status: MessageStatus.Delivered) with { DeliveredAt = Now - Second, Feedback = Feedback.Interested };
        var read = MessageActions.Advance(delivered.Next, message, MessageStatus.Read, Numbers, Now).Done();
        Assert.Equal(new MessageStep(5, MessageStatus.Read, Now - Second, Now, null, Feedback.Interested, DropsContent: true), Assert.Single(read.Steps));
        Assert.Equal([Event(EventKind.Read)], read.Events);
        Assert.Equal(1, read.Relation().Undelivered);
    }

    [Fact]
    public void Read_implies_delivered()
    {
        var read = MessageActions.Advance(Undelivered(1), Message(), MessageStatus.Read, Numbers, Now).Done();
        Assert.Equal(new MessageStep(5, MessageStatus.Read, Now, Now, null, Feedback.None, DropsContent: true), Assert.Single(read.Steps));
        Assert.Equal([Event(EventKind.Delivered), Event(EventKind.Read)], read.Events);
        Assert.Equal(0, read.Relation().Undelivered);
    }

    [Fact]
    public void The_count_of_undelivered_messages_never_goes_below_nothing()
    {
        Assert.Equal(0, MessageActions.Advance(Undelivered(0), Message(), MessageStatus.Read, Numbers, Now).Done().Relation().Undelivered);
        Assert.Empty(MessageActions.Advance(UserState.Empty, Message(), MessageStatus.Read, Numbers, Now).Done().Next.Relations);
    }

    [Theory]
    [InlineData(MessageStatus.Delivered, MessageStatus.Delivered)]
    [InlineData(MessageStatus.Read, MessageStatus.Delivered)]
    [InlineData(MessageStatus.Read, MessageStatus.Read)]
    public void A_late_duplicate_changes_nothing(MessageStatus status, MessageStatus to)
    {
        Assert.Same(ActionDecision.Unchanged, MessageActions.Advance(Undelivered(1), Message(status: status), to, Numbers, Now));
    }

    [Theory]
    [InlineData(MessageStatus.Failed)]
    [InlineData(MessageStatus.Expired)]
    public void Nothing_comes_after_failed_or_expired(MessageStatus status)
    {
        var message = Message(status: status);
        Assert.Equal(ActionRefusal.StatusBackwards, MessageActions.Advance(Undelivered(1), message, MessageStatus.Delivered, Numbers, Now).Refusal);
        Assert.Equal(ActionRefusal.StatusBackwards, MessageActions.Advance(Undelivered(1), message, MessageStatus.Read, Numbers, Now).Refusal);
        Assert.Equal(ActionRefusal.StatusBackwards, MessageActions.GiveFeedback(Undelivered(1), message, Feedback.Interested, Numbers, Now).Refusal);
        Assert.Equal(ActionRefusal.StatusBackwards, MessageActions.Click(Undelivered(1), message, 0, Now).Refusal);
    }

    [Fact]
    public void A_device_speaks_only_of_messages_to_the_user()
    {
        var message = Message(Direction.FromUser);
        Assert.Equal(ActionRefusal.MessageMismatch, MessageActions.Advance(Undelivered(1), message, MessageStatus.Read, Numbers, Now).Refusal);
        Assert.Equal(ActionRefusal.MessageMismatch, MessageActions.GiveFeedback(Undelivered(1), message, Feedback.Interested, Numbers, Now).Refusal);
        Assert.Equal(ActionRefusal.MessageMismatch, MessageActions.Click(Undelivered(1), message, 0, Now).Refusal);
    }

    [Theory]
    [InlineData(MessageStatus.Accepted)]
    [InlineData(MessageStatus.Failed)]
    [InlineData(MessageStatus.Expired)]
    public void A_device_moves_a_message_to_delivered_or_read_only(MessageStatus to)
    {
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => MessageActions.Advance(Undelivered(1), Message(), to, Numbers, Now));
        Assert.Contains("delivered or read", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Feedback_is_kept_and_may_change()
    {
        var message = Message(status: MessageStatus.Read) with { DeliveredAt = Now - Second, ReadAt = Now - Tick };
        var change = MessageActions.GiveFeedback(Undelivered(1), message, Feedback.NotInterested, Numbers, Now).Done();
        Assert.Equal(new MessageStep(5, MessageStatus.Read, Now - Second, Now - Tick, null, Feedback.NotInterested), Assert.Single(change.Steps));
        Assert.Equal([Event(EventKind.FeedbackGiven, (byte)Feedback.NotInterested)], change.Events);
        Assert.Equal(OptedIn() with { Undelivered = 1, RestsUntil = Now + Week }, change.Relation());

        message = message with { Feedback = Feedback.NotInterested };
        Assert.Same(ActionDecision.Unchanged, MessageActions.GiveFeedback(Undelivered(1), message, Feedback.NotInterested, Numbers, Now));
        Assert.Equal(Feedback.Interested, MessageActions.GiveFeedback(Undelivered(1), message, Feedback.Interested, Numbers, Now).Done().Steps[0].Feedback);
    }

    [Theory]
    [InlineData(Category.Service)]
    [InlineData(Category.Utility)]
    [InlineData(Category.Authentication)]
    public void Only_marketing_takes_feedback(Category category)
    {
        var decision = MessageActions.GiveFeedback(Undelivered(1), Message(category: category), Feedback.Interested, Numbers, Now);
        Assert.Equal(ActionRefusal.NotMarketing, decision.Refusal);
    }

    [Fact]
    public void Each_click_is_an_event_and_moves_no_status()
    {
        foreach (byte button in new byte[] { 0, 9, 9 })
        {
            var change = MessageActions.Click(Undelivered(1), Message(), button, Now).Done();
            Assert.Equal([Event(EventKind.Clicked, button)], change.Events);
            Assert.Empty(change.Steps);
            Assert.Equal(1, change.Relation().Undelivered);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => MessageActions.Click(Undelivered(1), Message(), 10, Now));
    }

    [Fact]
    public void A_business_reads_the_users_messages_to_it()
    {
        var message = Message(Direction.FromUser, Category.Service);
        var change = MessageActions.ReadByBusiness(Undelivered(1), message, Business, Now).Done();
        Assert.Equal(new MessageStep(5, MessageStatus.Read, Now, Now, null, Feedback.None), Assert.Single(change.Steps));
        Assert.Equal([Event(EventKind.ReadByBusiness) with { Category = Category.Service }], change.Events);
        Assert.Equal(1, change.Relation().Undelivered);

        Assert.Same(
            ActionDecision.Unchanged,
            MessageActions.ReadByBusiness(Undelivered(1), message with { Status = MessageStatus.Read }, Business, Now));
        Assert.Equal(ActionRefusal.MessageMismatch, MessageActions.ReadByBusiness(Undelivered(1), message, OtherBusiness, Now).Refusal);
        Assert.Equal(ActionRefusal.MessageMismatch, MessageActions.ReadByBusiness(Undelivered(1), Message(), Business, Now).Refusal);
        var delivered = message with { Status = MessageStatus.Delivered, DeliveredAt = Now - Second };
        Assert.Equal(Now - Second, MessageActions.ReadByBusiness(Undelivered(1), delivered, Business, Now).Done().Steps[0].DeliveredAt);
    }
}
