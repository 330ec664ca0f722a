using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;
using Orleans.Placement;

namespace Actors.Grains;

/// <summary>One user in memory: loads the record, asks the policy, commits, answers. The ledger is the truth; this is where a busy user lives.</summary>
/// <remarks>
/// Not reentrant: one decision at a time. Two activations of one user can exist for a moment when a node dies or joins, and an old one stays in
/// memory; the record's version lets only one of them commit.
/// </remarks>
[GrainType(TypeName)]
[RandomPlacement]   // for silos of the version before UserDirectory, while they run beside this one's: they don't know where users live
[Immovable(ImmovableKind.Rebalancer)]   // for them, too: they move who is in memory
[CollectionAgeLimit(Minutes = 2)]
internal sealed partial class UserGrain(UserLedger ledger, PolicyBook policy, GrainsSettings settings) : Grain, IUserGrain
{
    /// <summary>The name that silos and stored figures know it by.</summary>
    public const string TypeName = "user";

    /// <summary>
    /// A conflict means that somebody else committed, so that the system moved on; a user who loses so often in a row is better told to come again.
    /// </summary>
    private const int AttemptsMax = 8;

    /// <summary>
    /// So long whoever says something that can be taken back surely waits for its answer: after this time an API node may have said the same again over another
    /// silo, and the user something else since. Later it isn't taken up, and nothing is decided anew.
    /// </summary>
    private static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(1.5);

    /// <summary>By no more do the clocks of two silos differ that are trusted.</summary>
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromSeconds(0.5);

    /// <summary>Bytes: a receipt and a few longer numbers.</summary>
    private const int RoomToGrow = 32;

    /// <summary>Version of the record as last read or committed; null when it isn't known: read before the next decision.</summary>
    private long? _version;

    /// <summary>
    /// That record, encoded, in a buffer that it is copied into. To decode it for each decision costs a microsecond; a graph of objects for each of many
    /// users, replaced by each commit, costs the garbage collector pauses of 35 ms instead of 15.
    /// </summary>
    private byte[] _buffer = [];

    private int _length;

    /// <summary>What an earlier erasure left, where the decision under way has asked for it.</summary>
    private (bool IsRead, Past? Value) _past;

    private long User => this.GetPrimaryKeyLong();

    public Task<InboundReply> WriteAsync(InboundCommand command) => DecideAsync(
        async (state, numbers, now) =>
        {
            var (use, message) = await FindKeyAsync(state, command.Key, command.Body, numbers, now);
            if (use != KeyUse.New)
            {
                var reply = use == KeyUse.Same
                    ? new InboundReply(null, message, true, WindowUntil(state, command.Business, numbers.Window, now))
                    : new InboundReply(ActionRefusal.KeyReused, 0, false, null);
                return new Step<InboundReply>(reply, null);
            }

            // Most answer nothing, and that costs nothing.
            IReadOnlyList<StoredMessage> quoted = command.Answers.IsEmpty ? [] : await ledger.ReadMessagesAsync(User, command.Answers);
            if (InboundGate.WhyNotAnswer(command.Business, command.Answers, quoted) is { } refusal)
            {
                return new Step<InboundReply>(new InboundReply(refusal, 0, false, null), null, Final: true);
            }

            var decision = InboundGate.Decide(state, command, numbers, now, quoted is [var one] ? one : null);
            return new Step<InboundReply>(
                new InboundReply(
                    decision.Refusal,
                    decision.Change?.Message?.Number ?? 0,
                    false,
                    WindowUntil(decision.Change?.Next ?? state, command.Business, numbers.Window, now)),
                decision.Change);
        },
        Outage<InboundReply>,
        limited: false);

    public Task<ActionReply> OptOutAsync(long business, Categories categories, bool byUser) =>
        ActAsync((state, _, now) => ConsentActions.OptOut(state, business, categories, byUser, now));

    public Task<ActionReply> StopMarketingAsync(long business) => ActAsync((state, _, now) => ConsentActions.StopMarketing(state, business, now));

    public Task<ActionReply> ResumeMarketingAsync(long business) => ActAsync((state, _, now) => ConsentActions.ResumeMarketing(state, business, now));

