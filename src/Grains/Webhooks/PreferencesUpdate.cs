using System.Text.Json;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains.Webhooks;

/// <summary>A user stops or resumes what a business may send: <c>user_preferences</c>.</summary>
/// <remarks>
/// The Cloud API knows marketing only. Consent is given and withdrawn by category here, so each category has an entry of its own, of which a client that knows
/// <c>marketing_messages</c> only takes what it knows. How the user did it isn't told: an opt-out by a block must look like one by call.
/// </remarks>
internal static class PreferencesUpdate
{
    private static readonly (Categories Category, string Name, string Words)[] _all =
    [
        (Categories.Marketing, "marketing_messages", "marketing messages"),
        (Categories.Utility, "utility_messages", "utility messages"),
        (Categories.Authentication, "authentication_messages", "authentication messages"),
    ];

    /// <summary>Writes the members of the value.</summary>
    /// <param name="json">In the value's object.</param>
    /// <param name="business">
    /// The business, whose first number stands in the metadata where the user wrote to none: what a user stops, they stop for all its numbers.
    /// </param>
    /// <param name="line">The event.</param>
    public static void Write(Utf8JsonWriter json, long business, LedgerEvent line)
    {
        var happened = line.Event;
        var isStop = happened.Kind is EventKind.Stopped or EventKind.OptedOut;
        var concerned = happened.Kind is EventKind.Stopped or EventKind.Resumed ? Categories.Marketing : happened.Categories;
        json.WriteNumber(happened.PhoneNumber != 0 ? happened.PhoneNumber : WebhookJson.FirstNumber(business));
        json.WriteContact(line.User);
        json.WriteStartArray("user_preferences"u8);
        foreach (var (category, name, words) in _all)
        {
            if (!concerned.HasFlag(category))
            {
                continue;
            }

            json.WriteStartObject();
            json.WriteString("wa_id"u8, WebhookJson.Digits(line.User));
            json.WriteString("detail"u8, isStop ? $"User requested to stop {words}" : $"User requested to resume {words}");
            json.WriteString("category"u8, name);
            json.WriteString("value"u8, isStop ? "stop"u8 : "resume"u8);
            json.WriteNumber("timestamp"u8, WebhookJson.Seconds(happened.At));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
