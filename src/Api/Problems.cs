using System.Buffers;
using System.Globalization;
using System.Net.Mime;
using System.Text.Json;
using Actors.Policy;

namespace Actors.Api;

/// <summary>An error under <c>/v1</c>: RFC 9457 problem+json with a stable <c>code</c>.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">snake_case, stable; programs branch on it.</param>
/// <param name="Detail">For people: what is wrong and what would be right. No personal data.</param>
internal sealed record Problem(int Status, string Code, string Detail) : IResult, IStatusCodeHttpResult
{
    /// <summary>Content type of the body.</summary>
    public const string ContentType = MediaTypeNames.Application.ProblemJson;

    /// <summary>The first instant at which every time-bound rule passes; null when waiting doesn't help.</summary>
    public Instant? RetryAt { get; init; }

    /// <summary>Seconds until it is worth another try, where there is no exact instant; null for none.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>What is wrong with single fields: path and rule.</summary>
    public IReadOnlyList<(string Field, string Rule)> Fields { get; init; } = [];

    /// <summary>Writes further members of the object; null for none.</summary>
    public Action<Utf8JsonWriter>? More { get; init; }

    int? IStatusCodeHttpResult.StatusCode => Status;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        RetryAfterHeader.Set(httpContext, RetryAt, RetryAfter);
        var answer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(answer))
        {
            Write(writer, TraceIds.Of(httpContext));
        }

        response.ContentLength = answer.WrittenCount;
        await response.BodyWriter.WriteAsync(answer.WrittenMemory, httpContext.RequestAborted);
    }

    /// <summary>Writes the body.</summary>
    public void Write(Utf8JsonWriter writer, string traceId)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "urn:actors:error:" + Code);
        writer.WriteString("title", Problems.Title(Code));
        writer.WriteNumber("status", Status);
        writer.WriteString("detail", Detail);
        writer.WriteString("code", Code);
        if (RetryAt is { } retryAt)
        {
            writer.WriteString("retry_at", retryAt.ToString());
        }

        if (Fields.Count > 0)
        {
            writer.WriteStartArray("fields");
            foreach (var (field, rule) in Fields)
            {
                writer.WriteStartObject();
                writer.WriteString("field", field);
                writer.WriteString("rule", rule);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        More?.Invoke(writer);
        writer.WriteString("trace_id", traceId);
        writer.WriteEndObject();
    }
}

/// <summary>The problems that every endpoint may have; an endpoint's own ones are made where they arise.</summary>
internal static class Problems
{
    public static Problem TokenMissing { get; } = new(401, "token_missing", "Send a token: Authorization: Bearer <token>.");

    public static Problem TokenInvalid { get; } = new(401, "token_invalid", "The token is malformed, expired, revoked or not signed by who it should be.");

    public static Problem Forbidden(string detail) => new(403, "forbidden", detail);

    public static Problem NotFound(string detail) => new(404, "not_found", detail);

    public static Problem MethodNotAllowed { get; } = new(405, "method_not_allowed", "This address doesn't take that method; see the Allow header.");

    public static Problem Invalid(string detail, params IReadOnlyList<(string Field, string Rule)> fields) =>
        new(400, "invalid_request", detail) { Fields = fields };

    public static Problem Invalid(string field, string rule) => new(400, "invalid_request", $"{field}: {rule}") { Fields = [(field, rule)] };

    public static Problem MalformedJson(string detail) => new(400, "malformed_json", detail);

    public static Problem TooLarge(int bytesMax) =>
        new(413, "body_too_large", $"The body is larger than {bytesMax.ToString(CultureInfo.InvariantCulture)} bytes.");

    public static Problem WrongContentType(string right) => new(415, "wrong_content_type", $"Send the body as {right}.");

    public static Problem Overloaded { get; } = new(503, "overloaded", "Nothing was done: too much is under way. Try again.") { RetryAfter = 1 };

    public static Problem Unavailable { get; } = new(503, "unavailable", "Nothing was done: a part of the platform can't be reached. Try again.")
    {
        RetryAfter = 1,
    };

    public static Problem OutcomeUnknown { get; } = new(
        503, "outcome_unknown", "It may or may not have been done. Ask again, or repeat the call: with the same key it can't happen twice.")
    {
        RetryAfter = 1,
    };

    public static Problem Internal { get; } = new(500, "internal_error", "This is a defect of the platform. Tell its operator the trace_id.");

    /// <summary>A code in words.</summary>
    public static string Title(string code) => string.Create(code.Length, code, static (title, from) =>
    {
        from.CopyTo(title);
        title.Replace('_', ' ');
        title[0] = char.ToUpperInvariant(title[0]);
    });
}

/// <summary>The header <c>Retry-After</c>, in seconds.</summary>
internal static class RetryAfterHeader
{
    /// <summary>Sets it where waiting helps.</summary>
    public static void Set(HttpContext context, Instant? retryAt, int? seconds)
    {
        if (retryAt is { } at)
        {
            var time = context.RequestServices.GetRequiredService<TimeProvider>();
            seconds = (int)Math.Clamp((at - Instant.From(time.GetUtcNow())).TotalSeconds + 0.999, 1, int.MaxValue);
        }

        if (seconds is { } wait)
        {
            context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        }
    }
}

/// <summary>The id by which an operator finds a request in logs and traces.</summary>
internal static class TraceIds
{
    /// <summary>The trace id where the request is traced, else the server's own id of the request.</summary>
    public static string Of(HttpContext context) => System.Diagnostics.Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
}
