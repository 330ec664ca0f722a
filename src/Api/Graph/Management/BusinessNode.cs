using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Policy.Businesses;

namespace Actors.Api.Graph.Management;

/// <summary>A business as a node: the account.</summary>
internal sealed class BusinessNode(IGrainFactory grains)
{
    private static readonly NodeFields<BusinessView> Fields = new(["id", "name", "currency", "timezone_id", "message_template_namespace"], new()
    {
        ["id"] = (w, b) => w.WriteString("id", Text(b.Id)),
        ["name"] = (w, b) => w.WriteString("name", b.Registration.Name),
        ["country"] = (w, b) => w.WriteString("country", b.Registration.Country),
        ["currency"] = (w, _) => w.WriteString("currency", "USD"),
        ["timezone_id"] = (w, _) => w.WriteString("timezone_id", "0"),
        ["message_template_namespace"] = (w, b) => w.WriteString("message_template_namespace", Text(b.Id)),
        ["status"] = (w, b) => w.WriteString("status", b.Status == BusinessStatus.Locked ? "LOCKED" : "ACTIVE"),
        // An operator who registers it has looked at it; what is locked is rejected until it is unlocked.
        ["account_review_status"] = (w, b) => w.WriteString("account_review_status", b.Status == BusinessStatus.Locked ? "REJECTED" : "APPROVED"),
        ["business_verification_status"] = (w, b) => w.WriteString("business_verification_status", Words.Of(b.Verification)),
        ["health_status"] = (w, b) => Health.Write(w, b, null),
    });

    /// <summary><c>GET /{business}</c>.</summary>
    public async ValueTask<GraphError?> GetAsync(HttpContext context, long id)
    {
        if (Fields.TryRead(context, out var names) is { } fault)
        {
            return fault;
        }

        return await grains.GetGrain<IBusinessGrain>(id).GetAsync() is { } business
            ? await GraphReply.WriteAsync(context, writer => Fields.Write(writer, business, names))
            : GraphPipeline.Unsupported("GET");
    }

    /// <summary>Ids are texts in Graph shapes.</summary>
    internal static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The Cloud API's words for what is a number in ours.</summary>
internal static class Words
{
    public static string Of(Verification verification) => verification switch
    {
        Verification.NotVerified => "not_verified",
        Verification.Pending => "pending",
        Verification.Verified => "verified",
        Verification.Rejected => "failed",
    };

    public static string Of(LimitTier tier) => tier switch
    {
        LimitTier.First => "TIER_250",
        LimitTier.Second => "TIER_2K",
        LimitTier.Third => "TIER_10K",
        LimitTier.Fourth => "TIER_100K",
        LimitTier.Unlimited => "TIER_UNLIMITED",
    };

    /// <summary>The status of a business's numbers.</summary>
    public static string StatusOf(BusinessView business) => business.Status == BusinessStatus.Locked ? "BANNED"
        : business.Restriction > Restriction.Warning ? "RESTRICTED"
        : "CONNECTED";
}

/// <summary>Whether a business can send, part by part.</summary>
internal static class Health
{
    /// <summary>Writes the member <c>health_status</c>.</summary>
    /// <param name="number">The number that is asked about; null for the business alone.</param>
    public static void Write(Utf8JsonWriter writer, BusinessView business, BusinessNumber? number)
    {
        var word = WordOf(business);
        writer.WriteStartObject("health_status");
        writer.WriteString("can_send_message", word);
        writer.WriteStartArray("entities");
        if (number is { } one)
        {
            Entity(writer, "PHONE_NUMBER", one.Id, "AVAILABLE", null);
        }

        Entity(writer, "WABA", business.Id, word, business);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string WordOf(BusinessView business) => business switch
    {
        { Status: BusinessStatus.Locked } => "BLOCKED",
        { Restriction: Restriction.Nothing } => "BLOCKED",
        { Restriction: Restriction.NoMarketing or Restriction.WindowOnly } => "LIMITED",
        _ => "AVAILABLE",
    };

    private static void Entity(Utf8JsonWriter writer, string type, long id, string word, BusinessView? business)
    {
        writer.WriteStartObject();
        writer.WriteString("entity_type", type);
        writer.WriteString("id", BusinessNode.Text(id));
        writer.WriteString("can_send_message", word);
        if (business is { Status: BusinessStatus.Locked })
        {
            Error(writer, 131031, "The business is locked.", "An operator unlocks it.");
        }
        else if (business is { Restriction: > Restriction.Warning, RestrictedUntil: { } until })
        {
            Error(writer, 368, business.Restriction switch
            {
                Restriction.NoMarketing => "No marketing messages for now.",
                Restriction.WindowOnly => "Only answers within 24 hours of a user's message for now.",
                _ => "No messages at all for now.",
            }, $"It ends at {until}. The business can appeal against the strike.");
        }

        writer.WriteEndObject();
    }

    private static void Error(Utf8JsonWriter writer, int code, string description, string solution)
    {
        writer.WriteStartArray("errors");
        writer.WriteStartObject();
        writer.WriteNumber("error_code", code);
        writer.WriteString("error_description", description);
        writer.WriteString("possible_solution", solution);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