    public Task<ActionReply> BlockAsync(long business, ComplaintReason reason) =>
        ActAsync((state, _, now) => UserActions.Block(state, business, reason, now));

    public Task<ActionReply> UnblockAsync(long business) => ActAsync((state, _, now) => UserActions.Unblock(state, business, now));

    public Task<ActionReply> ReportAsync(long business, ComplaintReason reason, long? message, bool block) => message is { } number
        ? ActOnMessageAsync(number, (state, stored, _, now) => UserActions.Report(state, business, reason, stored, block, now))
        : ActAsync((state, _, now) => UserActions.Report(state, business, reason, null, block, now));

    public Task<ActionReply> AddDeviceAsync(string device) => ActAsync((state, _, now) => UserActions.AddDevice(state, device, now));

    public async Task<ActionReply> RemoveDeviceAsync(string device)
    {
        // Each step either ends it or takes the device further, and there are only so many messages.
        for (var cameTo = 0L; ;)
        {
            var step = await RemoveOrReleaseAsync(device);
            SaidAt.Forget();   // taken up
            if (step.Reply is { } reply)
            {
                return reply;
            }

            // It has gone back only where somebody removed it and added it anew meanwhile: whoever wants that one gone, too, says so again.
            cameTo = step.ReleasedUpTo > cameTo ? step.ReleasedUpTo : throw Outages.Of(CommitOutcome.Unavailable);
        }
    }

    public Task<ActionReply> SetBusinessBlockAsync(long business, bool blocked) =>
        ActAsync((state, numbers, now) => UserActions.SetBusinessBlock(state, business, blocked, numbers, now), limited: blocked);

    public Task<UserView> ViewAsync() => DecideAsync(
        async (state, _, now) =>
        {
            var version = _version!.Value;
            var consents = await ledger.Store.ReadConsentsAsync(User, CancellationToken.None);
            return new Step<UserView>(new UserView(now, version, state, [.. consents.Select(c => c.Entry)]), null);
        },
        Outage<UserView>,
        limited: false);

    private Task<ActionReply> ActAsync(Func<UserState, PolicyNumbers, Instant, ActionDecision> decide, bool limited = false) => DecideAsync(
        (state, numbers, now) => ValueTask.FromResult(ToStep(decide(state, numbers, now))),
        Outage<ActionReply>,
        limited);

