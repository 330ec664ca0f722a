using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>What is said of one message of the user, and the readers of messages.</summary>
internal sealed partial class UserGrain
{
    /// <summary>Messages that are looked at one by one, gathered with those of others, instead of asking for what is left of them.</summary>
    private const int NearMax = 16;

    public async Task<ActionReply> AdvanceAsync(long message, MessageStatus to, string? device)
    {
        var said = (await AcknowledgeAsync(to, device, [message], 0)).Messages[0];
        return new ActionReply(said.Refusal, said.Changed);
    }

    public Task<AcknowledgementReply> AcknowledgeAsync(MessageStatus to, string? device, ImmutableArray<long> messages, long upTo) => DecideAsync(
        async (state, numbers, now) =>
        {
            var meant = messages.IsEmpty ? await ReadMeantAsync(state, upTo, to, now) : await ledger.ReadMessagesAsync(User, messages);
            ImmutableArray<StoredMessage> some = [.. meant.Take(Acknowledgements.Max)];
            var newest = messages.IsEmpty ? upTo : some.Select(message => message.Number).DefaultIfEmpty().Max();
            var said = new Acknowledgement(to, device, Acknowledgements.UpTo(state, newest, now, Zones.OffsetAt));
            var (kept, keptUpTo) = await ReadKeptAsync(state, Acknowledgements.Noted(state, said), some);
            said = said with { UpTo = Math.Min(said.UpTo, keptUpTo) };
            if (to == MessageStatus.Read && messages.IsEmpty)
            {
                // Who says "all up to one" has read them on this device, too, where another one was first: of those none is looked at.
                said = said with { ReadUpTo = Math.Min(said.UpTo, meant.Count > some.Length ? some[^1].Number : upTo) };
            }

            var decision = Acknowledgements.Decide(state, said, some, kept, numbers, now);

            var results = some.Zip(decision.Results).ToDictionary(pair => pair.First.Number, pair => pair.Second);
            var unknown = new Acknowledged(ActionRefusal.MessageUnknown, Changed: false);
            var told = messages.IsEmpty ? some.Select(message => message.Number) : messages;
            var reply = new AcknowledgementReply(
                [.. told.Select(number => (Number: number, Said: results.GetValueOrDefault(number, unknown)))
                    .Select(one => new AcknowledgedMessage(one.Number, one.Said.Refusal, one.Said.Changed))],
                meant.Count > some.Length || (messages.IsEmpty && said.UpTo < newest));
            return new Step<AcknowledgementReply>(reply, decision.Change);
        },
        Outage<AcknowledgementReply>,
        limited: false);

    public Task<ActionReply> FailAsync(long message, bool handedOut, FailureCause cause) =>
        ActOnMessageAsync(message, (state, stored, _, now) => MessageActions.Fail(state, stored, handedOut, now, cause));

