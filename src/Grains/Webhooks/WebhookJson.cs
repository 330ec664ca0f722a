using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;

namespace Actors.Grains.Webhooks;

/// <summary>Parts that several updates have.</summary>
internal static class WebhookJson
{
    /// <summary>What every value of <c>messages</c> and <c>user_preferences</c> begins with: the product, and the number that it is about.</summary>
    /// <param name="phoneNumber">Id of the business's number.</param>
    public static void WriteNumber(this Utf8JsonWriter json, long phoneNumber)
    {
        json.WriteString("messaging_product"u8, "whatsapp"u8);
        json.WriteStartObject("metadata"u8);
        json.WriteString("display_phone_number"u8, Digits(FictionalNumbers.Of(phoneNumber)));
        json.WriteString("phone_number_id"u8, Digits(phoneNumber));
        json.WriteEndObject();
    }

    /// <summary>The user. Nobody has a name here: the number stands in for it, as a telephone shows somebody who is in no address book.</summary>
    public static void WriteContact(this Utf8JsonWriter json, long user)
    {
        json.WriteStartArray("contacts"u8);
        json.WriteStartObject();
        json.WriteStartObject("profile"u8);
        json.WriteString("name"u8, "+" + Digits(user));
        json.WriteEndObject();
        json.WriteString("wa_id"u8, Digits(user));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>An error in the form of webhooks.</summary>
    public static void WriteError(this Utf8JsonWriter json, int code, string title, string details)
    {
        json.WriteStartArray("errors"u8);
        json.WriteStartObject();
        json.WriteNumber("code"u8, code);
        json.WriteString("title"u8, title);
        json.WriteString("message"u8, title);
        json.WriteStartObject("error_data"u8);
        json.WriteString("details"u8, details);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>Id of the first number of a business, for what is about all of them in a shape that names one.</summary>
    public static long FirstNumber(long business) => Ids.PhoneNumber(business, 0);

    public static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Unix seconds.</summary>
    public static long Seconds(Instant at) => at.Milliseconds / 1_000;

    /// <summary>The text of an event, parsed; an object without members where there is none.</summary>
    public static JsonElement TextOf(LedgerEvent line) => JsonElement.Parse(string.IsNullOrEmpty(line.Text) ? "{}" : line.Text);

    /// <summary>A word of an event's text; null where it isn't there: older builds wrote fewer.</summary>
    public static string? Word(this JsonElement text, string name) =>
        text.TryGetProperty(name, out var word) && word.ValueKind == JsonValueKind.String ? word.GetString() : null;
}
