using System.Collections.Immutable;
using Actors.Policy.Businesses;

namespace Actors.Policy.Users;

/// <summary>What the user's side says of one message.</summary>
public static class MessageActions
{
    /// <summary>Moves a message to delivered or read. A step to where it already is changes nothing, and neither does delivered after read.</summary>
    /// <remarks>Read implies delivered: from accepted straight to read gives both events at the same instant.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="to"/> is neither delivered nor read.</exception>
    public static ActionDecision Advance(UserState state, StoredMessage message, MessageStatus to, PolicyNumbers numbers, Instant now)
    {
        var said = Acknowledgements.Decide(state, new Acknowledgement(to), [message], [], numbers, now);
        return said.Change is { } change ? new ActionDecision(null, change)
            : said.Results[0].Refusal is { } refusal ? ActionDecision.Refuse(refusal)
            : ActionDecision.Unchanged;
    }

    /// <summary>Moves a message to delivered or read, as part of a change.</summary>
    /// <param name="draft">The change.</param>
    /// <param name="message">The message.</param>
    /// <param name="to">Delivered or read.</param>
    /// <param name="device">The registered device that says it; null for none.</param>
    /// <param name="releasedUpTo">See <see cref="Acknowledgements.ReleasedUpTo"/>.</param>
    /// <param name="numbers">The policy's numbers.</param>
    internal static Acknowledged Advance(
        Draft draft, StoredMessage message, MessageStatus to, string? device, long releasedUpTo, PolicyNumbers numbers)
    {
        if (Refusal(message) is { } refusal)
        {
            return new Acknowledged(refusal, Changed: false);
        }

        var marks = device is null ? null : DeviceMarks.Said(message.Devices, draft.State, device, to, draft.Now);
        if (message.Status >= to)
        {
            // A late duplicate from a device is no error, and the word of a further device is kept for the user: nobody else hears of it.
            if (marks is { } said)
            {
                draft.Note(StepOf(message) with { Devices = said });
            }

            return new Acknowledged(null, Changed: false);
        }

        if (message.Status == MessageStatus.Accepted)
        {
            var relation = draft.With(message.Business);
            var mark = QualitySignals.Deliver(ref relation, message, draft.Now);
            draft.Put(relation with { Undelivered = Math.Max(0, relation.Undelivered - 1) });
            draft.Tell(EventOf(EventKind.Delivered, message, draft.Now) with { Quality = mark });
        }

        draft.Put(Noted(draft.State, message, to, numbers.MarketingCap, draft.Now));
        if (to == MessageStatus.Read)
        {
            draft.Tell(EventOf(EventKind.Read, message, draft.Now));
        }

        draft.Step(StepOf(message) with
        {
            Status = to,
            DeliveredAt = message.DeliveredAt ?? draft.Now,
            ReadAt = to == MessageStatus.Read ? draft.Now : null,
            DropsContent = to == MessageStatus.Read && message.Number <= releasedUpTo,
            Devices = marks ?? default,
        });
        return new Acknowledged(null, Changed: true);
    }

    /// <summary>A message can't be delivered: the user is gone, the business was locked before, a channel refuses it.</summary>
    /// <param name="state">The user's record.</param>
    /// <param name="message">The message. It has to be undelivered; where it has failed already nothing changes.</param>
    /// <param name="handedOut">Whether its content was handed to a device, though none said so: then its place in the marketing cap stays used.</param>
    /// <param name="now">The ledger's time.</param>
    /// <param name="cause">Why.</param>
    public static ActionDecision Fail(
        UserState state, StoredMessage message, bool handedOut, Instant now, FailureCause cause = FailureCause.Undeliverable) =>
        End(new Draft(state, now), message, MessageStatus.Failed, EventKind.Failed, handedOut, cause);

    /// <summary>A message was not delivered in time. Before that, at <see cref="MessageLife.DueAt"/>, nothing changes.</summary>
    /// <inheritdoc cref="Fail"/>
    /// <param name="numbers">The policy's numbers.</param>
    public static ActionDecision Expire(UserState state, StoredMessage message, bool handedOut, PolicyNumbers numbers, Instant now)
    {
        var draft = new Draft(state, now);
        if (message.Status == MessageStatus.Accepted && MessageLife.DueAt(message) > draft.Now)
        {
            return ActionDecision.Unchanged;
        }

        if (message is { Status: MessageStatus.Accepted, Category: Category.Marketing, Direction: Direction.ToUser })
        {
            draft.Put(Engagement.Ended(state, message.Feedback == Feedback.Interested, numbers.MarketingCap, draft.Now));
        }

        return End(draft, message, MessageStatus.Expired, EventKind.Expired, handedOut);
    }

