using System.Threading.Channels;

namespace Actors.Api;

/// <summary>
/// One line for each request, written behind the requests' backs: a full queue loses lines (and says how many), never time. Route templates only: a path
/// holds ids and numbers.
/// </summary>
internal sealed partial class AccessLog(TimeProvider time, ILogger<AccessLog> logger) : BackgroundService
{
    private readonly Channel<Line> _lines = Channel.CreateBounded<Line>(new BoundedChannelOptions(8_192) { SingleReader = true });
    private long _lost;

    /// <summary>Runs the rest of the pipeline and notes how it ended.</summary>
    public async Task NoteAsync(HttpContext context, RequestDelegate next)
    {
        var startedAt = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var elapsed = time.GetElapsedTime(startedAt).TotalMilliseconds;
            var line = new Line(context.Request.Method, Routes.TemplateOf(context), context.Response.StatusCode, elapsed);
            if (!_lines.Writer.TryWrite(line))
            {
                Interlocked.Increment(ref _lost);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(stoppingToken))
        {
            LogRequest(logger, line.Method, line.Route, line.Status, line.Milliseconds);
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
            {
                LogLost(logger, lost);
            }
        }
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Information, Message = "{Method} {Route} {Status} {Milliseconds:0.0} ms")]
    private static partial void LogRequest(ILogger logger, string method, string route, int status, double milliseconds);

    [LoggerMessage(EventId = 4011, Level = LogLevel.Warning, Message = "{Lost} requests are missing in this log: it could not keep up")]
    private static partial void LogLost(ILogger logger, long lost);

    private readonly record struct Line(string Method, string Route, int Status, double Milliseconds);
}

/// <summary>Route templates, for logs and metrics.</summary>
internal static class Routes
{
    /// <summary>The template of the endpoint that took the request, such as <c>/{number}/messages</c>; <c>unmatched</c> when none did.</summary>
    public static string TemplateOf(HttpContext context) => context.GetEndpoint() switch
    {
        RouteEndpoint route => route.RoutePattern.RawText ?? "unmatched",
        { DisplayName: { } name } => name,
        _ => "unmatched",
    };
}
