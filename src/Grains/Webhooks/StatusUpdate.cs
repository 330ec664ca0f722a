using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Grains.Webhooks;

/// <summary>What became of a send: <c>messages</c> with <c>statuses</c>.</summary>
internal static class StatusUpdate
{
    /// <summary>Writes the members of the value.</summary>
    /// <param name="json">In the value's object.</param>
    /// <param name="line">An event of a send.</param>
    /// <param name="message">Its message; null where it is no longer kept.</param>
    /// <param name="wamid">Makes its id.</param>
    public static void Write(Utf8JsonWriter json, LedgerEvent line, StoredMessage? message, Wamid wamid)
    {
        var happened = line.Event;
        json.WriteNumber(happened.PhoneNumber);
        json.WriteStartArray("statuses"u8);
        json.WriteStartObject();
        json.WriteString("id"u8, wamid.Encode(line.User, happened.Message));
        json.WriteString("status"u8, WordOf(happened.Kind));
        json.WriteString("timestamp"u8, WebhookJson.Digits(WebhookJson.Seconds(happened.At)));
        json.WriteString("recipient_id"u8, WebhookJson.Digits(line.User));
        if (message?.CallbackData is { } data)
        {
            json.WriteString("biz_opaque_callback_data"u8, data);
        }

        // With sent, and with one of delivered and read. A message is never read here without being delivered first, if only at the same instant.
        if (happened.Kind == EventKind.Accepted)
        {
            WritePricing(json, happened.Category, happened.InWindow);
        }
        else if (happened.Kind == EventKind.Delivered && message is not null)
        {
            WritePricing(json, happened.Category, AcceptanceExplanation.Read(message.Explanation.Span)?.WindowFrom is not null);
        }
        else if (happened.Kind == EventKind.Expired)
        {
            json.WriteError(131026, "Message undeliverable", "No device of the recipient has got it in time.");
        }
        else if (happened.Kind == EventKind.Failed)
        {
            var (code, title, details) = FailureCauses.Of(happened) switch
            {
                FailureCause.Undeliverable => (131026, "Message undeliverable", "It was not delivered, and won't be any more."),
                FailureCause.BusinessLocked => (131031, "Account has been locked", "The business was locked before it was delivered."),
            };
            json.WriteError(code, title, details);
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>There is no <c>conversation</c>: since version 24 only free entry points have one, and there are none here.</summary>
    private static void WritePricing(Utf8JsonWriter json, Category category, bool inWindow)
    {
        var isFree = inWindow && category is Category.Service or Category.Utility;
        json.WriteStartObject("pricing"u8);
        json.WriteBoolean("billable"u8, !isFree);
        json.WriteString("pricing_model"u8, "PMP"u8);
        json.WriteString("type"u8, isFree ? "free_customer_service"u8 : "regular"u8);
        json.WriteString("category"u8, category switch
        {
            Category.Service => "service"u8,
            Category.Utility => "utility"u8,
            Category.Authentication => "authentication"u8,
            Category.Marketing => "marketing"u8,
        });
        json.WriteEndObject();
    }

    private static string WordOf(EventKind kind) => kind switch
    {
        EventKind.Accepted => "sent",
        EventKind.Delivered => "delivered",
        EventKind.Read => "read",
        EventKind.Failed or EventKind.Expired => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no status of a send"),
    };
}