    /// <summary>
    /// The one way to an answer: load, decide at one reading of the clock, commit, and only then take the new record for the state. A lost version means that
    /// somebody else committed: load and decide again.
    /// </summary>
    /// <remarks>
    /// No promise without a look: an answer that commits nothing is given only when the record is known to be the newest. It is known when it was
    /// read in this very call, or when no other process can write (<see cref="GrainsSettings.IsSoleWriter"/>: then this is the only activation).
    /// Otherwise the version is read again, gathered with others' reads; if it moved, the decision is made again. What is final needs no look: it
    /// rests on nothing that is in memory. (A message that was made for a key stays made unless the user is erased.)
    /// Every commit carries the version of the policy that it was decided by. When another one holds, the node learns it and the decision is made again.
    /// </remarks>
    /// <param name="decide">From state, numbers and time to the answer and what must be durable before it is given.</param>
    /// <param name="failed">The answer when it can't be done.</param>
    /// <param name="limited">Whether a period limits it, so that it needs a trusted clock.</param>
    /// <param name="fence">The epoch that it was admitted under; null for what no business's restriction can forbid.</param>
    /// <param name="admittedBy">The version of the policy that whoever admitted it knows; this node learns it first. Null for none.</param>
    private async Task<TReply> DecideAsync<TReply>(
        Func<UserState, PolicyNumbers, Instant, ValueTask<Step<TReply>>> decide,
        Func<CommitOutcome, TReply> failed,
        bool limited,
        Fence? fence = null,
        uint? admittedBy = null)
    {
        try
        {
            var startedAt = TimeProvider.System.GetTimestamp();
            var isNewest = settings.IsSoleWriter;
            if (admittedBy > policy.Current.Version)
            {
                await policy.AtLeastAsync(admittedBy.Value);
            }

            for (var attempt = 0; attempt < AttemptsMax && (attempt == 0 || TimeProvider.System.GetElapsedTime(startedAt) < HeardWithin); attempt++)
            {
                isNewest |= _version is null;
                _past = default;
                var record = _version is { } version ? UserRecord.Of(User, version, _buffer.AsSpan(0, _length)) : Keep(await ledger.ReadUserAsync(User));
                if (limited && !ledger.Clock.IsTrusted)
                {
                    return failed(CommitOutcome.Unavailable);
                }

                // Behind the read: from here on the version speaks for it.
                if (SaidAt.Current is { } saidAt && !IsTakenUp(saidAt))
                {
                    throw new SiloUnavailableException("It was said too long ago to be taken up; nothing was done.");
                }

                var numbers = policy.Current;
                var step = await decide(record.State, numbers, Instant.Max(ledger.Clock.Now, record.State.LastAt));
                if (step.Change is not null && record.Version == 0
                    && (_past.IsRead ? _past.Value : await ledger.ReadPastAsync(User, 0)) is { Messages: > 0 } past)
                {
                    // Somebody erased begins anew: their numbers go on, so that no id ever stands for another message.
                    record = record with { State = record.State with { Messages = past.Messages } };
                    step = await decide(record.State, numbers, Instant.Max(ledger.Clock.Now, record.State.LastAt));
                }

                if (step.Change is { } change)
                {
                    _version = null;
                    var result = await ledger.CommitAsync(record, change, fence, numbers.Version);
                    switch (result.Outcome)
                    {
                        case CommitOutcome.Committed:
                            Keep(result.Record!);
                            return step.Reply;
                        case CommitOutcome.Conflict:
                            continue;
                        case CommitOutcome.OldPolicy:
                            _version = record.Version;
                            await policy.AtLeastAsync(numbers.Version + 1);
                            continue;
                        case CommitOutcome.Stale or CommitOutcome.Overloaded:
                            _version = record.Version;
                            break;
                    }

                    return failed(result.Outcome);
                }

                if (isNewest || step.Final)
                {
                    return step.Reply;
                }

                if (Keep(await ledger.ReadUserAsync(User)).Version == record.Version)
                {
                    return step.Reply;
                }

                isNewest = true;
            }
        }
        catch (Exception away) when (away is LedgerUnavailableException or OutageException { Kind: OutageKind.Unavailable })   // or the policy, read from it
        {
            return failed(CommitOutcome.Unavailable);
        }

        return failed(CommitOutcome.Unavailable);
    }

    /// <summary>
    /// Whether a word is still good. Ahead of this silo's clock it isn't either: then the machine stood still, and the clock with it. Where the clock can't be
    /// trusted, nobody can tell, and what people say goes before.
    /// </summary>
    private bool IsTakenUp(Instant saidAt) =>
        !ledger.Clock.IsTrusted || (ledger.Clock.Now - saidAt is var age && age <= HeardWithin && age >= -ClocksDiffer);

    private UserRecord Keep(UserRecord record)
    {
        var stored = record.Stored.Span;
        if (stored.Length > _buffer.Length)
        {
            _buffer = new byte[stored.Length + RoomToGrow];
        }

        stored.CopyTo(_buffer);
        (_version, _length) = (record.Version, stored.Length);
        return record;
    }

    private static Instant? WindowUntil(UserState state, long business, WindowNumbers window, Instant now) =>
        state.RelationWith(business) is { } relation && relation.WindowIsOpen(window, now) ? relation.WindowUntil(window) : null;

    private static Step<ActionReply> ToStep(ActionDecision decision) =>
        new(new ActionReply(decision.Refusal, decision.Change is not null), decision.Change);

    private static TReply Outage<TReply>(CommitOutcome outcome) => throw Outages.Of(outcome);

    /// <param name="Reply">The answer, given only when <paramref name="Change"/> is durable.</param>
    /// <param name="Change">What has to be durable first; null when nothing changes.</param>
    /// <param name="Final">Whether the answer holds whatever happened since the record was read.</param>
    private readonly record struct Step<TReply>(TReply Reply, Change? Change, bool Final = false);
}
