using Actors.Api.Graph;
using Actors.Contracts;
using Orleans.Runtime.Messaging;

namespace Actors.Api;

/// <summary>What the caller hears of an exception: an outage is a 503 that may be tried again, anything else a 500 with nothing but a trace id.</summary>
internal static partial class Failures
{
    /// <summary>Whether a part of the platform can't be reached or is too busy; not a defect.</summary>
    /// <remarks>
    /// Canceled, where the caller hasn't gone: a silo looked for a grain by a directory whose part had just died with another silo, or the node stops.
    /// </remarks>
    public static bool IsOutage(Exception e) => e is OutageException or OperationCanceledException or TimeoutException or SiloUnavailableException
        or OrleansMessageRejectionException or GatewayTooBusyException or ConnectionFailedException or ClientNotAvailableException or LimitExceededException
        or ObjectDisposedException { ObjectName: "IServiceProvider" };

    /// <summary>What an outage is called under <c>/v1</c>.</summary>
    public static Problem ProblemOf(Exception outage) => outage switch
    {
        OutageException { Kind: OutageKind.Overloaded } or GatewayTooBusyException or LimitExceededException => Problems.Overloaded,
        OutageException { Kind: OutageKind.Unavailable } or ClientNotAvailableException => Problems.Unavailable,

        // A node that died, or whose answer didn't come, may have done it.
        _ => Problems.OutcomeUnknown,
    };

    /// <summary>Runs the rest of the pipeline and answers its exceptions.</summary>
    public static async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();   // nobody is there to hear an answer
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            var code = e.StatusCode == 413 ? "body_too_large" : "bad_request";
            await AnswerAsync(context, new(e.StatusCode, code, e.Message), GraphError.Invalid(e.Message) with { Status = e.StatusCode });
        }
        catch (Exception e) when (IsOutage(e) && !context.Response.HasStarted)
        {
            var problem = ProblemOf(e);
            LogOutage(Logger(context), problem.Code, e.GetType().Name);
            await AnswerAsync(context, problem, GraphError.Overloaded with { Details = problem.Detail });
        }
        catch (Exception e)
        {
            LogDefect(Logger(context), e, TraceIds.Of(context));
            if (context.Response.HasStarted)
            {
                context.Abort();   // half an answer must not look like a whole one
                return;
            }

            await AnswerAsync(context, Problems.Internal, GraphError.Internal);
        }
    }

    /// <summary>Answers in the words of the path's family.</summary>
    public static Task AnswerAsync(HttpContext context, Problem problem, GraphError error)
    {
        context.Response.Clear();
        return Families.Of(context.Request.Path) == Family.Graph ? error.WriteAsync(context) : problem.ExecuteAsync(context);
    }

    private static ILogger Logger(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Actors.Api");

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "Answered 503 {Code}: {Failure}")]
    private static partial void LogOutage(ILogger logger, string code, string failure);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Error, Message = "Answered 500, trace id {TraceId}")]
    private static partial void LogDefect(ILogger logger, Exception exception, string traceId);
}
