using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Actors.Api.Json;

namespace Actors.Api.Graph;

/// <summary>A JSON body on a Graph path, parsed in place: it ends when this is disposed. Either a body or a fault.</summary>
internal readonly struct GraphBody(JsonDocument? document, GraphError? fault, PipeReader? reader, SequencePosition end) : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonBody.DepthMax };

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public GraphError? Fault => fault;

    /// <summary>The body. Not to be asked for after a fault.</summary>
    public JsonElement Root => document!.RootElement;

    /// <summary>Reads the whole body.</summary>
    public static async ValueTask<GraphBody> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (!JsonBody.IsJson(request.ContentType))
        {
            return Bad(GraphError.Invalid("Content-Type: send the body as application/json") with { Status = 415 });
        }

        if (request.ContentLength > JsonBody.BytesMax)
        {
            return Bad(TooLarge);
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            var buffer = read.Buffer;
            if (buffer.Length > JsonBody.BytesMax)
            {
                reader.AdvanceTo(buffer.End);
                return Bad(TooLarge);
            }

            if (read.IsCompleted)
            {
                return Parse(buffer, reader);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        document?.Dispose();
        reader?.AdvanceTo(end);
    }

    private static GraphBody Parse(ReadOnlySequence<byte> buffer, PipeReader reader)
    {
        try
        {
            return new(JsonDocument.Parse(buffer, Options), null, reader, buffer.End);
        }
        catch (JsonException e)
        {
            reader.AdvanceTo(buffer.End);
            return Bad(GraphError.Invalid(e.LineNumber is { } line
                ? $"The body is not well-formed JSON at line {line + 1}, byte {e.BytePositionInLine + 1}." : "The body is not well-formed JSON."));
        }
    }

    private static GraphBody Bad(GraphError fault) => new(null, fault, null, default);

    private static GraphError TooLarge => GraphError.Invalid($"The body is larger than {JsonBody.BytesMax} bytes.") with { Status = 413 };
}
