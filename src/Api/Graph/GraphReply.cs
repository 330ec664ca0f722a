using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Actors.Api.Graph;

/// <summary>Answers that aren't hot. Written whole before the first byte leaves, so that a failure on the way can still be told.</summary>
internal static class GraphReply
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers with what <paramref name="write"/> writes: one JSON value.</summary>
    public static async ValueTask<GraphError?> WriteAsync(HttpContext context, Action<Utf8JsonWriter> write, int status = 200)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            write(writer);
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = GraphError.ContentType;
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
        return null;
    }

    /// <summary>Answers <c>{"success":true}</c>.</summary>
    public static ValueTask<GraphError?> SuccessAsync(HttpContext context) => WriteAsync(context, static writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("success", true);
        writer.WriteEndObject();
    });
}
