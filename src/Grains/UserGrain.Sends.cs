using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>Sends to the user: decided, tried, and found again by their key.</summary>
internal sealed partial class UserGrain
{
    public Task<SendReply> SendAsync(SendRequest request) =>
        TriedBy(request) is { } tried ? WithShadowAsync(DecideAsync(request, tried), tried) : DecideAsync(request, null);

    private Task<SendReply> DecideAsync(SendRequest request, Tried? tried)
    {
        var command = request.Command;
        return DecideAsync(
            async (state, numbers, now) =>
            {
                if (Used(await FindKeyAsync(state, command.Key, command.Body, numbers, now)) is { } used)
                {
                    return new Step<SendReply>(used, null);
                }

                if (request.Policy < numbers.Version)
                {
                    return new Step<SendReply>(new SendReply { Outcome = SendOutcome.Stale }, null, Final: true);
                }

                if (await AnswersNothingAsync(command) is { } nothing)
                {
                    return new Step<SendReply>(nothing, null, Final: true);
                }

                var decision = SendGate.Decide(state, command, numbers, now, Zones.OffsetAt);
                tried?.Decide(state, command, now);
                return decision.Change is { Message: { } accepted } change
                    ? new Step<SendReply>(Accepted(accepted.Number, change, numbers), change)
                    : new Step<SendReply>(Explained(SendOutcome.Refused, decision, state, command, numbers, now), null);
            },
            static outcome => new SendReply { Outcome = ToSendOutcome(outcome) },
            limited: true,
            new Fence(command.Business, request.Epoch),
            request.Policy);
    }

    public Task<SendReply?> ReplayAsync(ulong key, ulong body) => DecideAsync(
        async (state, numbers, now) =>
        {
            var used = Used(await FindKeyAsync(state, key, body, numbers, now));
            return new Step<SendReply?>(used, null);
        },
        static outcome => new SendReply { Outcome = ToSendOutcome(outcome) },
        limited: true);

    public Task<SendReply> DryRunAsync(SendRequest request) =>
        TriedBy(request) is { } tried ? WithShadowAsync(DryRunAsync(request, tried), tried) : DryRunAsync(request, null);

    private Task<SendReply> DryRunAsync(SendRequest request, Tried? tried) => DecideAsync(
        async (state, numbers, now) =>
        {
            if (await AnswersNothingAsync(request.Command) is { } nothing)
            {
                return new Step<SendReply>(nothing, null, Final: true);
            }

            var decision = SendGate.Decide(state, request.Command, numbers, now, Zones.OffsetAt);
            tried?.Decide(state, request.Command, now);
            var outcome = decision.Change is null ? SendOutcome.Refused : SendOutcome.WouldAccept;
            return new Step<SendReply>(Explained(outcome, decision, state, request.Command, numbers, now), null);
        },
        static outcome => new SendReply { Outcome = ToSendOutcome(outcome) },
        limited: true,
        admittedBy: request.Policy);

    /// <summary>The shadow policy, where the sender asks for what it says and this node tries the same one.</summary>
    private Tried? TriedBy(SendRequest request) =>
        request.Shadow is { } ask && policy.Shadow is { } shadow && shadow.Id == ask.Shadow ? new Tried(shadow.Numbers, ask.WindowOnlyUntil) : null;

    /// <summary>The answer as ever, and what the shadow says of it: on the same state, at the same instant, by the same function.</summary>
    private static async Task<SendReply> WithShadowAsync(Task<SendReply> decided, Tried tried)
    {
        // For a moment after a change of the policy the shadow is still that of the version before.
        var reply = await decided;
        return reply.Outcome is SendOutcome.Accepted or SendOutcome.Refused or SendOutcome.WouldAccept && reply.Policy == tried.Version
            ? reply with { Shadow = tried.Said }
            : reply;
    }

    /// <summary>What a key was used for: by the record, or by the message rows where the record says that keys have fallen out of it (G5).</summary>
    private async ValueTask<(KeyUse Use, long Message)> FindKeyAsync(
        UserState state, ulong? key, ulong body, PolicyNumbers numbers, Instant now)
    {
        if (key is not { } hash)
        {
            return (KeyUse.New, 0);
        }

        var found = Idempotency.Find(state, hash, body, numbers, now);
        if (found.Use != KeyUse.LookUp)
        {
            return found;
        }

        return Idempotency.Find(await ledger.Store.FindMessageAsync(User, hash, CancellationToken.None), body, numbers, now);
    }

    /// <summary>The answer to a send that replies or reacts to what was never said between the two; null for all others.</summary>
    private async ValueTask<SendReply?> AnswersNothingAsync(SendCommand command) =>
        command.Answers is { } number && InboundGate.WhyNotAnswer(command.Business, [number], await ledger.ReadMessagesAsync(User, [number])) is not null
            ? new SendReply { Outcome = SendOutcome.AnswersNothing }
            : null;

    private static SendReply? Used((KeyUse Use, long Message) found) => found.Use switch
    {
        KeyUse.New or KeyUse.LookUp => null,
        KeyUse.Same => new SendReply { Outcome = SendOutcome.Replayed, Message = found.Message },
        KeyUse.Other => new SendReply { Outcome = SendOutcome.KeyReused },
    };

    private static SendReply Accepted(long message, Change change, PolicyNumbers numbers) =>
        new() { Outcome = SendOutcome.Accepted, Message = message, Opened = change.Events[0].Opened, Policy = numbers.Version };

    private static SendReply Explained(
        SendOutcome outcome, SendDecision decision, UserState state, SendCommand command, PolicyNumbers numbers, Instant now) =>
        new()
        {
            Outcome = outcome,
            Reason = decision.Reason,
            RetryAt = decision.RetryAt,
            RetryAtIsPublic = decision.RetryAtIsPublic,
            Trace = SendGate.Explain(state, command, numbers, now, Zones.OffsetAt),
            Policy = numbers.Version,
        };

    private static SendOutcome ToSendOutcome(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.Stale => SendOutcome.Stale,
        CommitOutcome.Overloaded => SendOutcome.Overloaded,
        CommitOutcome.Unknown => SendOutcome.Unknown,
        CommitOutcome.Unavailable or CommitOutcome.Conflict or CommitOutcome.OldPolicy => SendOutcome.Unavailable,
        CommitOutcome.Committed => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "not a failure"),
    };

    /// <summary>What the shadow policy says of one send: of the newest attempt to decide it.</summary>
    private sealed class Tried(PolicyNumbers numbers, Instant? windowOnlyUntil)
    {
        public uint Version => numbers.Version;

        public ShadowSaid? Said { get; private set; }

        // Whether there is a place of the messaging limit isn't the user's to say: the shadow takes it that there is.
        public void Decide(UserState state, SendCommand command, Instant now)
        {
            var decision = SendGate.Decide(state, command with { Quota = 0, WindowOnlyUntil = windowOnlyUntil }, numbers, now, Zones.OffsetAt);
            Said = new ShadowSaid(decision.Reason, decision.Change?.Events[0].Opened == true);
        }
    }
}
