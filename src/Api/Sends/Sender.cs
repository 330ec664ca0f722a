using System.Collections.Immutable;
using Actors.Api.Auth;
using Actors.Api.Graph.Messages;
using Actors.Api.Leases;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Sends;

namespace Actors.Api.Sends;

/// <summary>How a send ended at the edge.</summary>
internal enum SendEnd
{
    /// <summary>The user's grain answered: see the reply.</summary>
    Replied,

    /// <summary>The business's half of the gate refused: see the facts.</summary>
    RefusedHere,

    /// <summary>The caller's token was revoked meanwhile.</summary>
    TokenRevoked,

    /// <summary>The business has no such number.</summary>
    NumberUnknown,

    /// <summary>The marketing edge was asked to send another category.</summary>
    NotMarketing,

    /// <summary>The business changes faster than it can send.</summary>
    LeaseUnsettled,
}

/// <summary>How a send ended, and what is needed to say so.</summary>
/// <param name="End">How.</param>
/// <param name="Facts">What the business's half of the gate knew; null where it was not asked.</param>
/// <param name="Reason">Why it is refused; null when it isn't.</param>
/// <param name="Reply">The user's grain's answer; null where it was not asked.</param>
/// <param name="Policy">The version of the policy that the business's half was decided by.</param>
/// <param name="Template">The template's id; 0 where it names none that there is, or none was looked at.</param>
internal readonly record struct SendResult(
    SendEnd End, AdmissionFacts? Facts = null, Reason? Reason = null, SendReply? Reply = null, uint? Policy = null, long Template = 0)
{
    /// <summary>The version of the policy that it was decided by; null where that isn't known.</summary>
    public uint? DecidedBy => Reply?.Policy ?? Policy;

    /// <summary>The trace of both halves as the business may see it.</summary>
    public ImmutableArray<Finding> PublicTrace()
    {
        var admitted = Facts is null ? [] : BusinessGate.Explain(Facts);
        return End == SendEnd.RefusedHere || Reply is null
            ? SendGate.PublicView(admitted)
            : [.. SendGate.PublicView(admitted), .. SendGate.PublicView(Reply.Trace)];
    }

    /// <summary>The whole trace of both halves, also behind the first refusal; for operators.</summary>
    public ImmutableArray<Finding> WholeTrace() =>
        [.. Facts is null ? [] : BusinessGate.Explain(Facts), .. Reply is { Trace.IsDefault: false } reply ? reply.Trace : []];

    /// <summary>Why, as the business may know it; null when it isn't refused.</summary>
    public Reason? PublicReason() => Reason is { } reason ? SendGate.PublicReason(reason, Reply?.Trace ?? []) : null;

    /// <summary>The first instant at which waiting has helped, to the full hour where others' sends decide it; null when it doesn't help.</summary>
    public Instant? PublicRetryAt() => End == SendEnd.RefusedHere ? (Facts is null ? null : BusinessGate.RetryAt(Facts))
        : Reply is { } reply ? SendGate.PublicRetryAt(reply.RetryAt, reply.RetryAtIsPublic, reply.Trace) : null;
}

