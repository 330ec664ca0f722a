using System.Diagnostics.Metrics;

namespace Actors.Api.Operations;

/// <summary>
/// How long requests take: by family, and by the first digit of the answer's status. Live streams aren't among them: they last as long as somebody likes.
/// </summary>
internal sealed class RequestTimes : IDisposable
{
    private static readonly object?[] Families = [.. Enum.GetValues<Family>().Select(family => family.ToString().ToLowerInvariant())];
    private static readonly object?[] Statuses = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private readonly Meter _meter = new(SendMetrics.MeterName);
    private readonly Histogram<double> _seconds;

    public RequestTimes() =>
        _seconds = _meter.CreateHistogram<double>("api.request.duration", "s", "Time of a request, from its headers to the end of its answer.");

    /// <summary>A request has been answered.</summary>
    public void Note(HttpContext context, TimeSpan took)
    {
        var family = Api.Families.Of(context.Request.Path);
        if (family != Family.Operations && context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.Ordinal) != true)
        {
            _seconds.Record(
                took.TotalSeconds, new("family", Families[(int)family]), new("status", Statuses[Math.Clamp(context.Response.StatusCode / 100, 0, 5)]));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
