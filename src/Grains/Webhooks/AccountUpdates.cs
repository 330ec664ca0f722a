using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains.Webhooks;

/// <summary>
/// What happened to the business: <c>account_update</c>, <c>account_alerts</c>, <c>business_capability_update</c>, <c>phone_number_quality_update</c>.
/// </summary>
/// <remarks>Where the Cloud API has no word for what there is here, the word is ours, in its manner; docs/webhooks.md marks them.</remarks>
internal static class AccountUpdates
{
    /// <summary>Whether the text of a change of a business says that it is one of its verification; also where nobody can read what it says.</summary>
    public static bool IsVerification(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        try
        {
            return JsonElement.Parse(text).Word("change") == BusinessState.VerifiedAction;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return true;   // it gets its place among what is told, and is found unreadable there
        }
    }

    /// <summary>Whether the text of a step of enforcement says that a tier came off: the Cloud API has no tiers to tell of.</summary>
    public static bool IsTierOnly(string? text) => !string.IsNullOrEmpty(text) && JsonElement.Parse(text).Word("act") == ConductText.TierFell;

    /// <summary>Writes the members of the value.</summary>
    /// <param name="json">In the value's object.</param>
    /// <param name="field">Which field.</param>
    /// <param name="business">The business's id.</param>
    /// <param name="line">The event.</param>
    public static void Write(Utf8JsonWriter json, string field, long business, LedgerEvent line)
    {
        var text = WebhookJson.TextOf(line);
        switch (field)
        {
            case WebhookFields.Account when line.Event.Kind == EventKind.BusinessChanged:
                json.WriteString("event"u8, "BUSINESS_VERIFICATION_STATUS_UPDATE"u8);
                json.WriteString("business_verification_status"u8, text.Word("verification"));
                break;
            case WebhookFields.Account:
                WriteEnforcement(json, text, line.Event.At);
                break;
            case WebhookFields.Alerts:
                WriteAlert(json, business, text);
                break;
            case WebhookFields.Capability:
                WriteCapability(json, text);
                break;
            case WebhookFields.NumberQuality:
                WriteNumberQuality(json, business, line.Event.Kind, text);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(field), field, "no field about a business");
        }
    }

    private static void WriteEnforcement(Utf8JsonWriter json, JsonElement text, Instant at)
    {
        var (act, restriction) = (text.Word("act"), text.Word("restriction"));
        var isLocked = restriction == "locked";
        json.WriteString("event"u8, act switch
        {
            "unlocked" => "DISABLED_UPDATE",
            _ when isLocked => "DISABLED_UPDATE",
            "strike" when restriction is "warning" or "none" => "ACCOUNT_VIOLATION",
            _ => "ACCOUNT_RESTRICTION",
        });
        if (act == "strike")
        {
            json.WriteStartObject("violation_info"u8);
            json.WriteString("violation_type"u8, (text.Word("violation") ?? text.Word("cause"))?.ToUpperInvariant());
            json.WriteEndObject();
        }

        if (isLocked || act == "unlocked")
        {
            json.WriteStartObject("ban_info"u8);
            json.WriteString("waba_ban_state"u8, isLocked ? "DISABLE"u8 : "REINSTATE"u8);
            json.WriteString("waba_ban_date"u8, at.ToDateTimeOffset().ToString("MMMM d, yyyy", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        // Left out where there is none: for a warning, and when it is over.
        string[] types = restriction switch
        {
            "no_marketing" => ["RESTRICTED_MARKETING_MESSAGING"],
            "window_only" => ["RESTRICTED_BIZ_INITIATED_MESSAGING"],
            "nothing" => ["RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"],
            _ => [],
        };
        if (types.Length == 0)
        {
            return;
        }

        json.WriteStartArray("restriction_info"u8);
        foreach (var type in types)
        {
            json.WriteStartObject();
            json.WriteString("restriction_type"u8, type);
            if (text.Word("until") is { } until)
            {
                json.WriteNumber("expiration"u8, DateTimeOffset.Parse(until, CultureInfo.InvariantCulture).ToUnixTimeSeconds());
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAlert(Utf8JsonWriter json, long business, JsonElement text)
    {
        var isRed = text.Word("near") == "red";
        json.WriteString("entity_type"u8, "BUSINESS"u8);
        json.WriteString("entity_id"u8, WebhookJson.Digits(business));
        json.WriteStartObject("alert_info"u8);
        json.WriteString("alert_severity"u8, "WARNING"u8);
        json.WriteString("alert_status"u8, "ACTIVE"u8);
        json.WriteString("alert_type"u8, isRed ? "QUALITY_NEAR_RED"u8 : "STRIKE_NEAR"u8);
        json.WriteString("alert_description"u8, isRed
            ? "Your quality is near red. Fewer blocks and reports raise it: send less, and only what your users asked for."
            : "Your quality has been red for long, or is reported much: a strike is near.");
        json.WriteEndObject();
    }

    private static void WriteCapability(Utf8JsonWriter json, JsonElement text)
    {
        var limit = text.Word("to") ?? "";
        json.WriteNumber("max_daily_conversation_per_phone"u8, int.TryParse(limit, CultureInfo.InvariantCulture, out var users) ? users : -1);
        json.WriteString("max_daily_conversations_per_business"u8, TierOf(limit));
        if (text.TryGetProperty("templates", out var templates))
        {
            json.WriteNumber("max_message_templates_per_waba"u8, templates.GetInt32());
        }
    }

    private static void WriteNumberQuality(Utf8JsonWriter json, long business, EventKind kind, JsonElement text)
    {
        var (from, to) = (text.Word("from"), text.Word("to"));
        var number = long.TryParse(text.Word("number"), CultureInfo.InvariantCulture, out var told) ? told : WebhookJson.FirstNumber(business);
        json.WriteString("display_phone_number"u8, WebhookJson.Digits(FictionalNumbers.Of(number)));
        json.WriteString("event"u8, (kind, from, to) switch
        {
            (EventKind.ThroughputChanged, _, "HIGH") => "THROUGHPUT_UPGRADE",
            (EventKind.ThroughputChanged, _, _) => "THROUGHPUT_DOWNGRADE",
            (_, _, "RED") => "FLAGGED",
            (_, "RED", _) => "UNFLAGGED",
            _ => "QUALITY_CHANGED",
        });
        if (kind == EventKind.QualityChanged)
        {
            json.WriteString("previous_quality_rating"u8, from);
            json.WriteString("new_quality_rating"u8, to);
        }

        if (text.Word("limit") is { } limit)
        {
            json.WriteString("current_limit"u8, TierOf(limit));
            json.WriteString("max_daily_conversations_per_business"u8, TierOf(limit));
        }
    }

    /// <summary>The Cloud API's word for a messaging limit.</summary>
    /// <param name="users">The number of users, or unlimited.</param>
    private static string TierOf(string users) => users switch
    {
        "2000" => "TIER_2K",
        "10000" => "TIER_10K",
        "100000" => "TIER_100K",
        "unlimited" => "TIER_UNLIMITED",
        _ => "TIER_" + users,
    };
}
