using System.Globalization;
using System.Text.Json;
using Actors.Contracts;

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
        ["account_review_status"] = (w, _) => w.WriteString("account_review_status", "APPROVED"),
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
}

/// <summary>Whether a business can send, part by part.</summary>
internal static class Health
{
    /// <summary>Writes the member <c>health_status</c>.</summary>
    /// <param name="number">The number that is asked about; null for the business alone.</param>
    public static void Write(Utf8JsonWriter writer, BusinessView business, BusinessNumber? number)
    {
        var locked = business.Status == BusinessStatus.Locked;
        writer.WriteStartObject("health_status");
        writer.WriteString("can_send_message", locked ? "BLOCKED" : "AVAILABLE");
        writer.WriteStartArray("entities");
        if (number is { } one)
        {
            Entity(writer, "PHONE_NUMBER", one.Id, false);
        }

        Entity(writer, "WABA", business.Id, locked);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Entity(Utf8JsonWriter writer, string type, long id, bool locked)
    {
        writer.WriteStartObject();
        writer.WriteString("entity_type", type);
        writer.WriteString("id", BusinessNode.Text(id));
        writer.WriteString("can_send_message", locked ? "BLOCKED" : "AVAILABLE");
        if (locked)
        {
            writer.WriteStartArray("errors");
            writer.WriteStartObject();
            writer.WriteNumber("error_code", 131031);
            writer.WriteString("error_description", "The business is locked.");
            writer.WriteString("possible_solution", "An operator unlocks it.");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
