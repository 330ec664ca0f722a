using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Api.Graph;

/// <summary>An error in the Cloud API's envelope.</summary>
/// <param name="Code">The Cloud API's code.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">The code in words; the message is <c>(#code) title</c>.</param>
/// <param name="Details">What is wrong, naming field and rule. No personal data.</param>
internal sealed record GraphError(int Code, int Status, string Title, string Details)
{
    /// <summary>Content type of every Graph answer.</summary>
    public const string ContentType = "application/json; charset=UTF-8";

    /// <summary><c>OAuthException</c>, or <c>GraphMethodException</c> for what doesn't exist.</summary>
    public string Type { get; init; } = "OAuthException";

    /// <summary>The Cloud API's subcode; null for none.</summary>
    public int? Subcode { get; init; }

    /// <summary>For the people behind the caller; null for none.</summary>
    public string? UserTitle { get; init; }

    /// <summary>For the people behind the caller; null for none.</summary>
    public string? UserMessage { get; init; }

    /// <summary>The decision's public trace; empty for none.</summary>
    public ImmutableArray<Finding> Decision { get; init; } = [];

    /// <summary>The version of the policy that it was decided by; null where that isn't known.</summary>
    public uint? PolicyVersion { get; init; }

    /// <summary>The first instant at which waiting has helped; null when it doesn't.</summary>
    public Instant? RetryAt { get; init; }

    /// <summary>Seconds until another try is worth it, where there is no exact instant; null for none.</summary>
    public int? RetryAfter { get; init; }

    public static GraphError TokenMissing { get; } = new(190, 401, "Invalid OAuth access token", "Send a token: Authorization: Bearer <token>.");

    public static GraphError TokenInvalid { get; } = new(
        190, 401, "Invalid OAuth access token", "The token is malformed, expired, revoked or not signed by who it should be.");

    public static GraphError Overloaded { get; } = new(2, 503, "API Service", "Nothing was done: too much is under way. Try again.") { RetryAfter = 1 };

    public static GraphError Internal { get; } = new(
        131000, 500, "Something went wrong", "This is a defect of the platform. Tell its operator the fbtrace_id.");

    public static GraphError Forbidden(string details) => new(10, 403, "Permission Denied", details);

    public static GraphError Invalid(string details) => new(100, 400, "Invalid parameter", details);

    public static GraphError Missing(string field) => new(131008, 400, "Required parameter is missing", $"{field}: it is required");

    public static GraphError Value(string field, string rule) => new(131009, 400, "Parameter value is not valid", $"{field}: {rule}");

    /// <summary>Writes it as the whole answer.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        RetryAfterHeader.Set(context, RetryAt, RetryAfter);
        if (Status == 401)
        {
            response.Headers.WWWAuthenticate = "OAuth \"Facebook Platform\" \"invalid_token\"";
        }

        var answer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(answer))
        {
            Write(writer, TraceIds.Of(context));
        }

        // With its length the answer leaves in one piece: refusals are many when there is least time for them.
        response.ContentLength = answer.WrittenCount;
        await response.BodyWriter.WriteAsync(answer.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Writes the body.</summary>
    public void Write(Utf8JsonWriter writer, string traceId)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("message", string.Create(CultureInfo.InvariantCulture, $"(#{Code}) {Title}"));
        writer.WriteString("type", Type);
        writer.WriteNumber("code", Code);
        writer.WriteStartObject("error_data");
        writer.WriteString("messaging_product", "whatsapp");
        writer.WriteString("details", Details);
        if (!Decision.IsEmpty)
        {
            writer.WritePropertyName("decision");
            TraceJson.Write(writer, Decision);
        }

        if (PolicyVersion is { } version)
        {
            writer.WriteNumber("policy_version", version);
        }

        writer.WriteEndObject();
        if (Subcode is { } subcode)
        {
            writer.WriteNumber("error_subcode", subcode);
        }

        if (UserTitle is not null)
        {
            writer.WriteString("error_user_title", UserTitle);
        }

        if (UserMessage is not null)
        {
            writer.WriteString("error_user_msg", UserMessage);
        }

        if (Code == 2)
        {
            writer.WriteBoolean("is_transient", true);
        }

        writer.WriteString("fbtrace_id", traceId);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