/// <summary>Admits a send by the business's lease and asks the user's grain, once or as often as the lease turns out to be old.</summary>
internal sealed class Sender(
    UserGrains users, LeaseCache leases, Quotas quotas, Throughputs throughputs, PolicyBook policy, Trials trials, DeadNodes deadNodes, TimeProvider time)
{
    private const int TriesMax = 4;

    /// <summary>Sends, or finds out how a send would end.</summary>
    /// <param name="number">Id of the number it is sent from; of the caller's business.</param>
    /// <param name="key">Hash of the idempotency key; null when none was given.</param>
    public ValueTask<SendResult> SendAsync(Caller caller, long number, SendEdge edge, ParsedSend send, ulong? key, bool dryRun) =>
        !dryRun && trials.Begin(number, send) is { } trial
            ? TryAsync(caller, number, edge, send, key, trial)
            : SendAsync(caller, number, edge, send, key, dryRun, null);

    /// <summary>Sends as ever, and counts how the shadow policy would have decided it.</summary>
    private async ValueTask<SendResult> TryAsync(Caller caller, long number, SendEdge edge, ParsedSend send, ulong? key, Trial trial)
    {
        var result = await SendAsync(caller, number, edge, send, key, dryRun: false, trial);
        trials.End(trial, result);
        return result;
    }

    private async ValueTask<SendResult> SendAsync(Caller caller, long number, SendEdge edge, ParsedSend send, ulong? key, bool dryRun, Trial? trial)
    {
        var business = Ids.BusinessOf(number);
        var arrivedAt = time.GetTimestamp();
        var lease = await leases.GetAsync(business);
        TimeSpan? wait = null;
        (long Epoch, int Level)? counted = null;
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (lease is null || (caller.Role == CallerRole.Business && lease.Business.TokenEpoch != caller.Epoch))
            {
                return new(SendEnd.TokenRevoked);
            }

            if (!lease.TryGetNumber(number, out var own))
            {
                return new(SendEnd.NumberUnknown);
            }

            var numbers = policy.Current;
            if (lease.Policy is { } seenBy && seenBy != numbers.Version)
            {
                // A send is decided by one version of the policy from end to end: who is behind catches up.
                await policy.AtLeastAsync(seenBy);
                lease = seenBy < numbers.Version ? await leases.AskedSinceAsync(business, time.GetTimestamp()) : lease;
                continue;
            }

            // Once under each epoch: a share of the one before may be somebody else's by now.
            var perSecond = Throughput.PerSecond(lease.Business.Limit, lease.Business.Quality, numbers.Throughput);
            if (!dryRun && counted != (lease.Epoch, perSecond))
            {
                var take = await throughputs.TakeAsync(business, number, lease.Epoch, perSecond, trial?.Rate(lease));
                if (take.IsStale)
                {
                    lease = await leases.AskedSinceAsync(business, time.GetTimestamp());
                    continue;
                }

                (wait, counted) = (take.Wait, (lease.Epoch, perSecond));
            }

            var (facts, template) = await FactsAsync(lease, send, own, wait, perSecond);
            See(trial, lease, facts, template);
            if (BusinessGate.Decide(facts) is { } reason)
            {
                // What was approved or unlocked since the lease was read is seen at once; what was forbidden since, the ledger sees.
                if (lease.ObtainedAt < arrivedAt && IsOfLease(reason, lease))
                {
                    lease = await leases.AskedSinceAsync(business, arrivedAt);
                    continue;
                }

                return await ReplayAsync(number, send, key, dryRun) ?? new(SendEnd.RefusedHere, facts, reason, null, numbers.Version, template?.Id ?? 0);
            }

            var category = template?.Content.Category ?? Category.Service;
            if (edge == SendEdge.MarketingMessages && category != Category.Marketing)
            {
                return await ReplayAsync(number, send, key, dryRun) ?? new(SendEnd.NotMarketing);
            }

            var request = new SendRequest(Command(lease.Business, number, send, template, category, key), lease.Epoch, lease.Policy, trial?.Ask);
            var user = users[send.User];
            var reply = await OfferAsync(lease, user, request, dryRun);
            if (reply.Reason == Reason.BusinessRestricted && lease.ObtainedAt < arrivedAt && IsOfLease(Reason.BusinessRestricted, lease))
            {
                lease = await leases.AskedSinceAsync(business, arrivedAt);
                continue;
            }

            if (reply.Outcome != SendOutcome.Stale)
            {
                var told = reply.Trace.IsDefaultOrEmpty ? reply : reply with
                {
                    Trace = SendGate.WithLimit(
                        reply.Trace, MessagingLimit.Users(lease.Business.Limit), reply.Reason == Reason.MessagingLimit ? reply.RetryAt : null),
                };
                return new(SendEnd.Replied, facts, reply.Reason, told, Template: template?.Id ?? 0);
            }

            lease = await leases.AskedSinceAsync(business, time.GetTimestamp());
        }

        return new(SendEnd.LeaseUnsettled);
    }

    private void See(Trial? trial, HeldLease lease, AdmissionFacts facts, TemplateView? template)
    {
        if (trial is null)
        {
            return;
        }

        trial.See(lease, facts, template);
        if (!trial.Knows(lease))
        {
            leases.RenewSoon(lease.Business.Id);   // it is of before the shadow
        }
    }

    /// <summary>
    /// Sends with a place of the messaging limit, where one is at hand and they aren't scarce. Only the user's grain knows whether the send needs one: where it
    /// does and has none, one is taken or borrowed and the send made again.
    /// </summary>
    private async ValueTask<SendReply> OfferAsync(HeldLease lease, IUserGrain user, SendRequest request, bool dryRun)
    {
        if (MessagingLimit.Users(lease.Business.Limit) is null)
        {
            return await AskAsync(0, null);
        }

        var business = request.Command.Business;
        var place = quotas.TryTakeAlong(business, lease.Epoch);
        var reply = await AskAsync(place?.Piece.Id, place);
        if (reply.Reason != Reason.MessagingLimit || place is not null)
        {
            return reply;
        }

        (place, var quota) = await quotas.BorrowAsync(business, lease.Epoch);
        if (place is not null)
        {
            return await AskAsync(place.Value.Piece.Id, place);
        }

        return quota.Outcome == QuotaOutcome.Stale
            ? reply with { Outcome = SendOutcome.Stale }
            : reply with { RetryAt = quota.RetryAt, RetryAtIsPublic = true };

        async ValueTask<SendReply> AskAsync(long? piece, QuotaPlace? place)
        {
            var isUsed = true;   // where nothing is known, it may be
            try
            {
                var offered = request with { Command = request.Command with { Quota = piece } };
                var reply = await (dryRun ? deadNodes.IdempotentAsync(() => user.DryRunAsync(offered)) : deadNodes.SendAsync(user, offered));
                isUsed = reply.Opened || reply.Outcome is SendOutcome.Unknown or SendOutcome.Undecided;
                return reply;
            }
            finally
            {
                place?.End(isUsed);
            }
        }
    }

    /// <summary>
    /// A retry gets the message that its key made, also where a new send would now be refused here, before the user's grain (G5); null where the key made none.
    /// </summary>
    private async ValueTask<SendResult?> ReplayAsync(long number, ParsedSend send, ulong? key, bool dryRun) =>
        key is { } hash && !dryRun && await users.IdempotentAsync(
            send.User, u => u.ReplayAsync(hash, SendKeys.Body(number, send.Content, send.CallbackData))) is { } reply
            ? new SendResult(SendEnd.Replied, Reply: reply)
            : null;

    /// <summary>
    /// Whether a refusal rests on what the lease says. How often that is looked up again is bounded: by the number's throughput for a template, by time for
    /// a lock.
    /// </summary>
    private bool IsOfLease(Reason reason, HeldLease lease) =>
        reason is Reason.TemplateUnknown or Reason.TemplatePaused or Reason.TemplateDisabled or Reason.TemplateMismatch
        || (reason is Reason.BusinessLocked or Reason.BusinessRestricted && leases.MayBeOutOfDate(lease));

    private async ValueTask<(AdmissionFacts Facts, TemplateView? Template)> FactsAsync(
        HeldLease lease, ParsedSend send, BusinessNumber own, TimeSpan? wait, int perSecond)
    {
        // Beyond its messages per second a number costs no look at a template, unless a restriction asks for the category.
        var business = lease.Business;
        var template = send.Template is { } use && (wait is null || business.Restriction > Restriction.Warning)
            ? await lease.TemplateAsync(use.Name, use.Language)
            : null;
        var facts = new AdmissionFacts
        {
            Locked = business.Status == BusinessStatus.Locked,
            Restriction = business.Restriction,
            RestrictedUntil = business.RestrictedUntil,
            Now = business.RestrictedUntil is null ? default : lease.Now,
            Category = template?.Content.Category ?? Category.Service,
            Tier = business.Tier,
            Quality = business.Quality,
            ThroughputFreeAt = wait is { } free ? Instant.From(time.GetUtcNow() + free + TimeSpan.FromMilliseconds(1)) : null,
            ThroughputLimit = perSecond,
            IsTemplate = send.Template is not null,
            TemplateStatus = template?.Status,
            TemplateMismatch = Trial.Mismatch(template, template?.Status, send),
            RecipientIsSender = send.User == own.PhoneNumber,
        };
        return (facts, template);
    }

    /// <summary>The send as the user's half sees it.</summary>
    public static SendCommand Command(BusinessView business, long number, ParsedSend send, TemplateView? template, Category category, ulong? key) => new()
    {
        Business = business.Id,
        PhoneNumber = number,
        Template = template?.Id ?? 0,
        Category = category,
        Life = template?.Content.Life,
        Content = send.Content,
        Key = key,
        Body = key is null ? 0 : SendKeys.Body(number, send.Content, send.CallbackData),
        CallbackData = send.CallbackData,
        Answers = send.Answered?.Number,
        WindowOnlyUntil = business.Restriction == Restriction.WindowOnly ? business.RestrictedUntil : null,
    };
}
