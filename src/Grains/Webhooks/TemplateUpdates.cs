using System.Collections.Frozen;
using System.Text.Json;
using Actors.Ledger;

namespace Actors.Grains.Webhooks;

/// <summary>What happened to a template: <c>message_template_status_update</c> and <c>message_template_quality_update</c>.</summary>
internal static class TemplateUpdates
{
    /// <summary>Reasons of a rejection that the Cloud API has a word for. Another one is told in the words of the reviewer.</summary>
    private static readonly FrozenSet<string> _reasons = FrozenSet.Create(
        "ABUSIVE_CONTENT", "INCORRECT_CATEGORY", "INVALID_FORMAT", "PROMOTIONAL", "SCAM", "TAG_CONTENT_MISMATCH");

    /// <summary>Writes the members of the value.</summary>
    /// <param name="json">In the value's object.</param>
    /// <param name="field">Which of the two.</param>
    /// <param name="line">The event.</param>
    public static void Write(Utf8JsonWriter json, string field, LedgerEvent line)
    {
        var text = WebhookJson.TextOf(line);
        if (field == WebhookFields.TemplateQuality)
        {
            json.WriteString("previous_quality_score"u8, text.Word("from"));
            json.WriteString("new_quality_score"u8, text.Word("to"));
            WriteTemplate(json, line, text);
            return;
        }

        var status = text.Word("status");
        json.WriteString("event"u8, status);
        WriteTemplate(json, line, text);
        var reason = text.Word("reason");
        json.WriteString("reason"u8, status == "REJECTED" && reason is not null && _reasons.Contains(reason) ? reason : "NONE");
        if (text.Word("category") is { } category)
        {
            json.WriteString("message_template_category"u8, category);
        }

        if (status == "REJECTED" && reason is not null && !_reasons.Contains(reason))
        {
            json.WriteStartObject("rejection_info"u8);
            json.WriteString("reason"u8, reason);
            json.WriteEndObject();
        }

        if (status == "DISABLED")
        {
            json.WriteStartObject("disable_info"u8);
            json.WriteNumber("disable_date"u8, WebhookJson.Seconds(line.Event.At));
            json.WriteEndObject();
        }

        if (Title(status, text) is { } title)
        {
            json.WriteStartObject("other_info"u8);
            json.WriteString("title"u8, title);
            json.WriteString("description"u8, title switch
            {
                "UNPAUSE" => "The template's pause is over.",
                "DISABLED" => reason ?? "The template was disabled: it was red again after two pauses.",
                _ => text.Word("until") is { } until ? $"The template is paused for its quality until {until}." : "The template is paused for its quality.",
            });
            json.WriteEndObject();
        }
    }

    private static string? Title(string? status, JsonElement text) => (status, text.Word("change")) switch
    {
        ("PAUSED", _) => text.TryGetProperty("pauses", out var pauses) && pauses.GetInt32() > 1 ? "SECOND_PAUSE" : "FIRST_PAUSE",
        ("DISABLED", _) => "DISABLED",
        (_, "template_unpaused") => "UNPAUSE",
        _ => null,
    };

    private static void WriteTemplate(Utf8JsonWriter json, LedgerEvent line, JsonElement text)
    {
        json.WriteNumber("message_template_id"u8, line.Event.Template);
        json.WriteString("message_template_name"u8, text.Word("name") ?? "");
        json.WriteString("message_template_language"u8, text.Word("language") ?? "");
    }
}
