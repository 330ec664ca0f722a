using Actors.Policy.Sends.Rules;
using Actors.Policy.Users;

namespace Actors.Policy.Sends;

/// <summary>What accepting a send makes durable.</summary>
internal static class Acceptance
{
    public static Change Of(in SendCase send)
    {
        var (state, command, now) = (send.State, send.Command, send.Now);
        var number = state.Messages + 1;
        var life = MessageLife.Of(command, send.Numbers.Messages);
        var message = new NewMessage(
            number,
            Direction.ToUser,
            command.Business,
            command.PhoneNumber,
            command.Template,
            command.Category,
            now,
            command.Content,
            command.Key,
            command.Key is null ? 0 : command.Body,
            command.CallbackData,
            ExplanationCodec.Bytes(send),
            now + life);

        var accepted = new UserEvent(
            EventKind.Accepted,
            now,
            command.Business,
            number,
            command.PhoneNumber,
            command.Template,
            command.Category,
            Counted: send.Counts,
            InWindow: send.InWindow,
            Opened: send.Opens,
            Quota: send.Opens ? command.Quota.GetValueOrDefault() : 0,
            Life: life == MessageLife.Standard ? null : life,
            Response: send.HasRelation && send.Relation.Turn is { ByUser: true } turn ? now - turn.At : null);

        return new Change(Next(send, number), [accepted]) { Message = message };
    }

    private static UserState Next(in SendCase send, long number)
    {
        var (command, relation, now) = (send.Command, send.Relation, send.Now);
        var state = Engagement.Settled(send.State, send.Numbers.MarketingCap, now);
        var (keys, droppedAt) = state.Plus(command.Key, command.Body, number, now);
        return state with
        {
            LastAt = now,
            Messages = number,
            Keys = keys,
            KeysDroppedAt = droppedAt,
            Receipts = send.Counts ? state.Receipts.LivePlus(new Receipt(command.Business, now, number), now) : state.Receipts.Live(now),
            Relations = state.Relations.Put(
                relation with
                {
                    PairRested = PairRateRule.Next(relation.PairRested, send.Numbers.PairRate, now),
                    OpenedAt = send.Opens ? now : relation.OpenedAt,
                    Undelivered = relation.Undelivered + 1,
                    Turn = new Turn(ByUser: false, now),
                },
                now),
        };
    }
}