    // What was handed to a device, the record knows; what the row says is final, and what isn't due is asked for again.
    public Task<bool> ExpireAsync(long message) => DecideAsync(
        async (state, numbers, now) =>
        {
            var stored = await ReadOneAsync(message);
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

    /// <summary>
    /// What was read and is kept for devices that, before and after something, hadn't and have acknowledged it: nobody may need it any more. Oldest first, at
    /// most <see cref="Acknowledgements.Max"/>; and up to which number that is all of it.
    /// </summary>
    /// <param name="read">Messages that were read just now.</param>
    private async ValueTask<(ImmutableArray<StoredMessage> Kept, long UpTo)> ReadKeptAsync(
        UserState before, UserState after, ImmutableArray<StoredMessage> read)
    {
        var (from, to) = (Acknowledgements.ReleasedUpTo(before), Acknowledgements.ReleasedUpTo(after));
        if (to <= from)
        {
            return ([], long.MaxValue);
        }

        if (to - from <= NearMax)
        {
            // As most devices do, one message after the other: what was read just now is most of it, if not all.
            var known = read.Select(message => message.Number).ToHashSet();
            long[] others = [.. Enumerable.Range(1, (int)(to - from)).Select(step => from + step).Where(number => !known.Contains(number))];
            IReadOnlyList<StoredMessage> near = others.Length == 0 ? [] : await ledger.ReadMessagesAsync(User, others);
            return (
                [
                    .. read.Concat(near)
                        .Where(m => m is { Direction: Direction.ToUser, Status: MessageStatus.Read } && m.Number > from && m.Number <= to)
                        .OrderBy(m => m.Number),
                ],
                long.MaxValue);
        }

        var kept = await ledger.Store.ReadKeptAsync(User, from, to, Acknowledgements.Max + 1, CancellationToken.None);
        return kept.Count > Acknowledgements.Max
            ? ([.. kept.Take(Acknowledgements.Max)], kept[Acknowledgements.Max - 1].Number)
            : ([.. kept], long.MaxValue);
    }

    /// <summary>What "all up to one" means, the oldest first. One more than fits tells whether some are left.</summary>
    private async Task<IReadOnlyList<StoredMessage>> ReadMeantAsync(UserState state, long upTo, MessageStatus below, Instant now)
    {
        var meant = new List<StoredMessage>();
        for (var after = 0L; ;)
        {
            var page = await ledger.Store.ReadUnfinishedAsync(User, after, upTo, below, Acknowledgements.Max + 1, CancellationToken.None);
            meant.AddRange(Acknowledgements.Meant(state, page, now, Zones.OffsetAt));
            if (meant.Count > Acknowledgements.Max || page.Count <= Acknowledgements.Max)
            {
                return meant;
            }

            after = page[^1].Number;
        }
    }

    /// <summary>
    /// Removes a device, and drops what only it hadn't acknowledged. Where that is too much for one commit it drops the oldest of it, as if the device had
    /// acknowledged so far.
    /// </summary>
    /// <returns>The answer, or up to which number nothing is kept for the device any more: then there is more to do.</returns>
    private Task<(ActionReply? Reply, long ReleasedUpTo)> RemoveOrReleaseAsync(string device) => DecideAsync(
        async (state, numbers, now) =>
        {
            var (kept, upTo) = await ReadKeptAsync(state, UserActions.Without(state, device), []);
            if (upTo == long.MaxValue)
            {
                var (reply, removed, _) = ToStep(UserActions.RemoveDevice(state, device, kept, now));
                return new Step<(ActionReply?, long)>((reply, upTo), removed);
            }

            var said = new Acknowledgement(MessageStatus.Delivered, device, upTo, Leaves: true);
            return new Step<(ActionReply?, long)>((null, upTo), Acknowledgements.Decide(state, said, [], kept, numbers, now).Change);
        },
        Outage<(ActionReply?, long)>,
        limited: false);

    private async ValueTask<StoredMessage?> ReadOneAsync(long message) => (await ledger.ReadMessagesAsync(User, [message])) is [var one] ? one : null;

    public Task<PushReply> PushAsync(ImmutableArray<PushedMessage> marketing) => DecideAsync(
        (state, _, now) =>
        {
            var decision = Push.Decide(state, [.. marketing.Select(one => new MarketingToPush(one.Number, one.Business))], now, Zones.OffsetAt);
            return ValueTask.FromResult(new Step<PushReply>(new PushReply(decision.QuietUntil, decision.Withheld), decision.Change));
        },
        Outage<PushReply>,
        limited: false);

    public Task<bool> HasDeviceAsync(string device) => DecideAsync(
        (state, _, _) => ValueTask.FromResult(new Step<bool>(state.Devices.Any(known => known.Name == device), null)),
        Outage<bool>,
        limited: false);

    /// <summary>The message is read anew for each attempt: only its user's commits change it, so the version check covers it, too.</summary>
    private Task<ActionReply> ActOnMessageAsync(long message, Func<UserState, StoredMessage, PolicyNumbers, Instant, ActionDecision> decide) => DecideAsync(
        async (state, numbers, now) =>
        {
            var stored = await ReadOneAsync(message);
            return ToStep(stored is null ? ActionDecision.Refuse(ActionRefusal.MessageUnknown) : decide(state, stored, numbers, now));
        },
        Outage<ActionReply>,
        limited: false);
}
