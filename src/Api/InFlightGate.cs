using Actors.Api.Graph;
using Actors.Api.Operations;

namespace Actors.Api;

/// <summary>
/// Bounds how many requests are under way in this process (<c>Http:InFlightMax</c>). Beyond it the answer is 503 at once: what is refused early costs
/// little, and what is let in is answered in bounded time. Watching (health, metrics) is never refused.
/// </summary>
internal sealed class InFlightGate(int max, RequestTimes times)
{
    private static readonly PreparedRefusal GraphRefusal = PreparedRefusal.Of(GraphError.Overloaded);
    private static readonly PreparedRefusal V1Refusal = PreparedRefusal.Of(Problems.Overloaded);

    private int _inFlight;

    /// <summary>Requests under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Requests refused since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    private long _refused;

    /// <summary>
    /// Runs what lasts as long as somebody likes (a live stream) without a place: it is bounded elsewhere. To be called within a request, to its end.
    /// </summary>
    public async Task OutsideAsync(Func<Task> lasting)
    {
        Interlocked.Decrement(ref _inFlight);
        try
        {
            await lasting();
        }
        finally
        {
            Interlocked.Increment(ref _inFlight);
        }
    }

    /// <summary>Runs the rest of the pipeline, or refuses.</summary>
    public Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (Interlocked.Increment(ref _inFlight) <= max || Families.Of(context.Request.Path) == Family.Operations)
        {
            return LetThroughAsync(context, next);
        }

        Interlocked.Decrement(ref _inFlight);
        Interlocked.Increment(ref _refused);
        return (Families.Of(context.Request.Path) == Family.Graph ? GraphRefusal : V1Refusal).WriteAsync(context);
    }

    private async Task LetThroughAsync(HttpContext context, RequestDelegate next)
    {
        var arrivedAt = TimeProvider.System.GetTimestamp();   // a machine's matter: real also where a test sets the clock
        try
        {
            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
            times.Note(context, TimeProvider.System.GetElapsedTime(arrivedAt));
        }
    }
}
