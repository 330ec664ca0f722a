using System.Collections.Immutable;
using Actors.Policy.Businesses;

namespace Actors.Policy.Users;

/// <summary>A message of the user to a business.</summary>
public sealed record InboundCommand
{
    /// <summary>The business's id.</summary>
    public required long Business { get; init; }

    /// <summary>Id of the number it is written to.</summary>
    public required long PhoneNumber { get; init; }

    /// <summary>The text, or the title of the button or list row that was chosen; null for other types. STOP and START words are read from it.</summary>
    public string? Text { get; init; }

    /// <summary>Whether it is a reaction, which opens no window.</summary>
    public bool IsReaction { get; init; }

    /// <summary>See <see cref="NewMessage.Content"/>.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Numbers of the messages that it answers or reacts to; none for most.</summary>
    public ImmutableArray<long> Answers { get; init; } = [];

    /// <summary>
    /// Index of the quick reply that was pressed on the template that is answered, 0 to 9; null where that isn't known, and for other messages.
    /// </summary>
    public byte? Button { get; init; }

    /// <summary>Hash of the client id; null when none was given.</summary>
    public ulong? Key { get; init; }

    /// <summary>Hash of the body; only used with a key.</summary>
    public ulong Body { get; init; }
}

/// <summary>What an inbound message does.</summary>
/// <remarks>
/// Every message that isn't refused is stored and gives an <see cref="EventKind.Inbound"/> event first. It opens or refreshes the window, unless it
/// is a reaction or a STOP word. A reaction carries no words.
/// </remarks>
public static class InboundGate
{
    /// <summary>Decides one message of the user: STOP and START words, window. Its change's message is the stored one.</summary>
    /// <remarks>
    /// STOP stops this business's marketing. STOP ALL withdraws all three categories, also those never given. START undoes both, nothing else: a
    /// stop by call, an opt-out by call and a block stay. Refused as <see cref="ActionRefusal.Blocked"/> while the user blocks the business or has
    /// turned all businesses off.
    /// </remarks>
    /// <param name="state">The user's record.</param>
    /// <param name="command">The message.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">The ledger's time.</param>
    /// <param name="quoted">
    /// The message that this one names, of <see cref="InboundCommand.Answers"/>; null where it names none. With a <see cref="InboundCommand.Button"/> it is the
    /// one whose button was pressed: that is a click, too.
    /// </param>
    public static ActionDecision Decide(UserState state, InboundCommand command, PolicyNumbers numbers, Instant now, StoredMessage? quoted = null)
    {
        var draft = new Draft(state, now);
        var relation = draft.With(command.Business);
        if (relation.BlockedAt is not null || !state.Preferences.Businesses)
        {
            return ActionDecision.Refuse(ActionRefusal.Blocked);
        }

        var number = state.Messages + 1;
        var (keys, droppedAt) = state.Plus(command.Key, command.Body, number, draft.Now);
        draft.Put(state with { Messages = number, Keys = keys, KeysDroppedAt = droppedAt });
        var word = command.IsReaction ? Word.None : numbers.Consent.WordIn(command.Text);
        var opens = !command.IsReaction && word is Word.None or Word.Start;
        var turn = relation.Turn;
        Turn? answered = opens && turn is { ByUser: false } ? turn : null;
        draft.Tell(new UserEvent(EventKind.Inbound, draft.Now, command.Business, number, command.PhoneNumber)
        {
            Template = answered is { } last ? quoted?.Template ?? DeliveredSince(last, relation, draft.Now) : 0,
            Response = answered is { } sent ? draft.Now - sent.At : null,
        });

        if (command.Button is { } button && quoted is { Direction: Direction.ToUser })
        {
            draft.Tell(MessageActions.EventOf(EventKind.Clicked, quoted, draft.Now) with { Detail = button });
        }

        relation = word switch
        {
            Word.None => relation,
            Word.Stop => Stop(draft, relation, command.PhoneNumber),
            Word.StopAll => StopAll(draft, relation, command.PhoneNumber),
            Word.Start => Start(draft, relation, command.PhoneNumber),
        };
        draft.Put(opens ? relation with { WindowFrom = draft.Now, Turn = Turn.Wrote(turn, draft.Now) } : relation);

        return draft.Done(new NewMessage(
            number,
            Direction.FromUser,
            command.Business,
            command.PhoneNumber,
            Template: 0,
            Category.Service,
            draft.Now,
            command.Content,
            command.Key,
            command.Key is null ? 0 : command.Body,
            CallbackData: null,
            Explanation: default));
    }

