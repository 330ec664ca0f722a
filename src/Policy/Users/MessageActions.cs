using Actors.Policy.Businesses;

namespace Actors.Policy.Users;

/// <summary>What the user's side says of one message.</summary>
public static class MessageActions
{
    /// <summary>Moves a message to delivered or read. A step to where it already is changes nothing, and neither does delivered after read.</summary>
    /// <remarks>Read implies delivered: from accepted straight to read gives both events at the same instant.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="to"/> is neither delivered nor read.</exception>
    public static ActionDecision Advance(UserState state, StoredMessage message, MessageStatus to, Instant now)
    {
        if (to is not (MessageStatus.Delivered or MessageStatus.Read))
        {
            throw new ArgumentOutOfRangeException(nameof(to), to, "A device moves a message to delivered or read.");
        }

        if (Refusal(message) is { } refusal)
        {
            return ActionDecision.Refuse(refusal);
        }

        var draft = new Draft(state, now);
        if (message.Status >= to)
        {
            // A late duplicate from a device is no error.
            return draft.Done();
        }

        if (message.Status == MessageStatus.Accepted)
        {
            var relation = draft.With(message.Business);
            var mark = QualitySignals.Deliver(ref relation, message, draft.Now);
            draft.Put(relation with { Undelivered = Math.Max(0, relation.Undelivered - 1) });
            draft.Tell(EventOf(EventKind.Delivered, message, draft.Now) with { Quality = mark });
        }

        if (to == MessageStatus.Read)
        {
            draft.Tell(EventOf(EventKind.Read, message, draft.Now));
        }

        return draft.Done(step: StepOf(message) with
        {
            Status = to,
            DeliveredAt = message.DeliveredAt ?? draft.Now,
            ReadAt = to == MessageStatus.Read ? draft.Now : null,
        });
    }

    /// <summary>Records interested or not interested. The user may change it.</summary>
    public static ActionDecision GiveFeedback(UserState state, StoredMessage message, Feedback feedback, Instant now)
    {
        if (Refusal(message) is { } refusal)
        {
            return ActionDecision.Refuse(refusal);
        }

        if (message.Category != Category.Marketing)
        {
            return ActionDecision.Refuse(ActionRefusal.NotMarketing);
        }

        var draft = new Draft(state, now);
        if (message.Feedback != feedback)
        {
            var mark = feedback == Feedback.NotInterested ? draft.Signal(message.Business, NegativeSignal.NotInterested) : default;
            draft.Tell(EventOf(EventKind.FeedbackGiven, message, draft.Now) with { Detail = (byte)feedback, Quality = mark });
        }

        return draft.Done(step: StepOf(message) with { Feedback = feedback });
    }

    /// <summary>Records a click on a button of a message. Each click is an event of its own; the message's status stays.</summary>
    /// <param name="button">Index of the button, 0 to 9.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="button"/> is above 9.</exception>
    public static ActionDecision Click(UserState state, StoredMessage message, byte button, Instant now)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(button, 9);
        if (Refusal(message) is { } refusal)
        {
            return ActionDecision.Refuse(refusal);
        }

        var draft = new Draft(state, now);
        draft.Tell(EventOf(EventKind.Clicked, message, draft.Now) with { Detail = button });
        return draft.Done();
    }

    /// <summary>The business has read a message of the user.</summary>
    public static ActionDecision ReadByBusiness(UserState state, StoredMessage message, long business, Instant now)
    {
        if (message.Direction != Direction.FromUser || message.Business != business)
        {
            return ActionDecision.Refuse(ActionRefusal.MessageMismatch);
        }

        var draft = new Draft(state, now);
        if (message.Status == MessageStatus.Read)
        {
            return draft.Done();
        }

        draft.Tell(EventOf(EventKind.ReadByBusiness, message, draft.Now));
        return draft.Done(step: StepOf(message) with
        {
            Status = MessageStatus.Read,
            DeliveredAt = message.DeliveredAt ?? draft.Now,
            ReadAt = draft.Now,
        });
    }

    /// <summary>Why a device can't say anything of a message: it isn't one to the user, or it has failed or expired.</summary>
    private static ActionRefusal? Refusal(StoredMessage message)
    {
        if (message.Direction != Direction.ToUser)
        {
            return ActionRefusal.MessageMismatch;
        }

        return message.Status is MessageStatus.Failed or MessageStatus.Expired ? ActionRefusal.StatusBackwards : null;
    }

    private static MessageStep StepOf(StoredMessage message) =>
        new(message.Number, message.Status, message.DeliveredAt, message.ReadAt, message.EndedAt, message.Feedback);

    private static UserEvent EventOf(EventKind kind, StoredMessage message, Instant now) =>
        new(kind, now, message.Business, message.Number, message.PhoneNumber, message.Template, message.Category);
}
