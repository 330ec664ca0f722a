using Actors.Api.Graph.Messages;
using Actors.Contracts;
using Actors.Policy.Businesses;
using Actors.Policy.Sends;

namespace Actors.Api.Sends;

/// <summary>
/// Counts how sends were decided, and how the shadow policy would have decided them, once for each send at its end. Nobody waits for it, and it changes no
/// answer: what it can't find out, it counts as untried.
/// </summary>
internal sealed partial class Trials(PolicyBook policy, UserGrains users, TriedLimits limits, TimeProvider time, ILogger<Trials> logger)
{
    /// <summary>
    /// Sends that were refused before the user's grain and that the shadow would let on to it: so many in a second are asked after there, or who sends far too
    /// much would reach it all the same. The rest is untried.
    /// </summary>
    internal const int AsksPerSecond = 20;

    private readonly Lock _asking = new();
    private long _second;
    private int _asked;

    /// <summary>Begins to try a send; null while nothing is tried.</summary>
    public Trial? Begin(long number, ParsedSend send) => policy.Shadow is { } shadow ? new Trial(shadow, number, send) : null;

    /// <summary>Counts a send that has ended; not what is no decision.</summary>
    public void End(Trial trial, SendResult result)
    {
        if (result is { End: SendEnd.RefusedHere } or { End: SendEnd.Replied, Reply.Outcome: SendOutcome.Accepted or SendOutcome.Refused })
        {
            _ = CountAsync(trial, result);
        }
    }

    private async Task CountAsync(Trial trial, SendResult result)
    {
        try
        {
            if (result.DecidedBy == trial.Shadow.Id.Policy && await FindAsync(trial, result) is (true, var reason))
            {
                trial.Shadow.Count(result.Reason, reason);
                return;
            }
        }
#pragma warning disable CA1031 // Whatever it was: the send is answered, and isn't known to the shadow.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!Failures.IsOutage(exception))
            {
                LogNotTried(logger, exception);
            }
        }

        trial.Shadow.CountUntried();
    }

    /// <summary>Why the shadow would have refused it; null where it would have accepted it. Or that this isn't known.</summary>
    private async ValueTask<(bool IsKnown, Reason? Reason)> FindAsync(Trial trial, SendResult result)
    {
        if (trial.Business is null)
        {
            return default;
        }

        var isRefusedHere = result.End == SendEnd.RefusedHere;
        if (isRefusedHere && (trial.WantsTemplate || trial.Reason is null) && !MayAsk())
        {
            return default;
        }

        await trial.LookUpAsync();
        if (trial.Reason is { } reason)
        {
            return (true, reason);
        }

        var reply = isRefusedHere ? await users[trial.User].DryRunAsync(await trial.RequestAsync()) : result.Reply;
        if (reply?.Shadow is not { } said)
        {
            return default;
        }

        return (true, said.Reason is null && said.Opens && await IsUsedUpAsync(trial, result) ? Reason.MessagingLimit : said.Reason);
    }

    /// <summary>Whether the messaging limit would be used up: where it is the real one, that is known from what became of the send.</summary>
    private async ValueTask<bool> IsUsedUpAsync(Trial trial, SendResult result)
    {
        if (MessagingLimit.Users(trial.Business!.Limit) is not { } users)
        {
            return false;
        }

        var (business, hasOpened) = (trial.Lease!.Business, result.Reply?.Opened == true);
        if (business.Limit == trial.Business.Limit && (hasOpened || result.Reason == Reason.MessagingLimit))
        {
            return !hasOpened;
        }

        return await limits.IsUsedUpAsync(business.Id, users, hasOpened);
    }

    private bool MayAsk()
    {
        lock (_asking)
        {
            var second = time.GetTimestamp() / time.TimestampFrequency;
            (_second, _asked) = second == _second ? (second, _asked + 1) : (second, 1);
            return _asked <= AsksPerSecond;
        }
    }

    [LoggerMessage(EventId = 4021, Level = LogLevel.Error, Message = "What the shadow policy says of a send could not be found out")]
    private static partial void LogNotTried(ILogger logger, Exception exception);
}
