using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Actors.Api.Graph;

namespace Actors.Api;

/// <summary>
/// A refusal for load, written once and for all but for its trace id: it is given most when there is least time for it. The same bytes as the error's own
/// way of writing itself.
/// </summary>
internal sealed class PreparedRefusal
{
    private readonly int _status;
    private readonly string _contentType;
    private readonly string _retryAfter;
    private readonly byte[] _beforeTraceId;
    private readonly byte[] _afterTraceId;

    private PreparedRefusal(int status, string contentType, int retryAfter, Action<Utf8JsonWriter, string> write)
    {
        (_status, _contentType, _retryAfter) = (status, contentType, retryAfter.ToString(CultureInfo.InvariantCulture));
        const string Mark = "TRACE";
        var answer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(answer))
        {
            write(writer, Mark);
        }

        var at = answer.WrittenSpan.IndexOf(Encoding.ASCII.GetBytes(Mark));
        Debug.Assert(at > 0);
        (_beforeTraceId, _afterTraceId) = (answer.WrittenSpan[..at].ToArray(), answer.WrittenSpan[(at + Mark.Length)..].ToArray());
    }

    /// <summary>Prepares an error of the Cloud API's family that tells when to try again.</summary>
    public static PreparedRefusal Of(GraphError error) => new(error.Status, GraphError.ContentType, error.RetryAfter!.Value, error.Write);

    /// <summary>Prepares an error of our own family that tells when to try again.</summary>
    public static PreparedRefusal Of(Problem problem) => new(problem.Status, Problem.ContentType, problem.RetryAfter!.Value, problem.Write);

    /// <summary>Writes it as the whole answer, in one piece.</summary>
    public Task WriteAsync(HttpContext context)
    {
        var traceId = TraceIds.Of(context);
        var answer = new byte[_beforeTraceId.Length + traceId.Length + _afterTraceId.Length];
        _beforeTraceId.CopyTo(answer, 0);
        Encoding.ASCII.GetBytes(traceId, answer.AsSpan(_beforeTraceId.Length));
        _afterTraceId.CopyTo(answer, answer.Length - _afterTraceId.Length);
        var response = context.Response;
        response.StatusCode = _status;
        response.ContentType = _contentType;
        response.Headers.RetryAfter = _retryAfter;
        response.ContentLength = answer.Length;
        var written = response.BodyWriter.WriteAsync(answer, context.RequestAborted);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }
}
