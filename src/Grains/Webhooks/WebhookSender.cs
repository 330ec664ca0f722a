using System.Globalization;
using Actors.Ledger;
using Actors.Policy.Webhooks;

namespace Actors.Grains.Webhooks;

/// <summary>A batch that is to be tried.</summary>
/// <param name="Business">The business's id.</param>
/// <param name="Field">The field of the batch.</param>
/// <param name="Batch">The batch.</param>
/// <param name="Pages">Where its updates are.</param>
/// <param name="IsRedriven">Whether it was parked.</param>
/// <param name="IsSuspect">Whether it may take long: see <see cref="OutgoingGate"/>.</param>
internal sealed record WebhookTry(long Business, string Field, DeliveryBatch Batch, WebhookPages Pages, bool IsRedriven, bool IsSuspect);

/// <summary>How a try ended.</summary>
/// <param name="End">How.</param>
/// <param name="Places">The places of the updates that were in it.</param>
/// <param name="Took">How long the receiver was at it.</param>
internal sealed record WebhookTried(AttemptResult End, IReadOnlyList<long> Places, TimeSpan Took);

/// <summary>Makes a delivery of a batch and tries it once. One per node.</summary>
internal sealed class WebhookSender(WebhookClient client, OutgoingGate gate, WebhookKeys keys, UserLedger ledger, WebhookMetrics metrics)
{
    /// <summary>Tries once.</summary>
    /// <param name="what">What.</param>
    /// <param name="webhook">Where to, as it is when it may go; null where it is to go no longer.</param>
    /// <param name="held">Its updates, where they were just read: nothing of them is held while it waits.</param>
    /// <param name="stopping">Ends it: then it isn't known whether it arrived.</param>
    /// <returns>How it ended; null where it went no longer.</returns>
    /// <exception cref="LedgerUnavailableException">It can't be read now: nothing was tried.</exception>
    public async Task<WebhookTried?> TryAsync(WebhookTry what, Func<Webhook?> webhook, HeldUpdates held, CancellationToken stopping)
    {
        if (!gate.TryEnter(what.Business, what.IsSuspect))
        {
            held.Take();
            await gate.EnterAsync(what.Business, what.IsSuspect, stopping);
        }

        try
        {
            return webhook() is { } now ? await SendAsync(what, now, held, stopping) : null;
        }
        finally
        {
            gate.Leave(what.Business, what.IsSuspect);
        }
    }

    private async Task<WebhookTried> SendAsync(WebhookTry what, Webhook webhook, HeldUpdates held, CancellationToken stopping)
    {
        var (batch, isLost) = (what.Batch, false);
        var updates = held.Take();
        if (updates is null)
        {
            (updates, isLost) = await what.Pages.ReadRangeAsync(what.Field, batch.After, batch.UpTo, stopping);
        }

        long[] places = [.. updates.Select(update => update.Seq)];
        if (isLost)
        {
            metrics.Failed("retention");
        }

        if (isLost && places.Length == 0)
        {
            return Hopeless(AttemptOutcome.Lost);
        }

        if (updates.Any(update => update.IsUnreadable))
        {
            return Hopeless(AttemptOutcome.Unreadable);
        }

        using var body = WebhookBody.Write(what.Business, what.Field, updates);
        updates = null;   // the body says it all now
        var cipher = await keys.CipherAsync();
        var signatures = webhook.SecretsAt(ledger.Clock.Now)
            .Select(secret => WebhookSecrets.Sign(WebhookSecrets.Open(cipher, secret), body.Written.Span)).ToArray();
        var id = string.Create(CultureInfo.InvariantCulture, $"{what.Business}-{webhook.Id}-{batch.Sequence}");
        var call = new WebhookCall(
            new Uri(webhook.CallbackUri), new LookupAsker(what.Business, what.IsSuspect), id, batch.Sequence, signatures, what.IsRedriven);
        var since = TimeProvider.System.GetTimestamp();
        var result = await client.DeliverAsync(call, body.Written, stopping);
        metrics.Tried(result, places.Length);
        return new WebhookTried(result, places, TimeProvider.System.GetElapsedTime(since));

        WebhookTried Hopeless(AttemptOutcome outcome)
        {
            var result = new AttemptResult(outcome, 0, ledger.Clock.Now);
            metrics.Tried(result, places.Length);
            return new WebhookTried(result, places, TimeSpan.Zero);
        }
    }
}