    /// <summary>Contents are about to be handed to a device: from then on the places of these messages in the marketing cap don't come back.</summary>
    /// <remarks>
    /// Their receipts forget which messages they are of. A note and no event: that the device has got them, it says itself (<see cref="Acknowledgements"/>).
    /// </remarks>
    /// <param name="state">The user's record.</param>
    /// <param name="messages">Numbers of the messages.</param>
    /// <param name="now">The ledger's time.</param>
    public static ActionDecision HandOut(UserState state, ImmutableArray<long> messages, Instant now)
    {
        var at = Instant.Max(now, state.LastAt);
        var receipts = state.Receipts.Live(at);
        if (!receipts.Any(receipt => messages.Contains(receipt.Message)))
        {
            return ActionDecision.Unchanged;
        }

        receipts = [.. receipts.Select(receipt => messages.Contains(receipt.Message) ? receipt with { Message = 0 } : receipt)];
        return new ActionDecision(null, new Change(state with { LastAt = at, Receipts = receipts }, []));
    }

    /// <summary>Records interested or not interested. The user may change it.</summary>
    /// <remarks>
    /// Not interested rests the business's marketing for <see cref="MarketingCapNumbers.Rest"/> from now; interested ends such a rest, and is as good as read.
    /// On a message that no device has reported it counts once that is delivered or expired.
    /// </remarks>
    public static ActionDecision GiveFeedback(UserState state, StoredMessage message, Feedback feedback, PolicyNumbers numbers, Instant now)
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
            Felt(draft, message, feedback, numbers.MarketingCap);
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

    private static ActionDecision End(Draft draft, StoredMessage message, MessageStatus to, EventKind kind, bool handedOut, FailureCause cause = default)
    {
        if (message.Direction != Direction.ToUser)
        {
            return ActionDecision.Refuse(ActionRefusal.MessageMismatch);
        }

        if (message.Status != MessageStatus.Accepted)
        {
            // Told twice it is no error; anything else would go backwards.
            return message.Status == to ? ActionDecision.Unchanged : ActionDecision.Refuse(ActionRefusal.StatusBackwards);
        }

        var relation = draft.With(message.Business);
        draft.Put(relation with { Undelivered = Math.Max(0, relation.Undelivered - 1) });
        var receipts = draft.State.Receipts;
        var kept = handedOut ? receipts : receipts.RemoveAll(receipt => receipt.Message == message.Number);
        draft.Put(draft.State with { Receipts = kept });
        draft.Tell(EventOf(kind, message, draft.Now) with { Detail = FailureCauses.Detail(cause, freed: kept.Length < receipts.Length) });

        // Nobody gets it any more, and so nobody needs what it says.
        return draft.Done(step: StepOf(message) with { Status = to, EndedAt = draft.Now, DropsContent = true });
    }

    /// <summary>The record after a device reported a message, with what that says of the user's engagement.</summary>
    private static UserState Noted(UserState state, StoredMessage message, MessageStatus to, MarketingCapNumbers numbers, Instant now)
    {
        if (message.Category != Category.Marketing)
        {
            return state;
        }

        if (message.Status != MessageStatus.Accepted)
        {
            return Engagement.Noticed(state, message.Number, numbers, now);
        }

        return to == MessageStatus.Read || message.Feedback == Feedback.Interested
            ? Engagement.Ended(state, read: true, numbers, now)
            : Engagement.Delivered(state, message.Number, numbers, now);
    }

    private static void Felt(Draft draft, StoredMessage message, Feedback feedback, MarketingCapNumbers numbers)
    {
        var relation = draft.With(message.Business);
        var rests = feedback == Feedback.NotInterested && numbers.Rest > TimeSpan.Zero;
        draft.Put(relation with { RestsUntil = rests ? draft.Now + numbers.Rest : null });
        if (feedback == Feedback.Interested)
        {
            draft.Put(Engagement.Noticed(draft.State, message.Number, numbers, draft.Now));
        }
    }

    internal static MessageStep StepOf(StoredMessage message) =>
        new(message.Number, message.Status, message.DeliveredAt, message.ReadAt, message.EndedAt, message.Feedback);

    internal static UserEvent EventOf(EventKind kind, StoredMessage message, Instant now) =>
        new(kind, now, message.Business, message.Number, message.PhoneNumber, message.Template, message.Category);
}
