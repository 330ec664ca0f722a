using System.Buffers;
using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains.Webhooks;

/// <summary>One event as a webhook tells it.</summary>
/// <param name="Seq">The event's place in the ledger.</param>
/// <param name="Field">One of <see cref="WebhookFields"/>.</param>
/// <param name="Value">
/// JSON of <c>changes[].value</c>, in ASCII: other characters are escaped. The Cloud API sends it so, and one client's check of the signature hangs on it.
/// </param>
/// <param name="At">When it happened.</param>
internal readonly record struct WebhookUpdate(long Seq, string Field, byte[] Value, Instant At)
{
    /// <summary>Whether it can't be told: what is stored of it can't be read. It has a place and no value.</summary>
    public bool IsUnreadable => Value.Length == 0;
}

/// <summary>What each event of a business looks like in the Cloud API's shapes. The table of them is in docs/webhooks.md.</summary>
internal static class WebhookUpdates
{
    /// <summary>The field that an event is told in: as exactly one update. Null where it is told in none.</summary>
    public static string? FieldOf(LedgerEvent line) => WebhookFields.Of(line);

    /// <summary>Tells events of one business: one update for each that has a field, in order.</summary>
    /// <param name="store">Where the messages are: they are read in one round trip, and what is answered by some in another.</param>
    /// <param name="wamid">Makes the ids of messages.</param>
    /// <param name="business">The business's id.</param>
    /// <param name="events">Its events, in ledger order.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Also those that can't be told: see <see cref="WebhookUpdate.IsUnreadable"/>.</returns>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    public static async Task<IReadOnlyList<WebhookUpdate>> ReadAsync(
        ILedgerStore store, Wamid wamid, long business, IReadOnlyList<LedgerEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadTogetherAsync(store, wamid, business, events, cancellationToken);
        }
        catch (Exception exception) when (IsOfContent(exception))
        {
            // One of them can't be told: which one, each by itself shows.
            var updates = new List<WebhookUpdate>(events.Count);
            foreach (var line in events)
            {
                updates.AddRange(await ReadAloneAsync(store, wamid, business, line, cancellationToken));
            }

            return updates;
        }
    }

    private static async Task<IReadOnlyList<WebhookUpdate>> ReadAloneAsync(
        ILedgerStore store, Wamid wamid, long business, LedgerEvent line, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadTogetherAsync(store, wamid, business, [line], cancellationToken);
        }
        catch (Exception exception) when (IsOfContent(exception))
        {
            return [new WebhookUpdate(line.Seq, FieldOf(line)!, [], line.Event.At)];
        }
    }

    /// <summary>Whether it is what is stored that fails, and not the way to it.</summary>
    private static bool IsOfContent(Exception exception) => exception is not (LedgerUnavailableException or OperationCanceledException);

    private static async Task<IReadOnlyList<WebhookUpdate>> ReadTogetherAsync(
        ILedgerStore store, Wamid wamid, long business, IReadOnlyList<LedgerEvent> events, CancellationToken cancellationToken)
    {
        var told = new List<(LedgerEvent Line, string Field)>(events.Count);
        foreach (var line in events)
        {
            if (FieldOf(line) is { } field)
            {
                told.Add((line, field));
            }
        }

        var messages = await TellableMessages.ReadAsync(store, wamid, told.Where(one => one.Field == WebhookFields.Messages), cancellationToken);
        return Write(told, business, messages, wamid);
    }

    private static List<WebhookUpdate> Write(List<(LedgerEvent Line, string Field)> told, long business, TellableMessages messages, Wamid wamid)
    {
        var updates = new List<WebhookUpdate>(told.Count);
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        foreach (var (line, field) in told)
        {
            buffer.ResetWrittenCount();
            json.Reset();
            json.WriteStartObject();
            Write(json, field, business, line, messages, wamid);
            json.WriteEndObject();
            json.Flush();
            updates.Add(new WebhookUpdate(line.Seq, field, buffer.WrittenSpan.ToArray(), line.Event.At));
        }

        return updates;
    }

    private static void Write(Utf8JsonWriter json, string field, long business, LedgerEvent line, TellableMessages messages, Wamid wamid)
    {
        switch (field)
        {
            case WebhookFields.Messages when line.Event.Kind == EventKind.Inbound:
                InboundUpdate.Write(json, line, messages, wamid);
                break;
            case WebhookFields.Messages:
                StatusUpdate.Write(json, line, messages.Of(line), wamid);
                break;
            case WebhookFields.UserPreferences:
                PreferencesUpdate.Write(json, business, line);
                break;
            case WebhookFields.TemplateStatus or WebhookFields.TemplateQuality:
                TemplateUpdates.Write(json, field, line);
                break;
            default:
                AccountUpdates.Write(json, field, business, line);
                break;
        }
    }
}
