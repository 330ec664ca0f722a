using System.Globalization;
using Actors.Ledger;
using Actors.Policy.Webhooks;

namespace Actors.Grains.Webhooks;

/// <summary>Makes a delivery of a batch and tries it once. One per node.</summary>
internal sealed class WebhookSender(WebhookClient client, OutgoingGate gate, WebhookKeys keys, UserLedger ledger, WebhookMetrics metrics)
{
    /// <summary>Tries once.</summary>
    /// <param name="business">The business's id.</param>
    /// <param name="webhook">Where to, as it is now.</param>
    /// <param name="field">The field of the batch.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="pages">Where its updates are.</param>
    /// <param name="read">Its updates, where they were just read; null to read them.</param>
    /// <param name="isRedriven">Whether it was parked.</param>
    /// <param name="stopping">Ends it: then it isn't known whether it arrived.</param>
    /// <returns>How it ended, and the places of the updates that were in it.</returns>
    /// <exception cref="LedgerUnavailableException">It can't be read now: nothing was tried.</exception>
    public async Task<(AttemptResult Result, IReadOnlyList<long> Places)> TryAsync(
        long business,
        Webhook webhook,
        string field,
        DeliveryBatch batch,
        WebhookPages pages,
        IReadOnlyList<WebhookUpdate>? read,
        bool isRedriven,
        CancellationToken stopping)
    {
        var isSuspect = isRedriven || webhook.Book.Lane(field) is { Failures: > 0 };
        if (!gate.TryEnter(business, isSuspect))
        {
            read = null;   // whoever waits holds nothing
            await gate.EnterAsync(business, isSuspect, stopping);
        }

        try
        {
            read ??= await pages.ReadRangeAsync(field, batch.After, batch.UpTo, stopping);
            using var body = WebhookBody.Write(business, field, read);
            var cipher = await keys.CipherAsync();
            var signatures = webhook.SecretsAt(ledger.Clock.Now)
                .Select(secret => WebhookSecrets.Sign(WebhookSecrets.Open(cipher, secret), body.Written.Span)).ToArray();
            var id = string.Create(CultureInfo.InvariantCulture, $"{business}-{webhook.Id}-{batch.Sequence}");
            var call = new WebhookCall(new Uri(webhook.CallbackUri), id, batch.Sequence, signatures, isRedriven);
            var result = await client.DeliverAsync(call, body.Written, stopping);
            metrics.Tried(result, read.Count);
            return (result, [.. read.Select(update => update.Seq)]);
        }
        finally
        {
            gate.Leave(business, isSuspect);
        }
    }
}
