using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>What is said of one message of the user, and the readers of messages.</summary>
internal sealed partial class UserGrain
{
    public Task<ActionReply> AdvanceAsync(long message, MessageStatus to) =>
        ActOnMessageAsync(message, (state, stored, numbers, now) => MessageActions.Advance(state, stored, to, numbers, now));

    public Task<ActionReply> FailAsync(long message, bool handedOut) =>
        ActOnMessageAsync(message, (state, stored, _, now) => MessageActions.Fail(state, stored, handedOut, now));

    // What was handed to a device, the record knows; what the row says is final, and what isn't due is asked for again.
    public Task<bool> ExpireAsync(long message) => DecideAsync(
        async (state, numbers, now) =>
        {
            var stored = await ledger.Store.ReadMessageAsync(User, message, CancellationToken.None);
            var change = stored is null ? null : MessageActions.Expire(state, stored, handedOut: false, numbers, now).Change;
            return new Step<bool>(change is not null || stored is not { Status: MessageStatus.Accepted }, change, Final: true);
        },
        Outage<bool>,
        limited: true);

    public Task<ActionReply> GiveFeedbackAsync(long message, Feedback feedback) =>
        ActOnMessageAsync(message, (state, stored, numbers, now) => MessageActions.GiveFeedback(state, stored, feedback, numbers, now));

    public Task<ActionReply> ClickAsync(long message, byte button) =>
        ActOnMessageAsync(message, (state, stored, _, now) => MessageActions.Click(state, stored, button, now));

    public Task<ActionReply> ReadByBusinessAsync(long business, long message) =>
        ActOnMessageAsync(message, (state, stored, _, now) => MessageActions.ReadByBusiness(state, stored, business, now));

    // Readers of messages touch nothing of this activation, but for the note below: a decision under way doesn't hold them up, nor they it.
    public Task<StoredMessage?> MessageAsync(long message) =>
        Outages.AsOutageAsync(() => ledger.Store.ReadMessageAsync(User, message, CancellationToken.None));

    public async Task<ImmutableArray<StoredMessage>> InboxAsync(long after, int limit)
    {
        var handedOut = ImmutableArray<long>.Empty;
        while (true)
        {
            var page = await Outages.AsOutageAsync(() => Inbox.ReadAsync(ledger.Store, User, after, limit, ledger.Clock.Now));
            ImmutableArray<long> fresh =
            [
                .. page.Where(m => m is { Category: Category.Marketing, Status: MessageStatus.Accepted }).Select(m => m.Number).Except(handedOut),
            ];
            if (fresh.IsEmpty)
            {
                return page;
            }

            // Durable before a device gets them, by a call of its own, since this one runs beside decisions. Then read again: what has failed before that gave
            // its place back, and is handed to nobody.
            await this.AsReference<IUserGrain>().HandOutAsync(fresh);
            handedOut = [.. handedOut, .. fresh];
        }
    }

    public Task<ActionReply> HandOutAsync(ImmutableArray<long> messages) => ActAsync((state, _, now) => MessageActions.HandOut(state, messages, now));

    /// <summary>The message is read anew for each attempt: only its user's commits change it, so the version check covers it, too.</summary>
    private Task<ActionReply> ActOnMessageAsync(long message, Func<UserState, StoredMessage, PolicyNumbers, Instant, ActionDecision> decide) => DecideAsync(
        async (state, numbers, now) =>
        {
            var stored = await ledger.Store.ReadMessageAsync(User, message, CancellationToken.None);
            return ToStep(stored is null ? ActionDecision.Refuse(ActionRefusal.MessageUnknown) : decide(state, stored, numbers, now));
        },
        Outage<ActionReply>,
        limited: false);
}