    /// <summary>
    /// The template that an answer which names no message is most likely about: the one delivered last, if that was since the business wrote last; 0 for none.
    /// The record knows only those that count for quality.
    /// </summary>
    private static long DeliveredSince(Turn sent, Relation relation, Instant now) =>
        relation.Quality?.Live(now) is { DeliveredAt: { } deliveredAt } trail && deliveredAt >= sent.At ? trail.Template : 0;

    /// <summary>Why a message can't answer these: it answers what was said between this user and this business. Null when it can.</summary>
    /// <param name="business">The business that writes, or is written to.</param>
    /// <param name="numbers">Numbers of the messages that are answered or reacted to.</param>
    /// <param name="answered">Those of them that there are.</param>
    public static ActionRefusal? WhyNotAnswer(long business, ImmutableArray<long> numbers, IReadOnlyCollection<StoredMessage> answered) =>
        numbers.Any(number => !answered.Any(message => message.Number == number)) ? ActionRefusal.MessageUnknown
        : answered.Any(message => message.Business != business) ? ActionRefusal.MessageMismatch
        : null;

    private static Relation Stop(Draft draft, Relation relation, long number)
    {
        if (relation.Stop != MarketingStop.None)
        {
            return relation;
        }

        var mark = QualitySignals.Signal(ref relation, NegativeSignal.OptOut, draft.Now);
        draft.Tell(new UserEvent(
            EventKind.Stopped, draft.Now, relation.Business, PhoneNumber: number, Detail: (byte)MarketingStop.ByWord, Quality: mark));
        return relation with { Stop = MarketingStop.ByWord };
    }

    private static Relation StopAll(Draft draft, Relation relation, long number)
    {
        var stopped = relation.Which(Categories.All, consent => !consent.IsTakenAwayByUser || relation.IsBeforeLastMessage(consent));
        if (stopped == Categories.None)
        {
            return relation;
        }

        var entry = draft.Log(relation.Business, grant: false, stopped, ConsentActor.UserWord, ConsentSource.Message, draft.Now);
        var mark = QualitySignals.Signal(ref relation, NegativeSignal.OptOut, draft.Now);
        draft.Tell(new UserEvent(
            EventKind.OptedOut,
            draft.Now,
            relation.Business,
            PhoneNumber: number,
            Categories: stopped,
            Detail: (byte)ConsentActor.UserWord,
            Quality: mark));
        return relation.Set(stopped, consent => new Consent(Stopped(consent), draft.Now, consent.Source, entry));
    }

    /// <summary>What the user's word took away before stays taken away in the same way, so that a START word undoes no more than it did.</summary>
    private static ConsentStatus Stopped(Consent consent) =>
        consent.IsTakenAwayByUser ? consent.Status
        : consent.IsLive ? ConsentStatus.StoppedWhileGranted
        : consent.IsWithdrawn ? ConsentStatus.StoppedWhileWithdrawn
        : ConsentStatus.StoppedWhileNotGranted;

    private static Relation Start(Draft draft, Relation relation, long number)
    {
        if (relation.Stop == MarketingStop.ByWord)
        {
            draft.Tell(new UserEvent(
                EventKind.Resumed, draft.Now, relation.Business, PhoneNumber: number, Detail: (byte)MarketingStop.ByWord));
            relation = relation with { Stop = MarketingStop.None };
        }

        var restored = relation.Which(Categories.All, consent => consent.Status == ConsentStatus.StoppedWhileGranted);
        if (restored != Categories.None)
        {
            var entry = draft.Log(relation.Business, grant: true, restored, ConsentActor.UserWord, ConsentSource.Message, draft.Now);
            draft.Tell(new UserEvent(
                EventKind.OptedIn, draft.Now, relation.Business, PhoneNumber: number, Categories: restored, Detail: (byte)ConsentActor.UserWord));
            relation = relation.Set(restored, _ => new Consent(ConsentStatus.Granted, draft.Now, ConsentSource.Message, entry));
        }

        var withdrawn = relation.Which(Categories.All, consent => consent.Status == ConsentStatus.StoppedWhileWithdrawn);
        var neverGiven = relation.Which(Categories.All, consent => consent.Status == ConsentStatus.StoppedWhileNotGranted);
        return relation.Set(withdrawn, consent => consent with { Status = ConsentStatus.WithdrawnByBusiness }).Set(neverGiven, _ => default);
    }
}
